package lint_test

import (
	"fmt"

	"github.com/writdev/writ/policy"
	"github.com/writdev/writ/policy/lint"
)

func ExampleCheck() {
	doc, err := policy.Parse([]byte(`{"Version": "2012-10-17", "Statement": {
		"Effect": "Allow", "Action": "s3:GetObjct", "Resource": "*",
		"Condition": {"StringEquals": {"aws:SourceAcount": "111122223333"}}}}`))
	if err != nil {
		panic(err)
	}
	for _, f := range lint.Check(doc, lint.Config{Kind: policy.Identity}) {
		fmt.Println(f.Finding)
	}
	// Output:
	// line 2, column 31: INVALID_ACTION: Amazon S3 has no action GetObjct; did you mean GetObject?
	// line 3, column 33: INVALID_GLOBAL_CONDITION_KEY: there is no condition key aws:SourceAcount; did you mean aws:SourceAccount?
}
