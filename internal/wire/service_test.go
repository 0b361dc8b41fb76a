package wire

import (
	"net/http/httptest"
	"testing"

	"github.com/writdev/writ/internal/awserr"
)

// TestUnserved asks for operations that a model has and the service does not
// serve: the answer says so, where that of an unknown one does not.
func TestUnserved(t *testing.T) {
	type empty struct{}
	for _, test := range []struct {
		service    Service
		method     string
		url        string
		target     string
		code, text string
	}{
		{Service{Protocol: RestJSON}, "PUT", "/CreateWorkflow", "", "UnknownOperationException", "Writ does not serve the operation PUT /CreateWorkflow of A Service"},
		{Service{Protocol: RestJSON}, "GET", "/CreateWorkflow", "", "UnknownOperationException", "Unknown operation GET /CreateWorkflow"},
		{Service{Protocol: AWSJSON, TargetPrefix: "A"}, "POST", "/", "A.DetectFaces", "UnknownOperationException", "Writ does not serve the operation DetectFaces of A Service"},
		{Service{Protocol: AWSJSON, TargetPrefix: "A"}, "POST", "/", "A.DetectTails", "UnknownOperationException", `Unknown operation "A.DetectTails"`},
		{Service{Protocol: Query, Version: "1"}, "GET", "/?Action=DetectFaces&Version=1", "", "InvalidAction", "Writ does not serve the operation DetectFaces of A Service"},
		{Service{Protocol: Query, Version: "1"}, "GET", "/?Action=DetectTails&Version=1", "", "InvalidAction", "Could not find operation DetectTails for version 1"},
	} {
		t.Run(test.text, func(t *testing.T) {
			s := test.service
			s.Name, s.Title, s.Unserved = "a", "A Service", []string{"DetectFaces", "PUT /CreateWorkflow"}
			rt, err := NewRouter(NewOperation(&s, API[*empty, *empty]{Name: "Put", Method: "POST", Path: "/put"}))
			if err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequest(test.method, test.url, nil)
			if test.target != "" {
				r.Header.Set("X-Amz-Target", test.target)
			}
			_, err = rt.Route(r, nil, "a")
			wantError(t, err, test.code, test.text)
		})
	}
}

// TestDress gives all errors of a service members of their own.
func TestDress(t *testing.T) {
	s := Service{Protocol: AWSJSON, ExtendError: func(e *awserr.Error, requestID string) *awserr.Error {
		dressed := e.With("Logref", requestID)
		dressed.MessageMember = "Message"
		return dressed
	}}
	plain := awserr.New("X", 400, "text")
	got := string(s.EncodeError(plain, "id").Body)
	if want := `{"__type":"X","Message":"text","Logref":"id"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if len(plain.Fields) != 0 || plain.MessageMember != "" {
		t.Errorf("the error itself was changed: %+v", plain)
	}
}
