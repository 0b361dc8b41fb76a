package imagebuilder

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// What image recipes and container recipes have in common: their versions, and
// what they take from other resources.

// recipeName is the name of a recipe that asks for a version; wildcards in it
// become the next numbers that are free.
func recipeName(c *operation.Call, typ, displayName, text string) (name, error) {
	n := newName(c, typ, displayName, text)
	v, err := parseVersion(text)
	if err != nil || !v.hasWildcard() {
		return n, err
	}
	var used []version
	for r, err := range rows(c, commonPrefix(n), "") {
		if err != nil {
			return n, err
		}
		taken, err := parseName(r.ARN)
		if err != nil {
			return n, err
		}
		w, err := parseVersion(taken.Version)
		if err != nil {
			return n, err
		}
		used = append(used, w)
	}
	if v, err = v.next(used); err != nil {
		return n, err
	}
	return n.withVersion(v.String()), nil
}

// recipeInputs are what a recipe takes from other resources.
type recipeInputs struct {
	platform  Platform
	osVersion *string
	refers    []string // the builds in use, as they were found
}

// loadRecipeInputs finds the ingredients of a recipe, each of which the caller must be
// allowed to read. The platform is that of the parent image if Image Builder
// knows it, else that of the components, else Linux.
func (s *imageBuilder) loadRecipeInputs(c *operation.Call, parentImage string, components []ComponentConfiguration) (recipeInputs, error) {
	var found recipeInputs
	if n, err := parseName(parentImage); err == nil {
		if n.Type != imageType {
			return found, notValid("parentImage", "It names no image.")
		}
		r, err := s.loadAuthorized(c, "GetImage", "parentImage", parentImage)
		if err != nil {
			return found, err
		}
		parent, err := operation.Decode[imageRecord](r)
		if err != nil {
			return found, err
		}
		found.platform, found.osVersion = *parent.Platform, parent.OsVersion
		found.addReference(r)
	}
	for i, config := range components {
		r, err := s.loadAuthorized(c, "GetComponent", fmt.Sprintf("components[%d].componentArn", i), config.ComponentARN)
		if err != nil {
			return found, err
		}
		component, err := operation.Decode[Component](r)
		if err != nil {
			return found, err
		}
		if unknown := undeclaredParameters(component, config.Parameters); unknown != nil {
			return found, errInvalidParameterCombination(
				"The value supplied for parameter 'components[%d].parameters' is not valid. The following parameters are not defined in the provided component: %s",
				i, strings.Join(unknown, ", "))
		}
		if found.platform == "" {
			found.platform = *component.Platform
		}
		found.addReference(r)
	}
	if found.platform == "" {
		found.platform = PlatformLinux
	}
	return found, nil
}

// addReference notes that r is in use. What Amazon publishes cannot be deleted, so
// nobody asks who uses it.
func (f *recipeInputs) addReference(r store.Resource) {
	if r.Account != amazon {
		f.refers = append(f.refers, r.ARN)
	}
}

// undeclaredParameters are the parameters given that the component does not declare. What
// a component declares is known only if its document came with it.
func undeclaredParameters(component *Component, given []ComponentParameter) []string {
	if component.Data == nil {
		return nil
	}
	var unknown []string
	for _, p := range given {
		if !slices.ContainsFunc(component.Parameters, func(d ComponentParameterDetail) bool { return d.Name == p.Name }) {
			unknown = append(unknown, p.Name)
		}
	}
	return unknown
}

// loadAuthorized reads the resource that a member of a request refers to. It asks the gate
// whether the caller may do action to it, which is what lets a resource of
// another account be used, and what must be allowed for one's own, too.
func (s *imageBuilder) loadAuthorized(c *operation.Call, action, member, arn string) (store.Resource, error) {
	t, err := target(c, arn)
	if err != nil {
		return store.Resource{}, err
	}
	if err := c.Authorize(api.Name+":"+action, t); err != nil {
		return store.Resource{}, err
	}
	_, r, err := readNewest(c, arn)
	if e, ok := errors.AsType[*awserr.Error](err); ok && e.Status == 404 {
		return store.Resource{}, notValid(member, e.Message)
	}
	return r, err
}
