package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/writdev/writ/internal/sigv4"
)

// fakeWrit answers what the benchmark asks, and verifies signatures as Writ does.
type fakeWrit struct {
	mutex    sync.Mutex
	builds   map[string]int // images so far, by recipe
	policies map[string]string
	down     bool
}

func (f *fakeWrit) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	claim, err := sigv4.Parse(r)
	if err == nil {
		err = claim.Verify(r, body, secret, time.Now())
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusForbidden)
		return
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.down {
		http.Error(w, "down", http.StatusServiceUnavailable)
		return
	}
	input := map[string]any{}
	json.Unmarshal(body, &input)
	answer := map[string]any{}
	switch r.URL.Path {
	case "/CreateComponent":
		answer["componentBuildVersionArn"] = "component"
	case "/CreateInfrastructureConfiguration":
		answer["infrastructureConfigurationArn"] = "infrastructure"
	case "/CreateImageRecipe":
		answer["imageRecipeArn"] = input["name"]
	case "/CreateImage":
		recipe := input["imageRecipeArn"].(string)
		f.builds[recipe]++
		answer["imageBuildVersionArn"] = fmt.Sprintf("arn:aws:imagebuilder:us-east-1:123456789012:image/%s/1.0.0/%d", recipe, f.builds[recipe])
	case "/PutImagePolicy":
		f.policies[input["imageArn"].(string)] = input["policy"].(string)
	case "/GetImagePolicy":
		answer["policy"] = f.policies[r.URL.Query().Get("imageArn")]
	}
	json.NewEncoder(w).Encode(answer)
}

func startFake(t *testing.T) (*fakeWrit, string) {
	f := &fakeWrit{builds: map[string]int{}, policies: map[string]string{}}
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	return f, strings.TrimPrefix(s.URL, "http://")
}

func TestFillAndLoad(t *testing.T) {
	f, address := startFake(t)
	const images = imagesPerRecipe + 5
	if _, err := fill(address, images); err != nil {
		t.Fatal(err)
	}
	if len(f.policies) != images || f.builds[recipeName(1)] != 5 {
		t.Fatalf("%d policies, %v builds", len(f.policies), f.builds)
	}
	for name, workload := range workloads {
		requests := workload(newSigner(address), images)
		r, err := load(address, requests, 4, 10*time.Millisecond, 100*time.Millisecond)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if r.Requests == 0 || r.P50 == 0 || r.P99 < r.P50 {
			t.Errorf("%s: %+v", name, r)
		}
	}
	f.mutex.Lock()
	f.down = true
	f.mutex.Unlock()
	if _, err := load(address, workloads["get"](newSigner(address), 1), 2, 0, time.Second); err == nil || !strings.Contains(err.Error(), "status 503: down") {
		t.Errorf("a failing server was measured: %v", err)
	}
	if _, err := load(address, workloads["get"](&signer{host: address, now: time.Now().Add(-time.Hour).UTC(), keys: map[string][]byte{}}, 1), 1, 0, time.Second); err == nil {
		t.Error("the fake does not verify signatures")
	}
}

func TestFillRefusesOtherARNs(t *testing.T) {
	f, address := startFake(t)
	f.builds[recipeName(0)] = 7
	if _, err := fill(address, 3); err == nil || !strings.Contains(err.Error(), "unexpected or repeated ARN") {
		t.Error(err)
	}
}

// TestExchange covers the answers that the fast path does not read.
func TestExchange(t *testing.T) {
	tests := map[string]http.HandlerFunc{
		"short":   func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "hello") },
		"chunked": func(w http.ResponseWriter, r *http.Request) { w.(http.Flusher).Flush(); io.WriteString(w, "hello") },
		"closes": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Connection", "close")
			io.WriteString(w, "hello")
		},
	}
	for name, handler := range tests {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(handler)
			defer s.Close()
			c := &conn{address: strings.TrimPrefix(s.URL, "http://")}
			defer c.close()
			for range 3 {
				if body, err := c.exchange(get("/")); err != nil || string(body) != "hello" {
					t.Fatalf("%q, %v", body, err)
				}
			}
		})
	}
	t.Run("large", func(t *testing.T) {
		want := strings.Repeat("x", 100_000)
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "100000")
			io.WriteString(w, want)
		}))
		defer s.Close()
		c := &conn{address: strings.TrimPrefix(s.URL, "http://")}
		defer c.close()
		if body, err := c.exchange(get("/")); err != nil || string(body) != want {
			t.Fatalf("%d bytes, %v", len(body), err)
		}
	})
}

func TestParseHead(t *testing.T) {
	tests := map[string]head{
		"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n":                             {200, 12, false},
		"HTTP/1.1 403 Forbidden\r\nDate: x\r\ncontent-length:0\r\n":             {403, 0, false},
		"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: Close\r\n":         {200, 1, true},
		"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n":                              {200, 1, true},
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nCache-Control: x\r\n": {200, -1, false},
		"nonsense\r\n": {0, -1, false},
	}
	for text, want := range tests {
		if got := parseHead([]byte(text)); got != want {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
}

func TestContestTakesTurnsAndMedians(t *testing.T) {
	var order strings.Builder
	turn := func(name string, rates ...float64) contender {
		return contender{name, func(context.Context, int, time.Duration) (outcome, error) {
			order.WriteString(name)
			o := outcome{rate: rates[0]}
			rates = rates[1:]
			return o, nil
		}}
	}
	m, err := contest(t.Context(), []contender{turn("A", 3, 1, 2), turn("B", 30, 10, 99)}, 1, 3, time.Second)
	if err != nil || order.String() != "ABABAB" || m[0].rate != 2 || m[1].rate != 30 {
		t.Errorf("%s %+v %v", order.String(), m, err)
	}
}

func TestPoliciesAreJSON(t *testing.T) {
	for edition := range 3 {
		if !json.Valid([]byte(policy(imageARN(0), edition))) {
			t.Error(policy(imageARN(0), edition))
		}
	}
	if got, want := imageARN(12_345), "arn:aws:imagebuilder:us-east-1:123456789012:image/bench-617/1.0.0/6"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
