package identity

import (
	"strings"
	"sync"
	"time"
)

// AccessUsage records which actions principals were last allowed, for access advisor and for the last use of
// roles. Like KeyUsage it is kept in memory. The zero value is empty and ready to use; a nil AccessUsage
// stays empty.
type AccessUsage struct {
	mu   sync.Mutex
	last map[string]map[string]Access // by ARN of user or role, by action
}

// Access is one allowed use of an action.
type Access struct {
	At     time.Time
	Region string
}

// maxPrincipals limits memory use: further principals are not recorded.
const maxPrincipals = 100_000

// Record records that a caller was allowed an action, such as "ssm:GetParameter". Callers that are neither a
// user nor a session of a role are not recorded.
func (u *AccessUsage) Record(caller Caller, action string, a Access) {
	principal := caller.issuer()
	if principal == "" {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	actions := u.last[principal]
	if actions == nil {
		if len(u.last) >= maxPrincipals {
			return
		}
		if u.last == nil {
			u.last = map[string]map[string]Access{}
		}
		actions = map[string]Access{}
		u.last[principal] = actions
	}
	actions[action] = a
}

// Of returns the actions that a user or a role was last allowed.
func (u *AccessUsage) Of(principal string) map[string]Access {
	if u == nil {
		return nil
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	actions := make(map[string]Access, len(u.last[principal]))
	for action, a := range u.last[principal] {
		actions[action] = a
	}
	return actions
}

// OfAccount returns the actions that any user or role of an account was last allowed.
func (u *AccessUsage) OfAccount(account string) map[string]Access {
	if u == nil {
		return nil
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	last := map[string]Access{}
	for principal, actions := range u.last {
		if strings.SplitN(principal, ":", 6)[4] != account {
			continue
		}
		for action, a := range actions {
			if a.At.After(last[action].At) {
				last[action] = a
			}
		}
	}
	return last
}

// LastUsed returns the last access of a user or a role, for any action.
func (u *AccessUsage) LastUsed(principal string) (last Access, ok bool) {
	for _, a := range u.Of(principal) {
		if a.At.After(last.At) {
			last, ok = a, true
		}
	}
	return last, ok
}
