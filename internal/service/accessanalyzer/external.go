package accessanalyzer

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/writdev/writ/policy"
	"github.com/writdev/writ/policy/analyze"
)

// access is access that a document grants to a principal outside a zone of trust.
type access struct {
	Principal [2]string // type and name: "AWS", "444455556666"
	Actions   []string
	Condition map[string]string
	Public    bool
	Unknown   string // why the analysis was abandoned; the access may then not exist
}

// externalAccess lists the access that a document grants to principals outside a zone. Like Access Analyzer,
// it does not include access by AWS services.
func externalAccess(doc *policy.Document, kind policy.Kind, zone *analyze.Zone) []access {
	var found []access
	for i := range doc.Statements() {
		s := &doc.Statements()[i]
		if s.Effect.Text != "Allow" {
			continue
		}
		for _, p := range principalsOf(s) {
			if p[0] == "Service" || p[0] == "AWS" && slices.Contains(zone.Accounts, accountOfPrincipal(p[1])) {
				continue
			}
			if a, ok := accessOf(doc, i, p, kind, zone); ok && !repeats(found, a) {
				found = append(found, a)
			}
		}
	}
	return found
}

// principalsOf returns the principals of a statement by type and name. For NotPrincipal it returns everybody.
func principalsOf(s *policy.Statement) (all [][2]string) {
	if s.NotPrincipal.Present() || s.Principal.Any.Present() {
		return [][2]string{{"AWS", "*"}}
	}
	for _, e := range s.Principal.Entries {
		for _, v := range e.Values.Values {
			all = append(all, [2]string{e.Type, v.Text})
		}
	}
	return all
}

// principalName returns the name of a principal in findings: an account's id, even if the policy contains its
// root ARN.
func principalName(name string) string {
	if strings.HasPrefix(name, "arn:") && strings.HasSuffix(name, ":root") {
		return accountOf(name)
	}
	return name
}

// accountOfPrincipal returns the account of a principal of the type AWS.
func accountOfPrincipal(name string) string {
	if strings.HasPrefix(name, "arn:") {
		return accountOf(name)
	}
	return name
}

// accessOf reports whether one principal of one statement has access from outside.
func accessOf(doc *policy.Document, statement int, principal [2]string, kind policy.Kind, zone *analyze.Zone) (access, bool) {
	s := &doc.Statements()[statement]
	block := ""
	if !s.NotPrincipal.Present() {
		text, err := json.Marshal(map[string]string{principal[0]: principal[1]})
		if err != nil {
			panic(err) // a list of strings always encodes
		}
		block = string(text)
	}
	a := access{Principal: [2]string{principal[0], principalName(principal[1])}, Actions: actionsOf(s), Condition: conditionOf(s)}
	alone, err := withStatement(doc, statement, block)
	if err != nil {
		a.Unknown = err.Error()
		return a, true
	}
	outside := analyze.Outside(alone, kind, *zone, analyze.Options{})
	if outside.Witness == nil && !outside.Unknown {
		return a, false
	}
	a.Unknown = outside.Reason
	if outside.Witness != nil {
		a.Unknown = ""
		a.Public = principal[1] == "*" && analyze.Public(alone, kind, analyze.Options{}).Witness != nil
	}
	return a, true
}

// withStatement returns the document without its other Allow statements, with the given content of Principal if it is
// not empty.
func withStatement(doc *policy.Document, statement int, principal string) (*policy.Document, error) {
	source := string(doc.Source())
	var statements []string
	for i := range doc.Statements() {
		s := &doc.Statements()[i]
		if i != statement && s.Effect.Text == "Allow" {
			continue
		}
		text := source[s.Span.Start.Offset:s.Span.End.Offset]
		if i == statement && principal != "" {
			p := s.Principal.Span
			text = source[s.Span.Start.Offset:p.Start.Offset] + principal + source[p.End.Offset:s.Span.End.Offset]
		}
		statements = append(statements, text)
	}
	version := ""
	if doc.Version().Present() {
		version = fmt.Sprintf(`"Version":%q,`, doc.Version().Text)
	}
	return policy.Parse([]byte("{" + version + `"Statement":[` + strings.Join(statements, ",") + "]}"))
}

func actionsOf(s *policy.Statement) []string {
	if s.NotAction.Present() {
		return []string{"*"}
	}
	var names []string
	for _, v := range s.Action.Values {
		names = append(names, v.Text)
	}
	return names
}

// conditionOf returns the condition block in the form of findings: keys with their values.
func conditionOf(s *policy.Statement) map[string]string {
	shown := map[string]string{}
	for _, o := range s.Condition.Operators {
		for _, k := range o.Keys {
			var values []string
			for _, v := range k.Values.Values {
				values = append(values, v.Text)
			}
			shown[k.Name] = strings.Join(values, ",")
		}
	}
	return shown
}

func repeats(list []access, a access) bool {
	return slices.ContainsFunc(list, func(b access) bool { return a.key() == b.key() })
}

// key returns an identifier of the access.
func (a *access) key() string {
	condition, err := json.Marshal(a.Condition)
	if err != nil {
		panic(err) // a list of strings always encodes
	}
	return strings.Join([]string{a.Principal[0], a.Principal[1], strings.Join(a.Actions, ","), string(condition)}, "\x00")
}

// externalCache caches the results of externalAccess, which depend only on the key. A full cache is emptied.
type externalCache struct {
	mu    sync.Mutex
	known map[string][]access
}

const externalCacheSize = 20_000

func (c *externalCache) of(document string, doc *policy.Document, kind policy.Kind, zone *analyze.Zone) []access {
	key := kind.String() + "\x00" + strings.Join(zone.Accounts, ",") + "\x00" + strings.Join(zone.Organizations, ",") + "\x00" + document
	c.mu.Lock()
	found, ok := c.known[key]
	c.mu.Unlock()
	if ok {
		return found
	}
	found = externalAccess(doc, kind, zone)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil || len(c.known) >= externalCacheSize {
		c.known = map[string][]access{}
	}
	c.known[key] = found
	return found
}
