package server_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/writdev/writ"
	"github.com/writdev/writ/writtest"
)

// TestEnforcement asks for another account's recipe in each mode. Only the first
// denies; the second says in the log what it would have denied, and why.
func TestEnforcement(t *testing.T) {
	const recipe = "arn:aws:imagebuilder:us-east-1:" + alice + ":image-recipe/web/1.0.0"
	const sentence = "User: arn:aws:iam::" + bob + ":root is not authorized to perform: imagebuilder:GetImageRecipe on resource: " +
		recipe + " because no resource-based policy allows the imagebuilder:GetImageRecipe action"
	for _, c := range []struct {
		mode writ.Enforcement
		want string
		log  string // what precedes the sentence
	}{
		{writ.EnforceOn, "AccessDeniedException 403", "denied: "},
		{writ.EnforceAudit, "200", "would be denied: "},
		{writ.EnforceOff, "200", ""},
	} {
		var log bytes.Buffer
		s := writtest.NewFromConfig(t, writ.Config{Enforce: c.mode, Log: slog.New(slog.NewTextHandler(&log, nil))})
		call := func(account, method, path, body string) response {
			t.Helper()
			req, err := http.NewRequest(method, s.URL+path, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			sign(t, req, []byte(body), "imagebuilder", credentials(account, "test"), time.Now())
			return do(t, req)
		}
		call(alice, "PUT", "/CreateImageRecipe",
			`{"name":"web","semanticVersion":"1.0.0","parentImage":"ami-0123456789abcdef0","clientToken":"x"}`).want(t, "200")
		got := call(bob, "GET", "/GetImageRecipe?imageRecipeArn="+recipe, "")
		got.want(t, c.want)
		if denied := strings.Contains(got.body, sentence); denied != (c.mode == writ.EnforceOn) {
			t.Errorf("mode %d: the answer is %s", c.mode, got.body)
		}
		if logged := strings.Contains(log.String(), `"`+c.log+sentence); logged != (c.log != "") {
			t.Errorf("mode %d: the log is %s", c.mode, log.String())
		}
	}
}
