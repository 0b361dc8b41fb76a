package sts_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/imagebuilder"
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/store"
)

// TestCallers calls GetCallerIdentity with each kind of credentials.
func TestCallers(t *testing.T) {
	w := newWorld(t)
	user := w.user(alice, "ann", everything)
	federated := w.federate(user, "fred", nil)
	for _, c := range []struct {
		name        string
		cfg         aws.Config
		arn, userID string // a userID with a star is a prefix
	}{
		{"root", w.root(alice), "arn:aws:iam::111122223333:root", alice},
		{"user", user, "arn:aws:iam::111122223333:user/ann", "AIDA*"},
		{"session of a user", w.sessionOf(user), "arn:aws:iam::111122223333:user/ann", "AIDA*"},
		{"session of root", w.sessionOf(w.root(alice)), "arn:aws:iam::111122223333:root", alice},
		{"role", w.assumed(user, w.role("builder", trustAlice, "").ARN), "arn:aws:sts::111122223333:assumed-role/builder/session", "AROA*"},
		{"federated user", federated, "arn:aws:sts::111122223333:federated-user/fred", alice + ":fred"},
		{"federated user of root", w.federate(w.root(alice), "rita", nil), "arn:aws:sts::111122223333:federated-user/rita", alice + ":rita"},
	} {
		t.Run(c.name, func(t *testing.T) {
			check := func(how, account, arn, userID string) {
				t.Helper()
				prefix, open := strings.CutSuffix(c.userID, "*")
				if account != alice || arn != c.arn || !strings.HasPrefix(userID, prefix) || !open && userID != prefix {
					t.Errorf("%s: %s, %s, %s", how, account, arn, userID)
				}
			}
			me := identityOf(t, c.cfg)
			check("signed", *me.Account, *me.Arn, *me.UserId)

			presigned, err := awssts.NewPresignClient(awssts.NewFromConfig(c.cfg)).PresignGetCallerIdentity(ctx, &awssts.GetCallerIdentityInput{})
			ok(t, err)
			res, err := http.Get(presigned.URL)
			ok(t, err)
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			ok(t, err)
			check("presigned", between(string(body), "<Account>"), between(string(body), "<Arn>"), between(string(body), "<UserId>"))
		})
	}
}

// between returns the text of an XML element.
func between(body, open string) string {
	_, rest, _ := strings.Cut(body, open)
	text, _, _ := strings.Cut(rest, "<")
	return text
}

// sessionOf returns the configuration of a session of the caller itself.
func (w *world) sessionOf(cfg aws.Config) aws.Config {
	w.t.Helper()
	out, err := awssts.NewFromConfig(cfg).GetSessionToken(ctx, &awssts.GetSessionTokenInput{})
	ok(w.t, err)
	return w.as(out.Credentials)
}

// federate returns the configuration of a federated user with a session policy, or
// with none.
func (w *world) federate(cfg aws.Config, name string, statements *string, tags ...string) aws.Config {
	w.t.Helper()
	in := &awssts.GetFederationTokenInput{Name: &name, Tags: tagList(tags...)}
	if statements != nil {
		in.Policy = new(document(*statements))
	}
	out, err := awssts.NewFromConfig(cfg).GetFederationToken(ctx, in)
	ok(w.t, err)
	return w.as(out.Credentials)
}

// TestFederatedUser combines the user's policies with the session's: without a session policy a federated
// user has no permissions.
func TestFederatedUser(t *testing.T) {
	w := newWorld(t)
	rich, poor := w.user(alice, "rich", everything), w.user(alice, "poor", `{"Effect":"Allow","Action":"sts:*","Resource":"*"}`)
	for _, c := range []struct {
		name    string
		cfg     aws.Config
		session *string
		want    string
	}{
		{"both allow", rich, new(listing), ""},
		{"session silent", rich, new(nothing), "no session policy allows"},
		{"no session policy", rich, nil, "no session policy allows"},
		{"user silent", poor, new(listing), "no identity-based policy allows"},
		{"of root", w.root(alice), new(listing), ""},
		{"of root, no session policy", w.root(alice), nil, "no session policy allows"},
		{"keys", rich, new(strings.TrimSuffix(listing, "}") + `,"Condition":{
			"StringEquals":{"aws:PrincipalType":"FederatedUser","aws:userid":"` + alice + `:fred","aws:PrincipalTag/team":"red"},
			"ArnEquals":{"aws:PrincipalArn":"arn:aws:sts::` + alice + `:federated-user/fred"},"Null":{"aws:username":"true"}}}`), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			fred := w.federate(c.cfg, "fred", c.session, "team", "red")
			err := lists(fred)
			if c.want == "" {
				ok(t, err)
			} else {
				want(t, err, "AccessDeniedException", c.want)
			}
			_, err = assume(fred, roleAccount+"any")
			want(t, err, "AccessDenied")
			_, err = awssts.NewFromConfig(fred).GetFederationToken(ctx, &awssts.GetFederationTokenInput{Name: new("other")})
			want(t, err, "AccessDenied")
		})
	}
	onlyFederate := w.user(alice, "narrow", `{"Effect":"Allow","Action":"sts:GetFederationToken","Resource":"arn:aws:sts::`+alice+`:federated-user/fred"}`)
	w.federate(onlyFederate, "fred", nil)
	client := awssts.NewFromConfig(onlyFederate)
	_, err := client.GetFederationToken(ctx, &awssts.GetFederationTokenInput{Name: new("gina")})
	want(t, err, "AccessDenied", "federated-user/gina")
	_, err = client.GetFederationToken(ctx, &awssts.GetFederationTokenInput{Name: new("fred"), Tags: tagList("a", "b")})
	want(t, err, "AccessDenied", "sts:TagSession")
}

// TestUserSession tests sessions of GetSessionToken: they act as the user, for a limited time, and not with
// every service.
func TestUserSession(t *testing.T) {
	w := newWorld(t)
	ann := w.user(alice, "ann", everything)
	session := w.sessionOf(ann)
	ok(t, lists(session))
	bound := w.user(alice, "bea", `{"Effect":"Deny","Action":"sts:*","Resource":"*"},`+ // GetSessionToken does not evaluate it
		strings.TrimSuffix(listing, "}")+`,"Condition":{"StringEquals":{"aws:username":"bea"},"Bool":{"aws:MultiFactorAuthPresent":"false"}}}`)
	want(t, lists(bound), "AccessDeniedException") // long-term credentials do not have the MFA key
	ok(t, lists(w.sessionOf(bound)))

	_, err := assume(session, w.role("builder", trustAlice, "").ARN)
	ok(t, err)
	client := awssts.NewFromConfig(session)
	_, err = client.GetSessionToken(ctx, &awssts.GetSessionTokenInput{})
	want(t, err, "AccessDenied", "Cannot call GetSessionToken with session credentials")
	_, err = client.GetFederationToken(ctx, &awssts.GetFederationTokenInput{Name: new("fred")})
	want(t, err, "AccessDenied", "Cannot call GetFederationToken with session credentials")
	_, err = client.GetAccessKeyInfo(ctx, &awssts.GetAccessKeyInfoInput{AccessKeyId: new("ASIAIOSFODNN7EXAMPLE")})
	want(t, err, "AccessDenied", "Cannot call GetAccessKeyInfo with session credentials")
	_, err = awssts.NewFromConfig(ann).GetSessionToken(ctx, &awssts.GetSessionTokenInput{SerialNumber: new("GAHT12345678"), TokenCode: new("123456")})
	want(t, err, "AccessDenied", "MultiFactorAuthentication failed")

	for _, c := range []struct {
		name    string
		cfg     aws.Config
		seconds *int32
		want    time.Duration
	}{
		{"user", ann, nil, 12 * time.Hour},
		{"user, a day and a half", ann, new(int32(129600)), 36 * time.Hour},
		{"root", w.root(alice), nil, time.Hour},
		{"root, a day", w.root(alice), new(int32(86400)), time.Hour},
		{"root, a quarter", w.root(alice), new(int32(900)), 15 * time.Minute},
	} {
		out, err := awssts.NewFromConfig(c.cfg).GetSessionToken(ctx, &awssts.GetSessionTokenInput{DurationSeconds: c.seconds})
		ok(t, err)
		if life := out.Credentials.Expiration.Sub(w.now()); life > c.want || life < c.want-time.Minute {
			t.Errorf("%s: the session lives for %v, want %v", c.name, life, c.want)
		}
	}

	var user identity.User
	w.update(func(tx *store.Tx) (err error) {
		if user, err = identity.ReadUser(tx, "arn:aws:iam::"+alice+":user/ann"); err == nil {
			err = identity.DeleteUser(tx, user, w.now())
		}
		return err
	})
	want(t, lists(session), "UnrecognizedClientException")
	again := w.user(alice, "ann", everything)
	want(t, lists(session), "UnrecognizedClientException")
	ok(t, lists(again))
}

// TestTokens sends invalid session tokens: each is rejected like an unknown key.
func TestTokens(t *testing.T) {
	w := newWorld(t)
	ann := w.user(alice, "ann", everything)
	role := w.role("builder", trustAlice, everything).ARN
	session := func() *types.Credentials {
		out, err := assume(ann, role)
		ok(t, err)
		return out.Credentials
	}
	one, two := session(), session()
	long, err := ann.Credentials.Retrieve(ctx)
	ok(t, err)
	flip := func(token string, i int) string {
		c := byte('A')
		if token[i] == c {
			c = 'B'
		}
		return token[:i] + string(c) + token[i+1:]
	}
	id, secret, token := *one.AccessKeyId, *one.SecretAccessKey, *one.SessionToken
	for _, c := range []struct {
		name, id, secret, token, code string
	}{
		{"as it is", id, secret, token, ""},
		{"another session's token", id, secret, *two.SessionToken, "InvalidClientTokenId"},
		{"another session's secret", id, *two.SecretAccessKey, token, "SignatureDoesNotMatch"},
		{"another session's key and secret", *two.AccessKeyId, *two.SecretAccessKey, token, "InvalidClientTokenId"},
		{"no token", id, secret, "", "InvalidClientTokenId"},
		{"nonsense", id, secret, "nonsense", "InvalidClientTokenId"},
		{"no base64", id, secret, "***", "InvalidClientTokenId"},
		{"cut off", id, secret, token[:len(token)-4], "InvalidClientTokenId"},
		{"the first bits", id, secret, flip(token, 0), "InvalidClientTokenId"},
		{"a middle bit", id, secret, flip(token, len(token)/2), "InvalidClientTokenId"},
		{"the last bits", id, secret, flip(token, len(token)-2), "InvalidClientTokenId"},
		{"with a long-term key", long.AccessKeyID, long.SecretAccessKey, token, "InvalidClientTokenId"},
		{"with a sandbox key", alice, "test", token, "InvalidClientTokenId"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := awssts.NewFromConfig(w.config(c.id, c.secret, c.token)).GetCallerIdentity(ctx, &awssts.GetCallerIdentityInput{})
			want(t, err, c.code)
		})
	}
}

// TestExpired lets a session expire. A caller who does not know the secret does not learn that it has
// expired.
func TestExpired(t *testing.T) {
	w := newWorld(t)
	w.setAhead(-14 * time.Minute) // the largest accepted clock skew of a signature
	out, err := assume(w.user(alice, "ann", everything), w.role("builder", trustAlice, everything).ARN,
		func(in *awssts.AssumeRoleInput) { in.DurationSeconds = new(int32(900)) })
	ok(t, err)
	session := w.as(out.Credentials)
	ok(t, lists(session))
	w.setAhead(10 * time.Minute)
	want(t, lists(session), "ExpiredTokenException", "The security token included in the request is expired")
	_, err = awssts.NewFromConfig(session).GetCallerIdentity(ctx, &awssts.GetCallerIdentityInput{})
	want(t, err, "ExpiredToken", "The security token included in the request is expired")
	forged := w.config(*out.Credentials.AccessKeyId, "wrong", *out.Credentials.SessionToken)
	want(t, lists(forged), "InvalidSignatureException")
}

// TestAccessKeyInfo finds the account of long-term and of session keys.
func TestAccessKeyInfo(t *testing.T) {
	w := newWorld(t)
	client := awssts.NewFromConfig(w.root(alice))
	for _, cfg := range []aws.Config{w.user(bob, "bea", everything), w.sessionOf(w.root(bob)), w.federate(w.root(bob), "fred", nil)} {
		c, err := cfg.Credentials.Retrieve(ctx)
		ok(t, err)
		out, err := client.GetAccessKeyInfo(ctx, &awssts.GetAccessKeyInfoInput{AccessKeyId: &c.AccessKeyID})
		ok(t, err)
		if *out.Account != bob {
			t.Errorf("account of %s is %s", c.AccessKeyID, *out.Account)
		}
	}
	_, err := client.GetAccessKeyInfo(ctx, &awssts.GetAccessKeyInfoInput{AccessKeyId: new("AKIAIOSFODNN7EXAMPLE")})
	want(t, err, "ValidationError", "does not exist")
}

// TestSDKProvider assumes a role through the SDK's credentials provider.
func TestSDKProvider(t *testing.T) {
	w := newWorld(t)
	cfg := w.user(alice, "ann", everything)
	cfg.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(awssts.NewFromConfig(cfg), w.role("builder", trustAlice, listing).ARN))
	ok(t, lists(cfg))
}

// TestAuthorizationMessage decodes the message of a denial.
func TestAuthorizationMessage(t *testing.T) {
	w := newWorld(t)
	ann := w.user(alice, "ann", listing+`,{"Sid":"NoDelete","Effect":"Deny","Action":"imagebuilder:DeleteComponent","Resource":"*"}`)
	component := "arn:aws:imagebuilder:us-east-1:" + alice + ":component/agent/1.0.0/1"
	sealed := denialOf(t, ann, component)

	out, err := awssts.NewFromConfig(w.root(alice)).DecodeAuthorizationMessage(ctx, &awssts.DecodeAuthorizationMessageInput{EncodedMessage: &sealed})
	ok(t, err)
	type statement struct{ StatementID, Effect, SourcePolicy, Reason string }
	var got struct {
		Allowed, ExplicitDeny bool
		MatchedStatements     struct{ Items []statement }
		Failures              struct{ Items []statement }
		Context               struct {
			Principal        struct{ ID, Name, ARN string }
			Action, Resource string
			Conditions       struct {
				Items []struct {
					Key    string
					Values struct{ Items []struct{ Value string } }
				}
			}
		}
	}
	ok(t, json.Unmarshal([]byte(*out.DecodedMessage), &got))
	user := "arn:aws:iam::" + alice + ":user/ann"
	if diff := cmp.Diff([]statement{{"NoDelete", "DENY", user + "/policy/inline", "denies"}}, got.MatchedStatements.Items); diff != "" {
		t.Error("matched (-want +got):", diff)
	}
	if len(got.Failures.Items) != 1 || !strings.Contains(got.Failures.Items[0].Reason, "does not match imagebuilder:DeleteComponent") {
		t.Errorf("failures: %+v", got.Failures.Items)
	}
	c := got.Context
	if got.Allowed || !got.ExplicitDeny || c.Principal.ARN != user || c.Principal.Name != "ann" || c.Action != "imagebuilder:DeleteComponent" || c.Resource != component {
		t.Errorf("message %s", *out.DecodedMessage)
	}
	keys := map[string]string{}
	for _, condition := range c.Conditions.Items {
		keys[condition.Key] = condition.Values.Items[0].Value
	}
	if keys["aws:username"] != "ann" || keys["aws:RequestedRegion"] != region || keys["aws:PrincipalAccount"] != alice {
		t.Errorf("conditions %v", keys)
	}

	for _, c := range []struct{ name, account, message string }{
		{"another account", bob, sealed},
		{"tampered", alice, sealed[:20] + "AAAA" + sealed[24:]},
		{"no message", alice, "message"},
	} {
		_, err := awssts.NewFromConfig(w.root(c.account)).DecodeAuthorizationMessage(ctx, &awssts.DecodeAuthorizationMessageInput{EncodedMessage: &c.message})
		if got := code(t, err); got != "InvalidAuthorizationMessageException" {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	_, err = awssts.NewFromConfig(ann).DecodeAuthorizationMessage(ctx, &awssts.DecodeAuthorizationMessageInput{EncodedMessage: &sealed})
	want(t, err, "AccessDenied", "sts:DecodeAuthorizationMessage")
}

// TestForeignMessage checks that the message of a denial by another account's policy does not reveal that
// policy.
func TestForeignMessage(t *testing.T) {
	w := newWorld(t)
	component := "arn:aws:imagebuilder:us-east-1:" + alice + ":component/agent/1.0.0/1"
	w.update(func(tx *store.Tx) error {
		return tx.PutPolicy(store.Policy{ARN: component, Source: "user", CreatedAt: w.now(), UpdatedAt: w.now(),
			Document: document(`{"Sid":"Confidential","Effect":"Deny","Principal":{"AWS":"` + bob + `"},"Action":"imagebuilder:GetComponent","Resource":"*"}`)})
	})
	bea := w.user(bob, "bea", everything+`,{"Effect":"Deny","Action":"imagebuilder:GetComponent","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/owner":"x"}}}`)
	_, err := imagebuilder.NewFromConfig(bea).GetComponent(ctx, &imagebuilder.GetComponentInput{ComponentBuildVersionArn: &component})
	sealed := messageOf(t, err)
	out, err := awssts.NewFromConfig(w.root(bob)).DecodeAuthorizationMessage(ctx, &awssts.DecodeAuthorizationMessageInput{EncodedMessage: &sealed})
	ok(t, err)
	if strings.Contains(*out.DecodedMessage, "Confidential") || strings.Contains(*out.DecodedMessage, "ResourceTag") || !strings.Contains(*out.DecodedMessage, "user/bea/policy/inline") {
		t.Errorf("message %s", *out.DecodedMessage)
	}
}

// denialOf tries to delete a component and returns the message of the denial.
func denialOf(t *testing.T, cfg aws.Config, component string) string {
	t.Helper()
	_, err := imagebuilder.NewFromConfig(cfg).DeleteComponent(context.Background(), &imagebuilder.DeleteComponentInput{ComponentBuildVersionArn: &component})
	return messageOf(t, err)
}

func messageOf(t *testing.T, err error) string {
	t.Helper()
	want(t, err, "AccessDeniedException")
	res, found := asResponse(err)
	if !found || res.Header.Get("X-Writ-Authorization-Message") == "" {
		t.Fatalf("no message comes with %v", err)
	}
	return res.Header.Get("X-Writ-Authorization-Message")
}

func asResponse(err error) (*http.Response, bool) {
	e, ok := errors.AsType[*awshttp.ResponseError](err)
	if !ok {
		return nil, false
	}
	return e.Response.Response, true
}
