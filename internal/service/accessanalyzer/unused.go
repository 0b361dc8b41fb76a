package accessanalyzer

import (
	"slices"
	"strings"
	"time"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// defaultAge is the default number of days without use.
const defaultAge = 90

// isUnused reports whether the analyzer is one of unused access.
func (a *analyzer) isUnused() bool {
	return a.Type == TypeAccountUnusedAccess || a.Type == TypeOrganizationUnusedAccess
}

// unusedSince returns the time since when something is unused, given its creation and its last use, which is
// zero for never.
func (a *analyzer) unusedSince(made, used time.Time) time.Time {
	if used.After(made) {
		made = used
	}
	return made.AddDate(0, 0, a.Age)
}

// unused computes the findings of an analyzer of unused access, ordered by id: roles, access keys of users,
// and services and actions that policies allow, without use for the analyzer's age. Uses are those that the
// server recorded since its start.
func (s *accessAnalyzer) unused(c *operation.Call, v *view) ([]*finding, error) {
	var found []*finding
	for _, account := range v.zone.Accounts {
		for _, kind := range []identity.Kind{identity.RoleKind, identity.UserKind} {
			for r, err := range c.Tx.Resources(store.Query{Service: "iam", Type: string(kind), Account: account}) {
				if err != nil {
					return nil, err
				}
				of, err := s.unusedOf(c, v, kind, r)
				if err != nil {
					return nil, err
				}
				found = append(found, of...)
			}
		}
	}
	return v.setStatuses(found), nil
}

// unusedOf returns the findings about one role or user.
func (s *accessAnalyzer) unusedOf(c *operation.Call, v *view, kind identity.Kind, r store.Resource) ([]*finding, error) {
	if strings.Contains(r.ARN, ":role/aws-service-role/") {
		return nil, nil
	}
	if excluded, err := v.analyzer.excludes(c.Tx, r); excluded || err != nil {
		return nil, err
	}
	about := &subject{arn: r.ARN, owner: r.Account, kind: ResourceTypeAWSIAMRole, createdAt: r.CreatedAt, updatedAt: r.UpdatedAt}
	var found []*finding
	add := func(kind FindingType, since time.Time, key string, details ...FindingDetails) {
		if !since.After(c.Now) {
			found = append(found, &finding{resource: about, kind: kind, details: details, detailKey: key, createdAt: since, updatedAt: since})
		}
	}
	last, used := c.AccessUsage.LastUsed(r.ARN)
	if kind == identity.RoleKind {
		add(FindingTypeUnusedIAMRole, v.analyzer.unusedSince(r.CreatedAt, last.At), "", FindingDetails{UnusedIamRoleDetails: &UnusedIamRoleDetails{LastAccessed: moment(last.At, used)}})
		if len(found) > 0 {
			return found, nil // its permissions are unused as well
		}
	} else {
		about.kind = ResourceTypeAWSIAMUser
		keys, err := c.Tx.AccessKeys(r.ARN)
		if err != nil {
			return nil, err
		}
		for _, k := range keys {
			use, used := c.KeyUsage.Last(k.ID)
			add(FindingTypeUnusedIAMUserAccessKey, v.analyzer.unusedSince(k.CreatedAt, use.At), k.ID, FindingDetails{
				UnusedIamUserAccessKeyDetails: &UnusedIamUserAccessKeyDetails{AccessKeyID: k.ID, LastAccessed: moment(use.At, used)},
			})
		}
	}
	details, since, err := unusedPermissions(c, v, r)
	if err == nil && len(details) > 0 {
		add(FindingTypeUnusedPermission, since, "permissions", details...)
	}
	return found, err
}

// moment returns a time, or nil if there is none.
func moment(t time.Time, ok bool) *time.Time {
	if !ok {
		return nil
	}
	return &t
}

// unusedPermissions returns the services, and for services in use the actions, that the policies of a role or
// user allow and that it has not used, with the time since when the first of them is unused.
func unusedPermissions(c *operation.Call, v *view, r store.Resource) (details []FindingDetails, since time.Time, err error) {
	allowed, err := allowedActions(c, r.ARN)
	if err != nil {
		return nil, since, err
	}
	used := c.AccessUsage.Of(r.ARN)
	note := func(at time.Time) {
		if since.IsZero() || at.Before(since) {
			since = at
		}
	}
	for _, service := range sortedKeys(allowed) {
		var last time.Time
		for action, use := range used {
			if strings.HasPrefix(action, service+":") && use.At.After(last) {
				last = use.At
			}
		}
		if at := v.analyzer.unusedSince(r.CreatedAt, last); !at.After(c.Now) {
			note(at)
			details = append(details, FindingDetails{UnusedPermissionDetails: &UnusedPermissionDetails{ServiceNamespace: service, LastAccessed: moment(last, !last.IsZero())}})
			continue
		}
		d := UnusedPermissionDetails{ServiceNamespace: service, LastAccessed: moment(last, !last.IsZero())}
		for _, action := range allowed[service] {
			use, ok := used[service+":"+action]
			if at := v.analyzer.unusedSince(r.CreatedAt, use.At); !at.After(c.Now) {
				note(at)
				d.Actions = append(d.Actions, UnusedAction{Action: action, LastAccessed: moment(use.At, ok)})
			}
		}
		if len(d.Actions) > 0 {
			details = append(details, FindingDetails{UnusedPermissionDetails: &d})
		}
	}
	return details, since, nil
}

// allowedActions returns the actions without wildcards that the identity-based policies of a role or user
// allow, by service; a service in patterns only has none.
func allowedActions(c *operation.Call, arn string) (map[string][]string, error) {
	own, err := identity.LoadPrincipalPolicies(c.Tx, arn)
	if err != nil {
		return nil, err
	}
	allowed := map[string][]string{}
	for _, p := range own.Identity {
		doc, err := c.Gate.Parse(p.Text)
		if err != nil {
			return nil, err
		}
		for i := range doc.Statements() {
			if doc.Statements()[i].Effect.Text != "Allow" {
				continue
			}
			for _, a := range doc.Statements()[i].Action.Values {
				service, action, ok := strings.Cut(a.Text, ":")
				if service = strings.ToLower(service); !ok || strings.ContainsAny(service, "*?") {
					continue
				}
				list := allowed[service]
				if !strings.ContainsAny(action, "*?") && !slices.Contains(list, action) {
					list = append(list, action)
				}
				allowed[service] = list
			}
		}
	}
	return allowed, nil
}
