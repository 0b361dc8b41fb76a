package template

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/writdev/writ/policy"
)

// Document is a policy document of a file.
type Document struct {
	Path     string      // "Resources.Bucket.Properties.PolicyDocument"
	Kind     policy.Kind // if Known
	Known    bool        // the resource type determines the kind
	Resource string      // the type of resource of a resource-based policy: "AWS::S3::Bucket"
	Text     []byte      // JSON

	tokens []token
}

// token is a part of Text with its position in the file.
type token struct {
	start, end           int // in Text
	outerStart, outerEnd policy.Position
	inner                func(offset int) policy.Position // for a string that contains a whole document
	unknown              bool
}

// Find returns the policy documents of a file; ok is false if the file is neither
// a template nor a plan.
func Find(src []byte) (found []Document, ok bool) {
	var root yaml.Node
	if err := yaml.Unmarshal(src, &root); err != nil || len(root.Content) == 0 {
		return nil, false
	}
	f := &finder{src: string(src), lines: lineStarts(src)}
	top := root.Content[0]
	switch {
	case isMapping(member(top, "Resources")):
		f.cloudFormation(member(top, "Resources"))
	case isSequence(member(top, "resource_changes")):
		f.plan(member(top, "resource_changes"))
	default:
		return nil, false
	}
	return f.found, true
}

type finder struct {
	src   string
	lines []int // offsets at which lines start
	found []Document
}

func lineStarts(src []byte) []int {
	starts := []int{0}
	for i, c := range src {
		if c == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

// position converts the position of a node, whose lines and columns count from 1.
func (f *finder) position(line, column int) policy.Position {
	start := f.lines[min(line, len(f.lines))-1]
	offset := start
	for range column - 1 {
		if offset >= len(f.src) {
			break
		}
		offset += runeLength(f.src[offset])
	}
	return policy.Position{Line: line, Column: column - 1, Offset: offset}
}

func runeLength(first byte) int {
	switch {
	case first < 0x80:
		return 1
	case first < 0xe0:
		return 2
	case first < 0xf0:
		return 3
	}
	return 4
}

func member(n *yaml.Node, name string) *yaml.Node {
	if !isMapping(n) {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return n.Content[i+1]
		}
	}
	return nil
}

func isMapping(n *yaml.Node) bool  { return n != nil && n.Kind == yaml.MappingNode }
func isSequence(n *yaml.Node) bool { return n != nil && n.Kind == yaml.SequenceNode }

// cloudFormation searches the resources of a template.
func (f *finder) cloudFormation(resources *yaml.Node) {
	for i := 0; i+1 < len(resources.Content); i += 2 {
		r := resources.Content[i+1]
		kind := member(r, "Type")
		if kind == nil {
			continue
		}
		f.walk("Resources."+resources.Content[i].Value, kind.Value, "", r)
	}
}

// walk searches for documents below a node.
func (f *finder) walk(path, resource, key string, n *yaml.Node) {
	switch {
	case n == nil:
	case isDocument(n):
		d := Document{Path: path}
		d.Kind, d.Known, d.Resource = purpose(resource, key)
		r := &renderer{finder: f, d: &d}
		r.value(n)
		d.Text = r.text
		f.found = append(f.found, d)
	case n.Kind == yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			name := n.Content[i].Value
			f.walk(path+"."+name, resource, name, n.Content[i+1])
		}
	case n.Kind == yaml.SequenceNode:
		for _, item := range n.Content {
			f.walk(path, resource, key, item)
		}
	}
}

// isDocument reports whether a node looks like a policy document: it has a
// Statement whose items have an Effect.
func isDocument(n *yaml.Node) bool {
	s := member(n, "Statement")
	if isSequence(s) && len(s.Content) > 0 {
		s = s.Content[0]
	}
	return member(s, "Effect") != nil || member(s, "Fn::If") != nil && member(n, "Version") != nil
}

// purposes are the kinds of the documents in resources, by resource type; those of IAM
// are identity-based.
var purposes = map[string]struct {
	kind     policy.Kind
	resource string
}{
	"AWS::S3::BucketPolicy":               {policy.Resource, "AWS::S3::Bucket"},
	"AWS::S3::AccessPoint":                {policy.Resource, "AWS::S3::AccessPoint"},
	"AWS::KMS::Key":                       {policy.Resource, "AWS::KMS::Key"},
	"AWS::SQS::QueuePolicy":               {policy.Resource, "AWS::SQS::Queue"},
	"AWS::SNS::TopicPolicy":               {policy.Resource, "AWS::SNS::Topic"},
	"AWS::SecretsManager::ResourcePolicy": {policy.Resource, "AWS::SecretsManager::Secret"},
	"AWS::ECR::Repository":                {policy.Resource, "AWS::ECR::Repository"},
	"AWS::IAM::Policy":                    {policy.Identity, ""},
	"AWS::IAM::ManagedPolicy":             {policy.Identity, ""},
	"AWS::IAM::UserPolicy":                {policy.Identity, ""},
	"AWS::IAM::GroupPolicy":               {policy.Identity, ""},
	"AWS::IAM::RolePolicy":                {policy.Identity, ""},
	"AWS::IAM::User":                      {policy.Identity, ""},
	"AWS::IAM::Group":                     {policy.Identity, ""},
	"AWS::IAM::Role":                      {policy.Identity, ""},
	"AWS::Serverless::Function":           {policy.Identity, ""},
	"aws_iam_policy":                      {policy.Identity, ""},
	"aws_iam_role":                        {policy.Identity, ""},
	"aws_iam_role_policy":                 {policy.Identity, ""},
	"aws_iam_user_policy":                 {policy.Identity, ""},
	"aws_iam_group_policy":                {policy.Identity, ""},
	"aws_s3_bucket_policy":                {policy.Resource, "AWS::S3::Bucket"},
	"aws_kms_key":                         {policy.Resource, "AWS::KMS::Key"},
	"aws_sqs_queue_policy":                {policy.Resource, "AWS::SQS::Queue"},
	"aws_sns_topic_policy":                {policy.Resource, "AWS::SNS::Topic"},
}

func purpose(resource, key string) (policy.Kind, bool, string) {
	if key == "AssumeRolePolicyDocument" || key == "assume_role_policy" {
		return policy.Trust, true, ""
	}
	p, ok := purposes[resource]
	return p.kind, ok, p.resource
}

// plan searches the changes of a plan: documents are texts in the planned values.
func (f *finder) plan(changes *yaml.Node) {
	for _, c := range changes.Content {
		kind, address := member(c, "type"), member(c, "address")
		if kind == nil || address == nil {
			continue
		}
		f.texts(address.Value, kind.Value, "", member(member(c, "change"), "after"))
	}
}

// texts searches for texts that contain a document.
func (f *finder) texts(path, resource, key string, n *yaml.Node) {
	switch {
	case n == nil:
	case n.Kind == yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			name := n.Content[i].Value
			f.texts(path+"."+name, resource, name, n.Content[i+1])
		}
	case n.Kind == yaml.SequenceNode:
		for _, item := range n.Content {
			f.texts(path, resource, key, item)
		}
	case n.Kind == yaml.ScalarNode && strings.HasPrefix(strings.TrimSpace(n.Value), "{") && strings.Contains(n.Value, `"Statement"`):
		d := Document{Path: path, Text: []byte(n.Value)}
		d.Kind, d.Known, d.Resource = purpose(resource, key)
		inner := f.escaped(n)
		d.tokens = []token{{end: len(n.Value), inner: inner}}
		f.found = append(f.found, d)
	}
}

// escaped maps offsets in the text of a JSON string to positions in the file.
func (f *finder) escaped(n *yaml.Node) func(int) policy.Position {
	at := f.position(n.Line, n.Column)
	return func(offset int) policy.Position {
		raw, text := at.Offset+1, 0
		for text < offset && raw < len(f.src) {
			size, made := 1, 1
			switch {
			case f.src[raw] == '\\' && raw+1 < len(f.src) && f.src[raw+1] == 'u':
				size, made = 6, utf8Length(f.src[raw+2:min(raw+6, len(f.src))])
			case f.src[raw] == '\\':
				size = 2
			}
			raw, text = raw+size, text+made
		}
		return policy.Position{Line: at.Line, Column: at.Column + len([]rune(f.src[at.Offset:min(raw, len(f.src))])), Offset: raw}
	}
}

// utf8Length is the number of bytes of the character with a code of four hexadecimal
// digits.
func utf8Length(hex string) int {
	switch {
	case strings.HasPrefix(hex, "00") && len(hex) == 4 && hex[2] < '8':
		return 1
	case hex < "0800":
		return 2
	}
	return 3
}

// Outer returns the position in the file of a span of the document's text.
func (d *Document) Outer(s policy.Span) policy.Span {
	first, last := d.tokenAt(s.Start.Offset), d.tokenAt(max(s.Start.Offset, s.End.Offset-1))
	if first == nil || last == nil {
		return s
	}
	if first.inner != nil {
		return policy.Span{Start: first.inner(s.Start.Offset), End: first.inner(s.End.Offset)}
	}
	return policy.Span{Start: first.outerStart, End: last.outerEnd}
}

// Unknown reports whether a span of the document's text contains a placeholder for a
// value that depends on a deployment.
func (d *Document) Unknown(s policy.Span) bool {
	for _, t := range d.tokens {
		if t.unknown && t.start < s.End.Offset && s.Start.Offset < t.end {
			return true
		}
	}
	return false
}

// tokenAt returns the token at an offset, or the next one after it.
func (d *Document) tokenAt(offset int) *token {
	for i := range d.tokens {
		if offset < d.tokens[i].end {
			return &d.tokens[i]
		}
	}
	if len(d.tokens) > 0 {
		return &d.tokens[len(d.tokens)-1]
	}
	return nil
}
