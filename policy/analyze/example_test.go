package analyze_test

import (
	"fmt"

	"github.com/writdev/writ/policy"
	"github.com/writdev/writ/policy/analyze"
)

// parse parses a document of one statement.
func parse(statement string) *policy.Document {
	d, err := policy.Parse([]byte(`{"Version":"2012-10-17","Statement":` + statement + `}`))
	if err != nil {
		panic(err)
	}
	return d
}

// A comparison finds a request that only one of two documents allows, or proves that there is
// none.
func ExampleCompare() {
	old := parse(`{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::reports/*"}`)
	narrower := parse(`{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::reports/2026/*"}`)
	c := analyze.Compare(old, narrower, policy.Identity, analyze.Options{})
	fmt.Println(c.Verdict)
	fmt.Println("gained:", c.Gained.Request.Action != "s3:GetObject", "before:", c.Gained.Before, "after:", c.Gained.After)
	fmt.Println("lost:", c.Lost != nil)
	// Output:
	// different
	// gained: true before: implicitDeny by identity after: allow by identity
	// lost: true
}

// A document is public if it grants access to callers that neither its principals nor its conditions name.
func ExamplePublic() {
	everyone := parse(`{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}`)
	members := parse(`{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*",
		"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}}`)
	for _, d := range []*policy.Document{everyone, members} {
		answer := analyze.Public(d, policy.Resource, analyze.Options{})
		fmt.Println(answer.Witness != nil, answer.Unknown)
	}
	// Output:
	// true false
	// false false
}
