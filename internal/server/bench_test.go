package server_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/writdev/writ"
)

// The benchmarks measure the handler alone, without the network: what
// `go tool pprof` shows of them is Writ's own. The figures that users see are
// those of the folder bench.

func BenchmarkGetImageRecipePolicy(b *testing.B) {
	h := newHandler(b)
	req := h.signed(b, "GET", "/GetImageRecipePolicy?imageRecipeArn=arn%3Aaws%3Aimagebuilder%3Aus-east-1%3A111122223333%3Aimage-recipe%2Fweb%2F1.0.0", "")
	b.ReportAllocs()
	for b.Loop() {
		h.do(b, req, "")
	}
}

func BenchmarkPutImageRecipePolicy(b *testing.B) {
	h := newHandler(b)
	req := h.signed(b, "PUT", "/PutImageRecipePolicy", h.put)
	b.ReportAllocs()
	b.SetParallelism(64)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			h.do(b, req.Clone(b.Context()), h.put)
		}
	})
}

type handler struct {
	*writ.Server
	put string // the body of a PutImageRecipePolicy
}

// newHandler opens a server on disk with one recipe that has a policy.
func newHandler(b *testing.B) handler {
	b.Helper()
	w, err := writ.New(writ.Config{Data: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := w.Close(); err != nil {
			b.Error(err)
		}
	})
	arn := "arn:aws:imagebuilder:us-east-1:" + alice + ":image-recipe/web/1.0.0"
	document := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":[%q]},`+
		`"Action":["imagebuilder:GetImageRecipe","imagebuilder:ListImageRecipes"],"Resource":[%q]}]}`, bob, arn)
	h := handler{w, fmt.Sprintf(`{"imageRecipeArn":%q,"policy":%q}`, arn, document)}
	create := `{"name":"web","semanticVersion":"1.0.0","parentImage":"ami-0123456789abcdef0","clientToken":"x"}`
	h.do(b, h.signed(b, "PUT", "/CreateImageRecipe", create), create)
	h.do(b, h.signed(b, "PUT", "/PutImageRecipePolicy", h.put), h.put)
	return h
}

func (h handler) signed(b *testing.B, method, path, body string) *http.Request {
	b.Helper()
	req := httptest.NewRequest(method, "http://127.0.0.1:4566"+path, bytes.NewReader([]byte(body)))
	req.RequestURI = path
	signing, err := http.NewRequest(method, "http://127.0.0.1:4566"+path, bytes.NewReader([]byte(body)))
	if err != nil {
		b.Fatal(err)
	}
	sign(b, signing, []byte(body), "imagebuilder", credentials(alice, "test"), time.Now())
	req.Header = signing.Header
	return req
}

// do serves the request, whose body is given again because a request's can be
// read only once.
func (h handler) do(b *testing.B, req *http.Request, body string) {
	req.Body = http.NoBody
	if body != "" {
		req.Body = readCloser{bytes.NewReader([]byte(body))}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	if w.Code != http.StatusOK {
		b.Fatalf("status %d: %s", w.Code, w.Body)
	}
}

type readCloser struct{ *bytes.Reader }

func (readCloser) Close() error { return nil }
