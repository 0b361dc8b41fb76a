package wire

import (
	"errors"
	"net/http/httptest"
	"testing"

	"github.com/writdev/writ/internal/awserr"
)

func TestRoute(t *testing.T) {
	rt := testRouter(t)
	const form = "application/x-www-form-urlencoded"
	tests := []struct {
		name           string
		method, url    string
		contentType    string
		target         string
		protocol       string // Smithy-Protocol
		body, scope    string
		service, op    string
		code           string
		status         int
		serviceOfError Protocol
	}{
		{name: "rest", method: "PUT", url: "/PutImagePolicy", service: "rest", op: "PutImagePolicy"},
		{name: "rest with scope", method: "PUT", url: "/PutImagePolicy", scope: "rest", service: "rest", op: "PutImagePolicy"},
		{name: "label", method: "GET", url: "/tags/arn%3Aaws%3Ax%2F1", scope: "rest", service: "rest", op: "ListTags"},
		{name: "label by method", method: "POST", url: "/tags/a", service: "rest", op: "TagResource"},
		{name: "target", method: "POST", url: "/", target: "Json.Put", service: "json", op: "Put"},
		{name: "target and scope", method: "POST", url: "/", target: "Json.Put", scope: "json", service: "json", op: "Put"},
		{name: "form", method: "POST", url: "/", contentType: form, body: "Action=Put&Version=2010-05-08", service: "query", op: "Put"},
		{name: "form with scope", method: "POST", url: "/", contentType: form, body: "Action=Put&Version=2010-05-08", scope: "query", service: "query", op: "Put"},
		{name: "get", method: "GET", url: "/?Action=Delete&Version=2010-05-08", service: "query", op: "Delete"},
		{name: "presigned post", method: "POST", url: "/?Action=Delete&Version=2010-05-08", scope: "query", service: "query", op: "Delete"},

		{name: "nothing", method: "GET", url: "/", code: "UnknownOperationException", status: 404, serviceOfError: RestJSON},
		{name: "unescaped slash", method: "GET", url: "/tags/arn:aws:x/1", scope: "rest", service: "rest", code: "UnknownOperationException", status: 404, serviceOfError: RestJSON},
		{name: "empty label", method: "GET", url: "/tags/", scope: "rest", service: "rest", code: "UnknownOperationException", status: 404, serviceOfError: RestJSON},
		{name: "trailing slash", method: "PUT", url: "/PutImagePolicy/", scope: "rest", service: "rest", code: "UnknownOperationException", status: 404, serviceOfError: RestJSON},
		{name: "wrong method", method: "POST", url: "/PutImagePolicy", scope: "rest", service: "rest", code: "UnknownOperationException", status: 404, serviceOfError: RestJSON},
		{name: "unknown service", method: "PUT", url: "/PutImagePolicy", scope: "s3", code: "UnknownOperationException", status: 404, serviceOfError: RestJSON},
		{name: "unknown target", method: "POST", url: "/", target: "Json.Nothing", service: "json", code: "UnknownOperationException", status: 400, serviceOfError: AWSJSON},
		{name: "no target", method: "POST", url: "/", scope: "json", service: "json", code: "UnknownOperationException", status: 400, serviceOfError: AWSJSON},
		{name: "target by get", method: "GET", url: "/", target: "Json.Put", service: "json", code: "UnknownOperationException", status: 400, serviceOfError: AWSJSON},
		{name: "target elsewhere", method: "POST", url: "/elsewhere", target: "Json.Put", service: "json", code: "UnknownOperationException", status: 400, serviceOfError: AWSJSON},
		{name: "target of nobody", method: "POST", url: "/", target: "DynamoDB_20120810.PutItem", code: "UnknownOperationException", status: 400, serviceOfError: AWSJSON},
		{name: "unknown action", method: "GET", url: "/?Action=X&Version=2010-05-08", service: "query", code: "InvalidAction", status: 400, serviceOfError: Query},
		{name: "action of nobody", method: "GET", url: "/?Action=X&Version=1", code: "InvalidAction", status: 400, serviceOfError: Query},
		{name: "no version", method: "GET", url: "/?Action=Put", scope: "query", service: "query", code: "InvalidAction", status: 400, serviceOfError: Query},
		{name: "no action", method: "GET", url: "/", scope: "query", service: "query", code: "MissingAction", status: 400, serviceOfError: Query},
		{name: "bad form", method: "POST", url: "/", contentType: form, body: "Action=Put&Version=2010-05-08&x=%zz", service: "query", code: "MalformedQueryString", status: 400, serviceOfError: Query},
		{name: "bad query", method: "GET", url: "/tags/a?x=%zz", scope: "rest", service: "rest", code: "SerializationException", status: 400, serviceOfError: RestJSON},
		{name: "newer protocol", method: "POST", url: "/", target: "Json.Put", protocol: "rpc-v2-cbor", service: "json", code: "UnknownOperationException", status: 400, serviceOfError: AWSJSON},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest(tt.method, tt.url, nil)
			for name, value := range map[string]string{"Content-Type": tt.contentType, "X-Amz-Target": tt.target, "Smithy-Protocol": tt.protocol} {
				if value != "" {
					r.Header.Set(name, value)
				}
			}
			m, err := rt.Route(r, []byte(tt.body), tt.scope)
			if m.Service.Name != tt.service {
				t.Errorf("service %q, want %q", m.Service.Name, tt.service)
			}
			if tt.code == "" {
				if err != nil || m.Operation.Name != tt.op {
					t.Fatalf("got %v, %v; want %s", m.Operation, err, tt.op)
				}
				return
			}
			e, ok := errors.AsType[*awserr.Error](err)
			if !ok || e.Code != tt.code || e.Status != tt.status {
				t.Errorf("got %v, want %s %d", err, tt.code, tt.status)
			}
			if m.Operation != nil || m.Service.Protocol != tt.serviceOfError {
				t.Errorf("got operation %v in protocol %d, want none in %d", m.Operation, m.Service.Protocol, tt.serviceOfError)
			}
		})
	}
}

func TestRouteScopeDisagrees(t *testing.T) {
	m, err := testRouter(t).Route(jsonRequest(), nil, "rest")
	se, ok := errors.AsType[*ScopeError](err)
	if !ok || se.Scope != "rest" || se.Service != &jsonService || m.Service != &jsonService {
		t.Errorf("got %v for %v, want a ScopeError for json", err, m.Service)
	}
}

func TestNewRouterRefuses(t *testing.T) {
	op := func(s *Service, name, method, path string) *Operation {
		return NewOperation(s, API[*struct{}, *struct{}]{Name: name, Method: method, Path: path})
	}
	otherRest := Service{Name: "rest", Protocol: RestJSON}
	otherJSON := Service{Name: "other", Protocol: AWSJSON, TargetPrefix: "Json"}
	otherQuery := Service{Name: "other", Protocol: Query, Version: "2010-05-08"}
	type untagged struct{ Name string }
	type unknownOption struct {
		Name string `wire:"name,sometimes"`
	}
	type twice struct {
		A string `wire:"name"`
		B string `wire:"name"`
	}
	type pointerToList struct {
		A *[]string `wire:"a"`
	}
	type listInPath struct {
		A []string `wire:"a,uri"`
	}
	type strangeLimit struct {
		A string `wire:"a" check:"most=3"`
	}
	type elemOfScalar struct {
		A string `wire:"a" elem:"max=3"`
	}
	tests := map[string][]*Operation{
		"same name":        {op(&jsonService, "A", "POST", "/"), op(&jsonService, "A", "POST", "/")},
		"same path":        {op(&restService, "A", "GET", "/a"), op(&restService, "B", "GET", "/a")},
		"same labels":      {op(&restService, "A", "GET", "/a/{x}"), op(&restService, "B", "GET", "/{y}/b")},
		"same service":     {op(&restService, "A", "GET", "/a"), op(&otherRest, "B", "GET", "/b")},
		"same target":      {op(&jsonService, "A", "POST", "/"), op(&otherJSON, "B", "POST", "/")},
		"same version":     {op(&queryService, "A", "POST", "/"), op(&otherQuery, "B", "POST", "/")},
		"greedy label":     {op(&restService, "A", "GET", "/a/{x+}")},
		"part of segment":  {op(&restService, "A", "GET", "/a/x{y}")},
		"no path":          {op(&restService, "A", "GET", "a")},
		"query in path":    {op(&restService, "A", "GET", "/a?b=c")},
		"no tag":           {NewOperation(&jsonService, API[*untagged, *struct{}]{Name: "A", Method: "POST", Path: "/"})},
		"no tag in output": {NewOperation(&jsonService, API[*struct{}, *untagged]{Name: "A", Method: "POST", Path: "/"})},
		"unknown option":   {NewOperation(&jsonService, API[*unknownOption, *struct{}]{Name: "A", Method: "POST", Path: "/"})},
		"member twice":     {NewOperation(&jsonService, API[*twice, *struct{}]{Name: "A", Method: "POST", Path: "/"})},
		"pointer to list":  {NewOperation(&jsonService, API[*pointerToList, *struct{}]{Name: "A", Method: "POST", Path: "/"})},
		"list in path":     {NewOperation(&restService, API[*listInPath, *struct{}]{Name: "A", Method: "GET", Path: "/{a}"})},
		"no label":         {NewOperation(&restService, API[*bound, *struct{}]{Name: "A", Method: "GET", Path: "/tags/{arn}"})},
		"strange limit":    {NewOperation(&jsonService, API[*strangeLimit, *struct{}]{Name: "A", Method: "POST", Path: "/"})},
		"elem of scalar":   {NewOperation(&jsonService, API[*elemOfScalar, *struct{}]{Name: "A", Method: "POST", Path: "/"})},
		"no struct":        {NewOperation(&jsonService, API[*int, *struct{}]{Name: "A", Method: "POST", Path: "/"})},
	}
	for name, ops := range tests {
		_, err := NewRouter(ops...)
		for _, op := range ops {
			err = errors.Join(err, op.Compile())
		}
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
