package bench

import (
	"fmt"
	"strings"

	"github.com/writdev/writ/policy"
)

// world is one question, written in each engine's language. The correct decision is
// allow.
type world struct {
	name  string
	writ  []string // identity policies
	owner string   // resource policy, or empty
	cedar string
	rego  string
}

const (
	principal = "arn:aws:iam::111122223333:user/bob"
	action    = "s3:GetObject"
	resource  = "arn:aws:s3:::bucket-last/reports/2026/q1.csv"
	sourceIP  = "203.0.113.9"
)

// lastOf returns policies of n statements of which only the last matches. The others
// differ from it in the resource or, depending on kind, in the action.
func lastOf(n int, kind string) world {
	var writ, cedar, rego strings.Builder
	writ.WriteString(`{"Version":"2012-10-17","Statement":[`)
	rego.WriteString("package bench\n\nimport rego.v1\n\ndefault allow := false\n\n")
	for i := range n {
		operation, bucket := "GetObject", fmt.Sprintf("bucket-%d", i)
		switch {
		case i == n-1:
			bucket = "bucket-last"
		case kind == "action":
			operation, bucket = fmt.Sprintf("Operation%d", i), "bucket-last"
		}
		if i > 0 {
			writ.WriteByte(',')
		}
		fmt.Fprintf(&writ, `{"Effect":"Allow","Action":"s3:%s","Resource":"arn:aws:s3:::%s/*"}`, operation, bucket)
		fmt.Fprintf(&cedar, "permit (principal, action == Action::\"s3:%s\", resource) when { context.arn like \"arn:aws:s3:::%s/*\" };\n", operation, bucket)
		fmt.Fprintf(&rego, "allow if {\n\tinput.action == \"s3:%s\"\n\tstartswith(input.resource, \"arn:aws:s3:::%s/\")\n}\n\n", operation, bucket)
	}
	writ.WriteString("]}")
	return world{name: fmt.Sprintf("%s/%d", kind, n), writ: []string{writ.String()}, cedar: cedar.String(), rego: rego.String()}
}

// realistic returns a user with three managed policies with conditions, and a
// resource-based policy.
func realistic() world {
	return world{
		name: "realistic",
		writ: []string{
			`{"Version":"2012-10-17","Statement":[
				{"Sid":"ReadReports","Effect":"Allow","Action":["s3:GetObject","s3:GetObjectVersion"],"Resource":"arn:aws:s3:::bucket-last/reports/*","Condition":{"IpAddress":{"aws:SourceIp":["198.51.100.0/24","203.0.113.0/24"]}}},
				{"Sid":"List","Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::bucket-last","Condition":{"StringLike":{"s3:prefix":"reports/*"}}}]}`,
			`{"Version":"2012-10-17","Statement":[
				{"Sid":"Queues","Effect":"Allow","Action":["sqs:SendMessage","sqs:ReceiveMessage","sqs:DeleteMessage"],"Resource":"arn:aws:sqs:*:111122223333:jobs-*"},
				{"Sid":"Images","Effect":"Allow","Action":"imagebuilder:Get*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":["build","release"]}}},
				{"Sid":"Parameters","Effect":"Allow","Action":["ssm:GetParameter","ssm:GetParameters"],"Resource":"arn:aws:ssm:*:111122223333:parameter/app/*"}]}`,
			`{"Version":"2012-10-17","Statement":[
				{"Sid":"NoPlainText","Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}},
				{"Sid":"NoOtherRegions","Effect":"Deny","NotAction":["iam:*","sts:*"],"Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":["eu-west-1","us-east-1"]}}}]}`,
		},
		owner: `{"Version":"2012-10-17","Statement":[
			{"Sid":"Account","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"s3:*","Resource":["arn:aws:s3:::bucket-last","arn:aws:s3:::bucket-last/*"]},
			{"Sid":"OnlyTagged","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::bucket-last/*","Condition":{"StringNotEqualsIfExists":{"aws:PrincipalTag/team":["build","release"]}}}]}`,
		cedar: `
permit (principal, action in [Action::"s3:GetObject", Action::"s3:GetObjectVersion"], resource)
when { context.arn like "arn:aws:s3:::bucket-last/reports/*" && (context.ip.isInRange(ip("198.51.100.0/24")) || context.ip.isInRange(ip("203.0.113.0/24"))) };
permit (principal, action == Action::"s3:ListBucket", resource)
when { context.arn == "arn:aws:s3:::bucket-last" && context has prefix && context.prefix like "reports/*" };
permit (principal, action in [Action::"sqs:SendMessage", Action::"sqs:ReceiveMessage", Action::"sqs:DeleteMessage"], resource)
when { context.arn like "arn:aws:sqs:*:111122223333:jobs-*" };
permit (principal, action, resource)
when { context.action like "imagebuilder:Get*" && ["build", "release"].contains(context.team) };
permit (principal, action in [Action::"ssm:GetParameter", Action::"ssm:GetParameters"], resource)
when { context.arn like "arn:aws:ssm:*:111122223333:parameter/app/*" };
forbid (principal, action, resource)
when { context.action like "s3:*" && !context.secure };
forbid (principal, action, resource)
unless { context.action like "iam:*" || context.action like "sts:*" || ["eu-west-1", "us-east-1"].contains(context.region) };
permit (principal, action, resource)
when { context.account == "111122223333" && context.action like "s3:*" && (context.arn == "arn:aws:s3:::bucket-last" || context.arn like "arn:aws:s3:::bucket-last/*") && context.delegates };
forbid (principal, action, resource)
when { context.action like "s3:*" && context.arn like "arn:aws:s3:::bucket-last/*" && !(["build", "release"].contains(context.team)) };
`,
		rego: `package bench

import rego.v1

default allow := false

allow if {
	granted
	not denied
}

granted if {
	input.action in {"s3:GetObject", "s3:GetObjectVersion"}
	startswith(input.resource, "arn:aws:s3:::bucket-last/reports/")
	some block in ["198.51.100.0/24", "203.0.113.0/24"]
	net.cidr_contains(block, input.ip)
}

granted if {
	input.action == "s3:ListBucket"
	input.resource == "arn:aws:s3:::bucket-last"
	startswith(input.prefix, "reports/")
}

granted if {
	input.action in {"sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage"}
	glob.match("arn:aws:sqs:*:111122223333:jobs-*", [], input.resource)
}

granted if {
	startswith(input.action, "imagebuilder:Get")
	input.team in {"build", "release"}
}

granted if {
	input.action in {"ssm:GetParameter", "ssm:GetParameters"}
	glob.match("arn:aws:ssm:*:111122223333:parameter/app/*", [], input.resource)
}

denied if {
	startswith(input.action, "s3:")
	not input.secure
}

denied if {
	not startswith(input.action, "iam:")
	not startswith(input.action, "sts:")
	not input.region in {"eu-west-1", "us-east-1"}
}

denied if {
	startswith(input.action, "s3:")
	startswith(input.resource, "arn:aws:s3:::bucket-last/")
	not input.team in {"build", "release"}
}
`,
	}
}

func worlds() []world {
	var all []world
	for _, kind := range []string{"resource", "action"} {
		for _, n := range []int{1, 100, 1000} {
			all = append(all, lastOf(n, kind))
		}
	}
	return append(all, realistic())
}

// compile compiles the policies for Writ.
func (w world) compile() (*policy.Policies, error) {
	var p policy.Policies
	for i, text := range w.writ {
		doc, err := policy.Parse([]byte(text))
		if err != nil {
			return nil, err
		}
		p.Identity = append(p.Identity, policy.Attached{Name: fmt.Sprint(i), Document: doc})
	}
	if w.owner != "" {
		doc, err := policy.Parse([]byte(w.owner))
		if err != nil {
			return nil, err
		}
		p.Resource = []policy.Attached{{Name: "resource", Document: doc}}
	}
	return &p, nil
}

// ask builds the request as a server does: once per request.
func ask(req *policy.Request) error {
	who, err := policy.ParsePrincipal(principal)
	if err != nil {
		return err
	}
	req.Principal, req.Action, req.Resource, req.ResourceAccount = who, action, resource, "111122223333"
	req.Context.Reset()
	who.SetKeys(&req.Context)
	req.Context.Set("aws:SourceIp", sourceIP)
	req.Context.Set("aws:SecureTransport", "true")
	req.Context.Set("aws:RequestedRegion", "eu-west-1")
	req.Context.Set("aws:PrincipalTag/team", "build")
	req.Context.Set("aws:CurrentTime", "2026-01-31T12:00:00Z")
	return nil
}
