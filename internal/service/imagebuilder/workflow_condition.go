package imagebuilder

import (
	"cmp"
	"strconv"
	"strings"
)

// condition is the "if" of a step of a workflow: a comparison, or conditions combined. What
// is compared is a literal or the value of a parameter; what a run would find out, such as
// the output of a step, is not known, and a comparison with it holds.
// https://docs.aws.amazon.com/imagebuilder/latest/userguide/wfdoc-conditional.html
type condition struct {
	StringEquals             *string  `yaml:"stringEquals" json:",omitzero"`
	BooleanEquals            *bool    `yaml:"booleanEquals" json:",omitzero"`
	NumberEquals             *float64 `yaml:"numberEquals" json:",omitzero"`
	NumberGreaterThan        *float64 `yaml:"numberGreaterThan" json:",omitzero"`
	NumberGreaterThanOrEqual *float64 `yaml:"numberGreaterThanOrEquals" json:",omitzero"`
	NumberLessThan           *float64 `yaml:"numberLessThan" json:",omitzero"`
	NumberLessThanOrEqual    *float64 `yaml:"numberLessThanOrEquals" json:",omitzero"`
	Value                    *string  `yaml:"value" json:",omitzero"`

	And []condition `yaml:"and" json:",omitzero"`
	Or  []condition `yaml:"or" json:",omitzero"`
	Not *condition  `yaml:"not" json:",omitzero"`
}

// parameterReference begins the name of a parameter where it stands for its value.
const parameterReference = "$.parameters."

// holds evaluates the condition for the values of parameters. What is unknown holds in each
// comparison alone, so that a step whose condition cannot be judged runs.
func (c *condition) holds(parameters map[string]string) bool {
	switch {
	case c == nil:
		return true
	case c.And != nil:
		for i := range c.And {
			if !c.And[i].holds(parameters) {
				return false
			}
		}
		return true
	case c.Or != nil:
		for i := range c.Or {
			if c.Or[i].holds(parameters) {
				return true
			}
		}
		return false
	case c.Not != nil:
		return !c.Not.holds(parameters)
	}
	return c.compares(parameters)
}

// compares evaluates a condition that is one comparison.
func (c *condition) compares(parameters map[string]string) bool {
	if c.Value == nil {
		return true
	}
	value := *c.Value
	if strings.HasPrefix(value, "$.") {
		name, isParameter := strings.CutPrefix(value, parameterReference)
		given, known := parameters[name]
		if !isParameter || !known {
			return true
		}
		value = given
	}
	switch {
	case c.StringEquals != nil:
		return value == *c.StringEquals
	case c.BooleanEquals != nil:
		return strings.EqualFold(value, strconv.FormatBool(*c.BooleanEquals))
	}
	number, err := strconv.ParseFloat(value, 64)
	is := func(limit *float64, orders ...int) bool {
		if limit == nil {
			return true
		}
		order := cmp.Compare(number, *limit)
		return err == nil && (order == orders[0] || order == orders[len(orders)-1])
	}
	return is(c.NumberEquals, 0) && is(c.NumberGreaterThan, 1) && is(c.NumberGreaterThanOrEqual, 0, 1) &&
		is(c.NumberLessThan, -1) && is(c.NumberLessThanOrEqual, -1, 0)
}
