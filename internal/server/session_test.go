package server_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/writdev/writ"
	"github.com/writdev/writ/writtest"
)

// TestSessionCredentials refuses bad session credentials in each protocol, as
// the table of authentication failures has it.
func TestSessionCredentials(t *testing.T) {
	now := time.Date(2022, 1, 27, 1, 59, 28, 0, time.UTC)
	s := writtest.NewFromConfig(t, writ.Config{Now: func() time.Time { return now }})
	probes := map[string]func() (*http.Request, []byte, string){
		"query":    func() (*http.Request, []byte, string) { return requests["query"](s.URL) },
		"restJson": func() (*http.Request, []byte, string) { return requests["restJson"](s.URL) },
		"awsJson": func() (*http.Request, []byte, string) {
			body := []byte("{}")
			return post(s.URL, body, "X-Amz-Target", "RekognitionService.DescribeProjects"), body, "rekognition"
		},
	}
	first, second := session(t, s, now), session(t, s, now)
	long, err := s.User(alice, "ann", `{"Version":"2012-10-17","Statement":[]}`).Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const unknown = "The security token included in the request is invalid"
	const expired = "The security token included in the request is expired"
	unknownKey := map[string]string{"query": "InvalidClientTokenId 403", "awsJson": "UnrecognizedClientException 400", "restJson": "UnrecognizedClientException 403"}
	for _, c := range []struct {
		name    string
		session aws.Credentials
		after   time.Duration
		want    map[string]string
		message string
	}{
		{"good", first, 0, map[string]string{"query": "200", "awsJson": "200", "restJson": "200"}, ""},
		{"another session's token", with(first, second.SessionToken), 0, unknownKey, unknown},
		{"no token", with(first, ""), 0, unknownKey, unknown},
		{"tampered token", with(first, "AAAA"+first.SessionToken[4:]), 0, unknownKey, unknown},
		{"token with a long-term key", with(long, first.SessionToken), 0, unknownKey, unknown},
		{"wrong secret", aws.Credentials{AccessKeyID: first.AccessKeyID, SecretAccessKey: "wrong", SessionToken: first.SessionToken}, 0,
			map[string]string{"query": "SignatureDoesNotMatch 403", "awsJson": "InvalidSignatureException 400", "restJson": "InvalidSignatureException 403"}, signatureText},
		{"at its last second", first, time.Hour - time.Second, map[string]string{"query": "200", "awsJson": "200", "restJson": "200"}, ""},
		{"expired", first, time.Hour, map[string]string{"query": "ExpiredToken 403", "awsJson": "ExpiredTokenException 400", "restJson": "ExpiredTokenException 403"}, expired},
		{"expired, wrong secret", aws.Credentials{AccessKeyID: first.AccessKeyID, SecretAccessKey: "wrong", SessionToken: first.SessionToken}, time.Hour,
			map[string]string{"query": "SignatureDoesNotMatch 403", "awsJson": "InvalidSignatureException 400", "restJson": "InvalidSignatureException 403"}, signatureText},
	} {
		for protocol, make := range probes {
			t.Run(c.name+"/"+protocol, func(t *testing.T) {
				issued := now
				defer func() { now = issued }()
				now = now.Add(c.after)
				req, body, scope := make()
				sign(t, req, body, scope, static(c.session), now)
				got := do(t, req)
				got.want(t, c.want[protocol])
				if !strings.Contains(got.body, c.message) {
					t.Errorf("the body %s does not say %q", got.body, c.message)
				}
			})
		}
	}
}

// session gets a session of alice's root user, which lives for an hour.
func session(t *testing.T, s *writtest.Server, now time.Time) aws.Credentials {
	t.Helper()
	body := []byte(url.Values{"Action": {"GetSessionToken"}, "Version": {"2011-06-15"}}.Encode())
	req := post(s.URL, body, "Content-Type", "application/x-www-form-urlencoded")
	sign(t, req, body, "sts", credentials(alice, "test"), now)
	got := do(t, req)
	got.want(t, "200")
	member := func(name string) string {
		_, rest, _ := strings.Cut(got.body, "<"+name+">")
		text, _, _ := strings.Cut(rest, "<")
		return text
	}
	return aws.Credentials{AccessKeyID: member("AccessKeyId"), SecretAccessKey: member("SecretAccessKey"), SessionToken: member("SessionToken")}
}

func with(c aws.Credentials, token string) aws.Credentials {
	c.SessionToken = token
	return c
}

func static(c aws.Credentials) aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return c, nil })
}

// assumableRole makes the role that the sample of AssumeRole assumes: without
// one, everybody is denied.
func assumableRole(t *testing.T, s *writtest.Server) {
	t.Helper()
	body := []byte(url.Values{
		"Action": {"CreateRole"}, "Version": {"2010-05-08"}, "RoleName": {"sts-sample"},
		"AssumeRolePolicyDocument": {`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + alice + `"},"Action":"sts:AssumeRole"}}`},
	}.Encode())
	req := post(s.URL, body, "Content-Type", "application/x-www-form-urlencoded")
	sign(t, req, body, "iam", credentials(alice, "test"), time.Now())
	do(t, req).want(t, "200")
}

// takesToken reports whether an action takes requests without a signature: a token of an
// identity provider authenticates their callers.
func takesToken(action string) bool {
	return action == "sts:AssumeRoleWithSAML" || action == "sts:AssumeRoleWithWebIdentity"
}

// TestUserSessionAtIAM shows that IAM does not know what GetSessionToken gives.
func TestUserSessionAtIAM(t *testing.T) {
	s := writtest.New(t)
	body := []byte("Action=ListUsers&Version=2010-05-08")
	for by, want := range map[aws.Credentials]string{
		{AccessKeyID: alice, SecretAccessKey: "test"}: "200",
		session(t, s, time.Now()):                     "InvalidClientTokenId 403",
	} {
		req := post(s.URL, body, "Content-Type", "application/x-www-form-urlencoded")
		sign(t, req, body, "iam", static(by), time.Now())
		do(t, req).want(t, want)
	}
}
