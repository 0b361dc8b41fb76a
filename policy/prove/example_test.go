package prove_test

import (
	"fmt"

	"github.com/writdev/writ/policy/prove"
)

// An invariant is proved for every request, or refuted by a shortest chain of requests.
func ExampleModel_Prove() {
	const reader, ann = "arn:aws:iam::111122223333:role/reader", "arn:aws:iam::111122223333:user/ann"
	const parameter = "arn:aws:ssm:us-east-1:111122223333:parameter/prod/db"
	allow := func(action, resource string) prove.Document {
		return prove.Document(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"` + action + `","Resource":"` + resource + `"}}`)
	}
	model, err := prove.Compile("world", &prove.World{
		Accounts: []prove.Account{{ID: "111122223333"}},
		Policies: map[string]prove.Document{"read": allow("ssm:GetParameter", parameter), "assume": allow("sts:AssumeRole", reader)},
		Users:    []prove.User{{ARN: ann, Policies: []prove.Document{prove.Document(`"assume"`)}}},
		Roles: []prove.Role{{ARN: reader, Policies: []prove.Document{prove.Document(`"read"`)}, TrustPolicy: prove.Document(
			`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}}`)}},
		Resources: []prove.Resource{{ARN: parameter}},
		Invariants: []prove.Invariant{
			{Name: "nobody writes", Actions: []string{"ssm:PutParameter"}, Resources: []string{parameter}, Only: []string{"root"}},
			{Name: "only the role reads", Actions: []string{"ssm:GetParameter"}, Resources: []string{parameter}, Only: []string{"root", reader}},
		},
	}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, result := range model.Prove() {
		fmt.Println(result.Invariant.Name+":", result.Verdict)
		for _, step := range result.Chain {
			fmt.Println("  ", step.Request.Action, step.Request.Resource)
		}
	}
	// Output:
	// nobody writes: proved
	// only the role reads: refuted
	//    sts:AssumeRole arn:aws:iam::111122223333:role/reader
	//    ssm:GetParameter arn:aws:ssm:us-east-1:111122223333:parameter/prod/db
}
