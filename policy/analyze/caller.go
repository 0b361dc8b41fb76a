package analyze

import (
	"slices"
	"strings"
	"sync"

	"github.com/writdev/writ/policy"
)

// callerKind holds what all callers of one kind have in common: the form of their names and the condition
// keys that the name determines. A caller is encoded as a text: its name, or for a role session the role's
// ARN, a line break and the session name.
type callerKind struct {
	kind   policy.PrincipalKind
	base   *language
	sample string               // an example caller
	keys   map[string]callerKey // by lower-case name
	given  []Known              // condition keys for which the question gives the value
}

// callerKey is a condition key that the caller determines: absent, constant, or a part of the caller's name.
type callerKey struct {
	absent   bool
	constant string
	part     *shape
}

func (k *callerKind) name() string { return k.kind.String() + "\x00" }

// field returns the field for callers of the kind.
func (k *callerKind) field() field { return firstCaller + field(k.kind) }

// valueOf returns the value of a variable if it is the same for all callers of the kind.
func (k *callerKind) valueOf(v variable) (t text, known bool) {
	key, ok := k.key(v.key)
	switch {
	case !ok, key.part != nil:
		return text{}, false
	case key.absent:
		return text{v.fallback, v.hasDefault}, true
	}
	return text{key.constant, true}, true
}

// ofAccount reports whether callers of the kind belong to an account.
func (k *callerKind) ofAccount() bool {
	return k.kind == policy.Root || k.kind == policy.User || k.kind == policy.RoleSession || k.kind == policy.FederatedUser
}

const inField = exceptColon | exceptNewline

// arnHead returns the pattern "arn:PARTITION:service::ACCOUNT:".
func arnHead(service string) pattern {
	return pattern(nil).text("arn:").one(inField).star(inField).text(":" + service + "::").digits(12).text(":")
}

func name(except mask) pattern { return pattern(nil).one(except).star(except) }

// accountPart returns the shape of the account in a caller's ARN.
func accountPart(service string) *shape {
	return &shape{
		name: "account of " + service, except: inField,
		places: []place{{pattern(nil).text("arn:").star(inField).text(":" + service + "::"), pattern(nil).text(":").star(0)}},
	}
}

// issuerPart is the shape of the role's ARN in a role session.
var issuerPart = &shape{name: "issuer", except: exceptNewline, places: []place{{nil, pattern(nil).text("\n").star(0)}}}

// userNamePart is the shape of the user name in a user's ARN, which follows the path.
var userNamePart = func() *shape {
	head := pattern(nil).text("arn:").star(inField).text(":iam::").star(inField).text(":user/")
	return &shape{
		name: "user name", except: exceptSlash | exceptNewline,
		places: []place{{head, nil}, {slices.Concat(head, pattern(nil).star(exceptNewline).text("/")), nil}},
	}
}()

// newCallerKind returns a kind of caller. The question may give the values of some condition keys.
func newCallerKind(kind policy.PrincipalKind, given []Known) *callerKind {
	k := *callerKinds[kind]()
	k.given = given
	return &k
}

// callerKinds holds the kinds of callers, each made on first use.
var callerKinds = func() (kinds [firstKey - firstCaller]func() *callerKind) {
	for i := range kinds {
		kinds[i] = sync.OnceValue(func() *callerKind { return describe(policy.PrincipalKind(i)) })
	}
	return kinds
}()

// describe returns a kind of caller.
//
// Keys: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable
func describe(kind policy.PrincipalKind) *callerKind {
	k := &callerKind{kind: kind, keys: map[string]callerKey{
		"aws:principalarn": {absent: true}, "aws:principalaccount": {absent: true}, "aws:principaltype": {absent: true},
		"aws:username": {absent: true}, "aws:principalisawsservice": {absent: true}, "aws:principalservicename": {absent: true},
	}}
	last := name(exceptSlash | inField)
	switch kind {
	case policy.Anonymous:
		k.base, k.sample = newLanguage(pattern(nil).text("*")), "*"
		k.keys["aws:principaltype"] = callerKey{constant: "Anonymous"}
		k.keys["aws:principalaccount"] = callerKey{constant: "anonymous"}
		k.keys["aws:userid"] = callerKey{constant: "anonymous"}
	case policy.Root:
		k.base, k.sample = newLanguage(arnHead("iam").text("root")), "arn:aws:iam::"+ownAccount+":root"
		k.ofARN("Account", "iam", &wholeText)
		k.keys["aws:userid"] = callerKey{part: accountPart("iam")}
	case policy.User:
		k.sample = "arn:aws:iam::" + ownAccount + ":user/a"
		k.base = newLanguage(slices.Concat(arnHead("iam").text("user/"), last),
			slices.Concat(arnHead("iam").text("user/").star(exceptNewline).text("/"), last))
		k.ofARN("User", "iam", &wholeText)
		k.keys["aws:username"] = callerKey{part: userNamePart}
	case policy.RoleSession:
		k.sample = "arn:aws:iam::" + ownAccount + ":role/a\n"
		session := pattern(nil).text("\n").star(exceptSlash | exceptNewline)
		k.base = newLanguage(slices.Concat(arnHead("iam").text("role/"), last, session),
			slices.Concat(arnHead("iam").text("role/").star(exceptNewline).text("/"), last, session))
		k.ofARN("AssumedRole", "iam", issuerPart)
	case policy.FederatedUser:
		k.sample = "arn:aws:sts::" + ownAccount + ":federated-user/a"
		k.base = newLanguage(slices.Concat(arnHead("sts").text("federated-user/"), name(exceptNewline)))
		k.ofARN("FederatedUser", "sts", &wholeText)
	case policy.Service:
		k.sample = "a.amazonaws.com"
		k.base = without(newLanguage(name(inField).text(".amazonaws.com"), name(inField).text(".amazonaws.com.cn")),
			newLanguage(pattern(nil).text("cognito-identity.amazonaws.com")))
		k.keys["aws:principalisawsservice"] = callerKey{constant: "true"}
		k.keys["aws:principalservicename"] = callerKey{part: &wholeText}
	case policy.WebIdentity:
		k.sample = "www.amazon.com"
		var patterns []pattern
		for _, provider := range []string{"www.amazon.com", "graph.facebook.com", "accounts.google.com", "cognito-identity.amazonaws.com"} {
			patterns = append(patterns, pattern(nil).text(provider))
		}
		for _, provider := range []string{"saml-provider/", "oidc-provider/"} {
			patterns = append(patterns, slices.Concat(arnHead("iam").text(provider), name(exceptNewline)))
		}
		k.base = newLanguage(patterns...)
		k.keys["aws:federatedprovider"] = callerKey{part: &wholeText}
	}
	k.base.complete()
	return k
}

// key returns how the caller determines a condition key. It returns false if the key is independent of the
// caller. An anonymous caller has no organization and no tags.
func (k *callerKind) key(name string) (key callerKey, known bool) {
	for i := range k.given {
		if k.given[i].covers(name) {
			return callerKey{absent: k.given[i].Absent, constant: k.given[i].Value}, true
		}
	}
	if k.kind == policy.Anonymous && (strings.HasPrefix(name, "aws:principaltag/") || strings.HasPrefix(name, "aws:principalorg")) {
		return callerKey{absent: true}, true
	}
	key, known = k.keys[name]
	return key, known
}

// covers reports whether a lower-case key is the known key, or has its prefix.
func (g *Known) covers(key string) bool {
	if prefix, all := strings.CutSuffix(g.Key, "*"); all {
		return strings.HasPrefix(key, prefix)
	}
	return g.Key == key
}

// ofARN adds the condition keys of callers whose ARN belongs to an account.
func (k *callerKind) ofARN(kind, service string, arn *shape) {
	k.keys["aws:principaltype"] = callerKey{constant: kind}
	k.keys["aws:principalarn"] = callerKey{part: arn}
	k.keys["aws:principalaccount"] = callerKey{part: accountPart(service)}
	k.keys["aws:principalisawsservice"] = callerKey{constant: "false"}
}

// sampleOf returns an example caller of a partition and an account.
func (k *callerKind) sampleOf(partition, account string) string {
	return strings.Replace(strings.Replace(k.sample, "arn:aws:", "arn:"+partition+":", 1), ownAccount, account, 1)
}

// principal returns the principal that a caller text encodes.
func (k *callerKind) principal(t string) policy.Principal {
	p := policy.Principal{Kind: k.kind, ARN: t}
	switch k.kind {
	case policy.Anonymous:
		p.ARN = ""
	case policy.RoleSession:
		role, session, _ := strings.Cut(t, "\n")
		p.Issuer = role
		p.ARN = strings.Replace(strings.Replace(role, ":iam:", ":sts:", 1), ":role/", ":assumed-role/", 1)
		at := strings.Index(p.ARN, ":assumed-role/") + len(":assumed-role/")
		p.ARN = p.ARN[:at] + p.ARN[strings.LastIndexByte(p.ARN, '/')+1:]
		if session != "" {
			p.ARN += "/" + session
		}
	}
	if k.ofAccount() {
		p.Account = strings.Split(t, ":")[4]
	}
	return p
}

// coverage holds the callers of one kind that the entries of a principal element cover: see policy.Callers.
type coverage struct {
	everyone              bool
	account, issuer, self []pattern
}

func (k *callerKind) coverage(entries []policy.CallerEntry) coverage {
	var c coverage
	for _, e := range entries {
		whole := pattern(nil).text(e.Text)
		switch e.Kind {
		case policy.EveryoneEntry:
			c.everyone = true
		case policy.AccountEntry:
			if k.ofAccount() {
				c.account = append(c.account, k.keys["aws:principalaccount"].part.place(whole)...)
			}
		case policy.ARNEntry:
			switch k.kind {
			case policy.User, policy.FederatedUser:
				c.self = append(c.self, whole)
			case policy.RoleSession:
				c.issuer = append(c.issuer, whole.text("\n").star(0))
				c.self = append(c.self, sessionPatterns(e.Text)...)
			}
		case policy.ServiceEntry:
			if k.kind == policy.Service {
				c.self = append(c.self, whole)
			}
		case policy.ProviderEntry:
			if k.kind == policy.WebIdentity {
				c.self = append(c.self, whole)
			}
		}
	}
	return c
}

// sessionPatterns returns the texts of the session that an ARN names. A session's ARN does not contain the
// role's path, so every path is possible.
func sessionPatterns(arn string) []pattern {
	head, rest, ok := strings.Cut(arn, ":assumed-role/")
	if !ok || !strings.Contains(head, ":sts:") {
		return nil
	}
	role, session, _ := strings.Cut(rest, "/")
	head = strings.Replace(head, ":sts:", ":iam:", 1) + ":role/"
	return []pattern{
		pattern(nil).text(head + role + "\n" + session),
		pattern(nil).text(head).star(exceptNewline).text("/" + role + "\n" + session),
	}
}
