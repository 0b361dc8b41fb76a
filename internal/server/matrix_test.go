package server_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/writdev/writ/internal/server"
	"github.com/writdev/writ/internal/service"
	"github.com/writdev/writ/internal/service/imagebuilder"
	"github.com/writdev/writ/internal/wire"
	"github.com/writdev/writ/writtest"
)

const (
	alice = "111122223333" // owns what the samples name
	bob   = "444455556666" // does not
)

// TestAuthorizationMatrix sends every operation of every service with each kind
// of credentials that must not suffice. The requests are made from the
// operation tables: a new operation is in the matrix without being named here.
func TestAuthorizationMatrix(t *testing.T) {
	s := writtest.New(t)
	allowed := s.User(alice, "allowed", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`)
	for _, svc := range server.Services(imagebuilder.Lifecycle(0)) {
		for i := range svc.Operations {
			op := &svc.Operations[i]
			t.Run(op.Action, func(t *testing.T) {
				deny := s.User(alice, "denied-"+op.Wire.Name, fmt.Sprintf(`{"Version":"2012-10-17","Statement":[
					{"Effect":"Allow","Action":"*","Resource":"*"},
					{"Effect":"Deny","Action":%q,"Resource":"*"}]}`, op.Action))
				p := svc.API.Protocol
				open := op.Action == "sts:GetCallerIdentity" // needs no permission

				send(t, s, op, nil).want(t, denial(p, "MissingAuthenticationToken"))
				send(t, s, op, credentials("AKIAIOSFODNN7EXAMPLE", "test")).want(t, denial(p, "UnrecognizedClient"))
				send(t, s, op, credentials(alice, "wrong")).want(t, denial(p, "InvalidSignature"))
				if mentions(op, alice) {
					want := denial(p, "AccessDenied")
					if op.Access == service.OwnerWrite {
						want = "ForbiddenException 403"
					}
					send(t, s, op, credentials(bob, "test")).want(t, want)
				}
				control := send(t, s, op, allowed.Credentials)
				if strings.HasPrefix(control.code, "AccessDenied") || control.status >= 500 {
					t.Errorf("a caller who may do everything got %s", control)
				}
				denied := send(t, s, op, deny.Credentials)
				if open {
					denied.want(t, "200")
				} else {
					denied.want(t, denial(p, "AccessDenied"))
					if !strings.Contains(denied.body, "with an explicit deny in an identity-based policy") {
						t.Errorf("the denial does not say why: %s", denied.body)
					}
				}
			})
		}
	}
}

// denial is the code and status of a refusal in a protocol.
func denial(p wire.Protocol, name string) string {
	if p == wire.Query {
		return map[string]string{
			"MissingAuthenticationToken": "MissingAuthenticationToken 403",
			"UnrecognizedClient":         "InvalidClientTokenId 403",
			"InvalidSignature":           "SignatureDoesNotMatch 403",
			"AccessDenied":               "AccessDenied 403",
		}[name]
	}
	if p == wire.AWSJSON {
		return name + "Exception 400"
	}
	return name + "Exception 403"
}

// response is an answer as far as the tests look at it.
type response struct {
	status int
	code   string
	body   string
	header http.Header
}

func (r response) String() string {
	return strings.TrimSpace(fmt.Sprintf("%s %d", r.code, r.status))
}

func (r response) want(t *testing.T, want string) {
	t.Helper()
	if r.String() != want {
		t.Errorf("got %s, want %s; body: %s", r, want, r.body)
	}
}

func credentials(id, secret string) aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: id, SecretAccessKey: secret}, nil
	})
}

// send sends a sample of the operation, signed unless there are no credentials.
func send(t *testing.T, s *writtest.Server, op *service.Operation, by aws.CredentialsProvider) response {
	t.Helper()
	req, body := sampleRequest(t, s.URL, op.Wire)
	if by != nil {
		sign(t, req, body, op.Wire.Service.Name, by, time.Now())
	}
	return do(t, req)
}

func sign(t testing.TB, req *http.Request, body []byte, scope string, by aws.CredentialsProvider, at time.Time) {
	t.Helper()
	c, err := by.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	hash := sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(t.Context(), c, req, hex.EncodeToString(hash[:]), scope, writtest.Region, at); err != nil {
		t.Fatal(err)
	}
}

func do(t *testing.T, req *http.Request) response {
	t.Helper()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response{resp.StatusCode, errorCode(resp.Header, string(body)), string(body), resp.Header}
}

// errorCode finds the error's code where each protocol has it; "" for success.
func errorCode(h http.Header, body string) string {
	if code := h.Get("X-Amzn-Errortype"); code != "" {
		return code
	}
	if _, rest, ok := strings.Cut(body, "<Code>"); ok {
		code, _, _ := strings.Cut(rest, "</Code>")
		return code
	}
	var e struct {
		Type string `json:"__type"`
	}
	_ = json.Unmarshal([]byte(body), &e)
	return e.Type
}

// sampleRequest makes an unsigned request with a sample of each required member.
func sampleRequest(t *testing.T, endpoint string, op *wire.Operation) (*http.Request, []byte) {
	t.Helper()
	query, members, path := url.Values{}, map[string]any{}, op.Path
	for name, where := range sampled(op) {
		value, ok := samples[name]
		if !ok {
			t.Fatalf("%s: no sample for the required member %s; add one to samples", op.Name, name)
		}
		switch where {
		case "query":
			query.Set(name, fmt.Sprint(value))
		case "uri":
			path = strings.Replace(path, "{"+name+"}", url.PathEscape(value.(string)), 1)
		default:
			members[name] = value
		}
	}
	var body []byte
	header := http.Header{}
	switch op.Service.Protocol {
	case wire.Query:
		form := url.Values{"Action": {op.Name}, "Version": {op.Service.Version}}
		body = []byte(form.Encode())
		header.Set("Content-Type", "application/x-www-form-urlencoded")
	case wire.AWSJSON:
		header.Set("X-Amz-Target", op.Service.TargetPrefix+"."+op.Name)
		header.Set("Content-Type", "application/x-amz-json-1.1")
		body = marshal(t, members)
	default:
		if len(members) > 0 {
			body = marshal(t, members)
		}
	}
	address := endpoint + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	req, err := http.NewRequest(op.Method, address, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header
	return req, body
}

func marshal(t *testing.T, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// sampled lists the members of a sample with where they travel: the required
// ones, and those that an operation demands beyond its model.
func sampled(op *wire.Operation) map[string]string {
	members := map[string]string{}
	for i := range op.In.NumField() {
		name, opts, _ := strings.Cut(op.In.Field(i).Tag.Get("wire"), ",")
		if !strings.Contains(","+opts+",", ",required,") && !wanted[op.Name+"."+name] {
			continue
		}
		members[name] = ""
		for _, where := range []string{"query", "uri"} {
			if strings.Contains(","+opts+",", ","+where+",") {
				members[name] = where
			}
		}
	}
	return members
}

// wanted are members that the model calls optional and the service demands.
var wanted = map[string]bool{
	"CreateComponent.data":                           true,
	"CreateImage.imageRecipeArn":                     true,
	"CreateImagePipeline.imageRecipeArn":             true,
	"UpdateImagePipeline.imageRecipeArn":             true,
	"ImportComponent.data":                           true,
	"ListComponentBuildVersions.componentVersionArn": true,
	"ListImageBuildVersions.imageVersionArn":         true,
	"CreateContainerRecipe.dockerfileTemplateData":   true,
	"CreateContainerRecipe.components":               true,
	"CreateImageRecipe.components":                   true,
}

// mentions reports whether the sample of an operation names a resource of the
// account.
func mentions(op *service.Operation, account string) bool {
	for name := range sampled(op.Wire) {
		text, err := json.Marshal(samples[name])
		if err == nil && bytes.Contains(text, []byte(":"+account+":")) {
			return true
		}
	}
	return false
}

const ours = "arn:aws:imagebuilder:us-east-1:" + alice + ":"

// samples are valid values of members, by name on the wire.
var samples = map[string]any{
	"clientToken":                    "token",
	"componentArn":                   ours + "component/agent/1.0.0/1",
	"componentBuildVersionArn":       ours + "component/agent/1.0.0/1",
	"componentVersionArn":            ours + "component/agent/1.0.0",
	"components":                     []any{map[string]any{"componentArn": ours + "component/agent/1.0.0/1"}},
	"containerRecipeArn":             ours + "container-recipe/app/1.0.0",
	"containerType":                  "DOCKER",
	"data":                           "schemaVersion: 1.0\nphases:\n  - name: build\n    steps: []\n",
	"distributionConfigurationArn":   ours + "distribution-configuration/home",
	"distributions":                  []any{map[string]any{"region": "us-east-1"}},
	"dockerfileTemplateData":         "FROM {{{ imagebuilder:parentImage }}}",
	"format":                         "SHELL",
	"imageArn":                       ours + "image/web/1.0.0/1",
	"imageBuildVersionArn":           ours + "image/web/1.0.0/1",
	"imagePipelineArn":               ours + "image-pipeline/nightly",
	"imageRecipeArn":                 ours + "image-recipe/web/1.0.0",
	"imageVersionArn":                ours + "image/web/1.0.0",
	"infrastructureConfigurationArn": ours + "infrastructure-configuration/small",
	"instanceProfileName":            "builder",
	"name":                           "sample",
	"parentImage":                    "ami-0123456789abcdef0",
	"platform":                       "Linux",
	"policy":                         `{"Version":"2012-10-17","Statement":[]}`,
	"resourceArn":                    ours + "image/web/1.0.0/1",
	"semanticVersion":                "1.0.0",
	"tagKeys":                        "team",
	"tags":                           map[string]any{"team": "red"},
	"targetRepository":               map[string]any{"service": "ECR", "repositoryName": "app"},
	"type":                           "BUILD",
}

// TestSamplesAreComplete shows that every sample is one that some operation takes.
func TestSamplesAreComplete(t *testing.T) {
	used := map[string]bool{}
	for _, svc := range server.Services(imagebuilder.Lifecycle(0)) {
		for _, op := range svc.Operations {
			for name := range sampled(op.Wire) {
				used[name] = true
			}
			if op.Wire.In.Kind() != reflect.Struct {
				t.Errorf("%s: the input is no struct", op.Action)
			}
		}
	}
	for name := range samples {
		if !used[name] {
			t.Errorf("no operation takes the sample %s", name)
		}
	}
}
