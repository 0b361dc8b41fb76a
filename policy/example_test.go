package policy_test

import (
	"fmt"

	"github.com/writdev/writ/policy"
)

// A request is decided over all policies that apply to it.
func ExampleDecide() {
	bucketPolicy, err := policy.Parse([]byte(`{
		"Version": "2012-10-17",
		"Statement": {
			"Effect": "Allow",
			"Principal": {"AWS": "111122223333"},
			"Action": "s3:GetObject",
			"Resource": "arn:aws:s3:::reports/${aws:PrincipalTag/team}/*"
		}
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	userPolicy, err := policy.Parse([]byte(`{
		"Version": "2012-10-17",
		"Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	bob, err := policy.ParsePrincipal("arn:aws:iam::111122223333:user/bob")
	if err != nil {
		fmt.Println(err)
		return
	}

	req := policy.Request{
		Principal:       bob,
		Action:          "s3:GetObject",
		Resource:        "arn:aws:s3:::reports/finance/q1.csv",
		ResourceAccount: "444455556666",
	}
	req.Context.Set("aws:PrincipalTag/team", "finance")
	policies := policy.Policies{
		Identity: []policy.Attached{{Name: "bob's", Document: userPolicy}},
		Resource: []policy.Attached{{Name: "the bucket's", Document: bucketPolicy}},
	}
	fmt.Println(policy.Decide(&req, &policies))

	req.Context.Set("aws:PrincipalTag/team", "marketing")
	fmt.Println(policy.Decide(&req, &policies))
	// Output:
	// allow by resource+identity
	// implicitDeny by resource
}

// The explanation of a denial contains, for each statement, the first element that does not match, and the
// smallest change that would allow the request.
func ExampleExplain() {
	userPolicy, err := policy.Parse([]byte(`{
		"Version": "2012-10-17",
		"Statement": [
			{"Sid": "Read", "Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::reports/*",
			 "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}},
			{"Sid": "List", "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::reports"}
		]
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	bob, err := policy.ParsePrincipal("arn:aws:iam::111122223333:user/bob")
	if err != nil {
		fmt.Println(err)
		return
	}
	req := policy.Request{Principal: bob, Action: "s3:GetObject", Resource: "arn:aws:s3:::reports/q1.csv"}
	req.Context.Set("aws:SourceIp", "198.51.100.7")
	fmt.Print(policy.Explain(&req, &policy.Policies{Identity: []policy.Attached{{Name: "bob's", Document: userPolicy}}}))
	// Output:
	// implicitDeny by identity
	// User: arn:aws:iam::111122223333:user/bob is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::reports/q1.csv because no identity-based policy allows the s3:GetObject action
	// identity: implicitDeny
	//   bob's statement 0 (Read): IpAddress aws:SourceIp "203.0.113.0/24" is not satisfied: the request has "198.51.100.7"
	//   bob's statement 1 (List): Action "s3:ListBucket" does not match s3:GetObject
	// nearest: bob's statement 0 (Read): IpAddress aws:SourceIp "203.0.113.0/24" is not satisfied: the request has "198.51.100.7"
	// change: add "198.51.100.7/32" to Condition IpAddress aws:SourceIp of statement 0 of the identity-based policy bob's in account 111122223333
}

// Elements of a document and syntax errors have their position.
func ExampleParse() {
	doc, err := policy.Parse([]byte(`{
  "Version": "2012-10-17",
  "Statement": [{"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "*"}]
}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	action := doc.Statements()[0].Action.Values[1]
	fmt.Println(action.Text, "at", action.Path(), "on line", action.Span.Start.Line)

	_, err = policy.Parse([]byte(`{"Statement": [{"Effects": "Allow"}]}`))
	fmt.Println(err)
	// Output:
	// s3:ListBucket at Statement[0].Action[1] on line 3
	// line 1, column 16, Statement[0].Effects: expected an element of a statement, found "Effects"
}

// The rules of a service are data.
func ExampleValidate() {
	doc, err := policy.Parse([]byte(`{
		"Version": "2012-10-17",
		"Statement": {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "s3:GetObject", "Resource": "*"}
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	rules := policy.Rules{
		ActionPrefixes: []string{"imagebuilder"},
		Resource:       "arn:aws:imagebuilder:us-east-1:444455556666:image/base/1.0.0/1",
	}
	for _, finding := range policy.Validate(doc, policy.Resource, &rules) {
		fmt.Println(finding.Code, finding.Location.Path)
	}
	// Output:
	// UNSUPPORTED_ACTION_IN_POLICY Statement.Action
	// UNSUPPORTED_RESOURCE_ARN_IN_POLICY Statement.Resource
}
