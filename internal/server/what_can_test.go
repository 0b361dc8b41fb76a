package server_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/writdev/writ/internal/decision"
	"github.com/writdev/writ/writtest"
)

// TestWhatCanAgrees compares what-can, for users with random policies, with one question
// about each action on each parameter.
func TestWhatCanAgrees(t *testing.T) {
	actions := []string{"ssm:GetParameter", "ssm:GetParameters", "ssm:PutParameter", "ssm:DeleteParameter", "ssm:GetResourcePolicies", "ssm:AddTagsToResource"}
	allowed, denied := 0, 0
	for seed := range uint64(3) {
		s := writtest.New(t)
		r := rand.New(rand.NewPCG(seed, 2))
		var parameters []string
		for _, name := range []string{"a", "b", "team/c"} {
			if _, err := ssm.NewFromConfig(s.Config(alice)).PutParameter(t.Context(), &ssm.PutParameterInput{Name: new("/x/" + name), Value: new("v"), Type: types.ParameterTypeString}); err != nil {
				t.Fatal(err)
			}
			parameters = append(parameters, "arn:aws:ssm:us-east-1:"+alice+":parameter/x/"+name)
		}
		for i := range 8 {
			user := fmt.Sprintf("u%d", i)
			s.User(alice, user, randomGrant(r, append(actions, "ssm:Get*", "ssm:*"), append(parameters, "*", "arn:aws:ssm:us-east-1:"+alice+":parameter/x/team/*")))
			principal := "arn:aws:iam::" + alice + ":user/" + user
			var got struct {
				Resources []struct {
					Resource string
					Actions  []string
				}
			}
			fetch(t, s.URL+"/_writ/what-can?"+url.Values{"principal": {principal}}.Encode(), &got)
			listed := map[string][]string{}
			for _, p := range got.Resources {
				listed[p.Resource] = p.Actions
			}
			for _, parameter := range parameters {
				for _, action := range actions {
					text, err := json.Marshal(map[string]any{"principal": principal, "action": action, "resource": parameter})
					if err != nil {
						t.Fatal(err)
					}
					record, _ := ask(t, s, string(text))
					may := record.Outcome == decision.Allowed
					if may != slices.Contains(listed[parameter], action) {
						t.Errorf("world %d, %s: %s on %s is decided %s and listed in %v", seed, user, action, parameter, record.Outcome, listed[parameter])
					}
					if may {
						allowed++
					} else {
						denied++
					}
				}
			}
		}
	}
	if allowed < 50 || denied < 50 {
		t.Errorf("only %d questions were allowed and %d denied", allowed, denied)
	}
}

// randomGrant draws a policy of one or two statements.
func randomGrant(r *rand.Rand, actions, resources []string) string {
	var statements []map[string]string
	for i := range 1 + r.IntN(2) {
		effect := "Allow"
		if i == 1 && r.IntN(2) == 0 {
			effect = "Deny"
		}
		statements = append(statements, map[string]string{"Effect": effect, "Action": actions[r.IntN(len(actions))], "Resource": resources[r.IntN(len(resources))]})
	}
	text, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statements})
	if err != nil {
		panic(err)
	}
	return string(text)
}
