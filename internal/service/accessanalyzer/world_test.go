package accessanalyzer_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/writdev/writ/writtest"
)

// carol is outside, and so is dave, of whom no policy speaks.
const (
	carol = "777788889999"
	dave  = "999900001111"
)

// TestFindingsEqualWhoCan makes roles with random trust policies in a world of four
// accounts. Of each role, the accounts outside of which the analyzer finds access are those
// of which somebody can assume it, now or with other values of condition keys.
func TestFindingsEqualWhoCan(t *testing.T) {
	s := writtest.New(t)
	c := clientOf(t, s, alice)
	a := c.analyzer("outside")
	const all = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	s.User(bob, "u", all)
	s.User(carol, "v", all)
	s.User(dave, "w", all)
	theirs := clientOf(t, s, bob)
	theirs.role("x", `{"AWS":"`+bob+`"}`)
	_, err := theirs.iam().PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: new("x"), PolicyName: new("all"), PolicyDocument: new(all)})
	must(t, 0, err)

	r := rand.New(rand.NewPCG(3, 4))
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	principal := func() string {
		return pick(`"*"`, `{"AWS":"*"}`, `{"AWS":"`+alice+`"}`, `{"AWS":"`+bob+`"}`, `{"AWS":"`+carol+`"}`, `{"AWS":"arn:aws:iam::`+bob+`:user/u"}`,
			`{"AWS":"arn:aws:iam::`+bob+`:role/x"}`, `{"AWS":["`+alice+`","arn:aws:iam::`+carol+`:user/v"]}`, `{"Service":"ec2.amazonaws.com"}`)
	}
	condition := func() string {
		return pick("", "", `,"Condition":{"StringEquals":{"aws:PrincipalAccount":"`+bob+`"}}`, `,"Condition":{"StringEquals":{"sts:ExternalId":"x"}}`,
			`,"Condition":{"StringNotEquals":{"aws:PrincipalAccount":"`+carol+`"}}`, `,"Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`,
			`,"Condition":{"StringEquals":{"aws:PrincipalAccount":"`+alice+`"}}`)
	}
	policies := map[string]string{} // by the role's ARN
	for i := range 150 {
		var statements []string
		for n := range 1 + r.IntN(3) {
			effect := "Allow"
			if n > 0 {
				effect = pick("Allow", "Deny")
			}
			statements = append(statements, fmt.Sprintf(`{"Effect":%q,"Principal":%s,"Action":"sts:AssumeRole"%s}`, effect, principal(), condition()))
		}
		text := `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
		out, err := c.iam().CreateRole(ctx, &iam.CreateRoleInput{RoleName: new(fmt.Sprint("r", i)), AssumeRolePolicyDocument: &text})
		policies[*must(t, out, err).Role.Arn] = text
	}

	found := map[string]map[string]bool{} // role -> account, or "*"
	p := accessanalyzer.NewListFindingsPaginator(c.Client, &accessanalyzer.ListFindingsInput{AnalyzerArn: &a})
	for p.HasMorePages() {
		for _, f := range must2(t)(p.NextPage(ctx)).Findings {
			if found[*f.Resource] == nil {
				found[*f.Resource] = map[string]bool{}
			}
			found[*f.Resource][accountIn(f.Principal["AWS"])] = true
		}
	}
	open := 0
	for _, role := range slices.Sorted(maps.Keys(policies)) {
		in := outsiders(t, s, role)
		if len(in) > 0 {
			open++
		}
		for account := range in {
			if !found[role]["*"] && !found[role][account] {
				t.Errorf("%s: somebody of %s can assume the role, and the findings are about %v", policies[role], account, found[role])
			}
		}
		for account := range found[role] {
			if account != "*" && !in[account] || account == "*" && len(in) == 0 {
				t.Errorf("%s: a finding about %s, and who can assume the role is of %v", policies[role], account, in)
			}
		}
	}
	if open < 30 || open > 120 {
		t.Errorf("%d of %d roles are open", open, len(policies))
	}
}

// accountIn returns the account that a principal of a finding is of; "*" for everybody.
func accountIn(principal string) string {
	if f := strings.Split(principal, ":"); len(f) > 4 {
		return f[4]
	}
	return principal
}

// outsiders returns the accounts other than alice's with a principal that can assume a role,
// now or with other values of condition keys.
func outsiders(t *testing.T, s *writtest.Server, role string) map[string]bool {
	t.Helper()
	resp, err := http.Get(s.URL + "/_writ/who-can?" + url.Values{"action": {"sts:AssumeRole"}, "resource": {role}}.Encode())
	must(t, resp, err)
	defer resp.Body.Close()
	type grantee struct{ Type, Account string }
	var out struct{ Principals, Conditional []grantee }
	must(t, 0, json.NewDecoder(resp.Body).Decode(&out))
	in := map[string]bool{}
	for _, g := range slices.Concat(out.Principals, out.Conditional) {
		if g.Account != "" && g.Account != alice {
			in[g.Account] = true
		}
	}
	return in
}
