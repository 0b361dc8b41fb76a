package kms

import (
	"slices"
	"strings"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/keys"
	"github.com/writdev/writ/internal/operation"
)

// Operations on an alias require permission for the alias, which only the caller's own policies can grant,
// and for each of its keys. https://docs.aws.amazon.com/kms/latest/developerguide/alias-access.html

// maxAliases is the maximum number of aliases of a key.
const maxAliases = 50

// alias returns the target function for a member that names an alias.
func alias[In any](member func(In) string) func(*operation.Call, In) (authz.Target, error) {
	return func(c *operation.Call, in In) (authz.Target, error) {
		return authz.Target{ARN: c.Scope().Alias(member(in)), PolicyARN: "*", Keys: map[string][]string{"kms:CallerAccount": {c.Account()}}}, nil
	}
}

// checkAlias returns an error for a name that a customer's alias cannot have.
func checkAlias(name string) error {
	switch {
	case !keys.IsAlias(name):
		return notValid(textAliasPrefix)
	case strings.Contains(name, ":"): // the model's pattern allows colons
		return notValid("%s contains invalid characters for an alias", name)
	case keys.IsReserved(name):
		return awserr.New("NotAuthorizedException", 400, "")
	}
	return nil
}

// findAliasKey returns the target key of an alias: a key of the caller's account, named by
// its id or ARN.
func findAliasKey(c *operation.Call, alias, name, op string) (*keys.Key, error) {
	found, err := c.FindKey(name)
	switch {
	case err != nil:
		return nil, err
	case found.Alias != "":
		return nil, notValid("Aliases must refer to keys. Not aliases")
	case !c.Caller.OwnsARN(found.ARN):
		return nil, notOwner()
	}
	if err := authorizeKey(c, found, op); err != nil {
		return nil, err
	}
	k, err := found.Existing()
	if err != nil {
		return nil, err
	}
	if err := k.CheckNotPendingDeletion(c.Now); err != nil {
		return nil, err
	}
	names, err := k.Names(c.Tx)
	if err == nil && len(names) >= maxAliases && !slices.Contains(names, alias) {
		err = errLimitExceeded("A key may have at most %d aliases.", maxAliases)
	}
	return k, err
}

// authorizeKey authorizes the permission for a key that an operation on an alias requires.
func authorizeKey(c *operation.Call, found keys.Found, op string) error {
	target, err := c.KeyTarget(found, operation.KeyUse{Operation: op})
	if err != nil {
		return err
	}
	return c.Authorize("kms:"+op, target)
}

func (s *kms) createAlias(c *operation.Call, in *CreateAliasInput) (*CreateAliasOutput, error) {
	if err := checkAlias(in.AliasName); err != nil {
		return nil, err
	}
	k, err := findAliasKey(c, in.AliasName, in.TargetKeyID, apiCreateAlias.Name)
	if err != nil {
		return nil, err
	}
	found, err := c.FindKey(in.AliasName)
	if err != nil {
		return nil, err
	}
	if found.Key != nil {
		return nil, errAlreadyExists("An alias with the name %s already exists", c.Scope().Alias(in.AliasName))
	}
	a := &keys.Alias{Scope: c.Scope(), Name: in.AliasName, Target: k.ARN(), CreatedAt: c.Now, UpdatedAt: c.Now}
	return &CreateAliasOutput{}, a.Write(c.Tx, c.Now)
}

func (s *kms) updateAlias(c *operation.Call, in *UpdateAliasInput) (*UpdateAliasOutput, error) {
	k, err := findAliasKey(c, in.AliasName, in.TargetKeyID, apiUpdateAlias.Name)
	if err != nil {
		return nil, err
	}
	a, err := ownAliasTarget(c, in.AliasName, apiUpdateAlias.Name)
	if err != nil {
		return nil, err
	}
	old, err := keys.Read(c.Tx, a.Target, c.Now)
	if err != nil {
		return nil, err
	}
	if k.Usage != old.Usage || k.IsSymmetric() != old.IsSymmetric() {
		// https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateAlias.html
		return nil, notValid("The current and the new key of an alias must be of the same type, and have the same key usage.")
	}
	a.Target, a.UpdatedAt = k.ARN(), c.Now
	return &UpdateAliasOutput{}, a.Write(c.Tx, c.Now)
}

func (s *kms) deleteAlias(c *operation.Call, in *DeleteAliasInput) (*DeleteAliasOutput, error) {
	a, err := ownAliasTarget(c, in.AliasName, apiDeleteAlias.Name)
	if err != nil {
		return nil, err
	}
	return &DeleteAliasOutput{}, c.Tx.DeleteResource(a.ARN())
}

// ownAliasTarget returns an alias for whose key the caller may perform the same operation.
func ownAliasTarget(c *operation.Call, name, op string) (*keys.Alias, error) {
	if err := checkAlias(name); err != nil {
		return nil, err
	}
	found, err := c.FindKey(name)
	if err != nil {
		return nil, err
	}
	if _, err := found.Existing(); err != nil {
		return nil, err
	}
	if err := authorizeKey(c, found, op); err != nil {
		return nil, err
	}
	return keys.ReadAlias(c.Tx, c.Scope(), name)
}

func (s *kms) listAliases(c *operation.Call, in *ListAliasesInput) (*ListAliasesOutput, error) {
	list, err := keys.Aliases(c.Tx, c.Scope(), c.Now)
	if in.KeyID != nil && err == nil {
		list, err = aliasesOf(c, list, *in.KeyID)
	}
	if err != nil {
		return nil, err
	}
	if in.KeyID == nil {
		list = withPredefined(c, list)
	}
	p, err := page(apiListAliases.Name, shortPages, in.Limit, in.Marker, list, func(a *keys.Alias) string { return a.Name })
	out := &ListAliasesOutput{Aliases: []AliasListEntry{}, NextMarker: p.Next, Truncated: new(p.Next != nil)}
	for _, a := range p.Items {
		if a.Target == "" {
			out.Aliases = append(out.Aliases, AliasListEntry{AliasName: &a.Name, AliasARN: new(a.ARN())})
			continue
		}
		k, err := keys.Read(c.Tx, a.Target, c.Now)
		if err != nil {
			return nil, err
		}
		out.Aliases = append(out.Aliases, AliasListEntry{
			AliasName: &a.Name, AliasARN: new(a.ARN()), TargetKeyID: &k.ID, CreationDate: timestamp(a.CreatedAt), LastUpdatedDate: timestamp(a.UpdatedAt),
		})
	}
	return out, err
}

// withPredefined adds the aliases of AWS managed keys that do not exist yet, ordered by
// name.
func withPredefined(c *operation.Call, list []*keys.Alias) []*keys.Alias {
	for _, manager := range keys.Predefined {
		name := keys.ManagedAlias(manager)
		if !slices.ContainsFunc(list, func(a *keys.Alias) bool { return a.Name == name }) {
			list = append(list, &keys.Alias{Scope: c.Scope(), Name: name})
		}
	}
	slices.SortFunc(list, func(a, b *keys.Alias) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// aliasesOf returns the aliases of a key.
func aliasesOf(c *operation.Call, list []*keys.Alias, name string) (some []*keys.Alias, err error) {
	found, err := keyOnly(c, name)
	if err != nil {
		return nil, err
	}
	if !c.Caller.OwnsARN(found.ARN) {
		return nil, notOwner()
	}
	k, err := found.Existing()
	if err != nil {
		return nil, err
	}
	for _, a := range list {
		if a.Target == k.ARN() {
			some = append(some, a)
		}
	}
	return some, nil
}
