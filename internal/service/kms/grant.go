package kms

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/keys"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// A grant is effective as soon as it is created, so grant tokens, which clients may send, have no effect.
// operation.Call.KeyTarget passes the grants to the gate.

// maxGrants is the maximum number of grants of a key.
const maxGrants = 50_000

// createGrantTarget returns the target of CreateGrant. Its encryption context for policies is that of the
// constraints.
func (s *kms) createGrantTarget(c *operation.Call, in *CreateGrantInput) (authz.Target, error) {
	constraints := valueOr(in.Constraints, GrantConstraints{})
	kind, context := constraintOf(constraints.EncryptionContextEquals, constraints.EncryptionContextSubset)
	target, found, err := keyTarget(c, in.KeyID, apiCreateGrant.Name, context)
	if err != nil {
		return target, err
	}
	if kind != "" {
		target.Keys["kms:GrantConstraintType"] = []string{kind}
	}
	target.Keys["kms:GrantIsForAWSResource"] = []string{"false"}
	target.Keys["kms:GrantOperations"] = operations(in.Operations)
	target.Keys["kms:GranteePrincipal"] = []string{in.GranteePrincipal}
	if in.RetiringPrincipal != nil {
		target.Keys["kms:RetiringPrincipal"] = []string{*in.RetiringPrincipal}
	}
	return target, dropNarrowerGrants(c, &target, found.Key, in)
}

// constraintOf returns the kind of a grant's constraint, with its pairs; "" without one.
func constraintOf(equals, subset map[string]string) (kind string, pairs map[string]string) {
	switch {
	case equals != nil:
		return "EncryptionContextEquals", equals
	case subset != nil:
		return "EncryptionContextSubset", subset
	}
	return "", nil
}

// dropNarrowerGrants removes grants from the target that allow CreateGrant, but do not cover the new grant.
func dropNarrowerGrants(c *operation.Call, target *authz.Target, k *keys.Key, in *CreateGrantInput) error {
	if k == nil {
		return nil
	}
	grants, err := k.Grants(c.Tx)
	if err != nil {
		return err
	}
	made := newGrant(c, k, in)
	for _, g := range grants {
		if g.Covers(made) {
			continue
		}
		other := func(t identity.Document) bool { return t.Name == g.ARN() }
		target.ResourcePolicies = slices.DeleteFunc(target.ResourcePolicies, other)
		target.CallerPolicies = slices.DeleteFunc(target.CallerPolicies, other)
	}
	return nil
}

func operations(list []GrantOperation) []string {
	var names []string
	for _, o := range list {
		names = append(names, string(o))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// newGrant returns the requested grant, with the principals as in the request.
func newGrant(c *operation.Call, k *keys.Key, in *CreateGrantInput) *keys.Grant {
	constraints := valueOr(in.Constraints, GrantConstraints{})
	id := strings.ReplaceAll(c.NewID()+c.NewID(), "-", "")
	return &keys.Grant{
		ID: id, Key: k.ARN(), Name: valueOr(in.Name, ""), IssuingAccount: identity.RootARN(c.Partition, c.Account()),
		Grantee: in.GranteePrincipal, Retiring: valueOr(in.RetiringPrincipal, ""), Operations: operations(in.Operations),
		Equals: constraints.EncryptionContextEquals, Subset: constraints.EncryptionContextSubset, CreatedAt: c.Now,
	}
}

func (s *kms) createGrant(c *operation.Call, in *CreateGrantInput) (*CreateGrantOutput, error) {
	k, err := findEnabled(c, in.KeyID)
	if err != nil {
		return nil, err
	}
	for _, o := range in.Operations {
		if !slices.Contains(append(k.Operations(), "DescribeKey", "CreateGrant", "RetireGrant"), string(o)) {
			return nil, notValid("The operation %s is not one of keys of the spec %s and the usage %s.", o, k.Spec, k.Usage)
		}
	}
	switch g := valueOr(in.Constraints, GrantConstraints{}); {
	case len(in.Operations) == 0:
		return nil, notValid("A grant requires an operation.")
	case !k.IsSymmetric() && (g.EncryptionContextEquals != nil || g.EncryptionContextSubset != nil):
		return nil, notValid("A grant of a key of the spec %s can have no constraint: it has no encryption context.", k.Spec)
	case g.EncryptionContextEquals != nil && g.EncryptionContextSubset != nil:
		return nil, notValid("A grant has one constraint: EncryptionContextEquals or EncryptionContextSubset.")
	}
	if err := checkConstraints(valueOr(in.Constraints, GrantConstraints{})); err != nil {
		return nil, err
	}
	g := newGrant(c, k, in)
	if g.Grantee, g.GranteeID, err = principal(c, g.Grantee); err != nil {
		return nil, err
	}
	if g.Retiring != "" {
		if g.Retiring, g.RetiringID, err = principal(c, g.Retiring); err != nil {
			return nil, err
		}
	}
	grants, err := k.Grants(c.Tx)
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(grants, g.IsDuplicateOf); i >= 0 {
		return createGrantOutput(grants[i], in.DryRun)
	}
	if len(grants) >= maxGrants {
		return nil, errLimitExceeded("A key may have at most %d grants.", maxGrants)
	}
	if err := g.Write(c.Tx, k.Scope, c.Now); err != nil {
		return nil, err
	}
	return createGrantOutput(g, in.DryRun)
}

// Limits of constraints.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html
const (
	maxPairs     = 8
	maxPairValue = 384 // characters
)

func checkConstraints(g GrantConstraints) error {
	_, pairs := constraintOf(g.EncryptionContextEquals, g.EncryptionContextSubset)
	if len(pairs) > maxPairs {
		return notValid("A grant constraint can have at most %d pairs.", maxPairs)
	}
	for _, value := range pairs {
		if utf8.RuneCountInString(value) > maxPairValue {
			return notValid("A value of a grant constraint can have at most %d characters.", maxPairValue)
		}
	}
	return nil
}

func createGrantOutput(g *keys.Grant, dryRun *bool) (*CreateGrantOutput, error) {
	return &CreateGrantOutput{GrantID: &g.ID, GrantToken: new(g.Token())}, endDryRun(dryRun)
}

// principal resolves a principal of a grant.
func principal(c *operation.Call, name string) (arn, id string, err error) {
	arn, id, err = identity.ResolvePrincipal(c.Tx, c.Partition, name)
	if _, unknown := errors.AsType[*identity.UnknownPrincipalError](err); unknown || name == "*" {
		err = errInvalidARN("ARN does not refer to a valid principal: %s", name)
	}
	return arn, id, err
}

// listGrantsTarget returns the target of ListGrants.
func (s *kms) listGrantsTarget(c *operation.Call, in *ListGrantsInput) (authz.Target, error) {
	target, _, err := keyTarget(c, in.KeyID, apiListGrants.Name, nil)
	if err == nil {
		target.Keys["kms:GrantIsForAWSResource"] = []string{"false"}
	}
	return target, err
}

func (s *kms) listGrants(c *operation.Call, in *ListGrantsInput) (*ListGrantsOutput, error) {
	k, err := find(c, in.KeyID)
	if err != nil {
		return nil, err
	}
	list, err := k.Grants(c.Tx)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(g *keys.Grant) bool {
		return valueOr(in.GrantID, g.ID) != g.ID || valueOr(in.GranteePrincipal, g.Grantee) != g.Grantee
	})
	p, err := page(apiListGrants.Name, shortPages, in.Limit, in.Marker, list, func(g *keys.Grant) string { return g.ID })
	return &ListGrantsOutput{Grants: describeGrants(p.Items), NextMarker: p.Next, Truncated: new(p.Next != nil)}, err
}

func describeGrants(list []*keys.Grant) []GrantListEntry {
	entries := []GrantListEntry{}
	for _, g := range list {
		e := GrantListEntry{
			KeyID: &g.Key, GrantID: &g.ID, Name: &g.Name, CreationDate: timestamp(g.CreatedAt),
			GranteePrincipal: &g.Grantee, IssuingAccount: &g.IssuingAccount,
		}
		if g.Retiring != "" {
			e.RetiringPrincipal = &g.Retiring
		}
		for _, o := range g.Operations {
			e.Operations = append(e.Operations, GrantOperation(o))
		}
		if g.Equals != nil || g.Subset != nil {
			e.Constraints = &GrantConstraints{EncryptionContextEquals: g.Equals, EncryptionContextSubset: g.Subset}
		}
		entries = append(entries, e)
	}
	return entries
}

// listRetirableGrants lists the grants with a given retiring principal of the caller's account.
func (s *kms) listRetirableGrants(c *operation.Call, in *ListRetirableGrantsInput) (*ListRetirableGrantsOutput, error) {
	if !c.Caller.OwnsARN(in.RetiringPrincipal) && in.RetiringPrincipal != c.Account() {
		return nil, denied("The retiring principal must belong to the caller's account.")
	}
	list, err := keys.RetirableGrants(c.Tx, c.Region, in.RetiringPrincipal, c.Now)
	if err != nil {
		return nil, err
	}
	p, err := page(apiListRetirableGrants.Name, shortPages, in.Limit, in.Marker, list, (*keys.Grant).ARN)
	return &ListRetirableGrantsOutput{Grants: describeGrants(p.Items), NextMarker: p.Next, Truncated: new(p.Next != nil)}, err
}

// revokeGrantTarget returns the target of RevokeGrant.
func (s *kms) revokeGrantTarget(c *operation.Call, in *RevokeGrantInput) (authz.Target, error) {
	target, _, err := keyTarget(c, in.KeyID, apiRevokeGrant.Name, nil)
	if err == nil {
		target.Keys["kms:GrantIsForAWSResource"] = []string{"false"}
	}
	return target, err
}

func (s *kms) revokeGrant(c *operation.Call, in *RevokeGrantInput) (*RevokeGrantOutput, error) {
	return &RevokeGrantOutput{}, deleteGrant(c, in.KeyID, in.GrantID, in.DryRun)
}

func deleteGrant(c *operation.Call, key, id string, dryRun *bool) error {
	k, err := find(c, key)
	if err != nil {
		return err
	}
	g, err := keys.ReadGrant(c.Tx, k.ARN(), id)
	if errors.Is(err, store.ErrNotFound) {
		err = errNotFound("Grant ID %s not found", id)
	}
	if err != nil {
		return err
	}
	if err := endDryRun(dryRun); err != nil {
		return err
	}
	return g.Delete(c.Tx)
}

// grantName returns the key and the id of the grant in a RetireGrant request.
func grantName(in *RetireGrantInput) (key, id string, err error) {
	switch {
	case in.GrantToken != nil && (in.KeyID != nil || in.GrantID != nil):
		return "", "", notValid("Specify either GrantToken, or KeyId and GrantId.")
	case in.GrantToken != nil:
		key, id, ok := keys.ParseToken(*in.GrantToken)
		if !ok {
			return "", "", errInvalidGrantToken("The grant token is not valid.")
		}
		return key, id, nil
	case in.KeyID == nil || in.GrantID == nil:
		return "", "", notValid("Specify either GrantToken, or KeyId and GrantId.")
	}
	return *in.KeyID, *in.GrantID, nil
}

// retireGrantTarget returns the target of RetireGrant: the grant itself names principals that may retire it,
// and policies may allow others.
func (s *kms) retireGrantTarget(c *operation.Call, in *RetireGrantInput) (authz.Target, error) {
	key, id, err := grantName(in)
	if err != nil {
		return authz.Target{}, err
	}
	found, err := keyOnly(c, key)
	if err != nil {
		return authz.Target{}, err
	}
	g, err := keys.ReadGrant(c.Tx, found.ARN, id)
	if errors.Is(err, store.ErrNotFound) {
		return c.KeyTarget(found, operation.KeyUse{})
	}
	if err != nil {
		return authz.Target{}, err
	}
	kind, context := constraintOf(g.Equals, g.Subset)
	target, err := c.KeyTarget(found, operation.KeyUse{Context: context})
	if err != nil {
		return target, err
	}
	if kind != "" {
		target.Keys["kms:GrantConstraintType"] = []string{kind}
	}
	op := apiRetireGrant.Name
	switch {
	case g.Retiring != "" && c.IsPrincipal(g.Retiring, g.RetiringID):
		c.AllowByGrant(&target, g.ARN(), g.Retiring, op)
	case g.Allows(op, nil) && c.IsPrincipal(g.Grantee, g.GranteeID):
		c.AllowByGrant(&target, g.ARN(), g.Grantee, op)
	}
	return target, nil
}

func (s *kms) retireGrant(c *operation.Call, in *RetireGrantInput) (*RetireGrantOutput, error) {
	key, id, err := grantName(in)
	if err != nil {
		return nil, err
	}
	return &RetireGrantOutput{}, deleteGrant(c, key, id, in.DryRun)
}
