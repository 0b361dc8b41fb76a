package ssm

import (
	"slices"
	"strings"

	"github.com/writdev/writ/internal/operation"
)

// maxLabels is the largest number of labels of a version.
const maxLabels = 10

// labelParameterVersion attaches labels to a version. A label of another version is moved.
func (s ssm) labelParameterVersion(c *operation.Call, in *LabelParameterVersionInput) (*LabelParameterVersionOutput, error) {
	p, err := ownParameter(c, in.Name)
	if err != nil {
		return nil, err
	}
	number := p.Number
	set(&number, in.ParameterVersion)
	if !p.hasVersion(number) {
		return nil, noVersion(p, number)
	}
	out := &LabelParameterVersionOutput{InvalidLabels: []string{}, ParameterVersion: &number}
	if p.Labels == nil {
		p.Labels = map[string]int64{}
	}
	for _, label := range in.Labels {
		if isLabel(label) {
			p.Labels[label] = number
		} else {
			out.InvalidLabels = append(out.InvalidLabels, label)
		}
	}
	if len(p.labelsOf(number)) > maxLabels {
		return nil, errParameterVersionLabelLimitExceeded("A parameter version can have maximum %d labels."+
			"Move one or more labels to another version and try again.", maxLabels)
	}
	return out, p.write(c)
}

func (s ssm) unlabelParameterVersion(c *operation.Call, in *UnlabelParameterVersionInput) (*UnlabelParameterVersionOutput, error) {
	p, err := ownParameter(c, in.Name)
	if err != nil {
		return nil, err
	}
	if !p.hasVersion(in.ParameterVersion) {
		return nil, noVersion(p, in.ParameterVersion)
	}
	out := &UnlabelParameterVersionOutput{RemovedLabels: []string{}, InvalidLabels: []string{}}
	for _, label := range in.Labels {
		if at, found := p.Labels[label]; !found || at != in.ParameterVersion {
			out.InvalidLabels = append(out.InvalidLabels, label)
			continue
		}
		delete(p.Labels, label)
		out.RemovedLabels = append(out.RemovedLabels, label)
	}
	return out, p.write(c)
}

func noVersion(p *parameter, number int64) error {
	return errParameterVersionNotFound("Systems Manager could not find version %d of %s. Verify the version and try again.", number, p.name())
}

// isLabel reports whether text can be a label.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-labels.html
func isLabel(text string) bool {
	folded := strings.ToLower(text)
	return isWord(text) && !('0' <= text[0] && text[0] <= '9') && !strings.HasPrefix(folded, "aws") && !strings.HasPrefix(folded, "ssm")
}

// labelsOf returns the sorted labels of a version.
func (p *parameter) labelsOf(number int64) []string {
	labels := []string{}
	for label, at := range p.Labels {
		if at == number {
			labels = append(labels, label)
		}
	}
	slices.Sort(labels)
	return labels
}
