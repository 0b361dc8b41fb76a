package server_test

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/decision"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/server"
	"github.com/writdev/writ/internal/trail"
)

// agreementRequests is how many requests TestRecordAgrees sends;
// PROOF_REQUESTS sets another number.
const agreementRequests = 2000

// TestRecordAgrees sends random requests in random worlds and compares three
// things: what the gate decided, what the record and the audit line say of it, and
// what the caller was told.
func TestRecordAgrees(t *testing.T) {
	n := agreementRequests
	if text := os.Getenv("PROOF_REQUESTS"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	const perWorld = 1500
	tally := map[string]int{}
	for seed := uint64(1); n > 0 && !t.Failed(); seed++ {
		w := newRandomWorld(t, seed)
		for range min(n, perWorld) {
			if w.pick(8) == 0 {
				w.changePolicy()
			}
			who, answer := w.ask()
			if err := w.agree(answer, tally); err != nil {
				t.Fatalf("world %d, by %s: %v", seed, who, err)
			}
		}
		n -= perWorld
	}
	t.Logf("%v", tally)
	for _, kind := range []string{"allow by identity", "allow by resource", "allow by resource+identity", "implicitDeny by boundary", "implicitDeny by session",
		"explicitDeny by scp", "explicitDeny by rcp", "explicitDeny by identity", "explicitDeny by resource", "denied child", "ownership"} {
		if tally[kind] == 0 {
			t.Errorf("no request was decided %q: the worlds do not show it", kind)
		}
	}
}

// agree compares the record of a request with the gate's decisions and the answer.
func (w *randomWorld) agree(answer response, tally map[string]int) error {
	e, recorded := w.ring.Get(answer.header.Get("X-Amzn-Requestid"))
	refused := strings.Contains(answer.body, "is not authorized to perform")
	if !recorded {
		tally["not decided"]++
		if refused {
			return fmt.Errorf("a denial without a record: %s", answer.body)
		}
		return nil
	}
	record, err := e.Record()
	if err != nil {
		return err
	}
	line := e.Brief()
	for i, d := range e.Decisions {
		if i > 0 && !d.Result.Allowed() {
			tally["denied child"]++
		}
		if e.NotOwner && i == 0 {
			tally["ownership"]++
			continue
		}
		tally[d.Result.String()]++
		for name, r := range map[string]*decision.Record{"record": nodeOf(&record, i), "line": nodeOf(&line, i)} {
			if err := sameDecision(r, d); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return told(e, answer, record.Outcome, line.Outcome)
}

func nodeOf(r *decision.Record, i int) *decision.Record {
	if i == 0 {
		return r
	}
	return &r.Children[i-1]
}

// sameDecision compares a record with a decision of the gate. A record's sentence
// may go on with the ARN of the policy that denies.
func sameDecision(r *decision.Record, d *authz.Decision) error {
	sentence := d.Result.Sentence(d.Request())
	rest, begins := strings.CutPrefix(r.Sentence, sentence)
	switch {
	case r.Verdict != d.Result.Verdict.String(), strings.Join(r.DecidedBy, "+") != d.Result.Layer.String():
		return fmt.Errorf("it says %s by %v, the gate %s", r.Verdict, r.DecidedBy, d.Result)
	case !begins, rest != "" && !strings.HasPrefix(rest, ": arn:"):
		return fmt.Errorf("it says %q, the gate %q", r.Sentence, sentence)
	case r.Outcome == decision.Allowed && !d.Result.Allowed(), r.LatencyMicros == 0 && (r.Outcome == decision.Allowed) != d.Result.Allowed(): // a child has no latency
		return fmt.Errorf("its outcome is %q, the gate decided %s", r.Outcome, d.Result)
	case r.Action != d.Action, r.Resource != d.Target.ARN:
		return fmt.Errorf("it is of %s on %s, the gate's of %s on %s", r.Action, r.Resource, d.Action, d.Target.ARN)
	case r.Change != nil && d.Result.Allowed():
		return fmt.Errorf("it has a change for what is allowed")
	}
	return nil
}

// told compares an entry with what the caller was told.
func told(e *trail.Entry, answer response, outcomes ...decision.Outcome) error {
	denial := e.Denial()
	want := decision.Allowed
	if denial != nil {
		want = decision.Denied
	}
	for _, outcome := range append(outcomes, e.Outcome()) {
		if outcome != want {
			return fmt.Errorf("the outcome is %q, want %q", outcome, want)
		}
	}
	var sentence string
	if denial != nil && !e.NotOwner {
		sentence, _ = e.Denied()
	}
	if denial != nil && denial != e.Decisions[0] && denial.Action == "kms:Decrypt" {
		sentence = "or you are not allowed to access" // what KMS says of a key that a ciphertext names
	}
	if denial != nil && denial.Action == "sts:AssumeRole" { // STS does not say why
		sentence, _, _ = strings.Cut(sentence, " because ")
		sentence, _, _ = strings.Cut(sentence, " with an explicit deny ")
	}
	body := html.UnescapeString(answer.body)
	switch {
	case e.ErrorCode != answer.code:
		return fmt.Errorf("the record has the error code %q, the answer %q", e.ErrorCode, answer.code)
	case denial != nil && answer.status < 400:
		return fmt.Errorf("a denial was answered with %d", answer.status)
	case !strings.Contains(body, sentence):
		return fmt.Errorf("the caller was told %s, not %q", body, sentence)
	case denial == nil && strings.Contains(body, "is not authorized to perform"):
		return fmt.Errorf("the caller was told %s of what was allowed", body)
	}
	return nil
}

// randomWorld is a server with three accounts, of which two are in an organization,
// their users, roles, sessions, parameters and keys, and policies drawn anew as the
// requests go on.
type randomWorld struct {
	*assembled
	t       testing.TB
	random  *rand.Rand
	callers map[string]aws.CredentialsProvider
	names   []string
	keys    []string // ARNs
	control map[string]string
}

const carol = "777788889999" // in no organization

var worldAccounts = []string{alice, bob, carol}

func (w *randomWorld) pick(n int) int { return w.random.IntN(n) }

func of[T any](w *randomWorld, list ...T) T { return list[w.pick(len(list))] }

// newRandomWorld makes a world; the same seed makes the same one.
func newRandomWorld(t testing.TB, seed uint64) *randomWorld {
	t.Helper()
	w := &randomWorld{
		assembled: assemble(t, server.Services(operation.Instant)), t: t, random: rand.New(rand.NewPCG(seed, 0)),
		callers: map[string]aws.CredentialsProvider{}, control: map[string]string{},
	}
	for _, account := range worldAccounts {
		w.add("root of "+account, credentials(account, "test"))
		w.account(account)
	}
	w.organization()
	for range 30 {
		w.changePolicy()
	}
	return w
}

func (w *randomWorld) add(name string, as aws.CredentialsProvider) {
	w.callers[name], w.names = as, append(w.names, name)
}

// organization puts alice and bob into one, with a policy of each type that
// changePolicy rewrites.
func (w *randomWorld) organization() {
	root := credentials(alice, "test")
	do := func(account, operation, input string) (out map[string]any) {
		r := w.json(credentials(account, "test"), "organizations", "AWSOrganizationsV20161128."+operation, input)
		w.good(r, operation)
		_ = json.Unmarshal([]byte(r.body), &out)
		return out
	}
	do(alice, "CreateOrganization", `{"FeatureSet":"ALL"}`)
	invited := do(alice, "InviteAccountToOrganization", `{"Target":{"Id":"`+bob+`","Type":"ACCOUNT"}}`)
	do(bob, "AcceptHandshake", fmt.Sprintf(`{"HandshakeId":%q}`, invited["Handshake"].(map[string]any)["Id"]))
	top := do(alice, "ListRoots", `{}`)["Roots"].([]any)[0].(map[string]any)["Id"].(string)
	for _, kind := range []string{"SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"} {
		input := fmt.Sprintf(`{"RootId":%q,"PolicyType":%q}`, top, kind)
		w.json(root, "organizations", "AWSOrganizationsV20161128.EnablePolicyType", input) // may be on already
		made := do(alice, "CreatePolicy", fmt.Sprintf(`{"Name":%q,"Description":"","Type":%q,"Content":%q}`, kind, kind, w.document(kind)))
		id := made["Policy"].(map[string]any)["PolicySummary"].(map[string]any)["Id"].(string)
		do(alice, "AttachPolicy", fmt.Sprintf(`{"PolicyId":%q,"TargetId":%q}`, id, top))
		w.control[kind] = id
	}
}

// account makes what an account holds.
func (w *randomWorld) account(account string) {
	root := credentials(account, "test")
	iam := func(form url.Values) string {
		r := w.form(root, "iam", "2010-05-08", form)
		w.good(r, form.Get("Action"))
		return r.body
	}
	iam(url.Values{"Action": {"CreatePolicy"}, "PolicyName": {"boundary"}, "PolicyDocument": {`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ssm:*","Resource":"*"}}`}})
	iam(url.Values{"Action": {"CreateUser"}, "UserName": {"ann"}, "Tags.member.1.Key": {"team"}, "Tags.member.1.Value": {"red"}})
	iam(url.Values{"Action": {"CreateUser"}, "UserName": {"ben"}, "PermissionsBoundary": {"arn:aws:iam::" + account + ":policy/boundary"}})
	for _, name := range []string{"ann", "ben"} {
		w.add(name+" of "+account, keyIn(w.t, iam(url.Values{"Action": {"CreateAccessKey"}, "UserName": {name}})))
	}
	trust := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}}`
	iam(url.Values{"Action": {"CreateRole"}, "RoleName": {"ops"}, "AssumeRolePolicyDocument": {trust}})
	iam(url.Values{"Action": {"PutUserPolicy"}, "UserName": {"ann"}, "PolicyName": {"p"}, "PolicyDocument": {`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:*","Resource":"*"}}`}})
	for i, session := range []string{"", w.document("session")} {
		form := url.Values{"Action": {"AssumeRole"}, "RoleArn": {"arn:aws:iam::" + account + ":role/ops"}, "RoleSessionName": {"one"}}
		if session != "" {
			form.Set("Policy", session)
		}
		r := w.form(w.callers["ann of "+account], "sts", "2011-06-15", form)
		w.good(r, "AssumeRole")
		w.add(fmt.Sprintf("session %d of %s", i, account), keyIn(w.t, r.body))
	}
	made := w.json(root, "kms", "TrentService.CreateKey", `{}`)
	w.good(made, "CreateKey")
	var out struct{ KeyMetadata struct{ Arn string } }
	if err := json.Unmarshal([]byte(made.body), &out); err != nil {
		w.t.Fatal(err)
	}
	key := out.KeyMetadata.Arn
	w.keys = append(w.keys, key)
	for _, name := range worldParameters {
		w.json(root, "ssm", "AmazonSSM.PutParameter", fmt.Sprintf(`{"Name":%q,"Value":"v","Type":%q,"KeyId":%q,"Tier":"Advanced"}`, name, parameterType(name), key))
	}
}

var worldParameters = []string{"/app/text", "/app/secret"}

func parameterType(name string) string {
	if strings.HasSuffix(name, "secret") {
		return "SecureString"
	}
	return "String"
}

// keyIn are the credentials in an answer.
func keyIn(t testing.TB, body string) aws.CredentialsProvider {
	t.Helper()
	found := map[string]string{}
	d := xml.NewDecoder(strings.NewReader(body))
	for name := ""; ; {
		token, err := d.Token()
		if err != nil {
			break
		}
		switch token := token.(type) {
		case xml.StartElement:
			name = token.Name.Local
		case xml.CharData:
			if found[name] == "" {
				found[name] = string(token)
			}
		}
	}
	c := aws.Credentials{AccessKeyID: found["AccessKeyId"], SecretAccessKey: found["SecretAccessKey"], SessionToken: found["SessionToken"]}
	if !c.HasKeys() {
		t.Fatalf("no credentials in %s", body)
	}
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return c, nil })
}

// changePolicy draws one policy of the world anew. A policy that the services
// refuse changes nothing.
func (w *randomWorld) changePolicy() {
	account := of(w, worldAccounts...)
	root := credentials(account, "test")
	switch w.pick(10) {
	case 0, 1, 2:
		w.form(root, "iam", "2010-05-08", url.Values{"Action": {"PutUserPolicy"}, "UserName": {of(w, "ann", "ben")}, "PolicyName": {of(w, "p", "q")}, "PolicyDocument": {w.document("identity")}})
	case 3, 4:
		w.form(root, "iam", "2010-05-08", url.Values{"Action": {"PutRolePolicy"}, "RoleName": {"ops"}, "PolicyName": {of(w, "p", "q")}, "PolicyDocument": {w.document("identity")}})
	case 5:
		w.json(root, "ssm", "AmazonSSM.PutResourcePolicy", fmt.Sprintf(`{"ResourceArn":%q,"Policy":%q}`, w.parameter(account), w.sharePolicy(account)))
	case 6, 7:
		i := w.pick(len(w.keys))
		w.json(credentials(worldAccounts[i], "test"), "kms", "TrentService.PutKeyPolicy",
			fmt.Sprintf(`{"KeyId":%q,"PolicyName":"default","BypassPolicyLockoutSafetyCheck":true,"Policy":%q}`, w.keys[i], w.document("resource")))
	default:
		kind := of(w, "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY")
		w.json(credentials(alice, "test"), "organizations", "AWSOrganizationsV20161128.UpdatePolicy", fmt.Sprintf(`{"PolicyId":%q,"Content":%q}`, w.control[kind], w.document(kind)))
	}
}

func (w *randomWorld) parameter(account string) string {
	return "arn:aws:ssm:us-east-1:" + account + ":parameter" + of(w, worldParameters...)
}

// ask sends a random request.
func (w *randomWorld) ask() (who string, answer response) {
	who = of(w, w.names...)
	as, account := w.callers[who], of(w, worldAccounts...)
	parameter, key := w.parameter(account), of(w, w.keys...)
	switch w.pick(12) {
	case 0, 1, 2, 3:
		return who, w.json(as, "ssm", "AmazonSSM.GetParameter", fmt.Sprintf(`{"Name":%q,"WithDecryption":%t}`, parameter, w.pick(3) > 0))
	case 4:
		name := of(w, worldParameters...)
		return who, w.json(as, "ssm", "AmazonSSM.PutParameter", fmt.Sprintf(`{"Name":%q,"Value":"w","Type":%q,"Overwrite":true}`, name, parameterType(name)))
	case 5:
		return who, w.json(as, "kms", "TrentService.DescribeKey", fmt.Sprintf(`{"KeyId":%q}`, key))
	case 6, 7:
		return who, w.json(as, "kms", "TrentService.Encrypt", fmt.Sprintf(`{"KeyId":%q,"Plaintext":"c2VjcmV0"}`, key))
	case 8:
		return who, w.json(as, "kms", "TrentService.GenerateDataKey", fmt.Sprintf(`{"KeyId":%q,"KeySpec":"AES_256"}`, key))
	case 9:
		return who, w.form(as, "iam", "2010-05-08", url.Values{"Action": {"GetUser"}, "UserName": {of(w, "ann", "nobody")}})
	case 10:
		return who, w.form(as, "sts", "2011-06-15", url.Values{"Action": {"AssumeRole"}, "RoleArn": {"arn:aws:iam::" + account + ":role/ops"}, "RoleSessionName": {"two"}})
	}
	return who, w.json(as, "ssm", "AmazonSSM.PutResourcePolicy", fmt.Sprintf(`{"ResourceArn":%q,"Policy":%q}`, parameter, w.sharePolicy(account)))
}

// sharePolicy is a policy on a parameter in the form that Systems Manager takes.
func (w *randomWorld) sharePolicy(account string) string {
	actions := `["ssm:GetParameter","ssm:GetParameters","ssm:DescribeParameters","ssm:GetParameterHistory"]`
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":%q},"Action":%s,"Resource":%q}]}`,
		of(w, of(w, worldAccounts...), "arn:aws:iam::"+of(w, worldAccounts...)+":user/ann", "arn:aws:iam::"+of(w, worldAccounts...)+":role/ops"), actions, w.parameter(account))
}

// document draws a policy of a kind.
func (w *randomWorld) document(kind string) string {
	var list []map[string]any
	if kind == "SERVICE_CONTROL_POLICY" || kind != "RESOURCE_CONTROL_POLICY" && w.pick(3) > 0 {
		list = append(list, w.statement(kind, "Allow", of(w, broad(kind)...)))
	}
	if kind == "resource" { // else nobody could write it again
		list = append(list, map[string]any{"Effect": "Allow", "Action": "kms:PutKeyPolicy", "Resource": "*", "Principal": map[string]any{"AWS": worldAccounts}})
	}
	for range 1 + w.pick(2) {
		effect := of(w, "Allow", "Allow", "Deny")
		if kind == "RESOURCE_CONTROL_POLICY" {
			effect = "Deny"
		}
		actions := []string{"ssm:GetParameter", "ssm:Put*", "kms:Encrypt", "kms:Decrypt", "iam:Get*", "sts:AssumeRole", "ssm:*"}
		switch kind {
		case "resource":
			actions = []string{"kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey"}
		case "RESOURCE_CONTROL_POLICY":
			actions = []string{"kms:*", "kms:Encrypt", "kms:Decrypt", "sts:AssumeRole"}
		}
		list = append(list, w.statement(kind, effect, of(w, actions...)))
	}
	text, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": list})
	if err != nil {
		w.t.Fatal(err)
	}
	return string(text)
}

// broad are the actions of the statement of a policy that allows much.
func broad(kind string) []string {
	if kind == "resource" {
		return []string{"kms:*"}
	}
	return []string{"*", "*", "ssm:*", "kms:*"}
}

func (w *randomWorld) statement(kind, effect, action string) map[string]any {
	s := map[string]any{"Effect": effect, "Action": action, "Resource": "*"}
	switch kind {
	case "RESOURCE_CONTROL_POLICY":
		s["Principal"] = "*"
	case "resource":
		account := of(w, worldAccounts...)
		s["Principal"] = map[string]any{"AWS": of(w, "*", account, "arn:aws:iam::"+account+":user/ann", "arn:aws:iam::"+account+":role/ops")}
	case "identity":
		s["Resource"] = of(w, "*", "*", "arn:aws:ssm:*:*:parameter/app/*", w.parameter(of(w, worldAccounts...)), "arn:aws:kms:*:"+of(w, worldAccounts...)+":key/*")
	}
	if effect == "Deny" || w.pick(4) == 0 {
		s["Condition"] = w.condition()
	}
	return s
}

func (w *randomWorld) condition() map[string]any {
	one := func(operator, key string, values ...string) map[string]any {
		return map[string]any{operator: map[string]any{key: of(w, values...)}}
	}
	switch w.pick(8) {
	case 0:
		return one(of(w, "StringEquals", "StringNotEquals"), "aws:PrincipalAccount", worldAccounts...)
	case 1:
		return one(of(w, "StringEquals", "StringNotEqualsIfExists"), "aws:PrincipalTag/team", "red", "blue")
	case 2:
		return one(of(w, "StringLike", "StringNotLike"), "aws:username", "a*", "b*", "*")
	case 3:
		return one(of(w, "IpAddress", "NotIpAddress"), "aws:SourceIp", "127.0.0.0/8", "192.0.2.0/24")
	case 4:
		return one(of(w, "StringEquals", "StringNotEquals"), "kms:ViaService", "ssm.us-east-1.amazonaws.com")
	case 5:
		return one("Null", "aws:PrincipalOrgID", "true", "false")
	case 6:
		return one("Bool", of(w, "aws:SecureTransport", "aws:ViaAWSService"), "true", "false")
	}
	return one(of(w, "StringEquals", "StringNotEquals"), "aws:ResourceAccount", worldAccounts...)
}

// json sends a request of a service that speaks JSON, form one of a service that
// takes a form.
func (w *randomWorld) json(as aws.CredentialsProvider, service, target, body string) response {
	return w.serve(as, service, body, http.Header{"X-Amz-Target": {target}, "Content-Type": {"application/x-amz-json-1.1"}})
}

func (w *randomWorld) form(as aws.CredentialsProvider, service, version string, form url.Values) response {
	form.Set("Version", version)
	return w.serve(as, service, form.Encode(), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}})
}

func (w *randomWorld) serve(as aws.CredentialsProvider, service, body string, header http.Header) response {
	req := httptest.NewRequest("POST", "http://127.0.0.1:4566/", strings.NewReader(body))
	req.Header, req.RemoteAddr = header, "127.0.0.1:4711"
	sign(w.t, req, []byte(body), service, as, time.Now())
	answer := httptest.NewRecorder()
	w.handler.ServeHTTP(answer, req)
	return response{answer.Code, errorCode(answer.Header(), answer.Body.String()), answer.Body.String(), answer.Header()}
}

// good ends the test unless a request that makes the world succeeded.
func (w *randomWorld) good(r response, operation string) {
	w.t.Helper()
	if r.status != 200 {
		w.t.Fatalf("%s: %s %s", operation, r, r.body)
	}
}
