package policy_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/writdev/writ/policy"
)

// document30K returns a document of about 30 KB with ordinary statements.
func document30K() []byte {
	var b bytes.Buffer
	b.WriteString(`{"Version":"2012-10-17","Statement":[`)
	for i := 0; b.Len() < 30_000; i++ {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"Sid":"S%d","Effect":"Allow","Action":["s3:Get*","s3:List*","sqs:SendMessage"],"Resource":["arn:aws:s3:::bucket-%d/*","arn:aws:sqs:*:111122223333:q%d"],"Condition":{"StringEquals":{"aws:PrincipalTag/team":["red","blue"]},"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}`, i, i, i)
	}
	b.WriteString(`]}`)
	return b.Bytes()
}

func BenchmarkParse30K(b *testing.B) {
	src := document30K()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := policy.Parse(src); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCompile30K(b *testing.B) {
	src := string(document30K())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := policy.Compile(src); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAdversary evaluates adversarial documents of 30 KB for a matching resource name of 1 KB.
func BenchmarkAdversary(b *testing.B) {
	fill := func(entry string) string {
		return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":[` + strings.Repeat(entry+",", (30_000-120)/(len(entry)+1)-1) + entry + `]}}`
	}
	long := strings.Repeat("a", 1000)
	ends := "b" + strings.Repeat("a", 998) + "b"
	for _, c := range []struct{ name, entry, text string }{
		{"stars", `"*` + strings.Repeat("a*", 400) + `b*"`, long},
		{"questions", `"*` + strings.Repeat("a?", 400) + `b*"`, long},
		{"short questions", `"*a?b*"`, long},
		{"confined stars", `"arn:aws:s*3:::` + strings.Repeat("*a", 20) + `b*"`, long},
		{"suffix", `"*` + strings.Repeat("a", 30) + `b"`, long},
		{"middle", `"*` + strings.Repeat("a", 30) + `b*"`, long},
		{"short", `"*b*"`, long},
		{"variables", `"arn:aws:s3:::*${aws:username}*${aws:username}b*"`, long},
		{"nearly", `"*b?b*"`, ends},
		{"nearly in fields", `"arn:aws:s*3:::*b?b*"`, ends},
		{"nearly at many places", `"arn:aws:s3:::*` + strings.Repeat("a?", 100) + `b?*b*"`, ends},
		{"nearly from many places", `"arn:aws:s3:::b*` + strings.Repeat("a*", 9) + `b?b*"`, ends},
	} {
		doc, err := policy.Parse([]byte(fill(c.entry)))
		if err != nil {
			b.Fatal(err)
		}
		req := policy.Request{Action: "s3:GetObject", Resource: "arn:aws:s3:::" + c.text}
		req.Principal, _ = policy.ParsePrincipal("arn:aws:iam::111122223333:user/aaaa")
		req.Principal.SetKeys(&req.Context)
		p := policy.Policies{Identity: []policy.Attached{{Document: doc}}}
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if policy.Decide(&req, &p).Allowed() {
					b.Fatal("allowed")
				}
			}
		})
	}
}

// BenchmarkCompile compiles a resource policy of one statement, as most are.
func BenchmarkCompile(b *testing.B) {
	const text = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": ["444455556666", "arn:aws:iam::555566667777:role/build"]},
  "Action": ["imagebuilder:GetImage", "imagebuilder:ListImages"], "Resource": ["arn:aws:imagebuilder:eu-central-1:111122223333:image/bench/1.0.0/1"]}]}`
	b.ReportAllocs()
	for b.Loop() {
		if _, err := policy.Compile(text); err != nil {
			b.Fatal(err)
		}
	}
}
