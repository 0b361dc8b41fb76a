package iam

import (
	"errors"
	"maps"
	"time"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// accountsSince is the creation date of root users: accounts of Writ exist without being
// created.
var accountsSince = time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC)

// An alias is unique among all accounts, and an account has one at most. It is a row
// whose ARN has no account.
const aliasType = "account-alias"

func aliasARN(c *operation.Call, alias string) string {
	return "arn:" + c.Partition + ":iam:::" + aliasType + "/" + alias
}

// aliasOf is the row of the account's alias, if it has one.
func aliasOf(c *operation.Call) (store.Resource, bool, error) {
	for r, err := range c.Tx.Resources(store.Query{Service: api.Name, Type: aliasType, Account: c.Account(), Prefix: aliasARN(c, ""), Limit: 1}) {
		return r, err == nil, err
	}
	return store.Resource{}, false, nil
}

func createAccountAlias(c *operation.Call, in *CreateAccountAliasInput) (*CreateAccountAliasOutput, error) {
	old, has, err := aliasOf(c)
	if err != nil || has && old.Name == in.AccountAlias {
		return &CreateAccountAliasOutput{}, err
	}
	err = c.Tx.InsertResource(store.Resource{
		ARN: aliasARN(c, in.AccountAlias), Service: api.Name, Type: aliasType, Account: c.Account(), Name: in.AccountAlias,
		Data: []byte("{}"), CreatedAt: c.Now, UpdatedAt: c.Now,
	})
	if errors.Is(err, store.ErrExists) {
		return nil, errEntityAlreadyExists("The account alias %s already exists.", in.AccountAlias)
	}
	if err == nil && has {
		err = c.Tx.DeleteResource(old.ARN)
	}
	return &CreateAccountAliasOutput{}, err
}

func listAccountAliases(c *operation.Call, in *ListAccountAliasesInput) (*ListAccountAliasesOutput, error) {
	alias, has, err := aliasOf(c)
	if err != nil {
		return nil, err
	}
	aliases := []string{}
	if has {
		aliases = append(aliases, alias.Name)
	}
	p, err := listed(apiListAccountAliases.Name, in.Marker, in.MaxItems, aliases, identityKey, same)
	if err != nil {
		return nil, err
	}
	return &ListAccountAliasesOutput{AccountAliases: p.items, IsTruncated: p.truncated, Marker: p.marker}, nil
}

func deleteAccountAlias(c *operation.Call, in *DeleteAccountAliasInput) (*DeleteAccountAliasOutput, error) {
	alias, has, err := aliasOf(c)
	if err != nil {
		return nil, err
	}
	if !has || alias.Name != in.AccountAlias {
		return nil, errNoSuchEntity("The account alias %s cannot be found.", in.AccountAlias)
	}
	return &DeleteAccountAliasOutput{}, c.Tx.DeleteResource(alias.ARN)
}

// quotas are the entries of the account's summary that are quotas, not counts.
var quotas = map[SummaryKeyType]int{
	SummaryKeyTypeUsersQuota:                        maxEntities[identity.UserKind],
	SummaryKeyTypeGroupsQuota:                       maxEntities[identity.GroupKind],
	SummaryKeyTypeRolesQuota:                        maxEntities[identity.RoleKind],
	SummaryKeyTypePoliciesQuota:                     maxEntities[identity.PolicyKind],
	SummaryKeyTypeInstanceProfilesQuota:             maxEntities[identity.InstanceProfileKind],
	SummaryKeyTypeUserPolicySizeQuota:               maxUserInline,
	SummaryKeyTypeGroupPolicySizeQuota:              maxGroupInline,
	SummaryKeyTypeRolePolicySizeQuota:               maxRoleInline,
	SummaryKeyTypePolicySizeQuota:                   maxManagedSize,
	SummaryKeyTypeAssumeRolePolicySizeQuota:         maxTrustSize,
	SummaryKeyTypeVersionsPerPolicyQuota:            maxVersions,
	SummaryKeyTypeAttachedPoliciesPerUserQuota:      maxAttached,
	SummaryKeyTypeAttachedPoliciesPerGroupQuota:     maxAttached,
	SummaryKeyTypeAttachedPoliciesPerRoleQuota:      maxAttached,
	SummaryKeyTypeGroupsPerUserQuota:                maxGroupsOfUser,
	SummaryKeyTypeAccessKeysPerUserQuota:            maxAccessKeys,
	SummaryKeyTypePolicyVersionsInUseQuota:          10000,
	SummaryKeyTypeServerCertificatesQuota:           maxEntities[identity.ServerCertificateKind],
	SummaryKeyTypeSigningCertificatesPerUserQuota:   maxSigningCertificates,
	SummaryKeyTypeAccountMFAEnabled:                 0,
	SummaryKeyTypeAccountPasswordPresent:            0,
	SummaryKeyTypeAccountSigningCertificatesPresent: 0,
}

func getAccountSummary(c *operation.Call, _ *GetAccountSummaryInput) (*GetAccountSummaryOutput, error) {
	summary := maps.Clone(quotas)
	for key, kind := range map[SummaryKeyType]identity.Kind{
		SummaryKeyTypeUsers:              identity.UserKind,
		SummaryKeyTypeGroups:             identity.GroupKind,
		SummaryKeyTypeRoles:              identity.RoleKind,
		SummaryKeyTypePolicies:           identity.PolicyKind,
		SummaryKeyTypeInstanceProfiles:   identity.InstanceProfileKind,
		SummaryKeyTypeServerCertificates: identity.ServerCertificateKind,
		SummaryKeyTypeMFADevices:         identity.MFAKind,
	} {
		n, err := count(c, kind, 0)
		if err != nil {
			return nil, err
		}
		summary[key] = n
	}
	for r, err := range c.Tx.Resources(entities(c, identity.PolicyKind, "/", "", 0)) {
		if err != nil {
			return nil, err
		}
		p, err := decoded(r, same[identity.ManagedPolicy])
		if err != nil {
			return nil, err
		}
		summary[SummaryKeyTypePolicyVersionsInUse] += len(p.Versions)
	}
	summary[SummaryKeyTypeProviders], summary[SummaryKeyTypeMFADevicesInUse] = 0, 0
	for _, kind := range []identity.Kind{identity.OIDCProviderKind, identity.SAMLProviderKind} {
		n, err := count(c, kind, 0)
		if err != nil {
			return nil, err
		}
		summary[SummaryKeyTypeProviders] += n
	}
	for r, err := range c.Tx.Resources(entities(c, identity.MFAKind, "/", "", 0)) {
		if err != nil {
			return nil, err
		}
		d, err := decoded(r, same[identity.MFADevice])
		if err != nil {
			return nil, err
		}
		if d.Owner != "" {
			summary[SummaryKeyTypeMFADevicesInUse]++
		}
		if d.Owner == c.Account() {
			summary[SummaryKeyTypeAccountMFAEnabled] = 1
		}
	}
	p, err := readPreferences(c, c.Account())
	if err != nil {
		return nil, err
	}
	summary[SummaryKeyTypeGlobalEndpointTokenVersion] = max(p.TokenVersion, 1)
	keys, err := c.Tx.AccessKeys(identity.RootARN(c.Partition, c.Account()))
	summary[SummaryKeyTypeAccountAccessKeysPresent] = min(len(keys), 1)
	return &GetAccountSummaryOutput{SummaryMap: summary}, err
}
