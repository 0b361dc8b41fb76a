package sts_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// BenchmarkWebIdentity assumes a role with a token, over HTTP.
func BenchmarkWebIdentity(b *testing.B) {
	w := newWorld(b)
	w.trustsIssuer()
	role := w.role("deployer", trusts(mainline), "").ARN
	form := url.Values{
		"Action": {"AssumeRoleWithWebIdentity"}, "Version": {"2011-06-15"}, "RoleArn": {role}, "RoleSessionName": {"session"},
		"WebIdentityToken": {w.token(github, mainline)},
	}.Encode()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			resp, err := client.Post(w.url, "application/x-www-form-urlencoded", strings.NewReader(form))
			if err != nil {
				b.Error(err)
				return
			}
			resp.Body.Close()
			if resp.StatusCode != http.StatusOK {
				b.Errorf("status %s", resp.Status)
				return
			}
		}
	})
}
