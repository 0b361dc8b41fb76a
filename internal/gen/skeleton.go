package main

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// skeleton is what the templates of a new service are executed with.
type skeleton struct {
	Package string // "acmpca"
	Prefix  string // of its actions: "acm-pca"
	Title   string
	Rows    []skeletonRow
	Policy  *policyOperations // nil if no resource has a policy
	Use     string            // an operation that reads a resource

	DeniedStatus int // the HTTP status of a denial

	m       *model
	example string // an ARN of a resource
}

// skeletonRow is one operation of the table.
type skeletonRow struct {
	Operation string
	Handler   string
	Access    string // "read", "write" or "owner"
	ARN       string // the field with the ARN that the operation acts on; "" for "*"
	Written   bool   // the skeleton has its handler
}

// policyOperations put, read and delete the one policy of a resource.
type policyOperations struct {
	Put, Get, Delete string // Delete is "" if there is none
	Resource         string // the field of the inputs that names the resource
	Document         string // the field of Put with the document
	Read             string // the field of Get's output with the document
}

func newSkeleton(m *model) *skeleton {
	prefix := m.Metadata.SigningName
	if prefix == "" {
		prefix = m.Metadata.EndpointPrefix
	}
	s := &skeleton{
		Package: strings.ReplaceAll(prefix, "-", ""), Prefix: prefix, Title: m.Metadata.ServiceFullName,
		DeniedStatus: 400, m: m,
	}
	if m.Metadata.Protocol == "rest-json" {
		s.DeniedStatus = 403
	}
	s.Policy = s.findPolicy()
	for _, name := range sortedKeys(m.Operations) {
		row := skeletonRow{Operation: name, Handler: s.Handler(name), Access: accessOf(name), ARN: s.resourceField(name)}
		row.Written = s.Policy != nil && slices.Contains([]string{s.Policy.Put, s.Policy.Get, s.Policy.Delete}, name)
		s.Rows = append(s.Rows, row)
		if s.Use == "" && row.Access == "read" && row.ARN != "" && !row.Written {
			s.Use = name
		}
	}
	return s
}

// Handler is the name of an operation's handler.
func (s *skeleton) Handler(operation string) string {
	return strings.ToLower(operation[:1]) + operation[1:]
}

func sortedKeys[T any](m map[string]T) []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

var reading = regexp.MustCompile(`^(BatchGet|Check|Describe|Get|List|Lookup|Query|Scan|Search|Validate)`)

// accessOf is the access that an operation's name suggests. Policies are for the
// owner of a resource alone to change.
func accessOf(name string) string {
	switch {
	case reading.MatchString(name):
		return "read"
	case strings.HasSuffix(name, "Policy"):
		return "owner"
	}
	return "write"
}

// input is the input of an operation, nil if it has none.
func (s *skeleton) input(operation string) *shape {
	if in := s.m.Operations[operation].Input; in != nil {
		return s.m.Shapes[in.Shape]
	}
	return nil
}

// required are the names of the required text members of a structure.
func (s *skeleton) required(in *shape) (names []string) {
	for _, name := range in.Members.names {
		if slices.Contains(in.Required, name) && s.isText(in, name) {
			names = append(names, name)
		}
	}
	return names
}

func (s *skeleton) isText(in *shape, member string) bool {
	t := s.m.Shapes[in.Members.refs[member].Shape]
	return t.Type == "string" && len(t.Enum) == 0
}

// resourceField is the field with the ARN that an operation acts on, "" if no
// required member is one.
func (s *skeleton) resourceField(operation string) string {
	in := s.input(operation)
	if in == nil {
		return ""
	}
	for _, name := range s.required(in) {
		if strings.HasSuffix(strings.ToLower(name), "arn") {
			return goName(name)
		}
	}
	return ""
}

// findPolicy finds the operations for the policy of a resource: PutXPolicy with a
// resource and a document, and a GetXPolicy that answers the document.
func (s *skeleton) findPolicy() *policyOperations {
	for _, put := range sortedKeys(s.m.Operations) {
		middle, found := strings.CutPrefix(put, "Put")
		in := s.input(put)
		get := s.m.Operations["Get"+middle]
		if !found || !strings.HasSuffix(middle, "Policy") || in == nil || get == nil || get.Output == nil {
			continue
		}
		texts := s.required(in)
		at := slices.IndexFunc(texts, isDocument)
		read := s.m.Shapes[get.Output.Shape]
		answered := slices.IndexFunc(read.Members.names, func(name string) bool { return isDocument(name) && s.isText(read, name) })
		if len(texts) < 2 || at < 0 || answered < 0 || s.input(get.Name) == nil {
			continue
		}
		resource := texts[0]
		if at == 0 {
			resource = texts[1]
		}
		if !slices.Contains(s.required(s.input(get.Name)), resource) {
			continue
		}
		p := &policyOperations{Put: put, Get: "Get" + middle, Resource: goName(resource), Document: goName(texts[at]), Read: goName(read.Members.names[answered])}
		if in := s.m.Operations["Delete"+middle]; in != nil && s.input(in.Name) != nil && slices.Contains(s.required(s.input(in.Name)), resource) {
			p.Delete = in.Name
		}
		return p
	}
	return nil
}

// isDocument reports whether a member is a policy by its name.
func isDocument(member string) bool {
	member = strings.ToLower(member)
	return strings.HasSuffix(member, "policy") || strings.HasSuffix(member, "policydocument")
}

var placeholder = regexp.MustCompile(`\$\{([A-Za-z]+)\}`)

// exampleARN is an ARN of a form with placeholders.
func exampleARN(form string) string {
	return placeholder.ReplaceAllStringFunc(form, func(name string) string {
		switch name {
		case "${Partition}":
			return "aws"
		case "${Region}":
			return "us-east-1"
		case "${Account}":
			return "111122223333"
		}
		return "example"
	})
}

// samples are values of the required members of all inputs, which the tests of the
// server send. They are guesses where the model has a pattern.
func (s *skeleton) samples() ([]byte, error) {
	values := map[string]any{}
	for _, row := range s.Rows {
		in := s.input(row.Operation)
		if in == nil {
			continue
		}
		for _, name := range in.Required {
			values[wireName(name, in.Members.refs[name])] = s.sample(name, in.Members.refs[name].Shape)
		}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "\t")
	e.SetEscapeHTML(false)
	err := e.Encode(values)
	return b.Bytes(), err
}

// wireName is the name of a member on the wire.
func wireName(name string, r *ref) string {
	if r.LocationName != "" {
		return r.LocationName
	}
	return name
}

// sample is a value of a shape.
func (s *skeleton) sample(member, shapeName string) any {
	t := s.m.Shapes[shapeName]
	switch t.Type {
	case "string":
		return s.sampleText(member, t)
	case "integer", "long", "float", "double":
		if t.Min != nil {
			return *t.Min
		}
		return 1
	case "boolean":
		return true
	case "timestamp":
		return 1795334400
	case "blob":
		return "ZXhhbXBsZQ=="
	case "list":
		return []any{s.sample(member, t.Member.Shape)}
	case "map":
		return map[string]any{"team": s.sample("", t.Value.Shape)}
	}
	members := map[string]any{}
	for _, name := range t.Required {
		members[wireName(name, t.Members.refs[name])] = s.sample(name, t.Members.refs[name].Shape)
	}
	return members
}

func (s *skeleton) sampleText(member string, t *shape) string {
	switch {
	case len(t.Enum) > 0:
		return t.Enum[0]
	case strings.HasSuffix(strings.ToLower(member), "arn"):
		return s.example
	case isDocument(member):
		return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"` + s.Prefix + `:*","Resource":"` + s.example + `"}}`
	}
	text := "example"
	if t.Min != nil {
		text += strings.Repeat("-", max(0, int(*t.Min)-len(text)))
	}
	return text
}

// markers lists the operations with those members of their inputs that the model calls
// sensitive. The tests of the server name those that it forgets.
func (s *skeleton) markers() []byte {
	var b bytes.Buffer
	b.WriteString("# Each operation with the members of its input that hold values, texts or tokens;\n" +
		"# none: it takes names, identifiers, policies and numbers alone.\n")
	for _, row := range s.Rows {
		var secret []string
		if in := s.input(row.Operation); in != nil {
			for _, name := range in.Members.names {
				if r := in.Members.refs[name]; s.m.Shapes[r.Shape].Sensitive && r.Location == "" {
					secret = append(secret, wireName(name, r))
				}
			}
		}
		slices.Sort(secret)
		if secret == nil {
			secret = []string{"none"}
		}
		b.WriteString(row.Operation + " " + strings.Join(secret, " ") + "\n")
	}
	return b.Bytes()
}
