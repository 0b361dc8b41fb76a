package sigv4_test

// The judge of these tests is the signer of the AWS SDK for Go: what it signs
// verifies after a trip over the wire, and nothing else does.

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"pgregory.net/rapid"

	"github.com/writdev/writ/internal/sigv4"
)

// signing is everything a client chooses.
type signing struct {
	credentials     aws.Credentials
	region, service string
	time            time.Time
	presign         bool
}

// sign signs r, whose body is given, and returns the request to send.
func (s signing) sign(t testing.TB, r *http.Request, body []byte) *http.Request {
	return s.signAs(t, r, hexSum(body))
}

// signAs signs r with a payload hash of the caller's choice.
func (s signing) signAs(t testing.TB, r *http.Request, payload string) *http.Request {
	t.Helper()
	signer := v4.NewSigner()
	if !s.presign {
		if err := signer.SignHTTP(context.Background(), s.credentials, r, payload, s.service, s.region, s.time); err != nil {
			t.Fatal(err)
		}
		return r
	}
	target, header, err := signer.PresignHTTP(context.Background(), s.credentials, r, payload, s.service, s.region, s.time)
	if err != nil {
		t.Fatal(err)
	}
	signed := r.Clone(r.Context())
	if signed.URL, err = url.Parse(target); err != nil {
		t.Fatal(err)
	}
	signed.Header, signed.Host = header, header.Get("Host")
	signed.Header.Del("Host")
	signed.Header.Del("Content-Length")
	return signed
}

func hexSum(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// travel writes r as a client does and reads it as a server does.
func travel(t interface{ Fatalf(string, ...any) }, r *http.Request) (*http.Request, []byte) {
	var wire bytes.Buffer
	if err := r.Write(&wire); err != nil {
		t.Fatalf("write request: %v", err)
	}
	arrived, err := http.ReadRequest(bufio.NewReader(&wire))
	if err != nil {
		t.Fatalf("read request: %v", err)
	}
	body, err := io.ReadAll(arrived.Body)
	if err != nil {
		t.Fatalf("read body: %v", err)
	}
	return arrived, body
}

var (
	drawPath = rapid.Custom(func(t *rapid.T) string {
		return "/" + rapid.StringOfN(rapid.RuneFrom([]rune("abz09/-._~%:@!$&'()*+,;= {}|\"<>#?[]\\^`é世")), 0, 20, -1).Draw(t, "path")
	})
	drawQueryText = rapid.StringOfN(rapid.RuneFrom([]rune("abz09/-._~%:@!$&'()*+,;= {}|\"<>#?[]é世\x00")), 0, 8, -1)
	drawValue     = rapid.StringOfN(rapid.RuneFrom([]rune("abz09 \t,;:=\"\\%/é\u00a0")), 0, 16, -1)
	drawToken     = rapid.StringMatching(`[a-zA-Z0-9+/=]{0,40}`)
	drawName      = rapid.SampledFrom([]string{"Content-Type", "Accept", "X-Custom", "X-Amz-Target", "X-Amz-Foo", "X-Amz-Meta-Bar", "Range", "Amz-Sdk-Invocation-Id"})
)

// draw is a random request together with how to sign it.
func draw(t *rapid.T) (*http.Request, signing, []byte) {
	var body []byte
	method := rapid.SampledFrom([]string{"GET", "POST", "PUT", "DELETE", "HEAD", "PATCH"}).Draw(t, "method")
	if method != "GET" && method != "HEAD" {
		body = rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "body")
	}
	query := url.Values{}
	for range rapid.IntRange(0, 5).Draw(t, "parameters") {
		query.Add("q"+drawQueryText.Draw(t, "name"), drawQueryText.Draw(t, "value"))
	}
	target := &url.URL{Scheme: "http", Host: rapid.SampledFrom([]string{"localhost:4566", "sts.us-east-1.amazonaws.com", "[::1]:8080", "h:80"}).Draw(t, "host"),
		Path: drawPath.Draw(t, "path"), RawQuery: query.Encode()}
	r, err := http.NewRequest(method, target.String(), bytes.NewReader(body))
	if err != nil {
		t.Fatalf("new request: %v", err)
	}
	for range rapid.IntRange(0, 6).Draw(t, "headers") {
		r.Header.Add(drawName.Draw(t, "name"), drawValue.Draw(t, "value"))
	}
	s := signing{
		credentials: aws.Credentials{
			AccessKeyID:     rapid.StringMatching(`[A-Z0-9]{12,20}`).Draw(t, "key id"),
			SecretAccessKey: rapid.StringMatching(`[A-Za-z0-9/+]{1,80}`).Draw(t, "secret"),
			SessionToken:    drawToken.Draw(t, "token"),
		},
		region:  rapid.SampledFrom([]string{"us-east-1", "eu-central-1", "aws-global"}).Draw(t, "region"),
		service: rapid.SampledFrom([]string{"ssm", "imagebuilder", "sts", "ram"}).Draw(t, "service"),
		time:    time.Unix(rapid.Int64Range(1e9, 4e9).Draw(t, "time"), 0).UTC(),
		presign: rapid.Bool().Draw(t, "presign"),
	}
	if !s.presign && rapid.Bool().Draw(t, "hash header") {
		r.Header.Set("X-Amz-Content-Sha256", hexSum(body))
	}
	return r, s, body
}

// drawSigned is a random signed request as it arrives.
func drawSigned(t *rapid.T, tb testing.TB) (*http.Request, signing, []byte) {
	r, s, body := draw(t)
	arrived, got := travel(t, s.sign(tb, r, body))
	if !bytes.Equal(got, body) {
		t.Fatalf("the body changed on its way")
	}
	return arrived, s, body
}

func TestAcceptsWhatTheSDKSigns(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r, s, body := drawSigned(rt, t)
		now := s.time.Add(time.Duration(rapid.IntRange(-900, 900).Draw(rt, "skew")) * time.Second)
		claim, err := sigv4.Parse(r)
		if err != nil {
			rt.Fatalf("parse: %v", err)
		}
		if err := claim.Verify(r, body, claim.SigningKey(s.credentials.SecretAccessKey), now); err != nil {
			rt.Fatalf("verify %s %s\n%v: %v", r.Method, r.RequestURI, r.Header, err)
		}
		if claim.AccessKeyID != s.credentials.AccessKeyID || claim.SessionToken != s.credentials.SessionToken ||
			claim.Region != s.region || claim.Service != s.service || !claim.Time.Equal(s.time) || claim.Presigned != s.presign {
			rt.Fatalf("claim %+v of signing %+v", claim, s)
		}
	})
}

// TestAcceptsOtherSpellings spells the query string of a signed request anew: the
// SDK sends it in canonical form, other clients do not.
func TestAcceptsOtherSpellings(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r, s, body := drawSigned(rt, t)
		path, query, _ := strings.Cut(r.RequestURI, "?")
		pairs := rapid.Permutation(strings.Split(query, "&")).Draw(rt, "order")
		for i, pair := range pairs {
			pairs[i] = rapid.SampledFrom([]string{
				pair,
				strings.ReplaceAll(pair, "%20", "+"),
				strings.ReplaceAll(pair, "a", "%61"),
				strings.NewReplacer("%C3", "%c3", "%2F", "/", "%3A", ":").Replace(pair),
				pair + "&",
			}).Draw(rt, "spelling")
		}
		query = strings.Join(pairs, "&")
		r.RequestURI = path + "?" + query
		r.URL.RawQuery = query
		if err := check(r, body, s.credentials.SecretAccessKey, s.time); err != nil {
			rt.Fatalf("%s: %v", r.RequestURI, err)
		}
	})
}

// TestSignsTheWirePath has characters in the path that a URL parser would escape.
func TestSignsTheWirePath(t *testing.T) {
	s := signing{credentials: aws.Credentials{AccessKeyID: exampleKeyID, SecretAccessKey: exampleSecret}, region: "us-east-1", service: "ssm", time: exampleTime}
	r := &http.Request{Method: "GET", Host: "h", Header: http.Header{}, URL: &url.URL{Scheme: "http", Opaque: `//h/a{b}"%7e`}}
	s.sign(t, r, nil)
	arrived := read(t, "GET /a{b}\"%7e HTTP/1.1\r\nHost: h\r\nX-Amz-Date: "+r.Header.Get("X-Amz-Date")+"\r\nAuthorization: "+r.Header.Get("Authorization")+"\r\n\r\n")
	if err := check(arrived, nil, exampleSecret, exampleTime); err != nil {
		t.Error(err)
	}
}

// A mutation changes one thing in a signed request. It reports whether there was
// something to change.
type mutation func(t *rapid.T, r *http.Request, body *[]byte, secret *string) bool

var mutations = map[string]mutation{
	"method": func(t *rapid.T, r *http.Request, _ *[]byte, _ *string) bool {
		r.Method += "X"
		return true
	},
	"path": func(t *rapid.T, r *http.Request, _ *[]byte, _ *string) bool {
		path, query, _ := strings.Cut(r.RequestURI, "?")
		at := rapid.IntRange(1, len(path)).Draw(t, "at")
		return target(r, path[:at]+"x"+path[at:], query)
	},
	"path byte": func(t *rapid.T, r *http.Request, _ *[]byte, _ *string) bool {
		path, query, _ := strings.Cut(r.RequestURI, "?")
		at := rapid.IntRange(0, len(path)-1).Draw(t, "at")
		return at > 0 && target(r, flip(path, at), query)
	},
	"query, one parameter more": func(t *rapid.T, r *http.Request, _ *[]byte, _ *string) bool {
		path, query, _ := strings.Cut(r.RequestURI, "?")
		return target(r, path, strings.TrimPrefix(query+"&x=1", "&"))
	},
	"query, one parameter less": func(t *rapid.T, r *http.Request, _ *[]byte, _ *string) bool {
		path, query, _ := strings.Cut(r.RequestURI, "?")
		pairs := strings.Split(query, "&")
		at := rapid.IntRange(0, len(pairs)-1).Draw(t, "at")
		return query != "" && target(r, path, strings.Join(slices.Delete(pairs, at, at+1), "&"))
	},
	"query byte": func(t *rapid.T, r *http.Request, _ *[]byte, _ *string) bool {
		path, query, _ := strings.Cut(r.RequestURI, "?")
		if query == "" {
			return false
		}
		return target(r, path, flip(query, rapid.IntRange(0, len(query)-1).Draw(t, "at")))
	},
	"host": func(t *rapid.T, r *http.Request, _ *[]byte, _ *string) bool {
		r.Host += "0"
		return true
	},
	"signed header": func(t *rapid.T, r *http.Request, _ *[]byte, _ *string) bool {
		names := signedNames(r)
		if len(names) == 0 {
			return false
		}
		values := r.Header[rapid.SampledFrom(names).Draw(t, "name")]
		values[rapid.IntRange(0, len(values)-1).Draw(t, "value")] += "x"
		return true
	},
	"signed header, one value more": func(t *rapid.T, r *http.Request, _ *[]byte, _ *string) bool {
		names := signedNames(r)
		if len(names) == 0 {
			return false
		}
		r.Header.Add(rapid.SampledFrom(names).Draw(t, "name"), "")
		return true
	},
	"signed header absent": func(t *rapid.T, r *http.Request, _ *[]byte, _ *string) bool {
		names := signedNames(r)
		if len(names) == 0 {
			return false
		}
		r.Header.Del(rapid.SampledFrom(names).Draw(t, "name"))
		return true
	},
	"unsigned x-amz header": func(t *rapid.T, r *http.Request, _ *[]byte, _ *string) bool {
		r.Header.Add("X-Amz-"+rapid.StringMatching(`New[a-z]{0,3}`).Draw(t, "name"), "")
		return true
	},
	"body": func(t *rapid.T, r *http.Request, body *[]byte, _ *string) bool {
		*body = append(slices.Clone(*body), rapid.Byte().Draw(t, "more"))
		return true
	},
	"body byte": func(t *rapid.T, r *http.Request, body *[]byte, _ *string) bool {
		if len(*body) == 0 {
			return false
		}
		*body = slices.Clone(*body)
		(*body)[rapid.IntRange(0, len(*body)-1).Draw(t, "at")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		return true
	},
	"secret": func(t *rapid.T, r *http.Request, _ *[]byte, secret *string) bool {
		*secret = flip(*secret, rapid.IntRange(0, len(*secret)-1).Draw(t, "at"))
		return true
	},
	"signature byte":  claimMutation("Signature="),
	"region":          claimMutation("/us-east-1/", "/eu-central-1/", "/aws-global/", "%2Fus-east-1%2F", "%2Feu-central-1%2F", "%2Faws-global%2F"),
	"service":         claimMutation("/ssm/", "/imagebuilder/", "/sts/", "/ram/", "%2Fssm%2F", "%2Fimagebuilder%2F", "%2Fsts%2F", "%2Fram%2F"),
	"terminator":      claimMutation("aws4_request"),
	"signed headers":  claimMutation("SignedHeaders="),
	"presigned date":  claimMutation("X-Amz-Date="),
	"presigned token": claimMutation("X-Amz-Security-Token="),
}

// claimMutation changes a byte in or, after an equal sign, behind one of the
// markers, wherever the signature stands.
func claimMutation(markers ...string) mutation {
	return func(t *rapid.T, r *http.Request, _ *[]byte, _ *string) bool {
		path, query, _ := strings.Cut(r.RequestURI, "?")
		authorization := r.Header.Get("Authorization")
		where := authorization
		if where == "" {
			where = query
		}
		for _, marker := range markers {
			at := strings.Index(where, marker)
			if at < 0 {
				continue
			}
			if strings.HasSuffix(marker, "=") {
				at += len(marker)
				end := strings.IndexAny(where[at:]+"&", ",&")
				if end == 0 {
					return false
				}
				at += rapid.IntRange(0, end-1).Draw(t, "at")
			} else {
				at += strings.LastIndexAny(marker, "/F_-") - 1
				at = max(at, 0)
			}
			where = flip(where, at)
			if authorization == "" {
				return target(r, path, where)
			}
			r.Header.Set("Authorization", where)
			return true
		}
		return false
	}
}

// flip replaces the byte at a place by another letter.
func flip(s string, at int) string {
	c := byte('a')
	if s[at] == c {
		c = 'b'
	}
	return s[:at] + string(c) + s[at+1:]
}

// target gives r another request target, as if it had come so over the wire.
// It reports false where no server would have read it, and where only the
// spelling of the query differs (%3A and %3a): signatures cover its meaning.
func target(r *http.Request, path, query string) bool {
	uri := path
	if query != "" {
		uri += "?" + query
	}
	u, err := url.ParseRequestURI(uri)
	if err != nil || uri == r.RequestURI {
		return false
	}
	if values, err := url.ParseQuery(query); err == nil && u.EscapedPath() == r.URL.EscapedPath() && reflect.DeepEqual(values, r.URL.Query()) {
		return false
	}
	r.RequestURI, r.URL = uri, u
	return true
}

// signedNames are the headers whose change must be seen, in a fixed order.
func signedNames(r *http.Request) []string {
	claim := r.Header.Get("Authorization") + strings.ToLower(r.URL.Query().Get("X-Amz-SignedHeaders"))
	var names []string
	for name := range r.Header {
		if name != "Content-Length" && name != "Authorization" && strings.Contains(claim, strings.ToLower(name)) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func TestRefusesEveryMutation(t *testing.T) {
	for name, mutate := range mutations {
		t.Run(name, func(t *testing.T) {
			mutated := 0
			rapid.Check(t, func(rt *rapid.T) {
				r, s, body := drawSigned(rt, t)
				secret := s.credentials.SecretAccessKey
				before := r.RequestURI
				if !mutate(rt, r, &body, &secret) {
					return
				}
				mutated++
				err := check(r, body, secret, s.time)
				if err == nil {
					rt.Fatalf("accepted %s %s (before: %s)\n%v", r.Method, r.RequestURI, before, r.Header)
				}
				if _, ok := errors.AsType[*sigv4.Error](err); !ok {
					rt.Fatalf("error of type %T", err)
				}
			})
			if mutated == 0 {
				t.Error("no request was mutated")
			}
		})
	}
}

func TestPayloadClaims(t *testing.T) {
	body := []byte(`{"Name":"n"}`)
	tests := map[string]struct {
		claim string
		ok    bool
	}{
		"hash of the body":   {hexSum(body), true},
		"unsigned":           {"UNSIGNED-PAYLOAD", true},
		"hash of another":    {hexSum(nil), false},
		"hash in capitals":   {strings.ToUpper(hexSum(body)), false},
		"streaming":          {"STREAMING-AWS4-HMAC-SHA256-PAYLOAD", false},
		"streaming unsigned": {"STREAMING-UNSIGNED-PAYLOAD-TRAILER", false},
	}
	s := signing{credentials: aws.Credentials{AccessKeyID: exampleKeyID, SecretAccessKey: exampleSecret}, region: "us-east-1", service: "ssm", time: exampleTime}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r, _ := http.NewRequest("POST", "http://localhost/", bytes.NewReader(body))
			r.Header.Set("X-Amz-Content-Sha256", tt.claim)
			arrived, got := travel(t, s.signAs(t, r, tt.claim))
			err := check(arrived, got, exampleSecret, exampleTime)
			if (err == nil) != tt.ok {
				t.Error(err)
			}
			if e, _ := errors.AsType[*sigv4.Error](err); err != nil && e.Message != "The provided 'x-amz-content-sha256' header does not match what was computed." {
				t.Error(err)
			}
		})
	}
}

// TestLife covers how long a request may be used.
func TestLife(t *testing.T) {
	tests := map[string]struct {
		service string
		presign bool
		expires time.Duration
		life    time.Duration
		message string // one second after
	}{
		"header": {service: "iam", life: 15 * time.Minute,
			message: "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T125101Z - 15 min.)"},
		"presigned":           {service: "iam", presign: true, life: 15 * time.Minute},
		"presigned for a day": {service: "iam", presign: true, expires: 24 * time.Hour, life: 24 * time.Hour},
		"presigned for seconds": {service: "iam", presign: true, expires: 10 * time.Second, life: 10 * time.Second,
			message: "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T123611Z - 10 sec.)"},
		"sts, longer than it asked for":  {service: "sts", presign: true, expires: time.Minute, life: 15 * time.Minute},
		"sts, shorter than it asked for": {service: "sts", presign: true, expires: time.Hour, life: 15 * time.Minute},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r, _ := http.NewRequest("GET", "http://localhost/?Action=X", nil)
			if tt.expires > 0 {
				r.URL.RawQuery += "&X-Amz-Expires=" + strconv.Itoa(int(tt.expires/time.Second))
			}
			s := signing{credentials: aws.Credentials{AccessKeyID: exampleKeyID, SecretAccessKey: exampleSecret},
				region: "us-east-1", service: tt.service, time: exampleTime, presign: tt.presign}
			arrived, body := travel(t, s.sign(t, r, nil))
			if err := check(arrived, body, exampleSecret, exampleTime.Add(tt.life+time.Second/2)); err != nil {
				t.Errorf("at its end: %v", err)
			}
			err := check(arrived, body, exampleSecret, exampleTime.Add(tt.life+time.Second))
			got, _ := errors.AsType[*sigv4.Error](err)
			if got == nil || got.Reason != sigv4.Expired || tt.message != "" && got.Message != tt.message {
				t.Errorf("after its end: %v", err)
			}
			err = check(arrived, body, exampleSecret, exampleTime.Add(-15*time.Minute-time.Second))
			if got, _ := errors.AsType[*sigv4.Error](err); got == nil || got.Reason != sigv4.NotYetValid {
				t.Errorf("before its time: %v", err)
			}
		})
	}
}

// TestDateHeader has Date in place of X-Amz-Date, in both its forms.
func TestDateHeader(t *testing.T) {
	for _, date := range []string{"Sun, 30 Aug 2015 12:36:00 GMT", "20150830T123600Z"} {
		wire := strings.ReplaceAll(strings.Replace(vanilla, "X-Amz-Date: 20150830T123600Z", "Date: "+date, 1), "host;x-amz-date", "date;host")
		claim, err := sigv4.Parse(read(t, wire))
		if err != nil {
			t.Fatal(err)
		}
		if !claim.Time.Equal(exampleTime) {
			t.Errorf("%s read as %v", date, claim.Time)
		}
	}
}

// TestThroughAServer sends signed requests to a real server on loopback, with a
// real client, whose own headers must not disturb.
func TestThroughAServer(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = check(r, body, exampleSecret, exampleTime)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusForbidden)
		}
	}))
	defer server.Close()
	for _, presign := range []bool{false, true} {
		for _, path := range []string{"/", "/tags/arn%3Aaws%3Aimagebuilder%3Aus-east-1%3A123456789012%3Aimage%2Fa%2F1.0.0", "/a b{c}", "//x//", "/a/../b/./c"} {
			body := []byte(`{"a":"b"}`)
			r, err := http.NewRequest("POST", server.URL+path+"?b=2&a=1&a=+&c", bytes.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header["X-Amz-Target"] = []string{"  Amazon  SSM.Get ", "second"}
			r.Header.Set("Content-Type", "application/x-amz-json-1.1")
			s := signing{credentials: aws.Credentials{AccessKeyID: exampleKeyID, SecretAccessKey: exampleSecret, SessionToken: "a+b/c="},
				region: "us-east-1", service: "ssm", time: exampleTime, presign: presign}
			response, err := http.DefaultClient.Do(s.sign(t, r, body))
			if err != nil {
				t.Fatal(err)
			}
			text, _ := io.ReadAll(response.Body)
			response.Body.Close()
			if response.StatusCode != http.StatusOK {
				t.Errorf("presigned %t, %s: %d %s", presign, path, response.StatusCode, text)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=00", "20150830T123600Z", "a=b")
	f.Add("", "", "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=A/20150830/r/s/aws4_request&X-Amz-Date=20150830T123600Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=00")
	f.Add("Bearer x", "Sun, 30 Aug 2015 12:36:00 GMT", "%58-Amz-Signature=%")
	f.Fuzz(func(t *testing.T, authorization, date, query string) {
		r := &http.Request{Method: "GET", Host: "h", URL: &url.URL{Path: "/", RawQuery: query},
			Header: http.Header{"Date": {date}}}
		if authorization != "" {
			r.Header.Set("Authorization", authorization)
		}
		claim, err := sigv4.Parse(r)
		if err != nil {
			if e, ok := errors.AsType[*sigv4.Error](err); !ok || e.Reason == 0 || e.Message == "" {
				t.Fatalf("error without a reason: %#v", err)
			}
			return
		}
		if claim.AccessKeyID == "" || claim.Region == "" || claim.Service == "" || claim.Time.IsZero() {
			t.Fatalf("incomplete: %+v", claim)
		}
		if claim.Verify(r, nil, claim.SigningKey("not the secret"), claim.Time) == nil {
			t.Fatal("verified")
		}
	})
}

// small is a signed request of the usual size.
func small(b *testing.B) (*http.Request, []byte) {
	r, _ := http.NewRequest("GET", "http://localhost:4566/GetImagePolicy?imageArn=arn%3Aaws%3Aimagebuilder%3Aus-east-1%3A123456789012%3Aimage%2Fa%2F1.0.0%2F1", nil)
	s := signing{credentials: aws.Credentials{AccessKeyID: exampleKeyID, SecretAccessKey: exampleSecret}, region: "us-east-1", service: "imagebuilder", time: exampleTime}
	return travel(b, s.sign(b, r, nil))
}

func BenchmarkVerify(b *testing.B) {
	r, body := small(b)
	claim, err := sigv4.Parse(r)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := claim.Verify(r, body, claim.SigningKey(exampleSecret), exampleTime); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	r, _ := small(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := sigv4.Parse(r); err != nil {
			b.Fatal(err)
		}
	}
}
