package server_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/writdev/writ/internal/decision"
	"github.com/writdev/writ/writtest"
)

// newTeamRole creates a role whose sessions read the parameters of the team in their session tags, with a source
// identity, and a user who may assume it.
func newTeamRole(t *testing.T, s *writtest.Server) (role string, ann aws.Config) {
	t.Helper()
	ann = s.User(alice, "ann", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:*","Resource":"*"}}`)
	client := iam.NewFromConfig(s.Config(alice))
	made, err := client.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: new("team"), AssumeRolePolicyDocument: new(
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + alice + `"},"Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]}}`)})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: new("team"), PolicyName: new("reads"), PolicyDocument: new(
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ssm:*","Resource":"arn:aws:ssm:*:*:parameter/${aws:PrincipalTag/team}/*","Condition":{"StringEquals":{"aws:SourceIdentity":["ann","eve"]}}}}`)})
	if err != nil {
		t.Fatal(err)
	}
	return *made.Role.Arn, ann
}

// sessionConfig is the configuration of a client with the credentials of a session.
func sessionConfig(s *writtest.Server, c *ststypes.Credentials) aws.Config {
	cfg := s.Config(alice)
	cfg.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: *c.AccessKeyId, SecretAccessKey: *c.SecretAccessKey, SessionToken: *c.SessionToken}, nil
	})
	return cfg
}

// TestDecideSession decides hypothetical sessions as the gate decides real ones with the same settings.
func TestDecideSession(t *testing.T) {
	s := writtest.New(t)
	role, ann := newTeamRole(t, s)
	const readOnly = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ssm:Get*","Resource":"*"}}`
	allowed := 0
	for _, team := range []string{"", "blue", "red"} {
		for _, source := range []string{"", "ann", "bob"} {
			for _, limit := range []string{"", readOnly} {
				in := &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: new("work")}
				settings := map[string]any{}
				if team != "" {
					in.Tags, settings["tags"] = []ststypes.Tag{{Key: new("team"), Value: &team}}, map[string]string{"team": team}
				}
				if source != "" {
					in.SourceIdentity, settings["sourceIdentity"] = &source, source
				}
				if limit != "" {
					in.Policy, settings["policy"] = &limit, limit
				}
				out, err := sts.NewFromConfig(ann).AssumeRole(t.Context(), in)
				if err != nil {
					t.Fatal(err)
				}
				session := sessionConfig(s, out.Credentials)
				for _, action := range []string{"ssm:PutParameter", "ssm:GetParameter"} {
					if action == "ssm:PutParameter" {
						_, err = ssm.NewFromConfig(session).PutParameter(t.Context(), &ssm.PutParameterInput{Name: new("/blue/url"), Value: new("v"), Type: "String", Overwrite: new(true)})
					} else {
						_, err = ssm.NewFromConfig(session).GetParameter(t.Context(), &ssm.GetParameterInput{Name: new("/blue/url")})
					}
					body, encodeErr := json.Marshal(map[string]any{"principal": role, "action": action, "resource": "arn:aws:ssm:us-east-1:" + alice + ":parameter/blue/url", "session": settings})
					if encodeErr != nil {
						t.Fatal(encodeErr)
					}
					r, status := ask(t, s, string(body))
					really := err == nil || !strings.Contains(err.Error(), "AccessDenied")
					if status != http.StatusOK || (r.Outcome == decision.Allowed) != really {
						t.Errorf("%s with %v: hypothetically %s, really %v", action, settings, r.Outcome, err)
					}
					if really {
						allowed++
					}
				}
			}
		}
	}
	if allowed != 3 { // ann and blue: both actions, and one with the session policy
		t.Errorf("%d requests were allowed, want 3", allowed)
	}
	for settings, principal := range map[string]string{
		`{"mfa":true}`:                    role,
		`{"tags":{"a":"b"}}`:              "arn:aws:iam::" + alice + ":user/ann",
		`{"policy":"{}"}`:                 role,
		`{"policy":"x"}`:                  role,
		`{"sourceIdentity":"a b"}`:        role,
		`{"sourceIdentity":"ann"}`:        alice,
		`{"policyArns":["x"]}`:            role,
		`{"tags":{"aws:x":"1"}}`:          role,
		`{"tags":{"Team":"1","team":""}}`: role,
		`{"mfa":false}`:                   "sns.amazonaws.com",
	} {
		if r, status := ask(t, s, `{"principal":"`+principal+`","action":"ssm:GetParameter","session":`+settings+`}`); status != http.StatusBadRequest {
			t.Errorf("%s of %s: status %d %s", settings, principal, status, r.Outcome)
		}
	}
}

// TestDecideMFA asks as a user who authenticated with MFA, which a policy requires.
func TestDecideMFA(t *testing.T) {
	s := writtest.New(t)
	s.User(alice, "ann", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ssm:GetParameter","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"},"NumericLessThan":{"aws:MultiFactorAuthAge":"60"}}}}`)
	for settings, want := range map[string]decision.Outcome{`{}`: decision.Denied, `{"mfa":true}`: decision.Allowed, `{"mfa":false}`: decision.Denied} {
		if r, _ := ask(t, s, `{"principal":"arn:aws:iam::`+alice+`:user/ann","action":"ssm:GetParameter","resource":"`+sharedParameter+`","session":`+settings+`}`); r.Outcome != want {
			t.Errorf("%s: %s, want %s", settings, r.Outcome, want)
		}
	}
}

// TestDecideChanged changes members of an earlier request: what is not changed stays, such as its session.
func TestDecideChanged(t *testing.T) {
	s := writtest.New(t)
	role, ann := newTeamRole(t, s)
	out, err := sts.NewFromConfig(ann).AssumeRole(t.Context(), &sts.AssumeRoleInput{
		RoleArn: &role, RoleSessionName: new("work"), SourceIdentity: new("ann"), Tags: []ststypes.Tag{{Key: new("team"), Value: new("blue")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	session := sessionConfig(s, out.Credentials)
	if _, err := ssm.NewFromConfig(session).PutParameter(context.Background(), &ssm.PutParameterInput{Name: new("/blue/url"), Value: new("v"), Type: "String"}); err != nil {
		t.Fatal(err)
	}
	var list listed
	fetch(t, s.URL+"/_writ/decisions?action=ssm:PutParameter", &list)
	id := list.Decisions[0].ID
	for change, want := range map[string]decision.Outcome{
		``:                                decision.Allowed,
		`,"action":"ssm:DeleteParameter"`: decision.Allowed,
		`,"resource":"arn:aws:ssm:us-east-1:` + alice + `:parameter/red/url"`: decision.Denied,
		`,"session":{"tags":{"team":"red"}}`:                                  decision.Denied,
		`,"session":{"tags":{}}`:                                              decision.Denied,
		`,"session":{"sourceIdentity":"eve"}`:                                 decision.Allowed,
		`,"session":{"sourceIdentity":""}`:                                    decision.Denied,
		`,"context":{"aws:sourceidentity":"bob"}`:                             decision.Denied,
		`,"context":{"aws:SourceIdentity":[]}`:                                decision.Denied,
		`,"context":{"aws:PrincipalTag/team":"red"}`:                          decision.Denied,
		`,"context":{"aws:PrincipalTag/Team":"red"},"resource":"` + "arn:aws:ssm:us-east-1:" + alice + `:parameter/red/url"`:                   decision.Allowed,
		`,"session":{"policy":"{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"ssm:Get*\",\"Resource\":\"*\"}}"}`: decision.Denied,
		`,"principal":"` + role + `"`:  decision.Denied, // a session without tags
		`,"principal":"` + alice + `"`: decision.Allowed,
	} {
		if r, status := ask(t, s, `{"decision":"`+id+`"`+change+`}`); status != http.StatusOK || r.Outcome != want {
			t.Errorf("%s: %d %s, want %s: %s", change, status, r.Outcome, want, r.Sentence)
		}
	}
	for _, body := range []string{`{"decision":"` + id + `.1"}`, `{"decision":"` + id + `.x"}`, `{"decision":"none"}`, `{"decision":"` + id + `","action":"ssm:*"}`} {
		if _, status := ask(t, s, body); status != http.StatusBadRequest {
			t.Errorf("%s: status %d", body, status)
		}
	}
}
