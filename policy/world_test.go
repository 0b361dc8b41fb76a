package policy_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/writdev/writ/policy"
	"github.com/writdev/writ/policy/internal/reference"
)

// generator generates small random worlds: policies and requests over so few names that they often match.
// pick returns a number from 0 to n-1.
type generator struct {
	pick func(n int) int
}

func (g generator) chance(percent int) bool { return g.pick(100) < percent }

func one[T any](g generator, from ...T) T { return from[g.pick(len(from))] }

// some draws up to most of the values, at least one.
func some[T any](g generator, most int, from ...T) []T {
	values := make([]T, 1+g.pick(most))
	for i := range values {
		values[i] = one(g, from...)
	}
	return values
}

// oneOrMany sometimes replaces a list of one value by the value.
func oneOrMany[T any](g generator, values []T) any {
	if len(values) == 1 && g.chance(60) {
		return values[0]
	}
	return values
}

var (
	actions = []string{"sqs:SendMessage", "sqs:ReceiveMessage", "SQS:sendmessage", "kms:Decrypt", "sts:AssumeRole", "imagebuilder:GetImage", "iam:GetUser", "s3:PutBucketPolicy", "sts:GetCallerIdentity", "sts:GetSessionToken"}

	actionPatterns = []string{"*", "sqs:*", "SQS:Send*", "sqs:SendMessage", "sqs:?endMessage", "*:*Message", "sqs", "kms:*", "sts:AssumeRole", "sts:*", "**", "s3:*", "iam:GetUser", "imagebuilder:*", "sqs:*e*e*"}

	resources = []string{
		"arn:aws:sqs:us-east-1:111122223333:q", "arn:aws:sqs:us-east-1:444455556666:q", "arn:aws:sqs:us-east-1:111122223333:bob:q",
		"arn:aws:kms:us-east-1:111122223333:key/k", "arn:aws:kms:us-east-1:444455556666:key/k", "arn:aws:iam::111122223333:role/R",
		"arn:aws:iam::444455556666:role/R", "arn:aws:s3:::b", "*", "arn:aws-cn:sqs:cn-north-1:111122223333:q", "arn:aws:iam::aws:policy/p",
		"arn:aws:iam::111122223333:role/aws-service-role/x/S", "arn:aws:sqs:us-east-1:111122223333:", "arn:aws:sqs:a:b:111122223333:é*",
	}

	resourcePatterns = []string{
		"*", "arn:aws:sqs:*:*:q", "arn:aws:sqs:us-*-1:*:q", "arn:aws:sqs:us-east-1:111122223333:${aws:username}:q", "arn:aws:sqs:*",
		"arn:aws:sqs:us-east-1:111122223333:q", "arn:aws:sqs", "arn:*", "arn:aws:kms:*:*:key/*", "arn:aws:iam::*:role/R", "arn:aws:s3:::b",
		"arn:aws:sqs:us-east-?:111122223333:?", "arn:aws:sqs:us-east-1:111122223333:${aws:PrincipalTag/t, 'q'}", "arn:aws:s*s:*:*:*b?:*", "**",
		"arn:aws:*:*:${aws:PrincipalAccount}:q", "arn:aws:sqs:a*b:111122223333:*", "arn:aws:sqs:*:111122223333:${*}*", "arn:aws:sqs:a:b:111122223333:?${*}",
		"arn:aws:sqs:us-east-1:*:*${aws:username}*", "", "?",
	}

	users    = []string{"arn:aws:iam::111122223333:user/bob", "arn:aws:iam::444455556666:user/bob"}
	sessions = []string{"arn:aws:sts::111122223333:assumed-role/R/s", "arn:aws:sts::444455556666:assumed-role/R/s"}
	feds     = []string{"arn:aws:sts::111122223333:federated-user/f"}
	roles    = []string{"arn:aws:iam::111122223333:role/R", "arn:aws:iam::444455556666:role/R"}
	accounts = []string{"111122223333", "444455556666", "arn:aws:iam::111122223333:root"}
	services = []string{"sns.amazonaws.com", "s3.amazonaws.com"}

	conditionKeys = []string{"aws:username", "AWS:UserName", "aws:PrincipalTag/t", "aws:TagKeys", "k:s", "k:n", "k:d", "k:b", "k:ip", "k:arn"}

	conditionValues = []string{
		"", "a", "b", "A", "a*", "*", "a?", "bob", "${aws:username}", "${aws:PrincipalTag/t, 'a'}", "${*}", "é", "É",
		"1", "1.0", "-2", "10", "1e3", "2026-01-01", "2026-01-01T00:00:00Z", "1767225600", "2026", "2025-12-31T23:00:00-01:00", "2026-01-01T00:00:00.5Z",
		"true", "FALSE", "10.0.0.0/8", "10.1.2.3", "2001:db8::/32", "2001:db8::1", "2001:db8::5/64", "010.0.0.0/08", "10.0.0.7/8", "YQ==", "?", "??", "s", "\u03a3",
		"arn:aws:sns:us-east-1:111122223333:t", "arn:aws:sns:*:111122223333:*", "arn:aws:sns:*:*:t?", "${aws:PrincipalArn}", "arn:aws:iam::${aws:PrincipalAccount}:*",
	}

	givenValues = []string{"\U00010400", "\u017f", "S", "\u03c2", "\u03c3", "", "a", "b", "A", "ab", "a*", "bob", "é", "1", "1.00", "-2", "9.5", "2026-01-01T00:00:00Z", "1767225600", "1767225600.5", "2026-01", "true", "false", "10.1.2.3", "2001:db8::1", "::ffff:10.1.2.3",
		"arn:aws:sns:us-east-1:111122223333:t", "arn:aws:sns:us-east-1:111122223333:t:u", "arn:aws:iam::111122223333:user/bob"}

	operatorNames = []string{
		"StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike", "StringNotLike", "stringlike",
		"ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike", "NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals",
		"NumericGreaterThan", "NumericGreaterThanEquals", "DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan",
		"DateGreaterThanEquals", "Bool", "BinaryEquals", "IpAddress", "NotIpAddress", "Null", "StringIs",
	}
)

// statement draws a statement; about one in twenty is malformed.
func (g generator) statement(kind policy.Kind) map[string]any {
	s := map[string]any{"Effect": one(g, "Allow", "Allow", "Allow", "Allow", "Deny")}
	if g.chance(1) {
		delete(s, "Effect")
	}
	named := kind == policy.Resource || kind == policy.Endpoint || kind == policy.ResourceControl
	if named != g.chance(2) {
		if g.chance(85) || s["Effect"] == "Allow" && g.chance(90) {
			s["Principal"] = g.principal()
		} else {
			s["NotPrincipal"] = g.principal()
		}
	}
	switch {
	case g.chance(1):
	case g.chance(85):
		s["Action"] = oneOrMany(g, some(g, 3, actionPatterns...))
	default:
		s["NotAction"] = oneOrMany(g, some(g, 2, actionPatterns...))
	}
	switch {
	case g.chance(2), kind == policy.Resource && g.chance(40):
	case g.chance(85):
		s["Resource"] = oneOrMany(g, some(g, 3, resourcePatterns...))
	default:
		s["NotResource"] = oneOrMany(g, some(g, 2, resourcePatterns...))
	}
	if g.chance(1) {
		s["Action"], s["NotAction"] = "sqs:*", "sqs:*"
	}
	if g.chance(35) {
		s["Condition"] = g.condition()
	}
	return s
}

func (g generator) principal() any {
	switch {
	case g.chance(15):
		return "*"
	case g.chance(2):
		return "111122223333"
	}
	p := make(map[string]any)
	aws := slices.Concat(users, sessions, feds, roles, accounts, []string{"*", "arn:aws:iam::111122223333:user/*", "AROAEXAMPLE"})
	if g.chance(85) {
		p["AWS"] = oneOrMany(g, some(g, 4, aws...))
	}
	if g.chance(20) {
		p["Service"] = oneOrMany(g, some(g, 2, services...))
	}
	if g.chance(10) {
		p["Federated"] = "accounts.google.com"
	}
	return p
}

func (g generator) condition() map[string]any {
	block := make(map[string]any)
	seen := make(map[string]bool)
	for range 1 + g.pick(2) {
		name := one(g, "", "", "", "ForAllValues:", "ForAnyValue:") + one(g, operatorNames...) + one(g, "", "", "IfExists")
		if seen[strings.ToLower(name)] {
			continue
		}
		seen[strings.ToLower(name)] = true
		values := some(g, 3, conditionValues...)
		if g.chance(3) {
			values = values[:0]
		}
		keys := map[string]any{one(g, conditionKeys...): oneOrMany(g, values)}
		if strings.HasPrefix(name, "Null") {
			keys = map[string]any{one(g, conditionKeys...): one(g, any("true"), any("false"), any(true))}
		}
		block[name] = keys
	}
	return block
}

func (g generator) document(kind policy.Kind) string {
	d := map[string]any{"Version": one(g, "2012-10-17", "2012-10-17", "2012-10-17", "2008-10-17")}
	if g.chance(5) {
		delete(d, "Version")
	}
	var list []any
	for range g.pick(one(g, 5, 5, 5, 5, 5, 7, 7, 7, 7, 40)) {
		list = append(list, g.statement(kind))
	}
	if len(list) == 1 && g.chance(30) {
		d["Statement"] = list[0]
	} else {
		d["Statement"] = append([]any{}, list...)
	}
	text, err := json.Marshal(d)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// world is one set of policies, for both evaluators, and one request.
type world struct {
	texts     []string
	request   policy.Request
	policies  policy.Policies
	reference reference.World
}

func (w *world) String() string {
	return fmt.Sprintf("request %+v\n%s", w.request, strings.Join(w.texts, "\n"))
}

// layer draws a layer that is present in the given share of worlds.
func (g generator) layer(w *world, percent int, kind policy.Kind) ([]policy.Attached, []any) {
	if !g.chance(percent) {
		return nil, nil
	}
	attached, decoded := []policy.Attached{}, []any{}
	for range one(g, 0, 1, 1, 1, 1, 1, 2) {
		text := g.document(kind)
		doc, err := policy.Parse([]byte(text))
		if err != nil {
			panic(fmt.Sprintf("%v: %s", err, text))
		}
		w.texts = append(w.texts, fmt.Sprintf("%v: %s", kind, text))
		attached = append(attached, policy.Attached{Name: fmt.Sprintf("policy %d", len(w.texts)), Document: doc})
		decoded = append(decoded, decode(text))
	}
	return attached, decoded
}

func decode(text string) any {
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		panic(err)
	}
	return v
}

func (g generator) levels(w *world, percent int, kind policy.Kind) (attached [][]policy.Attached, decoded [][]any) {
	if !g.chance(percent) {
		return nil, nil
	}
	attached, decoded = [][]policy.Attached{}, [][]any{}
	for range g.pick(4) {
		a, d := g.layer(w, 100, kind)
		attached, decoded = append(attached, a), append(decoded, d)
	}
	return attached, decoded
}

// policySet draws the policies of a world.
func (g generator) policySet() *world {
	w := new(world)
	p, r := &w.policies, &w.reference
	p.Identity, r.Identity = g.layer(w, 85, policy.Identity)
	p.Boundary, r.Boundary = g.layer(w, 25, policy.Boundary)
	p.Session, r.Session = g.layer(w, 30, policy.Session)
	p.Resource, r.Resources = g.layer(w, 60, policy.Resource)
	p.Endpoint, r.Endpoint = g.layer(w, 8, policy.Endpoint)
	p.ServiceControl, r.SCP = g.levels(w, 20, policy.ServiceControl)
	p.ResourceControl, r.RCP = g.levels(w, 15, policy.ResourceControl)
	return w
}

// ask draws a request for the world.
func (g generator) ask(w *world) {
	w.request = policy.Request{Action: one(g, actions...), Resource: one(g, resources...)}
	q, r := &w.request, &w.reference
	kind := one(g, "user", "user", "session", "session", "federated", "root", "service", "anonymous", "provider")
	var who string
	switch kind {
	case "user":
		who = one(g, users...)
	case "session":
		who = one(g, sessions...)
	case "federated":
		who = feds[0]
	case "root":
		who = "arn:aws:iam::111122223333:root"
	case "service":
		who = one(g, services...)
	case "anonymous":
		who = "*"
	case "provider":
		who = "accounts.google.com"
	}
	p, err := policy.ParsePrincipal(who)
	if err != nil {
		panic(err)
	}
	if kind == "federated" {
		p.Issuer = users[0]
	}
	if kind == "session" && g.chance(5) {
		p.Issuer = "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/R"
	}
	q.Principal = p
	q.ResourceAccount = one(g, "", "", "", "111122223333", "444455556666")
	q.ManagementAccount = one(g, "", "", "", "111122223333", "444455556666")
	q.AWSManaged = g.chance(5)
	q.NeedsResourceGrant = g.chance(5)
	for range g.pick(5) {
		key := one(g, conditionKeys...)
		for range one(g, 1, 1, 1, 2) {
			q.Context.Add(key, one(g, givenValues...))
		}
	}
	p.SetKeys(&q.Context)

	r.Kind, r.ARN, r.Issuer, r.Account = kind, p.ARN, p.Issuer, p.Account
	if kind == "anonymous" {
		r.ARN = ""
	}
	r.Action, r.Resource = q.Action, q.Resource
	r.ResourceAccount, r.ManagementAccount = q.ResourceAccount, q.ManagementAccount
	r.AWSManaged, r.NeedsResourceGrant = q.AWSManaged, q.NeedsResourceGrant
	r.Multivalued = map[string]bool{"aws:tagkeys": true}
	r.Context = make(map[string][]string)
	for _, key := range slices.Concat(conditionKeys, []string{"aws:PrincipalArn", "aws:PrincipalAccount", "aws:username"}) {
		if values := q.Context.Get(key); values != nil {
			r.Context[strings.ToLower(key)] = slices.Clone(values)
		}
	}
}
