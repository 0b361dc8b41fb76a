package server_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/writdev/writ"
	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/server"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/writtest"
)

// get reads a control path.
func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

func TestMetrics(t *testing.T) {
	s := writtest.New(t)
	client := ssm.NewFromConfig(s.Config(alice))
	for range 3 {
		if _, err := client.PutParameter(t.Context(), &ssm.PutParameterInput{Name: new("x"), Value: new("v"), Type: ssmtypes.ParameterTypeString, Overwrite: new(true)}); err != nil {
			t.Fatal(err)
		}
	}
	arn := "arn:aws:ssm:us-east-1:" + alice + ":parameter/x"
	if _, err := ssm.NewFromConfig(s.Config(bob)).GetParameter(t.Context(), &ssm.GetParameterInput{Name: &arn}); err == nil {
		t.Fatal("bob may read it")
	}
	status, text := get(t, s.URL+"/_writ/metrics")
	if status != http.StatusOK {
		t.Fatal(status, text)
	}
	for _, want := range []string{
		`writ_requests_total{operation="ssm:PutParameter",outcome="success"} 3`,
		`writ_requests_total{operation="ssm:GetParameter",outcome="AccessDeniedException"} 1`,
		`writ_request_seconds_count{operation="ssm:PutParameter"} 3`,
		`writ_decisions_total{layer="root",outcome="allowed"} 3`,
		`writ_decisions_total{layer="resource",outcome="denied"} 1`,
		`writ_store_transactions_total{kind="update"} `,
		`writ_store_statements_total{kind="write"} `,
		"writ_store_retries_total ",
		"writ_store_round_trips_total ",
		"writ_store_waiting 0",
		"writ_store_connections ",
		"writ_store_kept_bytes ",
		"go_goroutines ",
		"process_resident_memory_bytes ",
	} {
		if !strings.Contains(text, "\n"+want) {
			t.Errorf("no line begins with %s", want)
		}
	}
	declaredTypes(t, text)
	if t.Failed() {
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, "writ_") {
				t.Log(line)
			}
		}
	}
}

// declaredTypes checks what a strict parser of the text format requires: the type of each
// metric is declared once, before its samples, and the samples of a metric are not apart.
func declaredTypes(t *testing.T, text string) {
	t.Helper()
	declared, current := map[string]bool{}, ""
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) == 4 && fields[1] == "TYPE" {
			if current = fields[2]; declared[current] {
				t.Errorf("the type of %s is declared twice", current)
			}
			declared[current] = true
			continue
		}
		name, _, _ := strings.Cut(fields[0], "{")
		if name != "#" && name != current && strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(name, "_bucket"), "_sum"), "_count") != current {
			t.Errorf("a sample of %s stands among those of %s", name, current)
		}
	}
}

// TestMetricsNeedTheAdminToken: on a public address they are as private as decisions.
func TestMetricsNeedTheAdminToken(t *testing.T) {
	s := writtest.NewFromConfig(t, writ.Config{Public: true, AdminToken: "0123456789abcdef"})
	if status, _ := get(t, s.URL+"/_writ/metrics"); status != http.StatusUnauthorized {
		t.Errorf("without a token: status %d", status)
	}
	req, err := http.NewRequest(http.MethodGet, s.URL+"/_writ/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer 0123456789abcdef")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("with the token: status %d", resp.StatusCode)
	}
}

func TestReady(t *testing.T) {
	st, err := store.OpenSQLite(":memory:")
	if err != nil {
		t.Fatal(err)
	}
	handler, err := server.New(server.Config{
		Store: st, Directory: &identity.Directory{Sandbox: true}, Gate: &authz.Gate{},
		Services: server.Services(operation.Instant), Log: slog.New(slog.DiscardHandler), Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(handler)
	t.Cleanup(h.Close)
	if status, body := get(t, h.URL+"/_writ/ready"); status != http.StatusOK || !strings.Contains(body, `"ok"`) {
		t.Errorf("%d %s", status, body)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	if status, body := get(t, h.URL+"/_writ/ready"); status != http.StatusServiceUnavailable || !strings.Contains(body, "cannot be used now") {
		t.Errorf("after the store was closed: %d %s", status, body)
	}
	if status, _ := get(t, h.URL+"/_writ/health"); status != http.StatusOK { // the process lives
		t.Errorf("health: %d", status)
	}
}
