package keys

import (
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/writdev/writ/internal/store"
)

// Grant lets a principal use a key, whatever the policies leave unsaid.
// https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
type Grant struct {
	ID             string
	Key            string // the ARN of the key
	Name           string // "" if it has none
	IssuingAccount string
	Grantee        string // the ARN of a principal, or an account
	GranteeID      string // the unique id of the user or role that it is; "" of others
	Retiring       string // who may retire it beside who else may; "" if nobody
	RetiringID     string
	Operations     []string // "Decrypt"
	// Equals and Subset are the constraints: the encryption context must be the
	// one, or have all the pairs of the other. Nil is none.
	Equals, Subset map[string]string
	CreatedAt      time.Time
}

// ARN is where the store keeps the grant.
func (g *Grant) ARN() string { return grantARN(g.Key, g.ID) }

func grantARN(key, id string) string { return key + "/" + grantType + "/" + id }

// Token is the grant's token. It says where the grant is, and nothing secret.
func (g *Grant) Token() string { return base64.URLEncoding.EncodeToString([]byte(g.ARN())) }

// ParseToken is the inverse of Grant.Token.
func ParseToken(token string) (key, id string, ok bool) {
	text, err := base64.URLEncoding.DecodeString(token)
	if err != nil {
		return "", "", false
	}
	return strings.Cut(string(text), "/"+grantType+"/")
}

// HasContext reports whether an operation has an encryption context, which a grant's
// constraints are about: whether it encrypts or decrypts.
func HasContext(operation string) bool {
	return usages[operation] == EncryptDecrypt
}

// Allows reports whether the grant has the operation, and its constraints hold
// for the encryption context.
func (g *Grant) Allows(operation string, context map[string]string) bool {
	if !slices.Contains(g.Operations, operation) {
		return false
	}
	return !HasContext(operation) || g.admits(context)
}

func (g *Grant) admits(context map[string]string) bool {
	return (g.Equals == nil || maps.Equal(folded(g.Equals), folded(context))) && hasAll(context, g.Subset)
}

// Covers reports whether a grant made under this one would allow nothing more:
// no other operation, and no other encryption context.
func (g *Grant) Covers(made *Grant) bool {
	for _, operation := range made.Operations {
		if !slices.Contains(g.Operations, operation) {
			return false
		}
	}
	switch {
	case made.Equals != nil:
		return g.admits(made.Equals)
	case g.Equals != nil:
		return false
	}
	return hasAll(made.Subset, g.Subset)
}

// hasAll reports whether a context has all the pairs of a constraint.
func hasAll(context, pairs map[string]string) bool {
	context = folded(context)
	for key, value := range folded(pairs) {
		if got, ok := context[key]; !ok || got != value {
			return false
		}
	}
	return true
}

// folded is a context with its keys in lower case: in a grant constraint they have
// none, and no context has two that differ in case alone.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html
func folded(context map[string]string) map[string]string {
	pairs := make(map[string]string, len(context))
	for key, value := range context {
		pairs[strings.ToLower(key)] = value
	}
	return pairs
}

// Write stores the grant. It refers to who may retire it.
func (g *Grant) Write(tx *store.Tx, scope Scope, now time.Time) error {
	err := write(tx, store.Resource{ARN: g.ARN(), Type: grantType, Account: scope.Account, Region: scope.Region, Name: g.Name}, g, now)
	if err != nil || g.Retiring == "" {
		return err
	}
	return tx.SetReferences(g.ARN(), []string{retiringKey(g.Retiring)})
}

func retiringKey(principal string) string { return "kms:retiring:" + principal }

// ReadGrant returns a grant of a key; store.ErrNotFound if there is none.
func ReadGrant(tx *store.Tx, key, id string) (*Grant, error) {
	r, err := tx.Resource(grantARN(key, id))
	if err == nil && (r.Service != Service || r.Type != grantType) {
		err = fmt.Errorf("%s is no grant: %w", r.ARN, store.ErrNotFound)
	}
	if err != nil {
		return nil, err
	}
	return decode[Grant](r)
}

// Delete removes the grant.
func (g *Grant) Delete(tx *store.Tx) error { return tx.DeleteResource(g.ARN()) }

// Grants returns the grants of the key, in the order of their ids.
func (k *Key) Grants(tx *store.Tx) ([]*Grant, error) {
	if k.Manager != "" { // whose policy lets nobody grant but through a service, and none does
		return nil, nil
	}
	var list []*Grant
	for r, err := range tx.Resources(store.Query{Service: Service, Type: grantType, Account: k.Account, Prefix: grantARN(k.ARN(), "")}) {
		if err != nil {
			return nil, err
		}
		g, err := decode[Grant](r)
		if err != nil {
			return nil, err
		}
		list = append(list, g)
	}
	return list, nil
}

// Retirable returns the grants of keys in a region which name a principal as the
// one that may retire them, in the order of their ARNs.
func Retirable(tx *store.Tx, region, principal string, now time.Time) ([]*Grant, error) {
	arns, err := tx.ReferencedBy(retiringKey(principal), 0)
	if err != nil {
		return nil, err
	}
	var list []*Grant
	for _, arn := range arns {
		r, err := tx.Resource(arn)
		if err != nil {
			return nil, err
		}
		g, err := decode[Grant](r)
		if err != nil {
			return nil, err
		}
		_, err = Read(tx, g.Key, now)
		switch {
		case err == nil && r.Region == region:
			list = append(list, g)
		case err != nil && !isNotFound(err):
			return nil, err
		}
	}
	return list, nil
}

// Repeats reports whether a grant of the same name that is there already is the
// same as this one, so that making it again is making nothing.
func (g *Grant) Repeats(known *Grant) bool {
	return g.Name != "" && g.Name == known.Name && g.Grantee == known.Grantee && g.GranteeID == known.GranteeID &&
		g.Retiring == known.Retiring && g.RetiringID == known.RetiringID && slices.Equal(g.Operations, known.Operations) &&
		(g.Equals == nil) == (known.Equals == nil) && maps.Equal(g.Equals, known.Equals) && maps.Equal(g.Subset, known.Subset)
}
