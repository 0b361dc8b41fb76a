package server_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/server"
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
	assumableRole(t, s)
	for _, svc := range server.Services(operation.Instant) {
		for i := range svc.Operations {
			op := &svc.Operations[i]
			t.Run(op.Action, func(t *testing.T) {
				if takesToken(op.Action) { // that of the sample is of nobody
					send(t, s, op, nil).want(t, "InvalidIdentityToken 400")
					send(t, s, op, allowed.Credentials).want(t, "InvalidIdentityToken 400")
					return
				}
				deny := s.User(alice, "denied-"+op.Wire.Name, fmt.Sprintf(`{"Version":"2012-10-17","Statement":[
					{"Effect":"Allow","Action":"*","Resource":"*"},
					{"Effect":"Deny","Action":%q,"Resource":"*"}]}`, op.Action))
				p := svc.API.Protocol
				open := op.Action == "sts:GetCallerIdentity" || op.Action == "sts:GetSessionToken" // need no permission

				send(t, s, op, nil).want(t, denial(p, "MissingAuthenticationToken"))
				send(t, s, op, credentials("AKIAIOSFODNN7EXAMPLE", "test")).want(t, denial(p, "UnrecognizedClient"))
				send(t, s, op, credentials(alice, "wrong")).want(t, denial(p, "InvalidSignature"))
				if mentions(t, op, alice) {
					want := denial(p, "AccessDenied")
					if e, ok := errors.AsType[*awserr.Error](svc.NotOwner); ok && op.Access == operation.OwnerWrite {
						want = fmt.Sprint(e.Code, " ", e.Status)
					}
					send(t, s, op, credentials(bob, "test")).want(t, want)
				}
				control := send(t, s, op, allowed.Credentials)
				unknownKey := strings.Contains(control.body, "on resource: access key ") // so AWS answers for a key that does not exist
				if strings.HasPrefix(control.code, "AccessDenied") && !unknownKey || control.status >= 500 {
					t.Errorf("a caller who may do everything got %s", control)
				}
				denied := send(t, s, op, deny.Credentials)
				if open {
					denied.want(t, "200")
				} else {
					denied.want(t, denial(p, "AccessDenied"))
					// Of a denied AssumeRole AWS does not say why.
					if op.Action != "sts:AssumeRole" && !strings.Contains(denied.body, "with an explicit deny in an identity-based policy") {
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
func send(t *testing.T, s *writtest.Server, op *operation.Operation, by aws.CredentialsProvider) response {
	t.Helper()
	req, body := sampleRequest(t, s.URL, op.Wire)
	if by != nil {
		sign(t, req, body, op.Wire.Service.Name, by, time.Now())
	}
	return do(t, req)
}

func sign(t testing.TB, req *http.Request, body []byte, scope string, by aws.CredentialsProvider, at time.Time) {
	t.Helper()
	signIn(t, req, body, scope, writtest.Region, by, at)
}

// signIn is sign for a region.
func signIn(t testing.TB, req *http.Request, body []byte, scope, region string, by aws.CredentialsProvider, at time.Time) {
	t.Helper()
	c, err := by.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	hash := sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(t.Context(), c, req, hex.EncodeToString(hash[:]), scope, region, at); err != nil {
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
	return requestWith(t, endpoint, op, nil)
}

// requestWith is sampleRequest with other values of some members, which travel in the
// body.
func requestWith(t *testing.T, endpoint string, op *wire.Operation, values map[string]any) (*http.Request, []byte) {
	t.Helper()
	query, members, path := url.Values{}, map[string]any{}, op.Path
	for name, value := range values {
		members[name] = value
	}
	for name, where := range sampled(t, op) {
		if values[name] != nil {
			continue
		}
		value := sample(t, op, name)
		if value == nil {
			t.Fatalf("%s: no sample of the required member %s; add one to testdata/samples.json of the service", op.Name, name)
		}
		switch where {
		case "query":
			for _, item := range list(value) {
				query.Add(name, fmt.Sprint(item))
			}
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
		for name, value := range members {
			flatten(form, name, value)
		}
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

// list is a value as a list: itself if it is one.
func list(value any) []any {
	if items, ok := value.([]any); ok {
		return items
	}
	return []any{value}
}

// flatten writes a value into a form as awsQuery does: lists as name.member.1,
// structures as name.member.
func flatten(form url.Values, name string, value any) {
	switch value := value.(type) {
	case []any:
		for i, item := range value {
			flatten(form, fmt.Sprintf("%s.member.%d", name, i+1), item)
		}
	case map[string]any:
		for member, item := range value {
			flatten(form, name+"."+member, item)
		}
	default:
		form.Set(name, fmt.Sprint(value))
	}
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
func sampled(t *testing.T, op *wire.Operation) map[string]string {
	samples := samplesOf(t, op.Service)
	members := map[string]string{}
	for i := range op.In.NumField() {
		name, opts, _ := strings.Cut(op.In.Field(i).Tag.Get("wire"), ",")
		if !strings.Contains(","+opts+",", ",required,") && samples[op.Name+"."+name] == nil {
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

// sample is a valid value of a member, nil if there is none.
func sample(t *testing.T, op *wire.Operation, member string) any {
	t.Helper()
	samples := samplesOf(t, op.Service)
	if value := samples[op.Name+"."+member]; value != nil {
		return value
	}
	return samples[member]
}

// testdataOf is the path of a file in the testdata of a service.
func testdataOf(svc *wire.Service, file string) string {
	return filepath.Join("..", "service", strings.ReplaceAll(svc.Name, "-", ""), "testdata", file)
}

// samplesOf reads testdata/samples.json of a service: valid values of members
// by name, "ResourceArn", or for one operation "TagResource.ResourceArn". The
// latter is also sent where the model calls the member optional.
func samplesOf(t *testing.T, svc *wire.Service) map[string]any {
	t.Helper()
	text, err := os.ReadFile(testdataOf(svc, "samples.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	samples := map[string]any{}
	if err == nil {
		err = json.Unmarshal(text, &samples)
	}
	if err != nil {
		t.Fatal(err)
	}
	return samples
}

// mentions reports whether the sample of an operation names a resource of the
// account.
func mentions(t *testing.T, op *operation.Operation, account string) bool {
	for name := range sampled(t, op.Wire) {
		if bytes.Contains(marshal(t, sample(t, op.Wire, name)), []byte(":"+account+":")) {
			return true
		}
	}
	return false
}

// TestSamplesAreNeeded shows that every sample is one that some operation takes.
func TestSamplesAreNeeded(t *testing.T) {
	for _, svc := range server.Services(operation.Instant) {
		unused := samplesOf(t, svc.API)
		for _, op := range svc.Operations {
			for i := range op.Wire.In.NumField() {
				name, _, _ := strings.Cut(op.Wire.In.Field(i).Tag.Get("wire"), ",")
				delete(unused, name)
				delete(unused, op.Wire.Name+"."+name)
			}
		}
		for name := range unused {
			t.Errorf("%s: no operation takes the sample %s", svc.API.Name, name)
		}
	}
}

// TestPatterns compiles every pattern that some input of some service must
// match: one that Go cannot express, and that has no twin in package wire, would
// refuse every value.
func TestPatterns(t *testing.T) {
	for _, svc := range server.Services(operation.Instant) {
		for _, op := range svc.Operations {
			if err := op.Wire.Compile(); err != nil {
				t.Errorf("%s: %v", op.Action, err)
			}
		}
	}
}
