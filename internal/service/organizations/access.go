package organizations

import (
	"encoding/json"
	"errors"
	"slices"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/internal/wire"
)

// audience is the set of accounts that may call an operation if policies allow it. The API
// reference states it for each operation.
type audience uint8

const (
	anyone     audience = iota // every account, in an organization or in none
	members                    // every account of an organization
	management                 // the management account
	readers                    // and delegated administrators
	managers                   // and accounts that the resource policy names
)

// call is a call with the organization of the caller's account.
type call struct {
	*operation.Call
	org identity.OrganizationRecord // zero for an account in no organization
}

// enter reads the caller's organization.
func enter(c *operation.Call) (*call, error) {
	org, err := identity.ReadOrganization(c.Tx, c.Account())
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	return &call{c, org}, nil
}

// row returns one operation of the table: its audience, and the arguments of operation.Row.
func row[In, Out any](w *wire.Service, api wire.API[In, Out], access operation.Access, who audience,
	target func(*call, In) (authz.Target, error), handle func(*call, In) (Out, error)) operation.Operation {
	return operation.Row(w, api, access,
		func(sc *operation.Call, in In) (authz.Target, error) {
			c, err := enter(sc)
			if err != nil {
				return authz.Target{}, err
			}
			t, err := target(c, in)
			return c.authorized(who, t), err
		},
		func(sc *operation.Call, in In) (out Out, err error) {
			c, err := enter(sc)
			if err != nil {
				return out, err
			}
			if err := c.admit(who); err != nil {
				return out, err
			}
			return handle(c, in)
		})
}

// inUse reports whether the caller's account is in an organization.
func (c *call) inUse() bool { return c.org.ID != "" }

// manages reports whether the caller's account is the management account.
func (c *call) manages() bool { return c.inUse() && c.Account() == c.org.Management }

// delegated reports whether a member account may call operations of delegates.
func (c *call) delegated(who audience) bool {
	switch who {
	case readers:
		return c.org.ResourcePolicy != "" || len(c.org.Delegates[c.Account()]) > 0
	case managers:
		return c.org.ResourcePolicy != ""
	}
	return false
}

// admit returns an error for accounts that may not call an operation, whatever policies
// allow.
func (c *call) admit(who audience) error {
	switch {
	case who == anyone:
		return nil
	case !c.inUse():
		return errAWSOrganizationsNotInUse("Your account is not a member of an organization.")
	case who == members, c.manages(), c.delegated(who):
		return nil
	}
	return errNoAccess()
}

func errNoAccess() error {
	return errAccessDenied("You don't have permissions to access this resource.")
}

// authorized is a target as the gate authorizes it for the caller. The management account
// owns the resources. For a delegate they belong to another account, and the delegation is
// the resource-based policy that allows it. For other accounts, which admit rejects, the
// policies decide only whether they may call the operation at all.
func (c *call) authorized(who audience, t authz.Target) authz.Target {
	switch {
	case who == anyone, who == members, c.manages():
		return t
	case !c.delegated(who):
		t.ARN = "*"
		return t
	}
	if t.ARN == "*" {
		t.ARN = c.org.ARN() // "*" would belong to the caller
	}
	t.ResourcePolicies = c.delegation()
	return t
}

// delegation is the resource-based policy of the organization and, for a delegated
// administrator, the permission to read.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_integrate_delegated_admin.html
func (c *call) delegation() []identity.Document {
	var documents []identity.Document
	if len(c.org.Delegates[c.Account()]) > 0 {
		documents = append(documents, identity.Document{
			Name: "delegated administrators of " + c.org.ID,
			Text: grant(c.Account(), "organizations:Describe*", "organizations:List*"),
		})
	}
	if c.org.ResourcePolicy != "" {
		documents = append(documents, identity.Document{Name: c.resourcePolicyARN(), Text: c.org.ResourcePolicy})
	}
	return documents
}

// grant is a document that allows an account some actions.
func grant(account string, actions ...string) string {
	list, err := json.Marshal(actions)
	if err != nil {
		panic(err) // strings can always be encoded
	}
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + account +
		`"},"Action":` + string(list) + `,"Resource":"*"}]}`
}

// also authorizes what an operation acts on in addition to its target.
func (c *call) also(who audience, action string, t authz.Target) error {
	return c.Authorize(api.Name+":"+action, c.authorized(who, t))
}

// save stores the organization's record.
func (c *call) save() error { return identity.PutOrganization(c.Tx, c.org, c.Now) }

// id returns a new id: the prefix, then n characters of 0-9 and a-f.
func (c *call) id(prefix string, n int) string {
	text := slices.DeleteFunc([]byte(c.NewID()), func(b byte) bool { return b == '-' })
	return prefix + string(text[:n])
}
