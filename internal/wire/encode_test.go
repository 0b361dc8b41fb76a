package wire

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/writdev/writ/internal/awserr"
)

func TestEncode(t *testing.T) {
	tests := []struct {
		name string
		op   *Operation
		out  any
		body string
	}{
		{"JSON", jsonPut, wantSample, `{"Name":"é","Color":"red","Count":5,"Long":9007199254740993,"Ratio":0.5,"On":false,` +
			`"At":1422172800.25,"Blob":"aGk=","Keys":[],"Tags":{"a.b":"c","d":""},` +
			`"Filters":[{"Key":"k","Values":["v","w"]},{"Key":"l"}],"Nested":{"Left":{"Leaf":"x"},"More":[{},{"Leaf":""}]}}`},
		{"JSON of nothing", jsonPut, nil, `{"Name":"","Color":""}`},
		{"JSON specials", jsonPut, sample{Name: "a\"\\\n\x00<\u2028\xff", Ratio: new(math.Inf(-1))}, `{"Name":"a\"\\\n\u0000<` + "\u2028\ufffd" + `","Color":"","Ratio":"-Infinity"}`},
		{"rest", restPut, &policyOutput{RequestID: new("id"), Policy: new("{}")}, `{"requestId":"id","policy":"{}"}`},
		{"rest of nothing", restPut, (*policyOutput)(nil), `{}`},
		{"rest payload", restNote, &document{Entry: &filter{Key: "k"}}, `{"Key":"k"}`},
		{"rest without members", restGet, struct{}{}, `{}`},
		{"query", queryPut, wantSample, `<PutResponse xmlns="https://query.example/doc/"><PutResult>` +
			`<Name>é</Name><Color>red</Color><Count>5</Count><Long>9007199254740993</Long><Ratio>0.5</Ratio><On>false</On>` +
			`<At>2015-01-25T08:00:00.250Z</At><Blob>aGk=</Blob><Keys></Keys>` +
			`<Tags><entry><key>a.b</key><value>c</value></entry><entry><key>d</key><value></value></entry></Tags>` +
			`<Filters><member><Key>k</Key><Values><member>v</member><member>w</member></Values></member><member><Key>l</Key></member></Filters>` +
			`<Nested><Left><Leaf>x</Leaf></Left><More><member></member><member><Leaf></Leaf></member></More></Nested>` +
			`</PutResult><ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata></PutResponse>`},
		{"query specials", queryPut, &sample{Name: "<&\"\x00]]>"}, `<PutResponse xmlns="https://query.example/doc/"><PutResult>` +
			"<Name>&lt;&amp;&#34;\ufffd]]&gt;</Name><Color></Color>" +
			`</PutResult><ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata></PutResponse>`},
		{"query without members", queryDel, nil, `<DeleteResponse xmlns="https://query.example/doc/">` +
			`<ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata></DeleteResponse>`},
		{"query without members, with a result", queryTag, nil, `<TagResponse xmlns="https://query.example/doc/"><TagResult></TagResult>` +
			`<ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata></TagResponse>`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := tt.op.Encode(tt.out, "id-1")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.body, string(r.Body)); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
			if got := r.Header.Get("x-amzn-RequestId"); r.Status != 200 || got != "id-1" {
				t.Errorf("status %d, request id %q", r.Status, got)
			}
			if got, want := r.Header.Get("Content-Type"), contentTypes[tt.op.Service.Protocol]; got != want {
				t.Errorf("content type %q, want %q", got, want)
			}
		})
	}
}

func TestEncodeWrongType(t *testing.T) {
	for _, out := range []any{bound{}, new(bound), 1} {
		if _, err := jsonPut.Encode(out, ""); err == nil || !strings.Contains(err.Error(), "want a *wire.sample") {
			t.Errorf("%T: got %v", out, err)
		}
	}
}

func TestEncodeError(t *testing.T) {
	modelled := &awserr.Error{Code: "ResourceNotFoundException", Status: 404, Message: "no \"x\" <here>",
		Fields: map[string]any{"resource": "x", "count": 2}, Header: map[string]string{"Retry-After": "3"}}
	capital := &awserr.Error{Code: "NotFound", Status: 400, Message: "no", MessageMember: "Message"}
	internal := awserr.New("InternalFailure", 500, "id-1")
	tests := []struct {
		name    string
		service *Service
		err     *awserr.Error
		header  string // X-Amzn-Errortype
		body    string
	}{
		{"rest", &restService, modelled, "ResourceNotFoundException", `{"message":"no \"x\" <here>","count":2,"resource":"x"}`},
		{"unknown service", &Service{}, capital, "NotFound", `{"Message":"no"}`},
		{"JSON", &jsonService, modelled, "", `{"__type":"ResourceNotFoundException","message":"no \"x\" <here>","count":2,"resource":"x"}`},
		{"JSON with capital", &jsonService, capital, "", `{"__type":"NotFound","Message":"no"}`},
		{"query", &queryService, modelled, "", `<ErrorResponse xmlns="https://query.example/doc/"><Error><Type>Sender</Type>` +
			`<Code>ResourceNotFoundException</Code><Message>no &#34;x&#34; &lt;here&gt;</Message><count>2</count><resource>x</resource></Error>` +
			`<RequestId>id-1</RequestId></ErrorResponse>`},
		{"query of the server", &Service{Protocol: Query}, internal, "", `<ErrorResponse><Error><Type>Receiver</Type>` +
			`<Code>InternalFailure</Code><Message>id-1</Message></Error><RequestId>id-1</RequestId></ErrorResponse>`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := tt.service.EncodeError(tt.err, "id-1")
			if diff := cmp.Diff(tt.body, string(r.Body)); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
			if got := r.Header.Get("X-Amzn-ErrorType"); got != tt.header {
				t.Errorf("error type %q, want %q", got, tt.header)
			}
			if r.Status != tt.err.Status || r.Header.Get("X-Amzn-RequestId") != "id-1" {
				t.Errorf("status %d, header %v", r.Status, r.Header)
			}
			if got := r.Header.Get("Retry-After"); got != tt.err.Header["Retry-After"] {
				t.Errorf("Retry-After %q", got)
			}
		})
	}
}

// TestRoundTrip is the law that what is written in JSON reads back as itself.
func TestRoundTrip(t *testing.T) {
	tree := rapid.Deferred(trees)
	samples := rapid.Custom(func(t *rapid.T) *sample {
		s := &sample{
			Name:  rapid.StringMatching(`[a-zé]{1,8}`).Draw(t, "name"),
			Color: color(rapid.SampledFrom([]string{"red", "green"}).Draw(t, "color")),
			Count: rapid.Ptr(rapid.IntRange(1, 25), true).Draw(t, "count"),
			Long:  rapid.Ptr(rapid.Int64(), true).Draw(t, "long"),
			Ratio: rapid.Ptr(rapid.Float64Range(0, 100), true).Draw(t, "ratio"),
			On:    rapid.Ptr(rapid.Bool(), true).Draw(t, "on"),
			Blob:  rapid.SliceOfN(rapid.Byte(), 0, 4).Draw(t, "blob"),
			Keys:  rapid.SliceOfN(rapid.StringMatching(`[a-z]{1,4}`), 0, 3).Draw(t, "keys"),
			Tags:  rapid.MapOf(rapid.StringMatching(`.{1,4}`), rapid.StringN(0, 4, -1)).Draw(t, "tags"),
		}
		if rapid.Bool().Draw(t, "timed") {
			s.At = new(time.UnixMilli(rapid.Int64Range(-1e13, 1e13).Draw(t, "at")).UTC())
		}
		if rapid.Bool().Draw(t, "nested") {
			s.Nested = new(tree.Draw(t, "tree"))
		}
		return s
	})
	rapid.Check(t, func(t *rapid.T) {
		want := samples.Draw(t, "sample")
		r, err := jsonPut.Encode(want, "")
		if err != nil {
			t.Fatal(err)
		}
		m := Match{Service: &jsonService, Operation: jsonPut}
		got := new(sample)
		if err := m.Decode(jsonRequest(), r.Body, got); err != nil {
			t.Fatalf("%s: %v", r.Body, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%s (-want +got):\n%s", r.Body, diff)
		}
	})
}

// trees generates small trees.
func trees() *rapid.Generator[sampleTree] {
	return rapid.Custom(func(t *rapid.T) sampleTree {
		tree := sampleTree{Leaf: rapid.Ptr(rapid.String(), true).Draw(t, "leaf")}
		if rapid.IntRange(0, 2).Draw(t, "branch") == 0 {
			tree.Left = new(rapid.Deferred(trees).Draw(t, "left"))
			tree.More = []sampleTree{{Leaf: new("x")}}
		}
		return tree
	})
}
