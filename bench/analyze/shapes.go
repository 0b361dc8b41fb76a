package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/writdev/writ/policy"
)

// shapes generates documents that resemble AWS's published examples.
type shapes struct{ *rand.Rand }

func pick[T any](s shapes, from ...T) T { return from[s.IntN(len(from))] }

// service holds the actions and resources that generated statements about one service
// use.
type service struct {
	name               string
	actions, resources []string
}

var services = []service{
	{"s3", []string{"GetObject", "PutObject", "ListBucket", "Get*", "*", "DeleteObject", "List*"}, []string{
		"arn:aws:s3:::amzn-s3-demo-bucket", "arn:aws:s3:::amzn-s3-demo-bucket/*", "arn:aws:s3:::amzn-s3-demo-bucket/home/${aws:username}/*",
		"arn:aws:s3:::logs-*/AWSLogs/111122223333/*", "arn:aws:s3:::amzn-s3-demo-bucket/public/*",
	}},
	{"ec2", []string{"Describe*", "RunInstances", "StartInstances", "*", "StopInstances", "Create*"}, []string{
		"*", "arn:aws:ec2:*:111122223333:instance/*", "arn:aws:ec2:us-east-1::image/ami-*", "arn:aws:ec2:eu-west-?:*:subnet/*",
	}},
	{"iam", []string{"PassRole", "Get*", "List*", "CreateUser", "*"}, []string{
		"arn:aws:iam::111122223333:role/service-role/*", "arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::111122223333:role/admin", "*",
	}},
	{"dynamodb", []string{"GetItem", "PutItem", "Query", "*", "Batch*"}, []string{"arn:aws:dynamodb:*:*:table/books", "arn:aws:dynamodb:us-east-1:111122223333:table/*"}},
	{"kms", []string{"Decrypt", "Encrypt", "GenerateDataKey*", "*"}, []string{"*", "arn:aws:kms:*:111122223333:key/*"}},
	{"lambda", []string{"InvokeFunction", "*", "Get*", "Update*"}, []string{"*", "arn:aws:lambda:*:111122223333:function:orders-*"}},
}

// conditions are triples of operator, key and values.
var conditions = [][3]any{
	{"StringEquals", "aws:PrincipalOrgID", "o-a1b2c3d4e5"},
	{"IpAddress", "aws:SourceIp", []string{"192.0.2.0/24", "203.0.113.0/24"}},
	{"NotIpAddress", "aws:SourceIp", []string{"192.0.2.0/24", "203.0.113.0/24"}},
	{"Bool", "aws:SecureTransport", "false"},
	{"BoolIfExists", "aws:MultiFactorAuthPresent", "false"},
	{"StringNotEquals", "aws:RequestedRegion", []string{"eu-central-1", "eu-west-1", "us-east-1"}},
	{"ForAllValues:StringEquals", "aws:TagKeys", []string{"environment", "cost-center"}},
	{"StringEquals", "aws:ResourceTag/owner", "${aws:username}"},
	{"NumericLessThanEquals", "aws:MultiFactorAuthAge", "3600"},
	{"DateGreaterThan", "aws:CurrentTime", "2026-04-01T00:00:00Z"},
	{"StringLike", "s3:prefix", []string{"", "home/*", "public/*"}},
	{"Null", "aws:MultiFactorAuthAge", "true"},
}

func (s shapes) some(most int, one func() string) []string {
	values := make([]string, 1+s.IntN(most))
	for i := range values {
		values[i] = one()
	}
	return values
}

func (s shapes) statement(kind policy.Kind) map[string]any {
	of := pick(s, services...)
	st := map[string]any{
		"Effect":   pick(s, "Allow", "Allow", "Allow", "Deny"),
		"Action":   s.some(4, func() string { return of.name + ":" + pick(s, of.actions...) }),
		"Resource": s.some(3, func() string { return pick(s, of.resources...) }),
	}
	if s.IntN(10) == 0 {
		st["NotAction"] = st["Action"]
		delete(st, "Action")
	}
	if kind == policy.Resource {
		st["Principal"] = pick[any](s, "*", map[string]any{"AWS": "111122223333"}, map[string]any{"Service": "cloudtrail.amazonaws.com"},
			map[string]any{"AWS": []string{"arn:aws:iam::111122223333:role/admin", "arn:aws:iam::444455556666:root"}})
	}
	block := map[string]any{}
	for range pick(s, 0, 0, 1, 1, 2) {
		c := pick(s, conditions...)
		block[c[0].(string)] = map[string]any{c[1].(string): c[2]}
	}
	if len(block) > 0 {
		st["Condition"] = block
	}
	return st
}

// pair returns a document and a copy of it in which one to three statements are generated
// anew.
func (s shapes) pair(kind policy.Kind, statements int) [2]*policy.Document {
	first := make([]map[string]any, statements)
	for i := range first {
		first[i] = s.statement(kind)
	}
	second := append([]map[string]any{}, first...)
	for range 1 + s.IntN(3) {
		second[s.IntN(statements)] = s.statement(kind)
	}
	return [2]*policy.Document{document(first), document(second)}
}

// apart returns two documents that were generated independently.
func (s shapes) apart(kind policy.Kind, statements int) [2]*policy.Document {
	return [2]*policy.Document{s.pair(kind, statements)[0], s.pair(kind, statements)[1]}
}

func document(statements any) *policy.Document {
	text, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statements})
	if err != nil {
		panic(err)
	}
	d, err := policy.Parse(text)
	if err != nil {
		panic(err)
	}
	return d
}

// large returns a pair of documents of 30 KB.
func (s shapes) large(kind policy.Kind) [2]*policy.Document {
	n := 20
	for {
		if p := s.pair(kind, n); len(p[0].Source()) >= 30_000 {
			return p
		}
		n += 10
	}
}

// hard returns pairs that are expensive to compare, by name.
func hard() map[string][2]*policy.Document {
	allow := func(resource any) *policy.Document {
		return document(map[string]any{"Effect": "Allow", "Action": "s3:*", "Resource": resource})
	}
	var many, more []string
	for i := range 600 {
		many = append(many, fmt.Sprintf("arn:aws:s3:::*%d*%d*%d*", i, i*31%97, i*17%89))
	}
	more = append(many[1:len(many):len(many)], "arn:aws:s3:::*x*y*z*")
	variables := func(a, b string) string {
		return "arn:aws:s3:::" + strings.Repeat("${aws:PrincipalTag/"+a+"}*${aws:PrincipalTag/"+b+"}?", 400)
	}
	return map[string][2]*policy.Document{
		"30 KB of wildcards in one pattern": {allow("arn:aws:s3:::" + strings.Repeat("*a?", 10_000)), allow("arn:aws:s3:::" + strings.Repeat("*?a", 10_000))},
		"600 patterns that overlap":         {allow(many), allow(more)},
		"800 variables in one pattern":      {allow(variables("a", "b")), allow(variables("b", "a"))},
	}
}
