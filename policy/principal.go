package policy

import (
	"fmt"
	"strings"

	"github.com/writdev/writ/arn"
)

// coverage is the set of ways in which the entries of a Principal element match a caller. A grant to the
// caller itself grants more than one to its account: see [combineSameAccount].
type coverage uint8

const (
	byEveryone coverage = 1 << iota // "*"
	byAccount                       // the account, which delegates to its own policies
	byIssuer                        // the role of a session, the user of a federated session
	byName                          // exactly this caller
)

// principalEntry is one compiled value of a Principal element.
type principalEntry struct {
	kind entryKind
	text string
}

type entryKind uint8

const (
	entryNobody   entryKind = iota // a value that matches no caller
	entryEveryone                  // "*"
	entryAccount                   // text is the account id
	entryARN                       // a user, role, role session or federated user
	entryService
	entryProvider // SAML or web identity
)

// compilePrincipals compiles a Principal element. The account forms
// "111122223333" and "arn:aws:iam::111122223333:root" are equivalent. Wildcards
// inside a value have no meaning, and CanonicalUser, which only S3 supports, matches
// no caller.
//
// Forms: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
func compilePrincipals(p Principals) []principalEntry {
	if p.Any.Present() {
		if p.Any.Text == "*" {
			return []principalEntry{{kind: entryEveryone}}
		}
		return nil
	}
	var entries []principalEntry
	for _, e := range p.Entries {
		for _, v := range e.Values.Values {
			entries = append(entries, compilePrincipal(e.Type, v.Text))
		}
	}
	return entries
}

func compilePrincipal(kind, text string) principalEntry {
	switch kind {
	case "Service":
		return principalEntry{entryService, text}
	case "Federated":
		return principalEntry{entryProvider, text}
	case "AWS":
		if text == "*" {
			return principalEntry{kind: entryEveryone}
		}
		if isAccount(text) {
			return principalEntry{entryAccount, text}
		}
		if a, err := arn.Parse(text); err == nil {
			if a.Service == "iam" && a.Resource == "root" && isAccount(a.Account) {
				return principalEntry{entryAccount, a.Account}
			}
			return principalEntry{entryARN, text}
		}
	}
	return principalEntry{kind: entryNobody}
}

func isAccount(s string) bool { return len(s) == 12 && allDigits(s) }

// covers returns how the entry matches the caller; 0 if it does not.
func (e *principalEntry) covers(p *Principal) coverage {
	switch e.kind {
	case entryEveryone:
		return byEveryone
	case entryAccount:
		if e.text == p.Account && p.belongsToAccount() {
			return byAccount
		}
	case entryARN:
		if p.Kind == User || p.Kind == RoleSession || p.Kind == FederatedUser {
			if e.text == p.ARN {
				return byName
			}
			if e.text == p.Issuer && p.Issuer != "" {
				return byIssuer
			}
		}
	case entryService:
		if p.Kind == Service && e.text == p.ARN {
			return byName
		}
	case entryProvider:
		if p.Kind == WebIdentity && e.text == p.ARN {
			return byName
		}
	}
	return 0
}

// cover returns the union of the coverage of all entries.
func cover(entries []principalEntry, p *Principal) (c coverage) {
	for i := range entries {
		c |= entries[i].covers(p)
	}
	return c
}

// exempts reports whether a NotPrincipal with these entries exempts the caller from
// a Deny. It does so only if the caller and the principals that contain it are all
// listed: a session, its role and its account.
func exempts(entries []principalEntry, p *Principal) bool {
	c := cover(entries, p)
	var required coverage
	switch p.Kind {
	case User:
		required = byName | byAccount
	case RoleSession, FederatedUser:
		required = byName | byIssuer | byAccount
	case Root:
		required = byAccount
	case Service, WebIdentity:
		required = byName
	default:
		required = byEveryone
	}
	return c&byEveryone != 0 || c&required == required
}

// belongsToAccount reports whether the caller is the root user or a user of an
// account, or a session of one of its roles or users: the principals to which SCPs
// and session policies can apply.
func (p *Principal) belongsToAccount() bool {
	return p.Kind == Root || p.Kind == User || p.Kind == RoleSession || p.Kind == FederatedUser
}

// serviceLinked reports whether the caller is a session of a service-linked role.
func (p *Principal) serviceLinked() bool {
	return p.Kind == RoleSession && isServiceLinkedRole(p.Issuer)
}

// isServiceLinkedRole reports whether a role has the path that IAM reserves for
// service-linked roles. The path of another role can contain the same text, but
// cannot begin with it.
func isServiceLinkedRole(role string) bool {
	for range 5 {
		_, rest, ok := strings.Cut(role, ":")
		if !ok {
			return false
		}
		role = rest
	}
	return strings.HasPrefix(role, "role/aws-service-role/")
}

// arnParts returns the partition and the account of an ARN; empty if the text is not
// an ARN.
func arnParts(name string) (partition, account string) {
	field, from := 0, 0
	for i := 0; i < len(name); i++ {
		if name[i] != ':' {
			continue
		}
		switch field {
		case 0:
			if i != 3 || name[:i] != "arn" {
				return "", ""
			}
		case 1:
			partition = name[from:i]
		case 4:
			return partition, name[from:i]
		}
		field, from = field+1, i+1
	}
	return partition, ""
}

// ParsePrincipal parses the usual notation of a caller: "*" is the anonymous caller,
// "ec2.amazonaws.com" a service, an account id or a root ARN the root user, and the
// ARN of a user, assumed role or federated user that principal. A role ARN is a
// session of the role without a session name. The ARN of a session contains neither
// the path of its role nor the user of a federated session: the role is assumed to
// have the path "/", and Issuer of a federated user is empty.
func ParsePrincipal(s string) (Principal, error) {
	switch {
	case s == "*":
		return Principal{}, nil
	case isAccount(s):
		return Principal{Kind: Root, ARN: "arn:aws:iam::" + s + ":root", Account: s}, nil
	case strings.HasSuffix(s, ".amazonaws.com") || strings.HasSuffix(s, ".amazonaws.com.cn"):
		if !strings.Contains(s, ":") && s != "cognito-identity.amazonaws.com" {
			return Principal{Kind: Service, ARN: s}, nil
		}
	case s == "www.amazon.com" || s == "graph.facebook.com" || s == "accounts.google.com":
		return Principal{Kind: WebIdentity, ARN: s}, nil
	}
	if s == "cognito-identity.amazonaws.com" {
		return Principal{Kind: WebIdentity, ARN: s}, nil
	}
	a, err := arn.Parse(s)
	if err != nil {
		return Principal{}, fmt.Errorf("principal %q: neither an ARN, an account, a service nor \"*\"", s)
	}
	kind, name, _ := strings.Cut(a.Resource, "/")
	p := Principal{ARN: s, Account: a.Account}
	switch {
	case a.Service == "iam" && a.Resource == "root":
		p.Kind = Root
	case a.Service == "iam" && kind == "user" && name != "":
		p.Kind = User
	case a.Service == "sts" && kind == "assumed-role":
		role, session, ok := strings.Cut(name, "/")
		if !ok || role == "" || session == "" {
			return Principal{}, fmt.Errorf("principal %q: an assumed-role ARN ends in role name and session name", s)
		}
		p.Kind = RoleSession
		p.Issuer = arn.ARN{Partition: a.Partition, Service: "iam", Account: a.Account, Resource: "role/" + role}.String()
	case a.Service == "sts" && kind == "federated-user" && name != "":
		p.Kind = FederatedUser
	case a.Service == "iam" && (kind == "saml-provider" || kind == "oidc-provider"):
		return Principal{Kind: WebIdentity, ARN: s}, nil
	case a.Service == "iam" && kind == "role" && name != "":
		p.Kind, p.Issuer = RoleSession, s
		p.ARN = arn.ARN{Partition: a.Partition, Service: "sts", Account: a.Account, Resource: "assumed-role/" + name[strings.LastIndexByte(name, '/')+1:]}.String()
	default:
		return Principal{}, fmt.Errorf("principal %q: not a user, root user, assumed role or federated user", s)
	}
	if !isAccount(p.Account) {
		return Principal{}, fmt.Errorf("principal %q: %q is not an account id", s, p.Account)
	}
	return p, nil
}

// SetKeys sets the condition keys in c that depend only on the caller, except those
// that c already has: aws:PrincipalArn, aws:PrincipalAccount,
// aws:PrincipalType, aws:PrincipalIsAWSService, aws:PrincipalServiceName,
// aws:username, and aws:userid where it contains no unique id.
//
// Values: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable
func (p *Principal) SetKeys(c *Context) {
	set := func(key, value string) {
		if value != "" && !c.Has(key) {
			c.Set(key, value)
		}
	}
	name := p.ARN
	switch p.Kind {
	case Anonymous:
		set("aws:PrincipalType", "Anonymous")
		set("aws:PrincipalAccount", "anonymous")
		set("aws:userid", "anonymous")
		return
	case WebIdentity:
		set("aws:FederatedProvider", p.ARN)
		return
	case Service:
		set("aws:PrincipalIsAWSService", "true")
		set("aws:PrincipalServiceName", p.ARN)
		return
	case Root:
		set("aws:PrincipalType", "Account")
		set("aws:userid", p.Account)
	case User:
		set("aws:PrincipalType", "User")
		set("aws:username", name[strings.LastIndexByte(name, '/')+1:])
	case RoleSession:
		set("aws:PrincipalType", "AssumedRole")
		name = p.Issuer
	case FederatedUser:
		set("aws:PrincipalType", "FederatedUser")
		set("aws:userid", p.Account+":"+name[strings.LastIndexByte(name, '/')+1:])
	}
	set("aws:PrincipalArn", name)
	set("aws:PrincipalAccount", p.Account)
	set("aws:PrincipalIsAWSService", "false")
}
