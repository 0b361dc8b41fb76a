package imagebuilder

import (
	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// newComponent is the target of CreateComponent: the build that it would make.
func (s *imageBuilder) newComponent(c *operation.Call, in *CreateComponentInput) (authz.Target, error) {
	n, err := nextBuild(c, newName(c, componentType, in.Name, in.SemanticVersion))
	return createTarget(n, err, in.Tags)
}

func (s *imageBuilder) createComponent(c *operation.Call, in *CreateComponentInput) (*CreateComponentOutput, error) {
	out, err := once(c, apiCreateComponent.Name, in.ClientToken, in, func() (*CreateComponentOutput, error) {
		if (in.Data == nil) == (in.URI == nil) {
			return nil, errInvalidParameterCombination("Exactly one of 'data' and 'uri' must be given.")
		}
		doc := document{Type: ComponentTypeBuild}
		if in.Data != nil {
			var fault string
			if doc, fault = parseDocument(*in.Data); fault != "" {
				return nil, notValid("data", fault)
			}
		}
		n, err := s.addComponent(c, Component{
			Name:                &in.Name,
			Version:             &in.SemanticVersion,
			Description:         in.Description,
			ChangeDescription:   in.ChangeDescription,
			Type:                &doc.Type,
			Platform:            &in.Platform,
			SupportedOsVersions: in.SupportedOsVersions,
			Parameters:          doc.Parameters,
			Data:                in.Data,
			KMSKeyID:            in.KMSKeyID,
		}, in.Tags)
		if err != nil {
			return nil, err
		}
		if in.DryRun != nil && *in.DryRun {
			return nil, dryRun()
		}
		return &CreateComponentOutput{
			ClientToken:              &in.ClientToken,
			ComponentBuildVersionARN: new(n.String()),
			LatestVersionReferences:  references(n),
		}, nil
	})
	if err != nil {
		return nil, err
	}
	out.RequestID = &c.RequestID
	return out, nil
}

// importComponentTarget is the target of ImportComponent: the build that it would make.
func (s *imageBuilder) importComponentTarget(c *operation.Call, in *ImportComponentInput) (authz.Target, error) {
	n, err := nextBuild(c, newName(c, componentType, in.Name, in.SemanticVersion))
	return createTarget(n, err, in.Tags)
}

// importComponent keeps a script as it is; it has no document to check.
func (s *imageBuilder) importComponent(c *operation.Call, in *ImportComponentInput) (*ImportComponentOutput, error) {
	out, err := once(c, apiImportComponent.Name, in.ClientToken, in, func() (*ImportComponentOutput, error) {
		if (in.Data == nil) == (in.URI == nil) {
			return nil, errInvalidParameterCombination("Exactly one of 'data' and 'uri' must be given.")
		}
		n, err := s.addComponent(c, Component{
			Name:              &in.Name,
			Version:           &in.SemanticVersion,
			Description:       in.Description,
			ChangeDescription: in.ChangeDescription,
			Type:              &in.Type,
			Platform:          &in.Platform,
			Data:              in.Data,
			KMSKeyID:          in.KMSKeyID,
		}, in.Tags)
		if err != nil {
			return nil, err
		}
		return &ImportComponentOutput{ClientToken: &in.ClientToken, ComponentBuildVersionARN: new(n.String())}, nil
	})
	if err != nil {
		return nil, err
	}
	out.RequestID = &c.RequestID
	return out, nil
}

// addComponent stores a component as the next build of its name and version.
func (s *imageBuilder) addComponent(c *operation.Call, v Component, tags map[string]string) (name, error) {
	if _, err := parseVersion(*v.Version); err != nil {
		return name{}, err
	}
	n, err := nextBuild(c, newName(c, componentType, *v.Name, *v.Version))
	if err != nil {
		return name{}, err
	}
	if err := encryptWith(c, v.KMSKeyID); err != nil {
		return name{}, err
	}
	v.ARN = new(n.String())
	v.State = &ComponentState{Status: new(ComponentStatusActive)}
	v.Owner = &n.Account
	v.Encrypted = new(true)
	v.DateCreated = timestamp(c.Now)
	return n, insert(c, n, *v.Name, v, tags, nil)
}

func (s *imageBuilder) getComponent(c *operation.Call, in *GetComponentInput) (*GetComponentOutput, error) {
	n, r, err := readNewest(c, in.ComponentBuildVersionARN)
	if err != nil {
		return nil, err
	}
	v, err := operation.Decode[Component](r)
	if err != nil {
		return nil, err
	}
	if err := decryptWith(c, v.KMSKeyID); err != nil {
		return nil, err
	}
	if v.Tags, err = c.Tx.Tags(r.ARN); err != nil {
		return nil, err
	}
	return &GetComponentOutput{RequestID: &c.RequestID, Component: v, LatestVersionReferences: references(n)}, nil
}

func (s *imageBuilder) deleteComponent(c *operation.Call, in *DeleteComponentInput) (*DeleteComponentOutput, error) {
	if err := remove(c, in.ComponentBuildVersionARN); err != nil {
		return nil, err
	}
	return &DeleteComponentOutput{RequestID: &c.RequestID, ComponentBuildVersionARN: &in.ComponentBuildVersionARN}, nil
}

// componentFilters are the filters of ListComponents.
var componentFilters = filters[Component]{
	"description":        func(v *Component) []string { return value(v.Description) },
	"name":               func(v *Component) []string { return value(v.Name) },
	"platform":           func(v *Component) []string { return value(v.Platform) },
	"supportedOsVersion": func(v *Component) []string { return v.SupportedOsVersions },
	"type":               func(v *Component) []string { return value(v.Type) },
	"version":            func(v *Component) []string { return value(v.Version) },
}

func (s *imageBuilder) listComponents(c *operation.Call, in *ListComponentsInput) (*ListComponentsOutput, error) {
	page, err := list(c, listing[Component, ComponentVersion]{
		op:         apiListComponents.Name,
		rows:       resourcesOf(c, in.Owner, componentType),
		group:      versionOrName(in.ByName),
		filters:    componentFilters,
		wanted:     in.Filters,
		maxResults: in.MaxResults,
		nextToken:  in.NextToken,
		view: func(r store.Resource, v *Component) (ComponentVersion, error) {
			n, err := parseName(r.ARN)
			return ComponentVersion{
				ARN:                 new(n.withVersion(n.Version).String()),
				Name:                v.Name,
				Version:             v.Version,
				Description:         v.Description,
				Platform:            v.Platform,
				SupportedOsVersions: v.SupportedOsVersions,
				Type:                v.Type,
				Owner:               v.Owner,
				DateCreated:         v.DateCreated,
				Status:              v.State.Status,
			}, err
		},
	})
	if err != nil {
		return nil, err
	}
	return &ListComponentsOutput{RequestID: &c.RequestID, ComponentVersionList: page.Items, NextToken: page.Next}, nil
}

func (s *imageBuilder) listComponentBuildVersions(c *operation.Call, in *ListComponentBuildVersionsInput) (*ListComponentBuildVersionsOutput, error) {
	page, err := list(c, listing[Component, ComponentSummary]{
		op:         apiListComponentBuildVersions.Name,
		rows:       buildsOf(c, in.ComponentVersionARN, componentType),
		maxResults: in.MaxResults,
		nextToken:  in.NextToken,
		view: func(r store.Resource, v *Component) (ComponentSummary, error) {
			tags, err := c.Tx.Tags(r.ARN)
			return ComponentSummary{
				ARN:                 v.ARN,
				Name:                v.Name,
				Version:             v.Version,
				Platform:            v.Platform,
				SupportedOsVersions: v.SupportedOsVersions,
				State:               v.State,
				Type:                v.Type,
				Owner:               v.Owner,
				Description:         v.Description,
				ChangeDescription:   v.ChangeDescription,
				DateCreated:         v.DateCreated,
				Tags:                tags,
				Publisher:           v.Publisher,
				Obfuscate:           v.Obfuscate,
			}, err
		},
	})
	if err != nil {
		return nil, err
	}
	return &ListComponentBuildVersionsOutput{RequestID: &c.RequestID, ComponentSummaryList: page.Items, NextToken: page.Next}, nil
}
