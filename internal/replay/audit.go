package replay

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/writdev/writ/internal/decision"
	"github.com/writdev/writ/internal/server"
)

// maxLine is how many bytes a line of an audit file may have.
const maxLine = 4 << 20

// read reads one stream, of whichever form.
func (r *run) read(stream io.Reader) error {
	in := bufio.NewReaderSize(stream, 1<<16)
	if magic, err := in.Peek(2); err == nil && magic[0] == 0x1f && magic[1] == 0x8b {
		unzipped, err := gzip.NewReader(in)
		if err != nil {
			return err
		}
		in = bufio.NewReaderSize(unzipped, 1<<16)
	}
	head, err := in.Peek(512)
	if err != nil && !errors.Is(err, io.EOF) {
		return cut(err)
	}
	if isCloudTrail(head) {
		return cut(r.cloudTrail(in))
	}
	return cut(r.audit(in))
}

// cut says in plain words that a file ends in the middle.
func cut(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the file is cut short: it ends in the middle")
	}
	return err
}

// audit reads the lines of an audit file. A line that replaces an earlier one of the same
// request, as after a transaction that ran again, follows it at once or soon: lines wait
// until so many others have passed.
func (r *run) audit(in *bufio.Reader) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxLine)
	var waiting [window][]byte
	number := 0
	for ; lines.Scan(); number++ {
		line := lines.Bytes()
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if bytes.Contains(line, []byte(`"replaces":true`)) {
			if err := drop(&waiting, line); err != nil {
				return fmt.Errorf("line %d: %w", number+1, err)
			}
		}
		slot := &waiting[number%window]
		if err := r.line(*slot); err != nil {
			return fmt.Errorf("line %d: %w", number+1-window, err)
		}
		*slot = append((*slot)[:0], line...)
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("line %d: %w", number+1, err)
	}
	for i := range window {
		if err := r.line(waiting[(number+i)%window]); err != nil {
			return fmt.Errorf("line %d: %w", number-window+i+1, err)
		}
	}
	return nil
}

// window is how many lines wait.
const window = 256

// drop empties the line that another replaces.
func drop(waiting *[window][]byte, line []byte) error {
	var replacing struct{ ID string }
	if err := json.Unmarshal(line, &replacing); err != nil {
		return err
	}
	id := []byte(fmt.Sprintf("%q:%q", "id", replacing.ID))
	for i := range waiting {
		if bytes.Contains(waiting[i], id) {
			waiting[i] = waiting[i][:0]
		}
	}
	return nil
}

// recorded are the raw members of a record that a decision follows from.
type recorded struct{ caller, action, resource, context, verdict, decidedBy, children jsontext.Value }

// line makes the decisions of one line again: its own, and those of its children.
func (r *run) line(line []byte) error {
	if len(line) == 0 {
		return nil
	}
	r.source = *bytes.NewBuffer(line) // which the decoder reads in place
	r.decoder.Reset(&r.source, lenient...)
	return r.record(&r.decoder, line)
}

// lenient are the options of the decoder: Writ wrote the lines, and what is decoded of them
// is checked then.
var lenient = []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}

func (r *run) record(d *jsontext.Decoder, whole []byte) error {
	var m recorded
	if d.PeekKind() != '{' {
		return errors.New("expected a decision record, a JSON object, in each line")
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for d.PeekKind() != '}' {
		name, err := d.ReadValue()
		if err != nil {
			return syntax(err)
		}
		into := m.member(name)
		start := d.InputOffset()
		if _, err := d.ReadValue(); err != nil {
			return syntax(err)
		}
		if into != nil {
			*into = jsontext.Value(bytes.TrimLeft(whole[start:d.InputOffset()], ": \t"))
		}
	}
	if m.caller == nil || m.action == nil || m.verdict == nil {
		return errors.New("expected a decision record with caller, action and verdict")
	}
	if err := r.decideRecord(&m); err != nil || m.children == nil {
		return err
	}
	var children []jsontext.Value
	if err := json.Unmarshal(m.children, &children); err != nil {
		return err
	}
	for _, child := range children {
		if err := r.record(jsontext.NewDecoder(bytes.NewBuffer(child)), child); err != nil {
			return err
		}
	}
	return nil
}

// member is where the value of a member goes; nil for those that nothing follows from.
func (m *recorded) member(name []byte) *jsontext.Value {
	switch string(name) {
	case `"caller"`:
		return &m.caller
	case `"action"`:
		return &m.action
	case `"resource"`:
		return &m.resource
	case `"context"`:
		return &m.context
	case `"verdict"`:
		return &m.verdict
	case `"decidedBy"`:
		return &m.decidedBy
	case `"children"`:
		return &m.children
	}
	return nil
}

func syntax(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return fmt.Errorf("no JSON: %w", err)
}

func (r *run) decideRecord(m *recorded) error {
	if bytes.Contains(m.decidedBy, []byte(decision.Ownership)) {
		r.skipped["the operation is for the owner of the resource, whatever the policies say"]++
		return nil
	}
	key := append(r.key[:0], m.caller...)
	key = append(append(key, '\n'), m.action...)
	key = append(append(key, '\n'), m.resource...)
	key = append(key, '\n')
	if r.timeless {
		key = appendTimeless(key, m.context)
	} else {
		key = append(key, m.context...)
	}
	r.key = key
	return r.ask(key, string(m.verdict) == `"allow"`, func() (request, error) { return m.request() })
}

// appendTimeless appends a context without the keys that differ with the time: each entry
// of a context is an object without objects in it.
func appendTimeless(key []byte, context []byte) []byte {
	for len(context) > 0 {
		end := bytes.IndexByte(context, '}') + 1
		if end == 0 {
			end = len(context)
		}
		entry := context[:end]
		context = context[end:]
		if !isTime(entry) {
			key = append(key, entry...)
		}
	}
	return key
}

func isTime(entry []byte) bool {
	const before = `"key":"aws:`
	i := bytes.Index(entry, []byte(before))
	if i < 0 {
		return false
	}
	rest := entry[i+len(`"key":"`):]
	for _, key := range timeKeys {
		if len(rest) > len(key) && string(rest[:len(key)]) == key && rest[len(key)] == '"' {
			return true
		}
	}
	return false
}

// request decodes what was recorded.
func (m *recorded) request() (request, error) {
	var caller decision.Caller
	var action, resource string
	var keys []decision.ContextKey
	for _, member := range []struct {
		from jsontext.Value
		into any
	}{{m.caller, &caller}, {m.action, &action}, {m.resource, &resource}, {m.context, &keys}} {
		if member.from == nil {
			continue
		}
		if err := json.Unmarshal(member.from, member.into); err != nil {
			return request{}, err
		}
	}
	q := request{Recorded: server.Recorded{Principal: caller.ARN, Action: action, Resource: resource, SessionTags: caller.SessionTags, SourceIdentity: caller.SourceIdentity, Context: map[string][]string{}}}
	if caller.Type == "anonymous" {
		q.Principal = "*"
	}
	for _, k := range keys {
		if !k.Absent {
			q.Context[k.Key] = k.Values
		}
	}
	return q, nil
}
