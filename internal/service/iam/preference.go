package iam

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// preferences are the settings of an account.
type preferences struct {
	TokenVersion     int           // of the global endpoint of STS: 1 or 2; 0 is 1
	Issuer           string        // of the tokens that the account issues; "" while that is off
	RootFeatures     []FeatureType // of the organization that it manages, in their order
	PreviousIssuerID string        // an issuer keeps its name when it is turned off and on
}

const preferencesType = "preferences"

func preferencesARN(c *operation.Call, account string) string {
	return "arn:" + c.Partition + ":iam::" + account + ":" + preferencesType
}

func readPreferences(c *operation.Call, account string) (preferences, error) {
	r, err := c.Tx.Resource(preferencesARN(c, account))
	if isNotFound(err) {
		return preferences{}, nil
	}
	if err != nil {
		return preferences{}, err
	}
	return decoded(r, same[preferences])
}

func putPreferences(c *operation.Call, account string, p preferences) error {
	data, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("put preferences: %w", err)
	}
	return c.Tx.PutResource(store.Resource{
		ARN: preferencesARN(c, account), Service: api.Name, Type: preferencesType, Account: account, Name: preferencesType,
		Data: data, CreatedAt: c.Now, UpdatedAt: c.Now,
	})
}

// setSecurityTokenServicePreferences is stored and shown in the account's summary: tokens
// of Writ are valid in all regions.
func setSecurityTokenServicePreferences(c *operation.Call, in *SetSecurityTokenServicePreferencesInput) (*SetSecurityTokenServicePreferencesOutput, error) {
	p, err := readPreferences(c, c.Account())
	if err != nil {
		return nil, err
	}
	p.TokenVersion = 1
	if in.GlobalEndpointTokenVersion == GlobalEndpointTokenVersionV2Token {
		p.TokenVersion = 2
	}
	return &SetSecurityTokenServicePreferencesOutput{}, putPreferences(c, c.Account(), p)
}

func enableOutboundWebIdentityFederation(c *operation.Call, _ *EnableOutboundWebIdentityFederationInput) (*EnableOutboundWebIdentityFederationOutput, error) {
	p, err := readPreferences(c, c.Account())
	if err != nil {
		return nil, err
	}
	if p.Issuer != "" {
		return nil, errFeatureEnabled("Outbound web identity federation is already enabled for this account.")
	}
	if p.PreviousIssuerID == "" {
		p.PreviousIssuerID = c.NewID()
	}
	p.Issuer = "https://" + p.PreviousIssuerID + ".tokens.sts.global.api.aws"
	return &EnableOutboundWebIdentityFederationOutput{IssuerIdentifier: &p.Issuer}, putPreferences(c, c.Account(), p)
}

func errFederationOff() error {
	return errFeatureDisabled("Outbound web identity federation is not enabled for this account.")
}

func disableOutboundWebIdentityFederation(c *operation.Call, _ *DisableOutboundWebIdentityFederationInput) (*DisableOutboundWebIdentityFederationOutput, error) {
	p, err := readPreferences(c, c.Account())
	if err != nil {
		return nil, err
	}
	if p.Issuer == "" {
		return nil, errFederationOff()
	}
	p.Issuer = ""
	return &DisableOutboundWebIdentityFederationOutput{}, putPreferences(c, c.Account(), p)
}

func getOutboundWebIdentityFederationInfo(c *operation.Call, _ *GetOutboundWebIdentityFederationInfoInput) (*GetOutboundWebIdentityFederationInfoOutput, error) {
	p, err := readPreferences(c, c.Account())
	if err != nil {
		return nil, err
	}
	if p.Issuer == "" {
		return nil, errFederationOff()
	}
	return &GetOutboundWebIdentityFederationInfoOutput{IssuerIdentifier: &p.Issuer, JwtVendingEnabled: new(true)}, nil
}

// iamPrincipal is the service for which an organization gives trusted access, and has
// delegated administrators, to manage its members' root users.
const iamPrincipal = "iam.amazonaws.com"

// rootManager reads the organization whose members' root users the caller's account may
// manage. Only the management account may turn a feature on.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user.html#id_root-user-access-management
func rootManager(c *operation.Call, managementOnly bool) (identity.OrganizationRecord, error) {
	org, err := identity.ReadOrganization(c.Tx, c.Account())
	if errors.Is(err, store.ErrNotFound) {
		return org, errOrganizationNotFound("The request was rejected because no organization is associated with your account.")
	}
	if err != nil {
		return org, err
	}
	_, delegated := org.Delegates[c.Account()][iamPrincipal]
	_, trusted := org.Services[iamPrincipal]
	switch manages := org.Management == c.Account(); {
	case managementOnly && !manages:
		return org, errCallerIsNotManagementAccount("The request was rejected because the account making the request is not the management account for the organization.")
	case !manages && !delegated:
		return org, errAccountNotManagementOrDelegatedAdministrator("The request was rejected because the account making the request is not the management account or delegated administrator account for centralized root access.")
	case !org.AllFeatures:
		return org, errOrganizationNotInAllFeaturesMode("The request was rejected because your organization does not have All features enabled.")
	case !trusted:
		return org, errServiceAccessNotEnabled("The request was rejected because trusted access is not enabled for IAM in AWS Organizations.")
	}
	return org, nil
}

// switchFeature turns a root access feature on or off, and returns those that are on then.
func switchFeature(c *operation.Call, feature FeatureType, on bool) (id *string, features []FeatureType, err error) {
	org, err := rootManager(c, on)
	if err != nil {
		return nil, nil, err
	}
	p, err := readPreferences(c, org.Management)
	if err != nil {
		return nil, nil, err
	}
	p.RootFeatures = slices.DeleteFunc(p.RootFeatures, func(f FeatureType) bool { return f == feature })
	if on {
		p.RootFeatures = append(p.RootFeatures, feature)
		slices.Sort(p.RootFeatures)
	}
	return &org.ID, append([]FeatureType{}, p.RootFeatures...), putPreferences(c, org.Management, p)
}

func enableOrganizationsRootCredentialsManagement(c *operation.Call, _ *EnableOrganizationsRootCredentialsManagementInput) (*EnableOrganizationsRootCredentialsManagementOutput, error) {
	id, features, err := switchFeature(c, FeatureTypeRootCredentialsManagement, true)
	return &EnableOrganizationsRootCredentialsManagementOutput{OrganizationID: id, EnabledFeatures: features}, err
}

func disableOrganizationsRootCredentialsManagement(c *operation.Call, _ *DisableOrganizationsRootCredentialsManagementInput) (*DisableOrganizationsRootCredentialsManagementOutput, error) {
	id, features, err := switchFeature(c, FeatureTypeRootCredentialsManagement, false)
	return &DisableOrganizationsRootCredentialsManagementOutput{OrganizationID: id, EnabledFeatures: features}, err
}

func enableOrganizationsRootSessions(c *operation.Call, _ *EnableOrganizationsRootSessionsInput) (*EnableOrganizationsRootSessionsOutput, error) {
	id, features, err := switchFeature(c, FeatureTypeRootSessions, true)
	return &EnableOrganizationsRootSessionsOutput{OrganizationID: id, EnabledFeatures: features}, err
}

func disableOrganizationsRootSessions(c *operation.Call, _ *DisableOrganizationsRootSessionsInput) (*DisableOrganizationsRootSessionsOutput, error) {
	id, features, err := switchFeature(c, FeatureTypeRootSessions, false)
	return &DisableOrganizationsRootSessionsOutput{OrganizationID: id, EnabledFeatures: features}, err
}

func listOrganizationsFeatures(c *operation.Call, _ *ListOrganizationsFeaturesInput) (*ListOrganizationsFeaturesOutput, error) {
	org, err := rootManager(c, false)
	if err != nil {
		return nil, err
	}
	p, err := readPreferences(c, org.Management)
	return &ListOrganizationsFeaturesOutput{OrganizationID: &org.ID, EnabledFeatures: append([]FeatureType{}, p.RootFeatures...)}, err
}
