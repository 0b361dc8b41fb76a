package ram

import (
	"errors"
	"regexp"
	"slices"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
	"github.com/writdev/writ/internal/store"
)

// The principal of a share is an account, an IAM role or user, an organization, an
// organizational unit or an AWS service.
// https://docs.aws.amazon.com/ram/latest/APIReference/API_CreateResourceShare.html

// principal is a principal of a share of the caller's account.
type principal struct {
	Text     string
	Account  string // "" unless it is an account, a role or a user
	External bool   // outside the caller's organization
	Invited  bool   // must accept an invitation
}

var (
	serviceName = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com(\.cn)?$`)
	iamIdentity = regexp.MustCompile(`^(role|user)/([!-~]+/)?[\w+=,.@-]{1,64}$`)
	orgResource = regexp.MustCompile(`^organization/(o-[a-z0-9]{10,32})$`)
	ouResource  = regexp.MustCompile(`^ou/(o-[a-z0-9]{10,32})/(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$`)
)

// resolvePrincipals parses principals and checks that a share of the caller's account
// can have them. An account of the same organization needs no invitation if sharing
// with the organization is enabled.
func resolvePrincipals(c *operation.Call, texts []string, allowExternal bool) ([]principal, error) {
	list := make([]principal, len(texts))
	for i, text := range texts {
		var err error
		if list[i], err = parsePrincipal(c, text); err != nil {
			return nil, err
		}
	}
	organization, err := sharing.LoadOwnerOrganization(c.Tx, c.Account(), texts...)
	if err != nil {
		return nil, err
	}
	for i := range list {
		p := &list[i]
		if p.Account == "" || p.Account == c.Account() {
			continue
		}
		p.External = organization.Outside(p.Account)
		p.Invited = p.External || !organization.Enabled
		switch {
		case allowExternal || !p.Invited:
		case p.External:
			return nil, errInvalidParameter(textExternal, p.Account)
		default:
			return nil, errInvalidParameter(textOrganization)
		}
	}
	return list, nil
}

// parsePrincipal parses a principal and checks that it exists, as far as the caller may
// know.
func parsePrincipal(c *operation.Call, text string) (principal, error) {
	p := principal{Text: text}
	a, err := arn.Parse(text)
	switch {
	case arn.IsAccountID(text):
		if text == c.Account() {
			return p, errInvalidParameter("Principal %s owns the resource share. Specify another principal and try again.", text)
		}
		p.Account = text
	case serviceName.MatchString(text):
	case err != nil || a.Partition != c.Partition || a.Region != "":
		return p, errMalformedPrincipal(text)
	case a.Service == "iam" && arn.IsAccountID(a.Account) && iamIdentity.MatchString(a.Resource):
		p.Account = a.Account
		if p.Account == c.Account() {
			return p, checkOwnIdentity(c, text)
		}
	case a.Service == "organizations":
		return p, checkOrganizationPrincipal(c, a)
	default:
		return p, errMalformedPrincipal(text)
	}
	return p, nil
}

func errMalformedPrincipal(text string) error {
	return errInvalidParameter("Principal ID %s is malformed. Verify the ID and try again.", text)
}

// checkOwnIdentity returns an error if a role or user of the caller's account does not
// exist. Those of other accounts are not checked, as the caller cannot see them.
func checkOwnIdentity(c *operation.Call, arn string) error {
	_, err := c.Tx.Resource(arn)
	if errors.Is(err, store.ErrNotFound) {
		err = errInvalidParameter("Principal %s does not exist.", arn)
	}
	return err
}

// checkOrganizationPrincipal returns an error unless an organization or organizational
// unit is the caller's own and sharing with it is enabled. The error is that of one
// that does not exist.
func checkOrganizationPrincipal(c *operation.Call, a arn.ARN) error {
	organization, unit, missing := "", "", error(nil)
	if m := orgResource.FindStringSubmatch(a.Resource); m != nil {
		organization, missing = m[1], errUnknownResource("Organization %s could not be found.", m[1])
	} else if m := ouResource.FindStringSubmatch(a.Resource); m != nil {
		organization, unit, missing = m[1], m[2], errUnknownResource("OrganizationalUnit %s could not be found", m[2])
	} else {
		return errMalformedPrincipal(a.String())
	}
	own, err := identity.ReadOrganization(c.Tx, c.Account())
	if errors.Is(err, store.ErrNotFound) {
		return missing
	}
	if err != nil {
		return err
	}
	enabled, err := sharing.SharingWithOrganization(c.Tx, own.ID)
	if err != nil {
		return err
	}
	if !enabled || own.ID != organization || a.Account != own.Management {
		return missing
	}
	if unit == "" {
		return nil
	}
	_, err = identity.ReadNode(c.Tx, own.NodeARN(unit))
	if errors.Is(err, store.ErrNotFound) {
		return missing
	}
	return err
}

// principalAccount returns the account that a principal is or belongs to; "" for an
// organization, an organizational unit or a service.
func principalAccount(text string) string {
	if arn.IsAccountID(text) {
		return text
	}
	if a, err := arn.Parse(text); err == nil && a.Service == "iam" {
		return a.Account
	}
	return ""
}

// distinct returns a list without duplicates, in the order of first occurrence.
func distinct(list []string) []string {
	var unique []string
	for _, text := range list {
		if !slices.Contains(unique, text) {
			unique = append(unique, text)
		}
	}
	return unique
}
