package analyze

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/policy"
)

func TestEscalates(t *testing.T) {
	user, err := policy.ParsePrincipal("arn:aws:iam::111122223333:user/a")
	if err != nil {
		t.Fatal(err)
	}
	attach := func(statements string) []policy.Attached { return []policy.Attached{{Document: doc(t, statements)}} }
	for _, c := range []struct {
		name     string
		policies policy.Policies
		want     []string
	}{
		{"nothing", policy.Policies{Identity: attach(`{"Effect":"Allow","Action":"s3:*","Resource":"*"}`)}, nil},
		{"a version", policy.Policies{Identity: attach(`{"Effect":"Allow","Action":"iam:Create*Version","Resource":"*"}`)}, []string{"create a new version of a policy"}},
		{"one action of two", policy.Policies{Identity: attach(`{"Effect":"Allow","Action":"iam:PassRole","Resource":"*"}`)}, nil},
		{"a whole way", policy.Policies{Identity: attach(`{"Effect":"Allow","Action":["iam:PassRole","ec2:*"],"Resource":"*"}`)}, []string{"launch an instance with a role"}},
		{"a method that is denied", policy.Policies{Identity: attach(`{"Effect":"Allow","Action":["iam:PassRole","ec2:*"],"Resource":"*"},{"Effect":"Deny","Action":"ec2:Run*","Resource":"*"}`)}, nil},
		{"a method outside the boundary", policy.Policies{Identity: attach(`{"Effect":"Allow","Action":["iam:PassRole","ec2:*"],"Resource":"*"}`), Boundary: attach(`{"Effect":"Allow","Action":"ec2:*","Resource":"*"}`)}, nil},
		{"by a role", policy.Policies{Identity: attach(`{"Effect":"Allow","Action":["iam:PutRolePolicy","sts:AssumeRole"],"Resource":"arn:aws:iam::111122223333:role/r"}`)}, []string{"add an inline policy to a role that the caller assumes"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			found, unknown := Escalates(user, &c.policies, Options{})
			if len(unknown) > 0 {
				t.Errorf("unknown: %v", unknown)
			}
			var got []string
			for _, e := range found {
				got = append(got, e.Method)
				if len(e.Path) != len(e.Actions) {
					t.Errorf("%s: %d requests for %v", e.Method, len(e.Path), e.Actions)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
