package ssm

import (
	"errors"
	"slices"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/operation"
)

func (s ssm) getParameter(c *operation.Call, in *GetParameterInput) (*GetParameterOutput, error) {
	out, err := get(c, in.Name, in.WithDecryption)
	if err != nil {
		return nil, err
	}
	return &GetParameterOutput{Parameter: out}, nil
}

// getParameters reports nonexistent parameters and versions separately. Each name appears once in the output.
// The row's target is the first name; a denied name denies the call.
func (s ssm) getParameters(c *operation.Call, in *GetParametersInput) (*GetParametersOutput, error) {
	for _, name := range in.Names[1:] {
		if err := c.Authorize("ssm:GetParameters", authz.Target{ARN: parseReference(c, name).ARN}); err != nil {
			return nil, err
		}
	}
	out := &GetParametersOutput{Parameters: []Parameter{}, InvalidParameters: []string{}}
	for i, name := range in.Names {
		if slices.Contains(in.Names[:i], name) {
			continue
		}
		p, err := get(c, name, in.WithDecryption)
		switch {
		case isUnknown(err):
			out.InvalidParameters = append(out.InvalidParameters, name)
		case err != nil:
			return nil, err
		default:
			out.Parameters = append(out.Parameters, *p)
		}
	}
	return out, nil
}

// get returns one parameter of a request, under the name in the request: with or without a leading slash.
func get(c *operation.Call, text string, decrypt *bool) (*Parameter, error) {
	r := parseReference(c, text)
	if isSecret(r.Name) && !isSet(decrypt) {
		return nil, notValid("WithDecryption flag must be True for retrieving a Secret Manager secret.")
	}
	if isSecret(r.Name) {
		return getSecret(c, r)
	}
	p, err := r.findCached(c)
	if err != nil {
		return nil, err
	}
	v, err := p.selected(c, r)
	if err != nil {
		return nil, err
	}
	out, err := p.output(c, v, decrypt)
	if err != nil {
		return nil, err
	}
	if r.Name != "" {
		out.Name = &r.Name
	}
	if r.selected {
		out.Selector = new(":" + r.Selector)
	}
	return out, nil
}

// output returns a version of a parameter in its output form.
func (p *parameter) output(c *operation.Call, v *version, decrypt *bool) (*Parameter, error) {
	value, err := p.value(c, v, decrypt)
	if err != nil {
		return nil, err
	}
	return &Parameter{
		ARN: &p.row.ARN, Name: &p.row.Name, Type: &v.Type, Value: value, Version: &v.Number,
		DataType: &v.DataType, LastModifiedDate: timestamp(v.ModifiedAt),
	}, nil
}

// isUnknown reports whether an error means that a parameter or a version does not exist.
func isUnknown(err error) bool {
	e, ok := errors.AsType[*awserr.Error](err)
	return ok && slices.Contains([]string{"ParameterNotFound", "ParameterVersionNotFound", "ValidationException"}, e.Code)
}
