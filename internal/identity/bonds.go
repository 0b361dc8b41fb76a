package identity

import (
	"fmt"

	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// Text is one policy document as it stands in the store, and the name that
// explanations call it by.
type Text struct{ Name, Document string }

// Bonds are what binds a caller on its own side, but for its organization. A
// nil Boundary or Session is none; one that is there but empty allows nothing.
type Bonds struct {
	Identity []Text
	Boundary []Text
	Session  []Text
	Tags     map[string]string // aws:PrincipalTag: of the user, or of role and session
}

// BondsOf gathers what binds a caller. A root user has none.
func BondsOf(tx *store.Tx, c Caller) (Bonds, error) {
	var b Bonds
	var err error
	switch c.Principal.Kind {
	case policy.User:
		b, err = userBonds(tx, c)
	}
	if err != nil {
		return Bonds{}, fmt.Errorf("policies of %s: %w", c.ARN(), err)
	}
	return b, nil
}

// userBonds are those of a user.
func userBonds(tx *store.Tx, c Caller) (Bonds, error) {
	u, err := ReadUser(tx, c.ARN())
	if err != nil {
		return Bonds{}, err
	}
	var b Bonds
	for name, document := range u.Policies {
		b.Identity = append(b.Identity, Text{u.ARN + "/policy/" + name, document})
	}
	if u.Boundary != nil {
		b.Boundary = []Text{{u.ARN + "/boundary", *u.Boundary}}
	}
	return b, nil
}
