package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/writdev/writ"
)

// BenchmarkWhoCan asks who may read one parameter, in a world of 10,000 users of
// whom every fourth may, by policies of which each is another text.
func BenchmarkWhoCan(b *testing.B) {
	const users = 10_000
	w, err := writ.New(writ.Config{})
	if err != nil {
		b.Fatal(err)
	}
	defer w.Close()
	for i := range users {
		document := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Sid":"S%d","Effect":"Allow","Action":"ssm:Get*","Resource":"arn:aws:ssm:us-east-1:%s:parameter/%d/*"}]}`, i, alice, i%4)
		if _, err := w.PutUser(context.Background(), writ.User{Account: alice, Name: fmt.Sprintf("user-%05d", i), Policies: map[string]string{"inline": document}}); err != nil {
			b.Fatal(err)
		}
	}
	query := url.Values{"action": {"ssm:GetParameter"}, "resource": {"arn:aws:ssm:us-east-1:" + alice + ":parameter/0/p"}}
	req := httptest.NewRequest("GET", "http://127.0.0.1:4566/_writ/who-can?"+query.Encode(), nil)
	req.RemoteAddr = "127.0.0.1:1"
	b.ReportAllocs()
	for b.Loop() {
		answer := httptest.NewRecorder()
		w.ServeHTTP(answer, req)
		var got struct {
			Asked      int
			Principals []struct{ Principal string }
		}
		if err := json.Unmarshal(answer.Body.Bytes(), &got); err != nil || got.Asked != users+2 || len(got.Principals) != users/4+1 {
			b.Fatalf("%d of %d principals, %v: %.300s", len(got.Principals), got.Asked, err, answer.Body)
		}
	}
}
