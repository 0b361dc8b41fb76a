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

// A share's principal is an account, an IAM role or user, an organization, an
// organizational unit or an AWS service.
// https://docs.aws.amazon.com/ram/latest/APIReference/API_CreateResourceShare.html

// principal is what a text that names one means to a share of the caller's.
type principal struct {
	Text     string
	Account  string // of an account, a role or a user
	External bool   // outside the caller's organization
	Invited  bool   // it has to accept an invitation first
}

var (
	serviceName = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com(\.cn)?$`)
	iamIdentity = regexp.MustCompile(`^(role|user)/([!-~]+/)?[\w+=,.@-]{1,64}$`)
	orgResource = regexp.MustCompile(`^organization/(o-[a-z0-9]{10,32})$`)
	ouResource  = regexp.MustCompile(`^ou/(o-[a-z0-9]{10,32})/(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$`)
)

// findPrincipal says what a text means as a principal of a share of the
// caller's, which may be open to principals outside the organization.
func findPrincipal(c *operation.Call, text string, allowExternal bool) (principal, error) {
	p := principal{Text: text}
	a, err := arn.Parse(text)
	switch {
	case identity.IsAccountID(text):
		if text == c.Account() {
			return p, errInvalidParameter("Principal %s owns the resource share. Specify another principal and try again.", text)
		}
		p.Account = text
	case serviceName.MatchString(text):
		return p, nil
	case err != nil || a.Partition != c.Partition || a.Region != "":
		return p, malformedPrincipal(text)
	case a.Service == "iam" && identity.IsAccountID(a.Account) && iamIdentity.MatchString(a.Resource):
		p.Account = a.Account
	case a.Service == "organizations":
		return p, checkOrganizational(c, a)
	default:
		return p, malformedPrincipal(text)
	}
	if p.Account == c.Account() {
		return p, checkOwnIdentity(c, text)
	}
	return placed(c, p, allowExternal)
}

func malformedPrincipal(text string) error {
	return errInvalidParameter("Principal ID %s is malformed. Verify the ID and try again.", text)
}

// checkOwnIdentity makes sure that a role or user of the caller's account is
// there. Of other accounts' nobody can tell.
func checkOwnIdentity(c *operation.Call, arn string) error {
	_, err := c.Tx.Resource(arn)
	if errors.Is(err, store.ErrNotFound) {
		err = errInvalidParameter("Principal %s does not exist.", arn)
	}
	return err
}

// placed says where the account of p is as the caller sees it. An account of the
// same organization needs no invitation once sharing with it is enabled.
func placed(c *operation.Call, p principal, allowExternal bool) (principal, error) {
	outside, err := sharing.Outside(c.Tx, c.Account(), p.Account)
	if err != nil {
		return p, err
	}
	enabled, err := sharingIsEnabled(c, c.Account())
	if err != nil {
		return p, err
	}
	p.External, p.Invited = outside, outside || !enabled
	switch {
	case allowExternal || !p.Invited:
		return p, nil
	case outside:
		return p, errInvalidParameter(textExternal, p.Account)
	}
	return p, errInvalidParameter(textOrganization)
}

// sharingIsEnabled reports whether the account shares with its organization
// without invitations.
func sharingIsEnabled(c *operation.Call, account string) (bool, error) {
	m, err := identity.MembershipOf(c.Tx, account)
	if err != nil {
		return false, err
	}
	return sharing.SharingWithOrganization(c.Tx, m.OrganizationID)
}

// checkOrganizational makes sure that an organization or an organizational unit
// is the caller's own, and that sharing with it is enabled. Of others it tells
// as much as of ones that do not exist.
func checkOrganizational(c *operation.Call, a arn.ARN) error {
	organization, unit, missing := "", "", error(nil)
	if m := orgResource.FindStringSubmatch(a.Resource); m != nil {
		organization, missing = m[1], errUnknownResource("Organization %s could not be found.", m[1])
	} else if m := ouResource.FindStringSubmatch(a.Resource); m != nil {
		organization, unit, missing = m[1], m[2], errUnknownResource("OrganizationalUnit %s could not be found", m[2])
	} else {
		return malformedPrincipal(a.String())
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

// accountOf is the account that a principal of a share is or lies in; "" of an
// organization, a unit and a service.
func accountOf(text string) string {
	if identity.IsAccountID(text) {
		return text
	}
	if a, err := arn.Parse(text); err == nil && a.Service == "iam" {
		return a.Account
	}
	return ""
}

// distinct is a list without what was in it before.
func distinct(list []string) []string {
	var once []string
	for _, text := range list {
		if !slices.Contains(once, text) {
			once = append(once, text)
		}
	}
	return once
}
