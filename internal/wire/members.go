package wire

import (
	"fmt"
	"reflect"
)

// Members lists the wire names of an operation's input members, in the order of its model.
func (op *Operation) Members() ([]string, error) {
	p, err := planOf(op.In)
	if err != nil {
		return nil, fmt.Errorf("members of %s: %w", op.Name, err)
	}
	names := make([]string, len(p.fields))
	for i := range p.fields {
		names[i] = p.fields[i].name
	}
	return names, nil
}

// DecodeMembers reads an input from a JSON object of its members, wherever they travel in
// a request, and checks it as Decode does. It is for calls that are made inside the
// process. Names that are no members are passed over.
func (op *Operation) DecodeMembers(text []byte, in any) error {
	v := reflect.ValueOf(in)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Type().Elem() != op.In {
		return fmt.Errorf("decode %s: want a *%s, not a %T", op.Name, op.In, in)
	}
	p, err := planOf(op.In)
	if err != nil {
		return fmt.Errorf("decode %s: %w", op.Name, err)
	}
	rd := reader{code: "SerializationException", path: make(Path, 0, 8)}
	var read fieldSet
	if err := rd.readJSON(p.inOneObject(), v.Elem(), text, &read); err != nil {
		return err
	}
	rd.missing(p, &read)
	return op.Service.invalid(rd.violations)
}

// EncodeMembers writes an output as a JSON object of all its members.
func (op *Operation) EncodeMembers(out any) ([]byte, error) {
	v := reflect.ValueOf(out)
	if v.Kind() != reflect.Pointer || v.Type().Elem() != op.Out {
		return nil, fmt.Errorf("encode %s: want a *%s, not a %T", op.Name, op.Out, out)
	}
	if v.IsNil() {
		return []byte("{}"), nil
	}
	p, err := planOf(op.Out)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", op.Name, err)
	}
	return appendObject(nil, p.inOneObject(), v.Elem()), nil
}

// inOneObject is the plan of a structure all of whose members travel in the body.
func (p *structPlan) inOneObject() *structPlan {
	all := &structPlan{fields: make([]field, len(p.fields)), body: make(map[string]int, len(p.fields)), required: p.required, payload: -1}
	for i, f := range p.fields {
		f.location = inBody
		all.fields[i] = f
		all.body[f.name] = i
	}
	return all
}
