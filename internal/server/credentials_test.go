package server_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/writdev/writ"
	"github.com/writdev/writ/writtest"
)

// TestCredentials: credentials of every kind of principal, and of none that there is not.
func TestCredentials(t *testing.T) {
	main := writtest.New(t)
	const text = `accounts: [{id: 111122223333, name: a}]
users: [{arn: a:user/ann}]
roles: [{arn: a:role/path/app, trustPolicy: {to: ec2.amazonaws.com}}]`
	main.LoadWorld(text)
	file := filepath.Join(t.TempDir(), "world.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, s := range []*writtest.Server{main, main.WorldOf(t, file)} {
		for principal, want := range map[string]string{
			"111122223333":                            "arn:aws:iam::111122223333:root",
			"arn:aws:iam::111122223333:user/ann":      "arn:aws:iam::111122223333:user/ann",
			"arn:aws:iam::111122223333:role/path/app": "arn:aws:sts::111122223333:assumed-role/app/writ",
		} {
			out, err := sts.NewFromConfig(s.As(principal)).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
			if err != nil || *out.Arn != want {
				t.Errorf("%s in %s: %v", principal, s.Name(), err)
			}
		}
	}
	for principal, want := range map[string]int{"arn:aws:iam::111122223333:user/none": 404, "arn:aws:iam::111122223333:role/none": 400, "ec2.amazonaws.com": 400, "": 400} {
		resp, err := http.Post(main.URL+"/_writ/credentials", "application/json", strings.NewReader(`{"principal":"`+principal+`"}`))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%q: %d, want %d", principal, resp.StatusCode, want)
		}
	}
}

// TestCredentialsOfPublicServer: a server that other machines can reach gives credentials to
// nobody, also not on this machine.
func TestCredentialsOfPublicServer(t *testing.T) {
	s := writtest.NewFromConfig(t, writ.Config{Public: true})
	resp, err := http.Post(s.URL+"/_writ/credentials", "application/json", strings.NewReader(`{"principal":"111122223333"}`))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusForbidden {
		t.Errorf("%d, want 403", resp.StatusCode)
	}
}
