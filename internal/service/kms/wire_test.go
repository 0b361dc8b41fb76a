package kms_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/writdev/writ/writtest"
)

// raw sends a request as alice and returns its status and body.
func raw(t *testing.T, s *writtest.Server, operation string, members any) (int, string) {
	t.Helper()
	body, err := json.Marshal(members)
	ok(t, err)
	req, err := http.NewRequest("POST", s.URL+"/", strings.NewReader(string(body)))
	ok(t, err)
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", "TrentService."+operation)
	key, err := s.Config(alice).Credentials.Retrieve(ctx)
	ok(t, err)
	sum := sha256.Sum256(body)
	ok(t, v4.NewSigner().SignHTTP(ctx, key, req, hex.EncodeToString(sum[:]), "kms", writtest.Region, time.Now()))
	res, err := http.DefaultClient.Do(req)
	ok(t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	ok(t, err)
	return res.StatusCode, string(text)
}

// TestWire tests a key policy on the wire, byte for byte.
func TestWire(t *testing.T) {
	s := writtest.New(t)
	a := root(t, s, alice)
	id := *a.describe(a.key()).KeyId
	policy := owned(lets(bob, "kms:Decrypt", "kms:DescribeKey"))
	quoted, err := json.Marshal(policy)
	ok(t, err)
	for _, step := range []struct {
		operation string
		members   map[string]string
		status    int
		body      string
	}{
		{"PutKeyPolicy", map[string]string{"KeyId": id, "PolicyName": "default", "Policy": policy}, 200, ""},
		{"GetKeyPolicy", map[string]string{"KeyId": id}, 200, `{"Policy":` + string(quoted) + `,"PolicyName":"default"}`},
		{"ListKeyPolicies", map[string]string{"KeyId": id}, 200, `{"PolicyNames":["default"],"Truncated":false}`},
		{"GetKeyPolicy", map[string]string{"KeyId": "nope"}, 400, `{"__type":"NotFoundException","message":"Invalid keyId 'nope'"}`},
		{"Decrypt", map[string]string{"CiphertextBlob": "AQAB"}, 400, `{"__type":"InvalidCiphertextException"}`},
		{"Sign", nil, 400, ""},
	} {
		status, body := raw(t, s, step.operation, step.members)
		if status != step.status || step.operation != "Sign" && body != step.body {
			t.Errorf("%s %v: %d %s, want %d %s", step.operation, step.members, status, body, step.status, step.body)
		}
	}
}
