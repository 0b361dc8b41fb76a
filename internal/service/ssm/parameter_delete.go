package ssm

import (
	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
)

// remove deletes a parameter with its versions, tags and policies, and removes it from all shares.
func (p *parameter) remove(c *operation.Call) error {
	if err := p.removePast(c); err != nil {
		return err
	}
	if err := c.Tx.DeleteResource(p.arn()); err != nil {
		return err
	}
	if err := count(c, p.Tier, ""); err != nil {
		return err
	}
	return sharing.Deleted(c, p.arn())
}

// deleteParameter deletes a parameter of the caller.
func (s ssm) deleteParameter(c *operation.Call, in *DeleteParameterInput) (*DeleteParameterOutput, error) {
	p, err := ownParameter(c, in.Name)
	if err != nil {
		return nil, err
	}
	return &DeleteParameterOutput{}, p.remove(c)
}

// deleteParameters deletes the existing parameters among the names. The row's target is the first name; a
// denied name denies the call.
func (s ssm) deleteParameters(c *operation.Call, in *DeleteParametersInput) (*DeleteParametersOutput, error) {
	for _, name := range in.Names[1:] {
		if err := c.Authorize("ssm:DeleteParameters", authz.Target{ARN: ownARN(c, name)}); err != nil {
			return nil, err
		}
	}
	out := &DeleteParametersOutput{DeletedParameters: []string{}, InvalidParameters: []string{}}
	for _, name := range in.Names {
		p, err := ownParameter(c, name)
		switch {
		case isUnknown(err):
			out.InvalidParameters = append(out.InvalidParameters, name)
			continue
		case err != nil:
			return nil, err
		}
		if err := p.remove(c); err != nil {
			return nil, err
		}
		out.DeletedParameters = append(out.DeletedParameters, name)
	}
	return out, nil
}
