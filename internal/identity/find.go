package identity

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"strings"
	"time"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// ErrNoPrincipal is returned for a principal that does not exist.
var ErrNoPrincipal = errors.New("the principal does not exist")

// FindCaller returns the caller for a principal, as parsed by policy.ParsePrincipal, for a hypothetical
// request: a role as a session that begins now. The caller has no credentials.
func FindCaller(tx *store.Tx, principal string, now time.Time) (Caller, error) {
	p, err := policy.ParsePrincipal(principal)
	if err != nil {
		return Caller{}, err
	}
	switch p.Kind {
	case policy.Root:
		return Caller{Principal: p, UserID: p.Account}, nil
	case policy.User:
		u, err := ReadUser(tx, p.ARN)
		if isNotFound(err) {
			return Caller{}, fmt.Errorf("%w: %s", ErrNoPrincipal, principal)
		}
		return u.caller(""), err
	case policy.RoleSession:
		return roleCaller(tx, p, now)
	case policy.FederatedUser:
		return Caller{}, fmt.Errorf("%w: the session policy of a federated user cannot be derived from its ARN", ErrNoPrincipal)
	}
	return Caller{Principal: p}, nil
}

// roleCaller returns a session of a role. A session's ARN does not contain the role's path, so the role is
// looked up by name.
func roleCaller(tx *store.Tx, p policy.Principal, now time.Time) (Caller, error) {
	a, err := arn.Parse(p.Issuer)
	if err != nil {
		return Caller{}, err
	}
	name := a.Resource[strings.LastIndexByte(a.Resource, '/')+1:]
	found, err := ARNByName(tx, RoleKind, a.Partition, a.Account, name)
	if isNotFound(err) || err == nil && strings.Count(p.Issuer, "/") > 1 && found != p.Issuer {
		return Caller{}, fmt.Errorf("%w: %s", ErrNoPrincipal, p.Issuer)
	}
	if err != nil {
		return Caller{}, err
	}
	role, err := ReadRole(tx, found)
	if err != nil {
		return Caller{}, err
	}
	return role.hypotheticalCaller(p, now), nil
}

// hypotheticalCaller returns a session of the role without session policy and tags.
func (role *Role) hypotheticalCaller(p policy.Principal, now time.Time) Caller {
	p.Issuer = role.ARN
	session := "writ"
	if fields := strings.Split(p.ARN, "/"); len(fields) == 3 {
		session = fields[2]
	} else {
		p.ARN += "/" + session
	}
	return Caller{
		Principal: p, UserID: role.ID + ":" + session,
		Session: (&Session{Principal: p, UserID: role.ID + ":" + session, IssuerID: role.ID}).startAt(now),
	}
}

// startAt sets the start of a hypothetical session to now.
func (s *Session) startAt(now time.Time) *Session {
	s.IssuedAt, s.ExpiresAt = now, now.Add(time.Hour)
	return s
}

// Principals holds the users and roles of all accounts.
type Principals struct {
	callers []Caller
	rows    Rows
}

// LoadPrincipals reads all users and roles, in two store calls. The result is shared with other transactions
// and must not be modified.
func LoadPrincipals(tx *store.Tx) (*Principals, error) {
	return store.Derived(tx, "iam principals", func() (*Principals, error) {
		p := &Principals{rows: Rows{}}
		for r, err := range tx.Resources(store.Query{Service: iamService, Type: string(UserKind)}) {
			if err != nil {
				return nil, err
			}
			u, err := decodeKind[User](UserKind, r)
			if err != nil {
				return nil, err
			}
			p.rows[r.ARN] = u.row()
			p.callers = append(p.callers, u.caller(""))
		}
		for r, err := range tx.Resources(store.Query{Service: iamService, Type: string(RoleKind)}) {
			if err != nil {
				return nil, err
			}
			role, err := decodeKind[Role](RoleKind, r)
			if err != nil {
				return nil, err
			}
			p.rows[r.ARN] = role.row()
			session := policy.Principal{Kind: policy.RoleSession, Account: role.Account, ARN: "arn:" + role.partition() + ":sts::" + role.Account + ":assumed-role/" + role.Name}
			p.callers = append(p.callers, role.hypotheticalCaller(session, time.Time{}))
		}
		return p, nil
	})
}

// Rows returns the rows of the principals.
func (p *Principals) Rows() Rows { return maps.Clone(p.rows) }

// Callers yields every user and every role as a caller, ordered by ARN within each account.
func (p *Principals) Callers(now time.Time) iter.Seq[Caller] {
	return func(yield func(Caller) bool) {
		for _, c := range p.callers {
			if c.Session != nil {
				session := *c.Session
				session.startAt(now)
				c.Session = &session
			}
			if !yield(c) {
				return
			}
		}
	}
}
