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

// Grant allows a principal to use a key, in addition to the policies.
// https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
type Grant struct {
	ID             string
	Key            string // the ARN of the key
	Name           string // "" if it has none
	IssuingAccount string
	Grantee        string // the ARN of a principal, or an account
	GranteeID      string // the unique id of a grantee that is a user or role; "" for others
	Retiring       string // the retiring principal; "" if there is none
	RetiringID     string
	Operations     []string // "Decrypt"
	// Equals and Subset are the constraints EncryptionContextEquals and
	// EncryptionContextSubset. Nil is no constraint.
	Equals, Subset map[string]string
	CreatedAt      time.Time
}

// ARN is the key of the grant in the store.
func (g *Grant) ARN() string { return grantARN(g.Key, g.ID) }

func grantARN(key, id string) string { return key + "/" + grantType + "/" + id }

// Token is the grant token: the encoded ARN of the grant. It is not secret.
func (g *Grant) Token() string { return base64.URLEncoding.EncodeToString([]byte(g.ARN())) }

// ParseToken is the inverse of Grant.Token.
func ParseToken(token string) (key, id string, ok bool) {
	text, err := base64.URLEncoding.DecodeString(token)
	if err != nil {
		return "", "", false
	}
	return strings.Cut(string(text), "/"+grantType+"/")
}

// HasContext reports whether an operation has an encryption context, to which the
// constraints of a grant apply: whether it encrypts or decrypts.
func HasContext(operation string) bool {
	return usages[operation] == EncryptDecrypt
}

// Allows reports whether the grant includes the operation and its constraints match the
// encryption context.
func (g *Grant) Allows(operation string, context map[string]string) bool {
	if !slices.Contains(g.Operations, operation) {
		return false
	}
	return !HasContext(operation) || g.matchesConstraints(context)
}

func (g *Grant) matchesConstraints(context map[string]string) bool {
	return (g.Equals == nil || maps.Equal(lowerKeys(g.Equals), lowerKeys(context))) && containsPairs(context, g.Subset)
}

// Covers reports whether a grant created by the grantee of this one allows no other
// operation and no other encryption context.
func (g *Grant) Covers(made *Grant) bool {
	for _, operation := range made.Operations {
		if !slices.Contains(g.Operations, operation) {
			return false
		}
	}
	switch {
	case made.Equals != nil:
		return g.matchesConstraints(made.Equals)
	case g.Equals != nil:
		return false
	}
	return containsPairs(made.Subset, g.Subset)
}

// containsPairs reports whether a context contains all pairs of a constraint.
func containsPairs(context, pairs map[string]string) bool {
	context = lowerKeys(context)
	for key, value := range lowerKeys(pairs) {
		if got, ok := context[key]; !ok || got != value {
			return false
		}
	}
	return true
}

// lowerKeys is a context with its keys in lower case: constraints of grants ignore case
// in keys, and no context has two keys that differ only in case.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html
func lowerKeys(context map[string]string) map[string]string {
	pairs := make(map[string]string, len(context))
	for key, value := range context {
		pairs[strings.ToLower(key)] = value
	}
	return pairs
}

// Write stores the grant with references to its retiring principals.
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
		err = fmt.Errorf("%s is not a grant: %w", r.ARN, store.ErrNotFound)
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
	if k.Manager != "" { // no principal can create a grant on an AWS managed key
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

// RetirableGrantsGrants returns the grants on keys in a region that have the principal as their
// retiring principal, ordered by ARN.
func RetirableGrants(tx *store.Tx, region, principal string, now time.Time) ([]*Grant, error) {
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

// IsDuplicateOf reports whether an existing grant of the same name has the same content
// as this one, so that CreateGrant returns the existing grant.
func (g *Grant) IsDuplicateOf(known *Grant) bool {
	return g.Name != "" && g.Name == known.Name && g.Grantee == known.Grantee && g.GranteeID == known.GranteeID &&
		g.Retiring == known.Retiring && g.RetiringID == known.RetiringID && slices.Equal(g.Operations, known.Operations) &&
		(g.Equals == nil) == (known.Equals == nil) && maps.Equal(g.Equals, known.Equals) && maps.Equal(g.Subset, known.Subset)
}
