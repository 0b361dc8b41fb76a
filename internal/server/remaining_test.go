package server_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"testing"

	"github.com/writdev/writ/internal/decision"
	"github.com/writdev/writ/writtest"
)

// TestWhoCanAgrees compares who-can, over users with random conditions, with one
// question about each user for each assignment of the free condition keys.
func TestWhoCanAgrees(t *testing.T) {
	values := map[string][]string{"aws:SourceVpce": {"", "vpce-1", "vpce-2"}, "aws:SourceIp": {"", "192.0.2.9", "203.0.113.7"}}
	seen := map[string]int{}
	for seed := range uint64(6) {
		s := writtest.New(t)
		deny(t, s) // makes the parameter
		r := rand.New(rand.NewPCG(seed, 1))
		var users []string
		for i := range 25 {
			name := fmt.Sprintf("u%02d", i)
			s.User(alice, name, conditionalPolicy(r))
			users = append(users, "arn:aws:iam::"+alice+":user/"+name)
		}
		var got struct{ Principals, Conditional []grantee }
		fetch(t, s.URL+"/_writ/who-can?"+url.Values{"action": {"ssm:GetParameter"}, "resource": {sharedParameter}}.Encode(), &got)
		now, later := map[string]bool{}, map[string]grantee{}
		for _, g := range got.Principals {
			now[g.Principal] = true
		}
		for _, g := range got.Conditional {
			later[g.Principal] = g
		}
		may := func(user string, context map[string]string) bool {
			text, err := json.Marshal(map[string]any{"principal": user, "action": "ssm:GetParameter", "resource": sharedParameter, "context": context})
			if err != nil {
				t.Fatal(err)
			}
			record, _ := ask(t, s, string(text))
			return record.Outcome == decision.Allowed
		}
		for _, user := range users {
			possible := false
			for _, endpoint := range values["aws:SourceVpce"] {
				for _, ip := range values["aws:SourceIp"] {
					context := map[string]string{}
					for key, value := range map[string]string{"aws:SourceVpce": endpoint, "aws:SourceIp": ip} {
						if value != "" {
							context[key] = value
						}
					}
					possible = possible || may(user, context)
				}
			}
			g, conditional := later[user]
			seen[fmt.Sprint(now[user], conditional)]++
			if now[user] != may(user, nil) || conditional != (possible && !now[user]) {
				t.Errorf("world %d, %s: listed %t, conditional %t; decided %t, possible %t", seed, user, now[user], conditional, may(user, nil), possible)
			}
			if conditional && (!may(user, g.Example) || len(g.Conditions) == 0) {
				t.Errorf("world %d, %s: the example %v is not allowed, or no condition: %v", seed, user, g.Example, g.Conditions)
			}
		}
	}
	if seen["true false"] == 0 || seen["false true"] == 0 || seen["false false"] == 0 {
		t.Errorf("the worlds do not show every case: %v", seen)
	}
}

type grantee struct {
	Principal  string
	Conditions []string
	Example    map[string]string
}

// conditionalPolicy draws one Allow and, at times, one Deny with conditions.
func conditionalPolicy(r *rand.Rand) string {
	conditions := []string{
		`"StringEquals":{"aws:SourceVpce":"vpce-1"}`, `"StringNotEquals":{"aws:SourceVpce":"vpce-1"}`, `"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}`,
		`"NotIpAddress":{"aws:SourceIp":["203.0.113.0/24","127.0.0.0/8"]}`, `"Null":{"aws:SourceVpce":"false"}`,
		`"StringEquals":{"aws:SourceVpce":"vpce-2"},"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}`, `"StringEquals":{"aws:username":"u01"}`, ``,
	}
	statement := func(effect, action string) string {
		return fmt.Sprintf(`{"Effect":%q,"Action":%q,"Resource":"*","Condition":{%s}}`, effect, action, conditions[r.IntN(len(conditions))])
	}
	text := statement("Allow", []string{"ssm:*", "ssm:GetParameter", "s3:*"}[r.IntN(3)])
	if r.IntN(2) == 0 {
		text += "," + statement("Deny", "ssm:GetParameter")
	}
	return `{"Version":"2012-10-17","Statement":[` + text + `]}`
}
