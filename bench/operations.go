package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"time"
)

// Targets of operations that compute more than they read, over 16 connections.
const (
	targetOfAnalysis = 3000. // ValidatePolicy and CheckNoNewAccess of 20 statements, a second
	targetOfToken    = 3000. // AssumeRoleWithWebIdentity, a second
	targetOfSign     = 0.6   // Sign with ECC_NIST_P256, relative to a server that only signs
	targetOfFindings = 20 * time.Millisecond
)

const (
	issuer       = "token.actions.githubusercontent.com"
	tokenRole    = "bench-token"
	signAlias    = "alias/bench-sign"
	shared       = 10_000 // images with a policy that names another account: a finding each
	analyzerName = "bench"
)

// twenty returns a policy of 20 statements, the last of which may be wide. Policies of
// another edition differ in each statement, so that no answer can be remembered from another
// request.
func twenty(edition int, last string) string {
	statements := make([]string, 20)
	for i := range statements {
		action := "PutObject"
		if i == 19 {
			action = last
		}
		statements[i] = fmt.Sprintf(`{"Sid":"S%d","Effect":"Allow","Action":["s3:GetObject","s3:%s"],"Resource":"arn:aws:s3:::bucket%d/%d/*",`+
			`"Condition":{"StringEquals":{"aws:PrincipalTag/team":"t%d"}}}`, i, action, i, edition, i)
	}
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}

// analyzer encodes an operation of Access Analyzer with a JSON body.
func (s *signer) analyzer(method, path string, input map[string]any) []byte {
	return s.request(call{service: "access-analyzer", method: method, path: path, contentType: "application/json", body: marshal(input)})
}

func (s *signer) validatePolicy(int) []byte {
	return s.analyzer("POST", "/policy/validation", map[string]any{"policyType": "IDENTITY_POLICY", "policyDocument": twenty(rand.IntN(1e9), "PutObject")})
}

func (s *signer) checkNoNewAccess(int) []byte {
	edition := rand.IntN(1e9)
	return s.analyzer("POST", "/policy/check-no-new-access", map[string]any{
		"policyType": "IDENTITY_POLICY", "existingPolicyDocument": twenty(edition, "*"), "newPolicyDocument": twenty(edition, "PutObject")})
}

func (s *signer) listFindings(int) []byte {
	return s.analyzer("POST", "/finding", map[string]any{"analyzerArn": analyzerARN})
}

const analyzerARN = "arn:aws:access-analyzer:" + region + ":" + account + ":analyzer/" + analyzerName

// sign signs a message with the key of the alias.
func (s *signer) sign(int) []byte {
	return s.kms("Sign", map[string]any{"KeyId": signAlias, "Message": "aGVsbG8=", "SigningAlgorithm": "ECDSA_SHA_256"})
}

func (s *signer) kms(operation string, input map[string]any) []byte {
	return s.request(call{service: "kms", method: "POST", path: "/", target: "TrentService." + operation,
		contentType: "application/x-amz-json-1.1", body: marshal(input)})
}

// webIdentity encodes AssumeRoleWithWebIdentity, which has no signature: the token of the
// credentials is the web identity's.
func (s *signer) webIdentity(int) []byte {
	body := "Action=AssumeRoleWithWebIdentity&Version=" + stsVersion + "&RoleArn=arn:aws:iam::" + account + ":role/" + tokenRole +
		"&RoleSessionName=bench&WebIdentityToken=" + s.as.token
	return fmt.Appendf(nil, "POST / HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", s.host, len(body), body)
}

// createImage makes an image of a recipe, unless its client token was sent before.
func (s *signer) createImage(i int) []byte {
	return s.imageBuilder("CreateImage", map[string]any{
		"imageRecipeArn":                 fmt.Sprintf("arn:aws:imagebuilder:%s:%s:image-recipe/%s/1.0.0", region, account, recipeName(0)),
		"infrastructureConfigurationArn": fmt.Sprintf("arn:aws:imagebuilder:%s:%s:infrastructure-configuration/bench", region, account),
		"clientToken":                    fmt.Sprintf("%d-%d", i, rand.IntN(1e9)),
	})
}

// prepareOperations creates what the operations need, and returns the token of a web
// identity.
func prepareOperations(address string) (credentials, error) {
	root := newSigner(address, rootOf(account))
	s := &setup{conn: &conn{address: address}}
	defer s.conn.close()
	var key struct{ KeyMetadata struct{ KeyId string } }
	s.ask(root.kms("CreateKey", map[string]any{"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}), "CreateKey", json.Unmarshal, &key)
	s.ask(root.kms("CreateAlias", map[string]any{"AliasName": signAlias, "TargetKeyId": key.KeyMetadata.KeyId}), "CreateAlias", nil, nil)

	s.iam(root, "CreateOpenIDConnectProvider", map[string]string{"Url": "https://" + issuer, "ClientIDList.member.1": "sts.amazonaws.com"}, nil)
	s.iam(root, "CreateRole", map[string]string{"RoleName": tokenRole, "AssumeRolePolicyDocument": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` +
		`"Principal":{"Federated":"arn:aws:iam::` + account + `:oidc-provider/` + issuer + `"},"Action":"sts:AssumeRoleWithWebIdentity",` +
		`"Condition":{"StringLike":{"` + issuer + `:sub":"repo:bench/*"},"StringEquals":{"` + issuer + `:aud":"sts.amazonaws.com"}}}]}`}, nil)

	s.ask(root.analyzer("PUT", "/analyzer", map[string]any{"analyzerName": analyzerName, "type": "ACCOUNT"}), "CreateAnalyzer", nil, nil)
	if s.err != nil {
		return credentials{}, s.err
	}
	token, err := s.conn.post("/_writ/oidc/"+issuer+"/token", map[string]any{"seconds": 3600,
		"claims": map[string]any{"sub": "repo:bench/bench:ref:refs/heads/main", "aud": "sts.amazonaws.com"}})
	return credentials{token: token}, err
}

// post sends a request of Writ's own and returns the token of its answer.
func (c *conn) post(path string, input map[string]any) (string, error) {
	resp, err := http.Post("http://"+c.address+path, "application/json", strings.NewReader(marshal(input)))
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	var answer struct{ Token string }
	err = json.NewDecoder(resp.Body).Decode(&answer)
	if err == nil && answer.Token == "" {
		err = fmt.Errorf("POST %s: %s", path, resp.Status)
	}
	return answer.Token, err
}

// startSigner starts the server that a signature is compared with.
func (p plan) startSigner(ctx context.Context) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	bare, _, err := start(ctx, p.directory, "signer", address, get("/"), self, "echo", "-listen", address, "-sign")
	return bare, err
}

// measureOperations measures operations that compute more than they read.
func (p plan) measureOperations(ctx context.Context, r, targets *report) error {
	writ, _, err := p.startWrit(ctx, "operations")
	if err != nil {
		return err
	}
	defer writ.stop()
	if _, err := fill(writ.address, shared); err != nil {
		return fmt.Errorf("fill: %w", err)
	}
	identity, err := prepareOperations(writ.address)
	if err != nil {
		return fmt.Errorf("prepare: %w", err)
	}
	bare, err := p.startSigner(ctx)
	if err != nil {
		return err
	}
	defer bare.stop()
	root := rootOf(account)
	p.connections = []int{1}
	pages, err := p.contests(ctx, r, fmt.Sprintf("A page of findings of %d resources", shared), []contender{
		server("ListFindings, 100 findings", writ, root, "list-findings", 1)})
	if err != nil {
		return err
	}
	p.connections = []int{16}
	medians, err := p.contests(ctx, r, "Operations that compute", []contender{
		server("ValidatePolicy, 20 statements", writ, root, "validate-policy", 1),
		server("CheckNoNewAccess, 20 statements", writ, root, "check-no-new-access", 1),
		server("AssumeRoleWithWebIdentity", writ, identity, "web-identity", 1),
		server("a server that only signs", bare, root, "sign", 1),
		server("Sign, ECC_NIST_P256", writ, root, "sign", 1),
		server("CreateImage", writ, root, "create-image", 1),
	})
	if err != nil {
		return err
	}
	m := medians[0]
	for i, target := range []float64{targetOfAnalysis, targetOfAnalysis, targetOfToken} {
		name := []string{"ValidatePolicy of 20 statements", "CheckNoNewAccess of 20 statements", "AssumeRoleWithWebIdentity"}[i]
		targets.goal(name+", 16 connections", fmt.Sprintf("≥ %.0f/s", target), fmt.Sprintf("%.0f/s", m[i].rate), m[i].rate >= target)
	}
	targets.goal("Sign with ECC_NIST_P256, relative to a server that only signs", "≥ "+ratio(targetOfSign), ratio(m[4].rate/m[3].rate), m[4].rate >= targetOfSign*m[3].rate)
	targets.goal("a page of findings of 10,000 resources, median", "≤ "+micros(targetOfFindings), micros(pages[0][0].p50), pages[0][0].p50 <= targetOfFindings)
	return nil
}
