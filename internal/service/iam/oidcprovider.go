package iam

import (
	"net/url"
	"slices"
	"strings"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
)

const (
	maxOIDCProviders = 100 // of one account
	maxClientIDs     = 100 // of one provider
	maxThumbprints   = 5
)

// issuerOf is the issuer at a URL, without "https://".
func issuerOf(text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Port() != "" {
		return "", invalid("Invalid Open ID Connect Provider URL")
	}
	return u.Host + strings.TrimSuffix(u.Path, "/"), nil
}

// onNewOIDCProvider is the target of CreateOpenIDConnectProvider.
func onNewOIDCProvider(c *operation.Call, in *CreateOpenIDConnectProviderInput) (authz.Target, error) {
	issuer, err := issuerOf(in.URL)
	if err != nil {
		return authz.Target{}, err
	}
	return target(c, newARN(c, identity.OIDCProviderKind, "/", issuer), in,
		[]addKeys[*CreateOpenIDConnectProviderInput]{tagging(func(in *CreateOpenIDConnectProviderInput) []Tag { return in.Tags })})
}

func createOpenIDConnectProvider(c *operation.Call, in *CreateOpenIDConnectProviderInput) (*CreateOpenIDConnectProviderOutput, error) {
	issuer, err := issuerOf(in.URL)
	if err != nil {
		return nil, err
	}
	if err := checkThumbprints(in.ThumbprintList); err != nil {
		return nil, err
	}
	if len(in.ClientIDList) > maxClientIDs {
		return nil, exceeds("ClientIdsPerOpenIdConnectProvider", maxClientIDs)
	}
	p := identity.NewOIDCProvider(c.Partition, c.Account(), issuer)
	switch _, err := c.Tx.Resource(p.ARN); {
	case err == nil:
		return nil, errEntityAlreadyExists("Provider with url %s already exists.", in.URL)
	case !isNotFound(err):
		return nil, err
	}
	if n, err := count(c, identity.OIDCProviderKind, maxOIDCProviders); err != nil || n >= maxOIDCProviders {
		return nil, firstError(err, exceeds("OpenIdConnectProvidersPerAccount", maxOIDCProviders))
	}
	p.CreatedAt, p.ClientIDs, p.Thumbprints = c.Now, distinctInOrder(in.ClientIDList), in.ThumbprintList
	if err := identity.PutOIDCProvider(c.Tx, p, c.Now); err != nil {
		return nil, err
	}
	return &CreateOpenIDConnectProviderOutput{OpenIDConnectProviderARN: &p.ARN, Tags: in.Tags}, setTags(c, p.ARN, in.Tags)
}

func checkThumbprints(list []string) error {
	if len(list) > maxThumbprints {
		return errInvalidInput("Thumbprint list must contain fewer than 5 entries.")
	}
	return nil
}

// distinctInOrder removes duplicates.
func distinctInOrder(list []string) (kept []string) {
	for _, s := range list {
		if !slices.Contains(kept, s) {
			kept = append(kept, s)
		}
	}
	return kept
}

func findOIDCProvider(c *operation.Call, arn string) (identity.OIDCProvider, error) {
	p, err := identity.ReadOIDCProvider(c.Tx, arn)
	if isNotFound(err) || err == nil && p.Account != c.Account() {
		err = errNoSuchEntity("OpenIDConnect Provider not found for arn %s", arn)
	}
	return p, err
}

func getOpenIDConnectProvider(c *operation.Call, in *GetOpenIDConnectProviderInput) (*GetOpenIDConnectProviderOutput, error) {
	p, err := findOIDCProvider(c, in.OpenIDConnectProviderARN)
	if err != nil {
		return nil, err
	}
	tags, err := allTags(c, p.ARN)
	return &GetOpenIDConnectProviderOutput{
		URL: &p.Name, ClientIDList: append([]string{}, p.ClientIDs...), ThumbprintList: append([]string{}, p.Thumbprints...),
		CreateDate: new(seconds(p.CreatedAt)), Tags: tags,
	}, err
}

func listOpenIDConnectProviders(c *operation.Call, _ *ListOpenIDConnectProvidersInput) (*ListOpenIDConnectProvidersOutput, error) {
	out := &ListOpenIDConnectProvidersOutput{OpenIDConnectProviderList: []OpenIDConnectProviderListEntry{}}
	for r, err := range c.Tx.Resources(entities(c, identity.OIDCProviderKind, "/", "", 0)) {
		if err != nil {
			return nil, err
		}
		out.OpenIDConnectProviderList = append(out.OpenIDConnectProviderList, OpenIDConnectProviderListEntry{ARN: &r.ARN})
	}
	return out, nil
}

func deleteOpenIDConnectProvider(c *operation.Call, in *DeleteOpenIDConnectProviderInput) (*DeleteOpenIDConnectProviderOutput, error) {
	p, err := identity.ReadOIDCProvider(c.Tx, in.OpenIDConnectProviderARN)
	if isNotFound(err) || err == nil && p.Account != c.Account() {
		return nil, errNoSuchEntity("OpenId connect Provider %s cannot be found.", in.OpenIDConnectProviderARN)
	}
	if err != nil {
		return nil, err
	}
	return &DeleteOpenIDConnectProviderOutput{}, c.Tx.DeleteResource(p.ARN)
}

// addClientIDToOpenIDConnectProvider is idempotent.
func addClientIDToOpenIDConnectProvider(c *operation.Call, in *AddClientIDToOpenIDConnectProviderInput) (*AddClientIDToOpenIDConnectProviderOutput, error) {
	p, err := findOIDCProvider(c, in.OpenIDConnectProviderARN)
	if err != nil || slices.Contains(p.ClientIDs, in.ClientID) {
		return &AddClientIDToOpenIDConnectProviderOutput{}, err
	}
	if len(p.ClientIDs) >= maxClientIDs {
		return nil, exceeds("ClientIdsPerOpenIdConnectProvider", maxClientIDs)
	}
	p.ClientIDs = append(p.ClientIDs, in.ClientID)
	return &AddClientIDToOpenIDConnectProviderOutput{}, identity.PutOIDCProvider(c.Tx, p, c.Now)
}

// removeClientIDFromOpenIDConnectProvider is idempotent.
func removeClientIDFromOpenIDConnectProvider(c *operation.Call, in *RemoveClientIDFromOpenIDConnectProviderInput) (*RemoveClientIDFromOpenIDConnectProviderOutput, error) {
	p, err := findOIDCProvider(c, in.OpenIDConnectProviderARN)
	if err != nil {
		return nil, err
	}
	p.ClientIDs = slices.DeleteFunc(p.ClientIDs, func(id string) bool { return id == in.ClientID })
	return &RemoveClientIDFromOpenIDConnectProviderOutput{}, identity.PutOIDCProvider(c.Tx, p, c.Now)
}

func updateOpenIDConnectProviderThumbprint(c *operation.Call, in *UpdateOpenIDConnectProviderThumbprintInput) (*UpdateOpenIDConnectProviderThumbprintOutput, error) {
	p, err := findOIDCProvider(c, in.OpenIDConnectProviderARN)
	if err != nil {
		return nil, err
	}
	if err := checkThumbprints(in.ThumbprintList); err != nil {
		return nil, err
	}
	p.Thumbprints = in.ThumbprintList
	return &UpdateOpenIDConnectProviderThumbprintOutput{}, identity.PutOIDCProvider(c.Tx, p, c.Now)
}
