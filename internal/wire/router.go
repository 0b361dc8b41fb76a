package wire

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/writdev/writ/internal/awserr"
)

// Router finds the operation of a request. It is immutable.
type Router struct {
	services []*table
}

// table holds the operations of one service for lookup.
type table struct {
	service *Service
	byName  map[string]*Operation // by name: awsJson1_1 and awsQuery
	fixed   map[string]*Operation // by method and path, "GET /tags": restJson1
	routes  []route               // restJson1 paths with labels
}

// route is a path with labels, cut into segments.
type route struct {
	op       *Operation
	segments []segment
}

// segment is one segment of a path template.
type segment struct {
	text  string // literal, or the label's name
	label bool
}

// label is a label of a path with its value.
type label struct{ name, text string }

// Match is the result of routing. Service is never nil: for an unknown operation it
// determines the form of the error, even if it is a nameless service of the most likely
// protocol. Operation is nil if Route failed.
type Match struct {
	Service   *Service
	Operation *Operation

	labels []label    // restJson1
	query  url.Values // parameters of the query string
	form   url.Values // ... and of a form body
}

// ScopeError says that a request is signed for one service but addressed to
// another. The server reports it as a failed signature.
type ScopeError struct {
	Scope   string   // the service of the credential scope
	Service *Service // the service addressed
}

// Error implements error.
func (e *ScopeError) Error() string {
	return fmt.Sprintf("credential scope names %q, the target is %q", e.Scope, e.Service.Name)
}

// NewRouter returns a router of operations. It returns an error for operations that
// cannot be distinguished. Their types are compiled at first use: see [Operation.Compile].
func NewRouter(ops ...*Operation) (*Router, error) {
	rt := new(Router)
	for _, op := range ops {
		t, err := rt.table(op.Service)
		if err != nil {
			return nil, err
		}
		if err := t.add(op); err != nil {
			return nil, fmt.Errorf("route %s %s: %w", op.Service.Name, op.Name, err)
		}
	}
	return rt, nil
}

// table returns the table of a service, which it creates for its first operation.
func (rt *Router) table(s *Service) (*table, error) {
	for _, t := range rt.services {
		switch {
		case t.service == s:
			return t, nil
		case t.service.Name == s.Name:
			return nil, fmt.Errorf("two services are named %q", s.Name)
		case t.service.Protocol != s.Protocol:
		case s.Protocol == AWSJSON && t.service.TargetPrefix == s.TargetPrefix:
			return nil, fmt.Errorf("%s and %s have the same target prefix", t.service.Name, s.Name)
		case s.Protocol == Query && t.service.Version == s.Version:
			return nil, fmt.Errorf("%s and %s have the same version", t.service.Name, s.Name)
		}
	}
	t := &table{service: s, byName: make(map[string]*Operation), fixed: make(map[string]*Operation)}
	rt.services = append(rt.services, t)
	return t, nil
}

func (t *table) add(op *Operation) error {
	if t.byName[op.Name] != nil {
		return errors.New("duplicate operation")
	}
	t.byName[op.Name] = op
	if t.service.Protocol != RestJSON {
		return nil
	}
	r, err := newRoute(op)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(r.segments, func(s segment) bool { return s.label }) {
		key := op.Method + " " + op.Path
		if other := t.fixed[key]; other != nil {
			return fmt.Errorf("%s is the path of %s too", key, other.Name)
		}
		t.fixed[key] = op
		return nil
	}
	for _, other := range t.routes {
		if r.overlaps(other) {
			return fmt.Errorf("%s %s could be %s too", op.Method, op.Path, other.op.Name)
		}
	}
	t.routes = append(t.routes, r)
	return nil
}

// newRoute splits a path template into segments.
func newRoute(op *Operation) (route, error) {
	r := route{op: op}
	path, ok := strings.CutPrefix(op.Path, "/")
	if !ok || strings.ContainsAny(path, "?#%") {
		return r, fmt.Errorf("%q is not a path", op.Path)
	}
	for text := range strings.SplitSeq(path, "/") {
		s := segment{text: text}
		if name, ok := strings.CutPrefix(text, "{"); ok {
			s.text, s.label = strings.CutSuffix(name, "}")
		}
		if strings.ContainsAny(s.text, "{}+") {
			return r, fmt.Errorf("%q: a label must be a whole segment", op.Path)
		}
		r.segments = append(r.segments, s)
	}
	return r, nil
}

// overlaps reports whether a request could match either route.
func (r route) overlaps(o route) bool {
	if r.op.Method != o.op.Method || len(r.segments) != len(o.segments) {
		return false
	}
	for i, s := range r.segments {
		if p := o.segments[i]; !s.label && !p.label && s.text != p.text {
			return false
		}
	}
	return true
}

// match returns the labels of a path that matches the route. A label is one segment,
// percent-decoded, and not empty.
func (r route) match(segments []string) ([]label, bool) {
	if len(segments) != len(r.segments) {
		return nil, false
	}
	var labels []label
	for i, s := range r.segments {
		if !s.label {
			if segments[i] != s.text {
				return nil, false
			}
			continue
		}
		text, err := url.PathUnescape(segments[i])
		if err != nil || text == "" {
			return nil, false
		}
		labels = append(labels, label{s.text, text})
	}
	return labels, true
}

// Route finds the operation of a request. The scope is the service of the credential
// scope, "" without one. It determines the service; without it X-Amz-Target does, then
// Action with Version, then method and path. The body is read only if it is a form.
//
// On failure the Match determines the form of the error response. The error is an
// *awserr.Error for an operation that does not exist, or a *[ScopeError].
func (rt *Router) Route(r *http.Request, body []byte, scope string) (Match, error) {
	target := r.Header.Get("X-Amz-Target")
	var m Match
	err := m.parameters(r, body)
	m.Service = rt.addressee(r, target, m.form, scope)
	if err != nil {
		return m, m.unreadable()
	}
	if named := rt.byTarget(target); scope != "" && named != nil && named.Name != scope {
		m.Service = named
		return m, &ScopeError{Scope: scope, Service: named}
	}
	// Clients of newer protocols announce them here. No service of Writ uses one.
	if r.Header.Get("Smithy-Protocol") == "" {
		m.find(rt, r, target)
	}
	if m.Operation == nil {
		if other := rt.byPath(r); scope != "" && m.Service.Name != "" && other != nil { // the path is that of another service
			m.Service = other
			return m, &ScopeError{Scope: scope, Service: other}
		}
		return m, m.unknown(r, target)
	}
	return m, nil
}

// addressee returns the service of a request.
func (rt *Router) addressee(r *http.Request, target string, form url.Values, scope string) *Service {
	var s *Service
	switch {
	case scope != "":
		s = rt.first(func(t *table) bool { return t.service.Name == scope })
	case target != "":
		s = rt.byTarget(target)
	case form.Has("Action"):
		version := form.Get("Version")
		s = rt.first(func(t *table) bool { return t.service.Protocol == Query && t.service.Version == version })
	default:
		s = rt.byPath(r)
	}
	if s != nil {
		return s
	}
	switch {
	case target != "":
		return &Service{Protocol: AWSJSON}
	case form.Has("Action"):
		return &Service{Protocol: Query}
	}
	return &Service{Protocol: RestJSON}
}

// first returns the first service whose table satisfies the predicate; nil if none does.
func (rt *Router) first(is func(*table) bool) *Service {
	if i := slices.IndexFunc(rt.services, is); i >= 0 {
		return rt.services[i].service
	}
	return nil
}

// byPath returns the service that has a method and a path; nil if unknown.
func (rt *Router) byPath(r *http.Request) *Service {
	return rt.first(func(t *table) bool {
		op, _ := t.byPath(r)
		return op != nil
	})
}

// byTarget returns the service of an X-Amz-Target; nil if unknown.
func (rt *Router) byTarget(target string) *Service {
	dot := strings.LastIndexByte(target, '.')
	if dot < 0 {
		return nil
	}
	return rt.first(func(t *table) bool {
		return t.service.Protocol == AWSJSON && t.service.TargetPrefix == target[:dot]
	})
}

// find sets the operation, if it exists, from those of the match's service.
func (m *Match) find(rt *Router, r *http.Request, target string) {
	i := slices.IndexFunc(rt.services, func(t *table) bool { return t.service == m.Service })
	if i < 0 {
		return
	}
	t := rt.services[i]
	switch m.Service.Protocol {
	case RestJSON:
		m.Operation, m.labels = t.byPath(r)
	case AWSJSON:
		name, ok := strings.CutPrefix(target, m.Service.TargetPrefix+".")
		if ok && r.Method == http.MethodPost && r.URL.Path == "/" {
			m.Operation = t.byName[name]
		}
	case Query:
		method := r.Method == http.MethodPost || r.Method == http.MethodGet
		if method && r.URL.Path == "/" && m.form.Get("Version") == m.Service.Version {
			m.Operation = t.byName[m.form.Get("Action")]
		}
	}
}

// byPath finds an operation by method and path. It uses the escaped path, so that an ARN
// with an escaped slash is one segment.
func (t *table) byPath(r *http.Request) (*Operation, []label) {
	path := r.URL.EscapedPath()
	if op := t.fixed[r.Method+" "+path]; op != nil {
		return op, nil
	}
	path, ok := strings.CutPrefix(path, "/")
	if !ok || len(t.routes) == 0 {
		return nil, nil
	}
	segments := strings.Split(path, "/")
	for _, route := range t.routes {
		if route.op.Method != r.Method {
			continue
		}
		if labels, ok := route.match(segments); ok {
			return route.op, labels
		}
	}
	return nil, nil
}

// parameters parses the query string and a form body.
func (m *Match) parameters(r *http.Request, body []byte) error {
	var queryErr, formErr error
	if r.URL.RawQuery != "" {
		m.query, queryErr = url.ParseQuery(r.URL.RawQuery)
	}
	m.form = m.query
	if r.Method == http.MethodPost && isForm(r.Header.Get("Content-Type")) {
		m.form, formErr = url.ParseQuery(string(body))
		for name, texts := range m.query {
			m.form[name] = append(m.form[name], texts...)
		}
	}
	return cmp.Or(queryErr, formErr)
}

// isForm reports whether a content type is that of an HTML form.
func isForm(contentType string) bool {
	kind, _, _ := strings.Cut(contentType, ";")
	return strings.EqualFold(strings.TrimSpace(kind), "application/x-www-form-urlencoded")
}

// unknown is the error for an operation that does not exist, or that Writ does not serve.
func (m *Match) unknown(r *http.Request, target string) error {
	unserved := func(asked string) bool { return slices.Contains(m.Service.Unserved, asked) }
	const text = "Writ does not serve the operation %s of %s"
	switch m.Service.Protocol {
	case AWSJSON:
		name, _ := strings.CutPrefix(target, m.Service.TargetPrefix+".")
		if unserved(name) {
			return awserr.New("UnknownOperationException", 400, text, name, m.Service.Title)
		}
		return awserr.New("UnknownOperationException", 400, "Unknown operation %q", target)
	case Query:
		if !m.form.Has("Action") {
			return awserr.New("MissingAction", 400, "The request is missing an action")
		}
		if name := m.form.Get("Action"); unserved(name) {
			return awserr.New("InvalidAction", 400, text, name, m.Service.Title)
		}
		version := cmp.Or(m.form.Get("Version"), "NO_VERSION_SPECIFIED")
		return awserr.New("InvalidAction", 400, "Could not find operation %s for version %s", m.form.Get("Action"), version)
	}
	asked := r.Method + " " + r.URL.EscapedPath()
	if unserved(asked) {
		return awserr.New("UnknownOperationException", 404, text, asked, m.Service.Title)
	}
	return awserr.New("UnknownOperationException", 404, "Unknown operation %s", asked)
}

// unreadable is the error for a query string or a form with invalid escapes.
func (m *Match) unreadable() error {
	if m.Service.Protocol == Query {
		return awserr.New("MalformedQueryString", 400, "The query string contains a syntax error")
	}
	return awserr.New("SerializationException", 400, "the query string cannot be read")
}
