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

	tagged  string            // the ARN whose tags the caller has: the user's or the role's
	session map[string]string // tags of the session, which count before those
}

// Tags are what aws:PrincipalTag tells: the tags of the user, or of role and
// session. They are read when they are asked for, since few documents do.
func (b Bonds) Tags(tx *store.Tx) (map[string]string, error) {
	if b.tagged == "" {
		return b.session, nil
	}
	tags, err := tx.Tags(b.tagged)
	return overlay(tags, b.session), err
}

// BondsOf gathers what binds a caller. A root user has none.
func BondsOf(tx *store.Tx, c Caller) (Bonds, error) {
	var b Bonds
	var err error
	if c.Session != nil {
		if err := c.Session.stands(tx); err != nil {
			return Bonds{}, err
		}
	}
	switch c.Principal.Kind {
	case policy.User:
		if err := c.lives(tx); err != nil {
			return Bonds{}, err
		}
		b, err = UserBonds(tx, c.ARN())
	case policy.RoleSession:
		b, err = RoleBonds(tx, c.Principal.Issuer)
	case policy.FederatedUser:
		b, err = federatedBonds(tx, c)
	}
	if err == nil && c.Session != nil {
		err = c.Session.bind(tx, &b)
	}
	if err != nil {
		return Bonds{}, fmt.Errorf("policies of %s: %w", c.ARN(), err)
	}
	return b, nil
}

// lives makes sure that the user who was let in is still there, and not somebody
// new of the old name: the request's signature was verified in a transaction of
// its own. ErrUnknownKey if it is not. Sessions are asked for in their own way.
func (c Caller) lives(tx *store.Tx) error {
	if c.Session != nil {
		return nil
	}
	u, err := keptAs[User](tx, UserKind, c.ARN())
	if isNotFound(err) || err == nil && u.ID != c.UserID {
		return ErrUnknownKey
	}
	return err
}

// UserBonds are those of the user at an ARN: its own policies, those of its
// groups, its permissions boundary and its tags.
func UserBonds(tx *store.Tx, arn string) (Bonds, error) {
	u, err := keptAs[User](tx, UserKind, arn)
	if err != nil {
		return Bonds{}, err
	}
	b, err := bondsOf(tx, u.ARN, &u.Grants, u.Boundary)
	if err != nil {
		return Bonds{}, err
	}
	for _, arn := range u.Groups {
		g, err := GroupBonds(tx, arn)
		if err != nil {
			return Bonds{}, err
		}
		b.Identity = append(b.Identity, g.Identity...)
	}
	return b, nil
}

// GroupBonds are what the group at an ARN hands to each of its users.
func GroupBonds(tx *store.Tx, arn string) (Bonds, error) {
	g, err := keptAs[Group](tx, GroupKind, arn)
	if err != nil {
		return Bonds{}, err
	}
	texts, err := g.texts(tx, g.ARN)
	return Bonds{Identity: texts}, err
}

// RoleBonds are those of any session of the role at an ARN, before what the
// session itself adds: the role's policies, permissions boundary and tags.
func RoleBonds(tx *store.Tx, arn string) (Bonds, error) {
	role, err := keptAs[Role](tx, RoleKind, arn)
	if err != nil {
		return Bonds{}, err
	}
	return bondsOf(tx, role.ARN, &role.Grants, role.Boundary)
}

func bondsOf(tx *store.Tx, arn string, g *Grants, boundary string) (b Bonds, err error) {
	if b.Identity, err = g.texts(tx, arn); err != nil {
		return Bonds{}, err
	}
	if boundary != "" {
		document, err := ManagedDocument(tx, boundary)
		if err != nil {
			return Bonds{}, err
		}
		b.Boundary = []Text{{boundary, document}}
	}
	b.tagged = arn
	return b, nil
}
