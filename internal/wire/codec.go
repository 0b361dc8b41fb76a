package wire

import (
	"fmt"
	"net/http"
	"reflect"

	"github.com/writdev/writ/internal/awserr"
)

// Decode reads the input of the matched operation into in, a pointer to its input type,
// and checks it against the constraints of the model. The body is a parameter because it
// was already read for the signature. The error for an input that cannot be decoded is a
// SerializationException (MalformedInput in awsQuery); for a violated constraint it is
// the service's own, see [Service].
func (m *Match) Decode(r *http.Request, body []byte, in any) error {
	op := m.Operation
	v := reflect.ValueOf(in)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Type().Elem() != op.In {
		return fmt.Errorf("decode %s: want a *%s, not a %T", op.Name, op.In, in)
	}
	p, err := planOf(op.In)
	if err != nil {
		return fmt.Errorf("decode %s: %w", op.Name, err)
	}
	rd := reader{code: "SerializationException", path: make(Path, 0, 8)}
	switch v = v.Elem(); op.Service.Protocol {
	case RestJSON:
		err = rd.decodeRest(p, v, m, r, body)
	case AWSJSON:
		err = rd.decodeAWSJSON(p, v, body)
	case Query:
		rd.code = "MalformedInput"
		err = rd.decodeQuery(p, v, m.form)
	}
	if err != nil {
		return err
	}
	return op.Service.invalid(rd.violations)
}

// Encode encodes the output of the operation. A nil out is an empty output. It returns an
// error if the type of out is not the operation's output type.
func (op *Operation) Encode(out any, requestID string) (Response, error) {
	v := reflect.ValueOf(out)
	switch {
	case !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil():
		v = reflect.Zero(op.Out)
	case v.Kind() == reflect.Pointer:
		v = v.Elem()
	}
	if v.Type() != op.Out {
		return Response{}, fmt.Errorf("encode %s: want a *%s, not a %T", op.Name, op.Out, out)
	}
	p, err := planOf(op.Out)
	if err != nil {
		return Response{}, fmt.Errorf("encode %s: %w", op.Name, err)
	}
	switch op.Service.Protocol {
	case AWSJSON:
		return encodeAWSJSON(op, p, v, requestID), nil
	case Query:
		return encodeQuery(op, p, v, requestID), nil
	default:
		return encodeRest(p, v, requestID), nil
	}
}

// EncodeError encodes an error in the service's protocol.
func (s *Service) EncodeError(e *awserr.Error, requestID string) Response {
	if s.ExtendError != nil {
		e = s.ExtendError(e, requestID)
	}
	r := newResponse(s.Protocol, e.Status, requestID)
	switch s.Protocol {
	case AWSJSON:
		r.Body = appendError(nil, e, true)
	case Query:
		r.Body = appendErrorXML(nil, s, e, requestID)
	default:
		r.Header.Set("X-Amzn-Errortype", e.Code)
		r.Body = appendError(nil, e, false)
	}
	for name, value := range e.Header {
		r.Header.Set(name, value)
	}
	return r
}
