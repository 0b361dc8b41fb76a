package ssm

import (
	"slices"
	"strings"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/operation"
)

// The types of rows that make up Parameter Store.
const (
	parameterType = "parameter"
	chapterType   = "parameter-chapter"
	countsType    = "parameter-counts"
	settingType   = "servicesetting"
)

// arnPrefix begins the ARNs of all that the caller's account has in the region.
func arnPrefix(c *operation.Call) string {
	return "arn:" + c.Partition + ":" + api.Name + ":" + c.Region + ":" + c.Account() + ":"
}

// parameters begins the ARNs of the caller's parameters.
func parameters(c *operation.Call) string { return arnPrefix(c) + parameterType + "/" }

// ownARN returns the ARN of the caller's parameter of a name: the leading slash of a
// hierarchy is not doubled, so "/a" and "a" have one ARN, and are one parameter.
func ownARN(c *operation.Call, name string) string {
	return parameters(c) + strings.TrimPrefix(trim(name), "/")
}

// trim takes away the spaces around a name, as AWS documents of every operation.
func trim(name string) string { return strings.Trim(name, " ") }

// reference is what a request calls a parameter that it wants to read: a name or
// a full ARN, and the version or the label after a colon.
type reference struct {
	ARN      string
	Name     string // "" if the request has the ARN
	Selector string // "3" or "prod"; "" for the current version
	selected bool   // a colon was there
}

// parseReference takes a reference apart. It never fails: what cannot be the name
// of a parameter is the name of none. An ARN of another region or another
// service is such a name, too.
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
		r.Name = text // and what follows its first colon is no label
	} else {
		r.Name, r.Selector, r.selected = strings.Cut(text, ":")
	}
	if r.ARN = ownARN(c, r.Name); isPublic(r.Name) {
		r.ARN = publicARN(c, r.Name)
	}
	return r
}

// resourceOf returns what follows the account in the ARN of a parameter that is where the
// call is; found is false for other texts.
func resourceOf(c *operation.Call, text string) (resource string, found bool) {
	if !strings.HasPrefix(text, "arn:") {
		return "", false
	}
	a, err := arn.Parse(text)
	return a.Resource, err == nil && a.Service == api.Name && a.Partition == c.Partition && a.Region == c.Region &&
		strings.HasPrefix(a.Resource, parameterType+"/")
}

// String returns the reference without its selector, as the request has it.
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

// isPossible reports whether a parameter may have the name. A text that looks like an
// ARN is the name of none.
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

// onName returns the target of operations that take a name only: the parameter is the
// caller's own, whatever the name looks like.
func onName[In any](member func(In) string) func(*operation.Call, In) (authz.Target, error) {
	return func(c *operation.Call, in In) (authz.Target, error) {
		return authz.Target{ARN: ownARN(c, member(in))}, nil
	}
}

// maxLevels is how many names a hierarchy may have, the parameter's included.
const maxLevels = 15

// maxARN is how long the ARN of a parameter may be that is made.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html#sysman-parameter-name-constraints
const maxARN = 1011

// checkName reports what is wrong with the name of a parameter to be made.
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

// checkPath reports what is wrong with the path of a hierarchy to be read.
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
