package sharing

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/policy"
)

func TestExternal(t *testing.T) {
	const owner = "111122223333"
	for _, test := range []struct {
		name      string
		statement string
		want      bool
	}{
		{"another account", `"Effect":"Allow","Principal":{"AWS":"444455556666"}`, true},
		{"another account's root", `"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:root"}`, true},
		{"another account's user", `"Effect":"Allow","Principal":{"AWS":["111122223333","arn:aws:iam::444455556666:user/ann"]}`, true},
		{"the owner", `"Effect":"Allow","Principal":{"AWS":"111122223333"}`, false},
		{"the owner's role", `"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/build"}`, false},
		{"anyone", `"Effect":"Allow","Principal":"*"`, true},
		{"any AWS principal", `"Effect":"Allow","Principal":{"AWS":"*"}`, true},
		{"anyone of an organization", `"Effect":"Allow","Principal":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}`, true},
		{"all but one", `"Effect":"Allow","NotPrincipal":{"AWS":"444455556666"}`, true},
		{"a denial", `"Effect":"Deny","Principal":{"AWS":"444455556666"}`, false},
		{"a service", `"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"}`, false},
		{"a web identity", `"Effect":"Allow","Principal":{"Federated":"accounts.google.com"}`, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			text := `{"Version":"2012-10-17","Statement":{` + test.statement + `,"Action":"ssm:GetParameter","Resource":"*"}}`
			doc, err := policy.Parse([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			if got := External(doc, owner); got != test.want {
				t.Errorf("External = %v, want %v", got, test.want)
			}
		})
	}
}

func TestMerge(t *testing.T) {
	const (
		one  = `{ "Version":"2012-10-17", "Statement":{"Sid":"one","Action":"a:B<C"} }`
		many = `{"Version":"2012-10-17","Statement":[{"Sid":"two"},{"Sid":"three"}]}`
	)
	for _, test := range []struct {
		name      string
		documents []string
		want      string
	}{
		{"none", nil, "{}"},
		{"one stays as it is", []string{one}, one},
		{"two", []string{one, many}, `{"Version":"2012-10-17","Statement":[{"Sid":"one","Action":"a:B<C"},{"Sid":"two"},{"Sid":"three"}]}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := Merge(test.documents...)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	if _, err := Merge(one, "not JSON"); err == nil {
		t.Error("Merge of what is no document: no error")
	}
}
