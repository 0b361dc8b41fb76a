package sigv4_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"pgregory.net/rapid"

	"github.com/writdev/writ/internal/sigv4"
)

// TestSign compares signatures with those of the AWS SDK for Go, over the same headers.
func TestSign(t *testing.T) {
	now := time.Date(2026, 2, 3, 4, 5, 6, 789, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		segment := rapid.StringMatching(`[a-zA-Z0-9 :%+~.-]{1,12}`)
		method := rapid.SampledFrom([]string{"GET", "POST", "PUT", "DELETE"}).Draw(t, "method")
		body := rapid.StringN(0, 40, -1).Draw(t, "body")
		target := rapid.StringMatching(`[a-zA-Z0-9. -]{0,20}`).Draw(t, "target")
		request := func() *http.Request {
			r, err := http.NewRequest(method, "http://127.0.0.1:4566/", strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		ours, theirs := request(), request()
		ours.URL.Path = "/" + segment.Draw(t, "path") + "/x"
		query := ours.URL.Query()
		for _, name := range rapid.SliceOfN(segment, 0, 3).Draw(t, "query") {
			query.Add(name, segment.Draw(t, "value"))
		}
		ours.URL.RawQuery = query.Encode()
		theirs.URL.Path, theirs.URL.RawQuery = ours.URL.Path, ours.URL.RawQuery
		for _, r := range []*http.Request{ours, theirs} {
			r.Header.Set("X-Amz-Target", target)
		}
		theirs.ContentLength = -1 // the SDK signs a length that it knows

		if err := sigv4.Sign(ours, []byte(body), "AKIDEXAMPLE", "secret", "us-east-1", "ssm", now); err != nil {
			t.Fatal(err)
		}
		credentials := aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "secret"}
		if err := v4.NewSigner().SignHTTP(context.Background(), credentials, theirs, hexSum([]byte(body)), "ssm", "us-east-1", now); err != nil {
			t.Fatal(err)
		}
		if got, want := ours.Header.Get("Authorization"), theirs.Header.Get("Authorization"); got != want {
			t.Errorf("%s %s:\n got %s\nwant %s", method, ours.URL, got, want)
		}
	})
}
