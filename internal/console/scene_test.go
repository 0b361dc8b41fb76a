package console_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/imagebuilder"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/writdev/writ/writtest"
)

// The accounts of the scene: alice's account owns, bob's account reads.
const (
	alice = "111122223333"
	bob   = "444455556666"
	db    = "arn:aws:ssm:us-east-1:" + alice + ":parameter/app/db"
)

// scene is a server with accounts that share: alice has a SecureString under a customer managed key; bob's
// user may read parameters, but is denied.
type scene struct {
	*writtest.Server
	reader aws.Config // bob's user
	key    string     // alice's
}

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{Server: writtest.New(t)}
	s.fill(t)
	return s
}

func (s *scene) fill(t *testing.T) {
	t.Helper()
	key, err := kms.NewFromConfig(s.Config(alice)).CreateKey(t.Context(), &kms.CreateKeyInput{Description: aws.String("Parameters")})
	if err != nil {
		t.Fatal(err)
	}
	s.key = *key.KeyMetadata.Arn
	parameters := ssm.NewFromConfig(s.Config(alice))
	for name, value := range map[string]string{"/app/db": "postgres://secret-value", "/app/url": "https://app.internal"} {
		in := &ssm.PutParameterInput{Name: &name, Value: &value, Type: types.ParameterTypeString, Tier: types.ParameterTierAdvanced}
		if name == "/app/db" {
			in.Type, in.KeyId = types.ParameterTypeSecureString, &s.key
		}
		if _, err := parameters.PutParameter(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	_, err = imagebuilder.NewFromConfig(s.Config(alice)).CreateImageRecipe(t.Context(), &imagebuilder.CreateImageRecipeInput{
		Name: aws.String("web"), SemanticVersion: aws.String("1.0.0"), ParentImage: aws.String("ami-0123456789abcdef0"), ClientToken: aws.String("recipe"),
	})
	if err != nil {
		t.Fatal(err)
	}
	s.reader = s.User(bob, "bob", `{"Version":"2012-10-17","Statement":[
  {"Sid":"ReadParameters","Effect":"Allow","Action":"ssm:GetParameter*","Resource":"*"},
  {"Sid":"UseKeys","Effect":"Allow","Action":"kms:Decrypt","Resource":"*","Condition":{"StringLike":{"kms:ViaService":"ssm.*.amazonaws.com"}}},
  {"Sid":"OfficeOnly","Effect":"Deny","Action":"ssm:Delete*","Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}
]}`)
}

// read reads alice's parameter as bob's user, and returns the error.
func (s *scene) read(t *testing.T) error {
	t.Helper()
	_, err := ssm.NewFromConfig(s.reader).GetParameter(t.Context(), &ssm.GetParameterInput{Name: aws.String(db), WithDecryption: aws.Bool(true)})
	return err
}

// grant lets principals read alice's parameter by a policy on it.
func (s *scene) grant(t *testing.T, principal string) {
	t.Helper()
	_, err := ssm.NewFromConfig(s.Config(alice)).PutResourcePolicy(t.Context(), &ssm.PutResourcePolicyInput{
		ResourceArn: aws.String(db),
		Policy:      aws.String(`{"Version":"2012-10-17","Statement":[{"Sid":"Partners","Effect":"Allow","Principal":{"AWS":"` + principal + `"},"Action":["ssm:GetParameter","ssm:GetParameters"],"Resource":"` + db + `"}]}`),
	})
	if err != nil {
		t.Fatal(err)
	}
}

// last returns the id of the last decision.
func (s *scene) last(t *testing.T) string {
	t.Helper()
	resp, err := http.Get(s.URL + "/_writ/decisions?limit=1")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var list struct{ Decisions []struct{ ID string } }
	if err := json.NewDecoder(resp.Body).Decode(&list); err != nil || len(list.Decisions) == 0 {
		t.Fatal(err, list)
	}
	return list.Decisions[0].ID
}

// newEmpty returns a server without any requests.
func newEmpty(t *testing.T) *writtest.Server { t.Helper(); return writtest.New(t) }

func (s *scene) console() string { return s.URL + "/_writ/console/" }

// quoted returns a text as a JavaScript string.
func quoted(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		panic(err) // a string always encodes
	}
	return string(b)
}

func contains(text, part string) bool { return strings.Contains(text, part) }
