package accessanalyzer

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/writdev/writ/policy"
	"github.com/writdev/writ/policy/analyze"
)

// TestExternalAccessIsExact compares findings about random policies with the engine's decisions for every
// caller of a small world: a finding exists if and only if some external caller has access.
func TestExternalAccessIsExact(t *testing.T) {
	const owner, other = "111122223333", "444455556666"
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	principals := []string{`"*"`, `{"AWS":"*"}`, `{"AWS":"` + owner + `"}`, `{"AWS":"` + other + `"}`, `{"AWS":"arn:aws:iam::` + other + `:role/x"}`, `{"Service":"ec2.amazonaws.com"}`, `{"AWS":["` + owner + `","arn:aws:iam::` + other + `:user/u"]}`}
	conditions := []string{"", `,"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-inside0000"}}`, `,"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-outside000"}}`, `,"Condition":{"Bool":{"aws:SecureTransport":"true"}}`}
	callers := []policy.Principal{
		{Kind: policy.Root, ARN: "arn:aws:iam::" + other + ":root", Account: other},
		{Kind: policy.User, ARN: "arn:aws:iam::" + other + ":user/u", Account: other},
		{Kind: policy.User, ARN: "arn:aws:iam::777788889999:user/u", Account: "777788889999"},
		{Kind: policy.RoleSession, ARN: "arn:aws:sts::" + other + ":assumed-role/x/s", Issuer: "arn:aws:iam::" + other + ":role/x", Account: other},
		{Kind: policy.Anonymous},
	}
	zone := &analyze.Zone{Accounts: []string{owner}, Organizations: []string{"o-inside0000"}}
	open := 0
	for range 2000 {
		var statements []string
		for range 1 + r.IntN(3) {
			effect := pick("Allow", "Allow", "Deny")
			statements = append(statements, fmt.Sprintf(`{"Effect":%q,"Principal":%s,"Action":%s,"Resource":"*"%s}`,
				effect, pick(principals...), pick(`"ssm:GetParameter"`, `"ssm:*"`, `["ssm:PutParameter","ssm:GetParameter"]`), pick(conditions...)))
		}
		text := `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
		doc, err := policy.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		found := externalAccess(doc, policy.Resource, zone)
		allowed := letsIn(doc, callers)
		if allowed {
			open++
		}
		if allowed != (len(found) > 0) {
			t.Errorf("%s: findings %v, but external callers have access: %v", text, found, allowed)
		}
	}
	if open < 200 || open > 1800 {
		t.Errorf("%d of the policies are open", open)
	}
}

// letsIn reports whether the document alone allows one of the callers any action, with any of the keys in its
// conditions.
func letsIn(doc *policy.Document, callers []policy.Principal) bool {
	for _, caller := range callers {
		for _, organization := range []string{"", "o-outside000"} {
			for _, secure := range []string{"true", "false"} {
				for _, action := range []string{"ssm:GetParameter", "ssm:PutParameter", "ssm:DeleteParameter"} {
					req := &policy.Request{Principal: caller, Action: action, Resource: "arn:aws:ssm:us-east-1:111122223333:parameter/web"}
					req.Context.Set("aws:SecureTransport", secure)
					if organization != "" && caller.Kind != policy.Anonymous {
						req.Context.Set("aws:PrincipalOrgID", organization)
					}
					if allows(doc, req) {
						return true
					}
				}
			}
		}
	}
	return false
}

func allows(doc *policy.Document, req *policy.Request) bool {
	allowed := false
	for _, i := range doc.Applying(req, &policy.Policies{}, policy.Resource) {
		if doc.Statements()[i].Effect.Text != "Allow" {
			return false
		}
		allowed = true
	}
	return allowed
}
