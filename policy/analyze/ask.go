package analyze

import (
	"encoding/json"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"github.com/writdev/writ/policy"
)

// Answer answers whether a document allows any request of a certain kind. The zero value says that it does
// not.
type Answer struct {
	Witness *Witness // a request that is allowed; nil if there is none
	Unknown bool
	Reason  string // why the answer is unknown
}

// emptyDocument returns a document that allows nothing.
var emptyDocument = sync.OnceValue(func() *policy.Document {
	return mustParse(`{"Version":"2012-10-17","Statement":[]}`)[0].Document
})

// ask reports whether a document allows a request that satisfies the formula. Actions lists the actions in
// the formula, in the spelling of the question.
func ask(d *policy.Document, kind policy.Kind, actions []string, extra func(b *builder) *formula, options Options) Answer {
	c := &documents{kind: kind, docs: [2]*policy.Document{oldSide: emptyDocument(), newSide: d}, extra: extra, actions: actions}
	r := c.question().answer(options)
	return Answer{Witness: r.Gained, Unknown: r.Gained == nil && r.Verdict == Unknown, Reason: r.Reason}
}

// Grants reports whether a document allows any of the actions on any of the resources. Both are lists of
// patterns; an empty list means all.
func Grants(d *policy.Document, kind policy.Kind, actions, resources []string, options Options) Answer {
	return ask(d, kind, actions, func(b *builder) *formula {
		return and(b.matches(actionField, actions), b.matches(resourceField, resources))
	}, options)
}

// matches returns a formula that holds if the text of a field matches one of the patterns.
func (b *builder) matches(f field, globs []string) *formula {
	if len(globs) == 0 {
		return yes
	}
	var tail []step
	if f == resourceField {
		tail = b.resourceTail()
	}
	var any []*formula
	for _, g := range globs {
		if f == actionField {
			g = foldKey(g)
		}
		any = append(any, is(b.named(f, "like "+g, func() *language { return globLanguage(g, tail...) })))
	}
	return or(any...)
}

// Zone is a zone of trust: the principals whose access does not count as external. The zero value trusts no
// one.
type Zone struct {
	Accounts      []string
	Organizations []string // ids: "o-a1b2c3d4e5"
	OrgPaths      []string // "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/"; everything below is trusted
	Principals    []string // ARNs of users, roles and role sessions; service names
	Networks      []netip.Prefix
	VPCs          []string
	VPCEndpoints  []string
}

// Outside reports whether a document allows a request from outside the zone of
// trust.
func Outside(d *policy.Document, kind policy.Kind, zone Zone, options Options) Answer {
	return ask(d, kind, nil, func(b *builder) *formula { return not(b.trusts(&zone)) }, options)
}

// trusts returns a formula that holds for requests from inside a zone.
func (b *builder) trusts(z *Zone) *formula {
	var entries []policy.CallerEntry
	for _, a := range z.Accounts {
		entries = append(entries, policy.CallerEntry{Kind: policy.AccountEntry, Text: a})
	}
	for _, p := range z.Principals {
		for _, kind := range []policy.CallerEntryKind{policy.ARNEntry, policy.ServiceEntry, policy.ProviderEntry} {
			entries = append(entries, policy.CallerEntry{Kind: kind, Text: p})
		}
	}
	cover := b.caller.coverage(entries)
	cells := []*formula{b.callers(slices.Concat(cover.self, cover.issuer, cover.account))}
	cells = append(cells, b.conditions("StringEquals", "aws:PrincipalOrgID", z.Organizations),
		b.conditions("StringEquals", callerAccountKey, z.Accounts), b.conditions("StringEquals", "aws:SourceVpc", z.VPCs), b.conditions("StringEquals", "aws:SourceVpce", z.VPCEndpoints))
	var paths, networks []string
	for _, p := range z.OrgPaths {
		paths = append(paths, strings.TrimSuffix(p, "*")+"*")
	}
	for _, n := range z.Networks {
		networks = append(networks, n.String())
	}
	return or(append(cells, b.conditions("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", paths), b.conditions("IpAddress", "aws:SourceIp", networks))...)
}

// callerAccountKey is KMS's condition key for the caller's account, which the policies of AWS managed keys
// use.
// https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-caller-account
const callerAccountKey = "kms:CallerAccount"

// conditions returns the formula of a condition that is not part of any document.
func (b *builder) conditions(operator, key string, values []string) *formula {
	if len(values) == 0 {
		return no
	}
	return b.condition(newPredicate(operator, key, values))
}

// newPredicate returns a condition.
func newPredicate(operator, key string, values []string) policy.Predicate {
	block, err := json.Marshal(map[string]any{operator: map[string]any{key: values}})
	if err != nil {
		panic(err) // a list of strings always encodes
	}
	d := mustParse(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":` + string(block) + `}}`)[0].Document
	return d.Clauses(policy.Identity)[0].Conditions[0]
}

// Public reports whether a document grants public access, by the rule that AWS publishes for S3: access is
// public unless it is limited to fixed values, without wildcards or variables, of the caller (a user, role,
// service or account), its organization, or one of a few other keys.
//
// Rule:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
func Public(d *policy.Document, kind policy.Kind, options Options) Answer {
	return ask(d, kind, nil, func(b *builder) *formula { return not(b.confined(d, kind)) }, options)
}

// confiningKeys lists the condition keys whose fixed values make access non-public.
var confiningKeys = []string{
	"aws:principalorgid", "aws:principalarn", "aws:principalaccount", "aws:sourcearn", "aws:sourcevpc", "aws:sourcevpce",
	"aws:sourceowner", "aws:sourceaccount", "aws:sourceorgid", "aws:userid", "s3:dataaccesspointarn", "s3:dataaccesspointaccount",
	strings.ToLower(callerAccountKey),
}

// confined returns a formula that holds for requests whose caller the document names, or that match one of
// the fixed values in its conditions.
func (b *builder) confined(d *policy.Document, kind policy.Kind) *formula {
	var cells []*formula
	for _, c := range d.Clauses(kind) {
		if c.Deny {
			continue
		}
		if c.Callers.Scope == policy.CoversListed {
			cover := b.caller.coverage(c.Callers.Entries)
			cells = append(cells, b.callers(slices.Concat(cover.self, cover.issuer, cover.account)))
		}
		for _, p := range c.Conditions {
			if p.Known() && !p.Negated() && b.confines(p) {
				cells = append(cells, and(b.condition(p), b.presentKey(p)))
			}
		}
	}
	return or(cells...)
}

// presentKey returns a formula that holds for requests that contain the key: IfExists and ForAllValues do not
// limit access where the key is absent.
func (b *builder) presentKey(p policy.Predicate) *formula {
	return b.condition(newPredicate("Null", p.Name(), []string{"false"}))
}

// confines reports whether a condition limits a confining key to fixed values only.
func (b *builder) confines(p policy.Predicate) bool {
	if p.Len() == 0 {
		return false
	}
	if p.Key() == "aws:sourceip" && p.Family() == policy.IPAddressFamily {
		return allValues(p, confiningPrefix)
	}
	if p.Key() == "aws:principalorgpaths" {
		return allValues(p, func(p policy.Predicate, i int) bool {
			pattern, _, _ := p.Pattern(i)
			return len(pattern) > 0 && pattern[0].Kind == policy.TextPiece && strings.Contains(pattern[0].Text, "/")
		})
	}
	if !slices.Contains(confiningKeys, p.Key()) {
		return false
	}
	switch p.Family() {
	case policy.StringEqualsFamily, policy.StringEqualsIgnoreCaseFamily, policy.StringLikeFamily, policy.ARNFamily:
	default:
		return false
	}
	return allValues(p, func(p policy.Predicate, i int) bool {
		pattern, _, valid := p.Pattern(i)
		for n, piece := range pattern {
			fixed := piece.Kind == policy.TextPiece ||
				p.Key() == "aws:userid" && n > 0 && strings.HasSuffix(pattern[n-1].Text, ":") && piece.Kind == policy.StarPiece
			if !fixed {
				return false
			}
		}
		return valid
	})
}

func allValues(p policy.Predicate, test func(p policy.Predicate, i int) bool) bool {
	for i := range p.Len() {
		if !test(p, i) {
			return false
		}
	}
	return true
}

// confiningPrefix reports whether an address block is narrow enough not to count as public: at most a /8 of
// IPv4 or a /32 of IPv6.
func confiningPrefix(p policy.Predicate, i int) bool {
	prefix, ok := p.Prefix(i)
	return ok && (prefix.Addr().Is4() && prefix.Bits() >= 8 || prefix.Addr().Is6() && prefix.Bits() >= 32)
}
