package arn_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/writdev/writ/arn"
)

func TestParse(t *testing.T) {
	for s, want := range map[string]arn.ARN{
		"arn:aws:s3:::bucket/key":                      {Partition: "aws", Service: "s3", Resource: "bucket/key"},
		"arn:aws:iam::111122223333:role/path/name":     {Partition: "aws", Service: "iam", Account: "111122223333", Resource: "role/path/name"},
		"arn:aws-cn:sqs:cn-north-1:111122223333:queue": {Partition: "aws-cn", Service: "sqs", Region: "cn-north-1", Account: "111122223333", Resource: "queue"},
		"arn:aws:logs:eu-west-1:111122223333:a:b:c":    {Partition: "aws", Service: "logs", Region: "eu-west-1", Account: "111122223333", Resource: "a:b:c"},
	} {
		got, err := arn.Parse(s)
		if err != nil || got != want {
			t.Errorf("Parse(%q) = %+v, %v", s, got, err)
		}
		if got.String() != s {
			t.Errorf("%q prints as %q", s, got)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for s, want := range map[string]string{
		"":                `does not begin with "arn:"`,
		"aws:s3:::b":      `does not begin with "arn:"`,
		"ARN:aws:s3:::b":  `does not begin with "arn:"`,
		"arn:aws:s3":      "has 3 of 6 fields",
		"arn:":            "has 2 of 6 fields",
		"arn:aws:s3:::":   "resource is empty",
		"arn::s3:::b":     "partition is empty",
		"arn:aws::::b":    "service is empty",
		"arn:aws:sqs:r:1": "has 5 of 6 fields",
	} {
		if got, err := arn.Parse(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%q) = %+v, %v, want error with %q", s, got, err, want)
		}
	}
}

func TestZero(t *testing.T) {
	var a arn.ARN
	if !a.IsZero() || a.String() != "" {
		t.Errorf("the zero ARN prints as %q", a)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("arn:aws:s3:::bucket/key")
	f.Add("arn:aws:logs:eu-west-1:111122223333:a:b:c")
	f.Fuzz(func(t *testing.T, s string) {
		if a, err := arn.Parse(s); err == nil && a.String() != s {
			t.Errorf("%q prints as %q", s, a)
		}
	})
}

func ExampleParse() {
	a, err := arn.Parse("arn:aws:iam::111122223333:role/deploy")
	fmt.Println(a.Service, a.Account, a.Resource, err)
	// Output: iam 111122223333 role/deploy <nil>
}
