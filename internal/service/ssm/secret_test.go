package ssm_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/writdev/writ/writtest"
)

// TestReferenceToSecret reads secrets as parameters: by name, version and label, with the permissions of both
// services and of the key.
func TestReferenceToSecret(t *testing.T) {
	s := writtest.New(t)
	manager := secretsmanager.NewFromConfig(s.Config(alice))
	made, err := manager.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: new("app/db"), SecretString: new("S1")})
	ok(t, err)
	_, err = manager.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: made.ARN, SecretString: new("S2")})
	ok(t, err)
	const name = "/aws/reference/secretsmanager/app/db"
	get := func(c client, name string) (*ssm.GetParameterOutput, error) {
		return c.GetParameter(ctx, &ssm.GetParameterInput{Name: &name, WithDecryption: new(true)})
	}
	c := newClient(t, s, alice)
	for selector, want := range map[string]string{"": "S2", ":AWSCURRENT": "S2", ":AWSPREVIOUS": "S1", ":" + *made.VersionId: "S1"} {
		out, err := get(c, name+selector)
		ok(t, err)
		p := out.Parameter
		var source struct{ ARN, Name, SecretString string }
		ok(t, json.Unmarshal([]byte(*p.SourceResult), &source))
		if *p.Value != want || *p.Name != name || *p.ARN != *made.ARN || p.Type != types.ParameterTypeSecureString || p.Version != 0 || source.SecretString != want || source.Name != "app/db" {
			t.Errorf("%s: %+v", selector, p)
		}
		if selector != "" && *p.Selector != selector {
			t.Errorf("%s: selector %s", selector, *p.Selector)
		}
	}
	for _, unknown := range []string{"/aws/reference/secretsmanager/none", name + ":AWSPENDING", name + ":11111111-1111-4111-8111-111111111111"} {
		_, err := get(c, unknown)
		wantError(t, err, notFound, "Secret "+unknown+" not found.")
	}
	_, err = c.GetParameter(ctx, &ssm.GetParameterInput{Name: new(name)})
	wantError(t, err, validation, "WithDecryption flag must be True for retrieving a Secret Manager secret.")

	parameter, secret := identity("Allow", "ssm:GetParameter", parameterARN(alice, "aws/reference/secretsmanager/app/db")), identity("Allow", "secretsmanager:GetSecretValue", *made.ARN)
	for user, statements := range map[string][]string{"parameter": {parameter}, "secret": {secret}} {
		_, err := get(as(t, s, alice, user, statements...), name)
		wantCode(t, err, accessDenied)
	}
	_, err = get(as(t, s, alice, "both", parameter, secret), name)
	ok(t, err)
	through := func(service string) string {
		return strings.TrimSuffix(secret, "}") + `,"Condition":{"ForAnyValue:StringEquals":{"aws:CalledVia":"` + service + `.amazonaws.com"}}}`
	}
	_, err = get(as(t, s, alice, "through", parameter, through("ssm")), name)
	ok(t, err)
	_, err = get(as(t, s, alice, "through-another", parameter, through("lambda")), name)
	wantCode(t, err, accessDenied)
	_, err = manager.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: made.ARN})
	ok(t, err)
	_, err = get(c, name)
	wantCode(t, err, notFound)
}
