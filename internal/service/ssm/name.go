package ssm

import (
	"slices"
	"strings"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/operation"
)

// The types of rows of Parameter Store.
const (
	parameterType = "parameter"
	chapterType   = "parameter-chapter"
	countsType    = "parameter-counts"
	settingType   = "servicesetting"
)

// arnPrefix returns the prefix of the ARNs of the caller's account in the region.
func arnPrefix(c *operation.Call) string {
	return "arn:" + c.Partition + ":" + api.Name + ":" + c.Region + ":" + c.Account() + ":"
}

// parameters returns the prefix of the ARNs of the caller's parameters.
func parameters(c *operation.Call) string { return arnPrefix(c) + parameterType + "/" }

// ownARN returns the ARN of the caller's parameter with a name: the leading slash of a hierarchy is not
// doubled, so "/a" and "a" have the same ARN and are the same parameter.
func ownARN(c *operation.Call, name string) string {
	return parameters(c) + strings.TrimPrefix(trim(name), "/")
}

// trim removes the spaces around a name, as AWS documents for every operation.
func trim(name string) string { return strings.Trim(name, " ") }

// reference is a parsed reference to a parameter in a request: a name or a full ARN, and a version or label
// after a colon.
type reference struct {
	ARN      string
	Name     string // "" if the request contains the ARN
	Selector string // "3" or "prod"; "" for the current version
	selected bool   // the reference contains a colon
}

// parseReference parses a reference. It never fails: a text that cannot be the name of a parameter refers to
// a nonexistent one, as does an ARN of another region or another service.
func parseReference(c *operation.Call, text string) reference {
	var r reference
	text = trim(text)
	if resource, found := resourceOf(c, text); found {
		var name string
		name, r.Selector, r.selected = strings.Cut(resource, ":")
		r.ARN = strings.TrimSuffix(text, resource) + name
		return r
	}
	if _, err := arn.Parse(text); err == nil {
		r.Name = text // the text after its first colon is not a label
	} else {
		r.Name, r.Selector, r.selected = strings.Cut(text, ":")
	}
	if r.ARN = ownARN(c, r.Name); isPublic(r.Name) {
		r.ARN = publicARN(c, r.Name)
	}
	return r
}

// resourceOf returns the part after the account in the ARN of a parameter in the call's region; found is
// false for other texts.
func resourceOf(c *operation.Call, text string) (resource string, found bool) {
	if !strings.HasPrefix(text, "arn:") {
		return "", false
	}
	a, err := arn.Parse(text)
	return a.Resource, err == nil && a.Service == api.Name && a.Partition == c.Partition && a.Region == c.Region &&
		strings.HasPrefix(a.Resource, parameterType+"/")
}

// String returns the reference without its selector, as in the request.
func (r reference) String() string {
	if r.Name == "" {
		return r.ARN
	}
	return r.Name
}

// text returns the reference with its selector.
func (r reference) text() string {
	if r.selected {
		return r.String() + ":" + r.Selector
	}
	return r.String()
}

// isPossible reports whether a parameter may have the name. A text that resembles an ARN is not a valid name.
func (r reference) isPossible() bool {
	if r.Name == "" || strings.HasPrefix(r.Name, "arn:") {
		return true
	}
	parts := strings.Split(strings.TrimPrefix(r.Name, "/"), "/")
	return (len(parts) == 1 || strings.HasPrefix(r.Name, "/")) && !slices.ContainsFunc(parts, func(part string) bool { return !isWord(part) })
}

// onReference returns the target of operations that read a parameter by name or ARN.
func onReference[In any](member func(In) string) func(*operation.Call, In) (authz.Target, error) {
	return func(c *operation.Call, in In) (authz.Target, error) {
		return authz.Target{ARN: parseReference(c, member(in)).ARN}, nil
	}
}

// onName returns the target of operations that accept only names: the parameter is the caller's own, whatever
// the name resembles.
func onName[In any](member func(In) string) func(*operation.Call, In) (authz.Target, error) {
	return func(c *operation.Call, in In) (authz.Target, error) {
		return authz.Target{ARN: ownARN(c, member(in))}, nil
	}
}

// maxLevels is the largest number of names in a hierarchy, including the parameter's.
const maxLevels = 15

// maxARN is the largest length of the ARN of a new parameter.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html#sysman-parameter-name-constraints
const maxARN = 1011

// checkName returns an error for a name that a new parameter cannot have.
func checkName(c *operation.Call, name string) error {
	hierarchy := strings.HasPrefix(name, "/")
	parts := strings.Split(strings.TrimPrefix(name, "/"), "/")
	first := strings.ToLower(parts[0])
	switch {
	case hierarchy && len(parts) > 1 && strings.HasPrefix(first, "aws"):
		return denied("No access to reserved parameter name: " + name + ".")
	case strings.HasPrefix(first, "aws"), strings.HasPrefix(first, "ssm"):
		if len(parts) > 1 {
			return notValid("%s", textBadName)
		}
		return notValid("%s", textReservedName)
	}
	for _, part := range parts {
		if !isWord(part) {
			return notValid("%s", textBadName)
		}
	}
	switch {
	case !hierarchy && len(parts) > 1:
		return notValid("Parameter name must be a fully qualified name.")
	case len(parts) > maxLevels:
		return errHierarchyLevelLimitExceeded("A hierarchy can have a maximum of %d levels.", maxLevels)
	case len(ownARN(c, name)) > maxARN:
		return notValid("The name of the parameter and the ARN before it are longer than %d characters.", maxARN)
	}
	return nil
}

// checkPath returns an error for an invalid path of a hierarchy.
func checkPath(path string) error {
	if path == "/" {
		return nil
	}
	rest, found := strings.CutPrefix(path, "/")
	if !found {
		return notValid("%s", textBadPath)
	}
	rest = strings.TrimSuffix(rest, "/")
	for part := range strings.SplitSeq(rest, "/") {
		if !isWord(part) {
			return notValid("%s", textBadPath)
		}
	}
	return nil
}

// isWord reports whether text is a name between the slashes of a hierarchy.
func isWord(text string) bool {
	for _, r := range text {
		if !strings.ContainsRune(wordCharacters, r) {
			return false
		}
	}
	return text != ""
}

const wordCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_"
