package server_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/writdev/writ"
	"github.com/writdev/writ/internal/decision"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/server"
	"github.com/writdev/writ/writtest"
)

// secretMembers are the members of inputs that hold what no record may show: values,
// texts and tokens. So are all that their model calls sensitive. The others are names,
// identifiers, policies and numbers, or become condition keys, as tags and the
// encryption context do.
var secretMembers = []string{
	"Value", "Plaintext", "CiphertextBlob", "Message", "ImportToken", "EncryptedKeyMaterial", "KeyStorePassword", "EncodedMessage", "GrantToken", "GrantTokens", "SAMLAssertion", "WebIdentityToken", "TokenCode",
	"Password", "OldPassword", "NewPassword", "AuthenticationCode1", "AuthenticationCode2", "PrivateKey", "AddPrivateKey",
	"clientToken", "ClientToken", "ClientRequestToken", "data", "dockerfileTemplateData", "userDataOverride",
	"Description", "description", "changeDescription", "VersionDescription", "Notes", "OperationalData", "Title",
	"ssm.Content", "Metadata", "MetadataToUpdate", // a service before a member whose name means policies elsewhere
}

// shownMembers are those of them that become condition keys, which a record shows.
var shownMembers = []string{"secretsmanager.Description"}

// markerFile, in the folder of each service, lists its operations with their secret
// members, or "none": what it takes is names, identifiers, policies and numbers alone.
const markerFile = "markers.txt"

// TestNoSecretInRecords sends each operation with markers in its secret members, as a
// caller who may do everything and as one who may do nothing, and looks for the
// markers and the callers' own secrets in records, pictures, audit file and log.
func TestNoSecretInRecords(t *testing.T) {
	rows := markerRows(t)
	var log bytes.Buffer
	audit := filepath.Join(t.TempDir(), "audit.jsonl")
	s := writtest.NewFromConfig(t, writ.Config{Audit: audit, AuditRequired: true, Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	assumableRole(t, s)
	callers, secrets := markerCallers(t, s)
	decided, sent := map[string]bool{}, 0
	for _, svc := range server.Services(operation.Instant) {
		for i := range svc.Operations {
			op := &svc.Operations[i]
			name := op.Wire.Service.Name + ":" + op.Wire.Name
			row, listed := rows[name]
			delete(rows, name)
			if want := secretsOf(op); !listed || !slices.Equal(row, want) {
				t.Errorf("%s of its service does not list %s %s", markerFile, op.Wire.Name, strings.Join(orNone(want), " "))
			}
			for name, as := range callers {
				values := map[string]any{}
				for _, member := range row {
					marker := "M4RKER" + strings.ReplaceAll(op.Wire.Name, "-", "") + member + name
					values[member] = marked(op, member, marker)
					secrets = append(secrets, marker, base64.StdEncoding.EncodeToString([]byte(marker)))
				}
				req, body := requestWith(t, s.URL, op.Wire, values)
				sign(t, req, body, op.Wire.Service.Name, as, time.Now())
				r := do(t, req)
				var record decision.Record
				if fetch(t, s.URL+"/_writ/decisions/"+url.PathEscape(r.header.Get("X-Amzn-Requestid")), &record) == http.StatusOK {
					decided[op.Action] = true
				}
				sent++
			}
		}
	}
	for action := range rows {
		t.Errorf("%s lists %s, which is no operation", markerFile, action)
	}
	if len(decided) < 150 {
		t.Errorf("only %d operations were decided", len(decided))
	}
	shown := everythingShown(t, s, audit) + log.String()
	for _, secret := range secrets {
		if at := strings.Index(shown, secret); at >= 0 {
			t.Errorf("%s is shown: ...%s", secret, shown[max(0, at-100):at+len(secret)])
		}
	}
	t.Logf("%d requests, %d operations decided, %d secrets in %d bytes", sent, len(decided), len(secrets), len(shown))
}

// markerCallers are a caller who may do everything and a session that may do nothing,
// with their secrets.
func markerCallers(t *testing.T, s *writtest.Server) (callers map[string]aws.CredentialsProvider, secrets []string) {
	t.Helper()
	user := s.User(alice, "marked", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`)
	held, err := user.Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out, err := sts.NewFromConfig(user).GetFederationToken(t.Context(), &sts.GetFederationTokenInput{Name: new("nobody")})
	if err != nil {
		t.Fatal(err)
	}
	session := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: *out.Credentials.AccessKeyId, SecretAccessKey: *out.Credentials.SecretAccessKey, SessionToken: *out.Credentials.SessionToken}, nil
	})
	return map[string]aws.CredentialsProvider{"all": user.Credentials, "none": session},
		[]string{held.SecretAccessKey, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken}
}

// everythingShown is what Writ shows of the requests that it keeps.
func everythingShown(t *testing.T, s *writtest.Server, audit string) string {
	t.Helper()
	var all bytes.Buffer
	var kept struct{ Decisions []json.RawMessage }
	if status := fetch(t, s.URL+"/_writ/decisions?limit=1000", &kept); status != 200 {
		t.Fatalf("status %d", status)
	}
	for _, text := range kept.Decisions {
		all.Write(text)
		var r decision.Record
		if err := json.Unmarshal(text, &r); err != nil {
			t.Fatal(err)
		}
		if err := r.WriteText(&all, false); err != nil {
			t.Fatal(err)
		}
		if err := r.WriteMarkdown(&all); err != nil {
			t.Fatal(err)
		}
		if err := r.WriteSVG(&all); err != nil {
			t.Fatal(err)
		}
	}
	lines, err := os.ReadFile(audit)
	if err != nil {
		t.Fatal(err)
	}
	if len(kept.Decisions) < 300 || bytes.Count(lines, []byte("\n")) < 300 {
		t.Fatalf("%d records and %d lines: the test shows nothing", len(kept.Decisions), bytes.Count(lines, []byte("\n")))
	}
	all.Write(lines)
	return all.String()
}

// markerRows reads the lists of operations of all services.
func markerRows(t *testing.T) map[string][]string {
	t.Helper()
	rows := map[string][]string{}
	for _, svc := range server.Services(operation.Instant) {
		text, err := os.ReadFile(testdataOf(svc.API, markerFile))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			fields := strings.Fields(line)
			if len(fields) < 2 || fields[0] == "#" {
				continue
			}
			name := svc.API.Name + ":" + fields[0]
			rows[name] = fields[1:]
			if fields[1] == "none" {
				rows[name] = nil
			}
		}
	}
	return rows
}

func orNone(members []string) []string {
	if len(members) == 0 {
		return []string{"none"}
	}
	return members
}

// secretsOf are the secret members of an operation's input that travel in the body.
func secretsOf(op *operation.Operation) (members []string) {
	for i := range op.Wire.In.NumField() {
		name, options, _ := strings.Cut(op.Wire.In.Field(i).Tag.Get("wire"), ",")
		elsewhere := strings.Contains(options, "query") || strings.Contains(options, "uri")
		secret := slices.Contains(strings.Split(options, ","), "sensitive") || slices.Contains(secretMembers, name) || slices.Contains(secretMembers, op.Wire.Service.Name+"."+name)
		if secret && !elsewhere && !slices.Contains(shownMembers, op.Wire.Service.Name+"."+name) {
			members = append(members, name)
		}
	}
	slices.Sort(members)
	return members
}

// marked is a value of a member that holds a marker.
func marked(op *operation.Operation, member, marker string) any {
	for i := range op.Wire.In.NumField() {
		field := op.Wire.In.Field(i)
		if name, _, _ := strings.Cut(field.Tag.Get("wire"), ","); name != member {
			continue
		}
		switch typ := field.Type; {
		case typ.Kind() == reflect.Slice && typ.Elem().Kind() == reflect.Uint8:
			return base64.StdEncoding.EncodeToString([]byte(marker))
		case typ.Kind() == reflect.Slice:
			return []any{marker}
		case typ.Kind() == reflect.Map:
			return map[string]any{"note": map[string]any{"Value": marker, "Type": "String"}}
		}
	}
	return marker
}
