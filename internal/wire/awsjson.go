package wire

import (
	"cmp"
	"encoding/json"
	"maps"
	"reflect"
	"slices"

	"github.com/writdev/writ/internal/awserr"
)

// decodeAWSJSON reads the body, which is the whole input.
func (in *reader) decodeAWSJSON(p *structPlan, v reflect.Value, body []byte) error {
	var read fieldSet
	if err := in.readJSON(p, v, body, &read); err != nil {
		return err
	}
	in.missing(p, &read)
	return nil
}

// encodeAWSJSON writes the whole output into the body.
func encodeAWSJSON(op *Operation, p *structPlan, v reflect.Value, requestID string) Response {
	r := newResponse(AWSJSON, 200, requestID)
	if len(p.fields) > 0 || op.EmptyResult {
		r.Body = appendObject(make([]byte, 0, 512), p, v)
	}
	return r
}

// appendError appends the JSON body of an error. awsJson1_1 names the shape in
// it, restJson1 in a header. An error without a message has no such member.
func appendError(b []byte, e *awserr.Error, named bool) []byte {
	b = append(b, '{')
	add := func(name string, value []byte) {
		if b[len(b)-1] != '{' {
			b = append(b, ',')
		}
		b = append(append(appendQuote(b, name), ':'), value...)
	}
	if named {
		add("__type", appendQuote(nil, e.Code))
	}
	if e.Message != "" {
		add(cmp.Or(e.MessageMember, "message"), appendQuote(nil, e.Message))
	}
	for _, name := range slices.Sorted(maps.Keys(e.Fields)) {
		// What cannot be marshalled is a defect of a handler; the client still
		// gets its error, without the member.
		if value, err := json.Marshal(e.Fields[name]); err == nil {
			add(name, value)
		}
	}
	return append(b, '}')
}
