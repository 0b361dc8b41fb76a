package analyze

import (
	"math/rand/v2"
	"testing"

	"github.com/writdev/writ/policy"
)

// shaped draws documents similar to AWS's published examples.
type shaped struct{ drawer }

func newShaped(seed uint64) shaped {
	return shaped{drawer{Rand: rand.New(rand.NewPCG(seed, 7))}}
}

func (d shaped) statement(kind policy.Kind) map[string]any {
	services := [][]string{
		{"s3", "GetObject", "PutObject", "ListBucket", "Get*", "*", "DeleteObject", "List*"},
		{"ec2", "Describe*", "RunInstances", "StartInstances", "*", "StopInstances", "Create*"},
		{"iam", "PassRole", "Get*", "List*", "CreateUser", "*"},
		{"sqs", "SendMessage", "ReceiveMessage", "*"},
		{"kms", "Decrypt", "Encrypt", "GenerateDataKey*", "*"},
		{"dynamodb", "GetItem", "PutItem", "Query", "*", "Batch*"},
		{"lambda", "InvokeFunction", "*", "Get*", "Update*"},
	}
	service := draw(d.drawer, services...)
	action := func() string { return service[0] + ":" + draw(d.drawer, service[1:]...) }
	resource := func() string {
		switch service[0] {
		case "s3":
			return draw(d.drawer, "arn:aws:s3:::amzn-s3-demo-bucket", "arn:aws:s3:::amzn-s3-demo-bucket/*", "arn:aws:s3:::amzn-s3-demo-bucket/home/${aws:username}/*",
				"arn:aws:s3:::*", "arn:aws:s3:::logs-*/AWSLogs/111122223333/*", "arn:aws:s3:::amzn-s3-demo-bucket/public/*")
		case "iam":
			return draw(d.drawer, "arn:aws:iam::111122223333:role/service-role/*", "arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::111122223333:role/admin", "*")
		}
		return draw(d.drawer, "*", "arn:aws:"+service[0]+":*:111122223333:*", "arn:aws:"+service[0]+":us-east-1:111122223333:table/books", "arn:aws:"+service[0]+":eu-west-?:*:instance/*")
	}
	s := map[string]any{"Effect": draw(d.drawer, "Allow", "Allow", "Allow", "Deny")}
	s[draw(d.drawer, "Action", "Action", "Action", "Action", "Action", "Action", "NotAction")] = d.list(4, action)
	s[draw(d.drawer, "Resource", "Resource", "Resource", "Resource", "Resource", "NotResource")] = d.list(3, resource)
	if kind == policy.Resource {
		s["Principal"] = draw[any](d.drawer, "*", map[string]any{"AWS": "111122223333"}, map[string]any{"AWS": []string{"arn:aws:iam::111122223333:role/admin", "arn:aws:iam::444455556666:root"}},
			map[string]any{"Service": "cloudtrail.amazonaws.com"}, map[string]any{"AWS": "arn:aws:iam::111122223333:user/Alice"})
	}
	block := map[string]any{}
	for range draw(d.drawer, 0, 0, 1, 1, 2) {
		c := draw(d.drawer, [][3]any{
			{"StringEquals", "aws:PrincipalOrgID", "o-a1b2c3d4e5"}, {"IpAddress", "aws:SourceIp", []string{"192.0.2.0/24", "203.0.113.0/24"}},
			{"NotIpAddress", "aws:SourceIp", []string{"192.0.2.0/24", "203.0.113.0/24"}}, {"Bool", "aws:SecureTransport", "false"},
			{"BoolIfExists", "aws:MultiFactorAuthPresent", "false"}, {"StringEquals", "aws:RequestedRegion", []string{"eu-central-1", "eu-west-1"}},
			{"StringNotEquals", "aws:RequestedRegion", []string{"eu-central-1", "eu-west-1", "us-east-1"}},
			{"ForAllValues:StringEquals", "aws:TagKeys", []string{"environment", "cost-center"}}, {"StringEquals", "aws:ResourceTag/owner", "${aws:username}"},
			{"ArnLike", "aws:SourceArn", "arn:aws:sns:*:111122223333:*"}, {"NumericLessThanEquals", "aws:MultiFactorAuthAge", "3600"},
			{"DateGreaterThan", "aws:CurrentTime", "2026-04-01T00:00:00Z"}, {"StringLike", "s3:prefix", []string{"", "home/*", "public/*"}},
			{"StringNotEqualsIfExists", "s3:x-amz-server-side-encryption", "aws:kms"}, {"Null", "aws:MultiFactorAuthAge", "true"},
			{"StringEquals", "iam:PassedToService", "ec2.amazonaws.com"},
		}...)
		block[c[0].(string)] = map[string]any{c[1].(string): c[2]}
	}
	if len(block) > 0 {
		s["Condition"] = block
	}
	return s
}

func (d shaped) statements(n int, kind policy.Kind) []map[string]any {
	all := make([]map[string]any, n)
	for i := range all {
		all[i] = d.statement(kind)
	}
	return all
}

// pair draws a document and a copy of it with a few changes.
func (d shaped) pair(t testing.TB, n int, kind policy.Kind) (old, new *policy.Document) {
	first := d.statements(n, kind)
	second := append([]map[string]any{}, first...)
	for range 1 + d.IntN(3) {
		second[d.IntN(n)] = d.statement(kind)
	}
	return encode(t, first), encode(t, second)
}

// request draws a request near the documents that shaped draws.
func (d shaped) request(kind policy.Kind) policy.Request {
	caller := "arn:aws:iam::111122223333:user/Alice"
	if kind == policy.Resource {
		caller = draw(d.drawer, "*", "111122223333", "444455556666", caller, "arn:aws:sts::111122223333:assumed-role/admin/s", "cloudtrail.amazonaws.com", "arn:aws:iam::444455556666:user/Bob")
	}
	who, err := policy.ParsePrincipal(caller)
	if err != nil {
		panic(err)
	}
	req := policy.Request{Principal: who}
	who.SetKeys(&req.Context)
	service := draw(d.drawer, "s3", "s3", "ec2", "iam", "sqs", "kms", "dynamodb", "lambda")
	req.Action = service + ":" + draw(d.drawer, "GetObject", "PutObject", "DeleteObject", "ListBucket", "DescribeInstances", "RunInstances", "PassRole", "CreateUser",
		"SendMessage", "Decrypt", "GenerateDataKeyPair", "GetItem", "BatchGetItem", "InvokeFunction", "UpdateFunctionCode")
	req.Resource = draw(d.drawer, "*", "arn:aws:s3:::amzn-s3-demo-bucket", "arn:aws:s3:::amzn-s3-demo-bucket/x", "arn:aws:s3:::amzn-s3-demo-bucket/home/Alice/x",
		"arn:aws:s3:::amzn-s3-demo-bucket/home/Bob/x", "arn:aws:s3:::logs-1/AWSLogs/111122223333/x", "arn:aws:s3:::amzn-s3-demo-bucket/public/x",
		"arn:aws:iam::111122223333:role/service-role/r", "arn:aws:iam::111122223333:user/Alice", "arn:aws:iam::111122223333:role/admin",
		"arn:aws:"+service+":us-east-1:111122223333:table/books", "arn:aws:"+service+":eu-west-1:111122223333:instance/i-1", "arn:aws:"+service+":eu-west-1:444455556666:instance/i-1")
	for key, values := range map[string][]string{
		"aws:PrincipalOrgID": {"o-a1b2c3d4e5", "o-other"}, "aws:SourceIp": {"192.0.2.7", "203.0.113.9", "198.51.100.1", "2001:db8::1"}, "aws:SecureTransport": {"true", "false"},
		"aws:MultiFactorAuthPresent": {"true", "false"}, "aws:RequestedRegion": {"eu-central-1", "us-east-1", "ap-south-1"}, "aws:ResourceTag/owner": {"Alice", "Bob"},
		"aws:SourceArn": {"arn:aws:sns:us-east-1:111122223333:t", "arn:aws:sns:us-east-1:444455556666:t"}, "aws:MultiFactorAuthAge": {"60", "3600", "7200"},
		"aws:CurrentTime": {"2026-03-01T00:00:00Z", "2026-05-01T00:00:00Z"}, "s3:prefix": {"", "home/Alice", "public/x", "x"},
		"s3:x-amz-server-side-encryption": {"aws:kms", "AES256"}, "iam:PassedToService": {"ec2.amazonaws.com", "lambda.amazonaws.com"}, "aws:TagKeys": {"environment", "cost-center", "x"},
	} {
		if d.chance(50) {
			req.Context.Set(key, draw(d.drawer, values...))
		}
	}
	if d.chance(20) {
		req.Context.Set("aws:TagKeys", "environment", "cost-center")
	}
	return req
}
