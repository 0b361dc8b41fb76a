package wire

import (
	"net/http/httptest"
	"strings"
	"testing"
)

// benchPolicy is a policy as a client sends it: a JSON text in a JSON string.
var benchPolicy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["123456789012","arn:aws:iam::210987654321:role/builder"]},` +
	`"Action":["imagebuilder:GetImage","imagebuilder:ListImages"],"Resource":["arn:aws:imagebuilder:us-east-1:111122223333:image/base-image/1.0.0/1"]}]}`

func BenchmarkDecode(b *testing.B) {
	body := []byte(`{"imageArn": "arn:aws:imagebuilder:us-east-1:111122223333:image/base-image/1.0.0/1", "policy": "` +
		strings.ReplaceAll(benchPolicy, `"`, `\"`) + `"}`)
	r := httptest.NewRequest("PUT", "/PutImagePolicy", nil)
	rt := testRouter(b)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		m, err := rt.Route(r, body, "rest")
		if err != nil {
			b.Fatal(err)
		}
		var in policyInput
		if err := m.Decode(r, body, &in); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	out := &policyOutput{RequestID: new("7a62c49f-347e-4fc4-9331-6e8e7a96d0b4"), Policy: &benchPolicy}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := restPut.Encode(out, "7a62c49f-347e-4fc4-9331-6e8e7a96d0b4"); err != nil {
			b.Fatal(err)
		}
	}
}
