package sigv4_test

import (
	"bufio"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/writdev/writ/internal/sigv4"
)

// The key of the examples in AWS's documentation and of its published signature
// test suite.
const (
	exampleKeyID  = "AKIDEXAMPLE"
	exampleSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
)

var exampleTime = time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC)

// vanilla is the first case of that suite.
const vanilla = "GET / HTTP/1.1\r\n" +
	"Host: example.amazonaws.com\r\n" +
	"X-Amz-Date: 20150830T123600Z\r\n" +
	"Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, " +
	"SignedHeaders=host;x-amz-date, " +
	"Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31\r\n\r\n"

// read is the request a server makes of what came over the wire.
func read(t testing.TB, wire string) *http.Request {
	t.Helper()
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(wire)))
	if err != nil {
		t.Fatalf("read request: %v\n%s", err, wire)
	}
	return r
}

// check parses and verifies in one go.
func check(r *http.Request, body []byte, secret string, now time.Time) error {
	s, err := sigv4.Parse(r)
	if err != nil {
		return err
	}
	return s.Verify(r, body, s.SigningKey(secret), now)
}

func TestPublishedSignatures(t *testing.T) {
	tests := map[string]string{
		"get-vanilla": vanilla,
		"documentation, ListUsers": "GET /?Action=ListUsers&Version=2010-05-08 HTTP/1.1\r\n" +
			"Host: iam.amazonaws.com\r\n" +
			"Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n" +
			"X-Amz-Date: 20150830T123600Z\r\n" +
			"Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, " +
			"SignedHeaders=content-type;host;x-amz-date, " +
			"Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7\r\n\r\n",
	}
	for name, wire := range tests {
		t.Run(name, func(t *testing.T) {
			if err := check(read(t, wire), nil, exampleSecret, exampleTime); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestWireForms sends one signed request in other forms of the same meaning.
func TestWireForms(t *testing.T) {
	tests := map[string]struct{ old, new string }{
		"absolute form":           {"GET / ", "GET http://example.amazonaws.com/ "},
		"absolute form, no path":  {"GET / ", "GET http://example.amazonaws.com "},
		"empty query":             {"GET / ", "GET /? "},
		"empty parameter":         {"GET / ", "GET /?& "},
		"lower-case header names": {"X-Amz-Date", "x-amz-date"},
		"white space in a header": {"X-Amz-Date: ", "X-Amz-Date: \t "},
		"lower-case scheme":       {"AWS4-HMAC-SHA256", "aws4-hmac-sha256"},
		"no white space":          {", ", ","},
		"more white space":        {", ", " ,  "},
		"unsigned content type":   {"X-Amz-Date", "Content-Type: text/plain\r\nX-Amz-Date"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			wire := strings.ReplaceAll(vanilla, tt.old, tt.new)
			if wire == vanilla {
				t.Fatal("nothing replaced")
			}
			if err := check(read(t, wire), nil, exampleSecret, exampleTime); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestParse(t *testing.T) {
	want := &sigv4.Signature{
		AccessKeyID: exampleKeyID, SessionToken: "token/+=",
		Date: "20150830", Region: "us-east-1", Service: "sts",
		Time: exampleTime,
	}
	header := "GET / HTTP/1.1\r\nHost: h\r\nX-Amz-Date: 20150830T123600Z\r\nX-Amz-Security-Token: token/+=\r\n" +
		"Authorization: aws4-hmac-sha256   Credential = AKIDEXAMPLE/20150830/us-east-1/sts/aws4_request ,," +
		"Signature=00,\tSignedHeaders=host;x-amz-date\r\n\r\n"
	query := "GET /?Action=GetCallerIdentity&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20150830T123600Z&X-Amz-Expires=60" +
		"&X-Amz-Credential=AKIDEXAMPLE%2F20150830/us-east-1/sts/aws4_request&X-Amz-Signature=00&X-Amz-SignedHeaders=host" +
		"&X-Amz-Security-Token=token%2F%2B%3D HTTP/1.1\r\nHost: h\r\n\r\n"

	ignore := cmpopts.IgnoreUnexported(sigv4.Signature{})
	got, err := sigv4.Parse(read(t, header))
	if diff := cmp.Diff(want, got, ignore); err != nil || diff != "" {
		t.Errorf("header: %v\n%s", err, diff)
	}
	want.Presigned, want.Expires = true, time.Minute
	got, err = sigv4.Parse(read(t, query))
	if diff := cmp.Diff(want, got, ignore); err != nil || diff != "" {
		t.Errorf("query: %v\n%s", err, diff)
	}
}

// TestRefused starts from a request that verifies and breaks one thing in it.
func TestRefused(t *testing.T) {
	const (
		auth   = "Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
		scope  = "AKIDEXAMPLE/20150830/us-east-1/service/aws4_request"
		date   = "X-Amz-Date: 20150830T123600Z\r\n"
		differ = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
		query  = "GET /?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request&X-Amz-Date=20150830T123600Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=00 HTTP/1.1\r\n"
	)
	tests := []struct {
		name     string
		old, new string        // in the request's wire form
		later    time.Duration // the server's clock
		reason   sigv4.Reason
		message  string // empty: any
	}{
		{name: "nothing signed", old: auth + "\r\n", reason: sigv4.Missing, message: "Missing Authentication Token"},
		{name: "both ways", old: "GET / HTTP/1.1\r\n", new: query, reason: sigv4.Incomplete,
			message: "A request carries one signature: in the Authorization header or in the query string, not in both."},
		{name: "repeated header", old: auth + "\r\n", new: auth + "\r\n" + auth + "\r\n", reason: sigv4.Incomplete,
			message: "The Authorization header is repeated."},
		{name: "bearer token", old: auth, new: "Authorization: Bearer eyJhbGciOi", reason: sigv4.Incomplete,
			message: "'eyJhbGciOi' not a valid key=value pair (missing equal-sign) in Authorization header: 'Bearer eyJhbGciOi'."},
		{name: "bare scheme", old: auth, new: "Authorization: AWS4-HMAC-SHA256", reason: sigv4.Incomplete,
			message: "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization=AWS4-HMAC-SHA256"},
		{name: "empty header", old: auth, new: "Authorization:", reason: sigv4.Incomplete},
		{name: "no date", old: date, reason: sigv4.Incomplete,
			message: "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=" + strings.TrimPrefix(auth, "Authorization: ")},
		{name: "other algorithm", old: "AWS4-HMAC-SHA256", new: "AWS4-ECDSA-P256-SHA256", reason: sigv4.Incomplete,
			message: "Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256'."},
		{name: "repeated field", old: "SignedHeaders=", new: "Credential=" + scope + ", SignedHeaders=", reason: sigv4.Incomplete},
		{name: "unknown field", old: "SignedHeaders=", new: "Color=blue, SignedHeaders=", reason: sigv4.Incomplete},
		{name: "short credential", old: scope, new: "AKIDEXAMPLE", reason: sigv4.Incomplete,
			message: "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'AKIDEXAMPLE'"},
		{name: "long credential", old: "AKIDEXAMPLE/", new: "AKID/EXAMPLE/", reason: sigv4.Incomplete},
		{name: "no key id", old: "AKIDEXAMPLE/", new: "/", reason: sigv4.Incomplete},
		{name: "other terminator", old: "aws4_request", new: "aws5_request", reason: sigv4.Incomplete,
			message: "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5_request'."},
		{name: "date in no form", old: "20150830T123600Z", new: "yesterday", reason: sigv4.Incomplete,
			message: "Date must be in ISO-8601 'basic format'. Got 'yesterday'. See http://en.wikipedia.org/wiki/ISO_8601"},
		{name: "date with a fraction", old: "20150830T123600Z", new: "20150830T123600.5Z", reason: sigv4.Incomplete},
		{name: "repeated date", old: date, new: date + date, reason: sigv4.Incomplete, message: "The X-Amz-Date header is repeated."},
		{name: "signed headers out of order", old: "host;x-amz-date", new: "x-amz-date;host", reason: sigv4.Incomplete,
			message: "SignedHeaders must be lower-case names in ascending order, each once, got 'x-amz-date;host'."},
		{name: "signed header twice", old: "host;x-amz-date", new: "host;host;x-amz-date", reason: sigv4.Incomplete},
		{name: "signed header in capitals", old: "host;x-amz-date", new: "Host;x-amz-date", reason: sigv4.Incomplete},
		{name: "token twice", old: date, new: date + "X-Amz-Security-Token: a\r\nX-Amz-Security-Token: b\r\n", reason: sigv4.Incomplete},
		{name: "token both ways", old: "GET / HTTP/1.1\r\n", new: "GET /?X-Amz-Security-Token=a HTTP/1.1\r\nX-Amz-Security-Token: a\r\n", reason: sigv4.Incomplete},
		{name: "broken escape", old: "GET /", new: "GET /?a=%zz", reason: sigv4.Incomplete, message: "The query string contains a syntax error."},
		{name: "cut escape", old: "GET /", new: "GET /?a=%4", reason: sigv4.Incomplete, message: "The query string contains a syntax error."},
		{name: "bare semicolon", old: "GET /", new: "GET /?a=1;b=2", reason: sigv4.Incomplete, message: "The query string contains a syntax error."},

		{name: "other key", old: "5fa00fa3", new: "5fa00fa4", reason: sigv4.Mismatch, message: differ},
		{name: "capitals in signature", old: "5fa00fa3", new: "5FA00FA3", reason: sigv4.Mismatch, message: differ},
		{name: "short signature", old: "5fa00fa3", reason: sigv4.Mismatch, message: differ},
		{name: "other method", old: "GET", new: "POST", reason: sigv4.Mismatch, message: differ},
		{name: "other path", old: "GET /", new: "GET //", reason: sigv4.Mismatch, message: differ},
		{name: "an empty signature in the query too", old: "GET /", new: "GET /?X-Amz-Signature=", reason: sigv4.Mismatch, message: differ},
		{name: "other host", old: "Host: e", new: "Host: E", reason: sigv4.Mismatch, message: differ},
		{name: "host not signed", old: "=host;", new: "=", reason: sigv4.Mismatch,
			message: "'Host' must be a 'SignedHeader' in the AWS Authorization."},
		{name: "x-amz header not signed", old: date, new: date + "X-Amz-Target: AmazonSSM.GetParameter\r\n", reason: sigv4.Mismatch,
			message: "'X-Amz-Target' must be a 'SignedHeader' in the AWS Authorization."},
		{name: "empty x-amz header not signed", old: date, new: date + "X-Amz-Target:\r\n", reason: sigv4.Mismatch},
		{name: "signed header absent", old: "host;x-amz-date", new: "host;x-amz-date;x-amz-target", reason: sigv4.Mismatch,
			message: "The signed header 'x-amz-target' is not in the request."},
		{name: "scope of another day", old: "/20150830/", new: "/20150829/", reason: sigv4.Mismatch,
			message: "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20150829' != '20150830', from '20150830T123600Z'."},
		{name: "too late", later: 15*time.Minute + time.Second, reason: sigv4.Expired,
			message: "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T125101Z - 15 min.)"},
		{name: "too early", later: -15*time.Minute - time.Second, reason: sigv4.NotYetValid,
			message: "Signature not yet current: 20150830T123600Z is still later than 20150830T123559Z (20150830T122059Z + 15 min.)"},
		{name: "too late and wrong", old: "5fa00fa3", new: "5fa00fa4", later: time.Hour, reason: sigv4.Expired},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if !strings.Contains(vanilla, tt.old) {
				t.Fatalf("the request has no %q", tt.old)
			}
			wire := vanilla
			if tt.old != "" {
				wire = strings.Replace(vanilla, tt.old, tt.new, 1)
			}
			err := check(read(t, wire), nil, exampleSecret, exampleTime.Add(tt.later))
			got, ok := errors.AsType[*sigv4.Error](err)
			if !ok {
				t.Fatalf("accepted, or an error of another type: %v", err)
			}
			if got.Reason != tt.reason {
				t.Errorf("reason %v, want %v (%s)", got.Reason, tt.reason, got.Message)
			}
			if tt.message != "" && got.Message != tt.message {
				t.Errorf("message\n  %s\nwant\n  %s", got.Message, tt.message)
			}
		})
	}
}

func TestRefusedPresigned(t *testing.T) {
	const whole = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request" +
		"&X-Amz-Date=20150830T123600Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=00"
	tests := []struct {
		name     string
		old, new string
		message  string
	}{
		{name: "no algorithm", old: "X-Amz-Algorithm=AWS4-HMAC-SHA256&", new: "",
			message: "AWS query-string parameters must include 'X-Amz-Algorithm'. Re-examine the query-string parameters."},
		{name: "other algorithm", old: "AWS4-HMAC-SHA256", new: "AWS4-ECDSA-P256-SHA256",
			message: "Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256'."},
		{name: "no life", old: "Expires=60", new: "Expires=0",
			message: "X-Amz-Expires must be a number of seconds between 1 and 604800, got '0'."},
		{name: "too long a life", old: "Expires=60", new: "Expires=604801",
			message: "X-Amz-Expires must be a number of seconds between 1 and 604800, got '604801'."},
		{name: "negative life", old: "Expires=60", new: "Expires=-1",
			message: "X-Amz-Expires must be a number of seconds between 1 and 604800, got '-1'."},
		{name: "repeated", old: "X-Amz-Expires=60", new: "X-Amz-Expires=60&X-Amz-Expires=600",
			message: "The query parameter X-Amz-Expires is repeated."},
		{name: "repeated under an escape", old: "X-Amz-Expires=60", new: "X-Amz-Expires=60&%58-Amz-Expires=600",
			message: "The query parameter X-Amz-Expires is repeated."},
		{name: "broken escape", old: "=host", new: "=host%3", message: "The query string contains a syntax error."},
		{name: "date the HTTP way", old: "20150830T123600Z", new: "Sun,%2030%20Aug%202015%2012:36:00%20GMT",
			message: "Date must be in ISO-8601 'basic format'. Got 'Sun, 30 Aug 2015 12:36:00 GMT'. See http://en.wikipedia.org/wiki/ISO_8601"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if !strings.Contains(whole, tt.old) {
				t.Fatalf("the query has no %q", tt.old)
			}
			wire := "GET /?" + strings.Replace(whole, tt.old, tt.new, 1) + " HTTP/1.1\r\nHost: h\r\n\r\n"
			_, err := sigv4.Parse(read(t, wire))
			want := &sigv4.Error{Reason: sigv4.Incomplete, Message: tt.message}
			got, _ := errors.AsType[*sigv4.Error](err)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
