package imagebuilder

import (
	"maps"
	"slices"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// newInfrastructure is the target of CreateInfrastructureConfiguration.
func (s *imageBuilder) newInfrastructure(c *operation.Call, in *CreateInfrastructureConfigurationInput) (authz.Target, error) {
	return authz.Target{
		ARN:         newName(c, infrastructureType, in.Name, "").String(),
		RequestTags: in.Tags,
		Keys:        infrastructureKeys(in.ResourceTags, in.InstanceMetadataOptions, in.SnsTopicARN),
	}, nil
}

// updateInfrastructureTarget is the target of UpdateInfrastructureConfiguration.
func (s *imageBuilder) updateInfrastructureTarget(_ *operation.Call, in *UpdateInfrastructureConfigurationInput) (authz.Target, error) {
	return authz.Target{
		ARN:  in.InfrastructureConfigurationARN,
		Keys: infrastructureKeys(in.ResourceTags, in.InstanceMetadataOptions, in.SnsTopicARN),
	}, nil
}

// infrastructureKeys are the condition keys of what a configuration will do.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2imagebuilder.html
func infrastructureKeys(resourceTags map[string]string, metadata *InstanceMetadataOptions, topic *string) map[string][]string {
	keys := map[string][]string{}
	for key, value := range resourceTags {
		keys["imagebuilder:CreatedResourceTag/"+key] = []string{value}
	}
	if len(resourceTags) > 0 {
		keys["imagebuilder:CreatedResourceTagKeys"] = slices.Sorted(maps.Keys(resourceTags))
	}
	if metadata != nil && metadata.HTTPTokens != nil {
		keys["imagebuilder:Ec2MetadataHttpTokens"] = []string{*metadata.HTTPTokens}
	}
	if topic != nil {
		keys["imagebuilder:StatusTopicArn"] = []string{*topic}
	}
	return keys
}

func (s *imageBuilder) createInfrastructure(c *operation.Call, in *CreateInfrastructureConfigurationInput) (*CreateInfrastructureConfigurationOutput, error) {
	out, err := once(c, apiCreateInfrastructureConfiguration.Name, in.ClientToken, in, func() (*CreateInfrastructureConfigurationOutput, error) {
		if err := passInstanceProfile(c, in.InstanceProfileName); err != nil {
			return nil, err
		}
		n := newName(c, infrastructureType, in.Name, "")
		v := InfrastructureConfiguration{
			ARN:                        new(n.String()),
			Name:                       &in.Name,
			Description:                in.Description,
			InstanceTypes:              in.InstanceTypes,
			InstanceProfileName:        &in.InstanceProfileName,
			SecurityGroupIDs:           in.SecurityGroupIDs,
			SubnetID:                   in.SubnetID,
			Logging:                    in.Logging,
			KeyPair:                    in.KeyPair,
			TerminateInstanceOnFailure: valueOr(in.TerminateInstanceOnFailure, true),
			SnsTopicARN:                in.SnsTopicARN,
			DateCreated:                timestamp(c.Now),
			ResourceTags:               in.ResourceTags,
			InstanceMetadataOptions:    in.InstanceMetadataOptions,
			Placement:                  in.Placement,
		}
		if err := insert(c, n, in.Name, v, in.Tags, nil); err != nil {
			return nil, err
		}
		return &CreateInfrastructureConfigurationOutput{ClientToken: &in.ClientToken, InfrastructureConfigurationARN: v.ARN}, nil
	})
	if err != nil {
		return nil, err
	}
	out.RequestID = &c.RequestID
	return out, nil
}

func (s *imageBuilder) updateInfrastructure(c *operation.Call, in *UpdateInfrastructureConfigurationInput) (*UpdateInfrastructureConfigurationOutput, error) {
	out, err := once(c, apiUpdateInfrastructureConfiguration.Name, in.ClientToken, in, func() (*UpdateInfrastructureConfigurationOutput, error) {
		v, err := load[InfrastructureConfiguration](c, in.InfrastructureConfigurationARN)
		if err != nil {
			return nil, err
		}
		if err := passInstanceProfile(c, in.InstanceProfileName); err != nil {
			return nil, err
		}
		err = update(c, in.InfrastructureConfigurationARN, InfrastructureConfiguration{
			ARN:                        v.ARN,
			Name:                       v.Name,
			Description:                in.Description,
			InstanceTypes:              in.InstanceTypes,
			InstanceProfileName:        &in.InstanceProfileName,
			SecurityGroupIDs:           in.SecurityGroupIDs,
			SubnetID:                   in.SubnetID,
			Logging:                    in.Logging,
			KeyPair:                    in.KeyPair,
			TerminateInstanceOnFailure: valueOr(in.TerminateInstanceOnFailure, true),
			SnsTopicARN:                in.SnsTopicARN,
			DateCreated:                v.DateCreated,
			DateUpdated:                timestamp(c.Now),
			ResourceTags:               in.ResourceTags,
			InstanceMetadataOptions:    in.InstanceMetadataOptions,
			Placement:                  in.Placement,
		})
		if err != nil {
			return nil, err
		}
		return &UpdateInfrastructureConfigurationOutput{
			ClientToken:                    &in.ClientToken,
			InfrastructureConfigurationARN: &in.InfrastructureConfigurationARN,
		}, nil
	})
	if err != nil {
		return nil, err
	}
	out.RequestID = &c.RequestID
	return out, nil
}

func (s *imageBuilder) getInfrastructure(c *operation.Call, in *GetInfrastructureConfigurationInput) (*GetInfrastructureConfigurationOutput, error) {
	v, err := load[InfrastructureConfiguration](c, in.InfrastructureConfigurationARN)
	if err != nil {
		return nil, err
	}
	if v.Tags, err = c.Tx.Tags(*v.ARN); err != nil {
		return nil, err
	}
	return &GetInfrastructureConfigurationOutput{RequestID: &c.RequestID, InfrastructureConfiguration: v}, nil
}

func (s *imageBuilder) deleteInfrastructure(c *operation.Call, in *DeleteInfrastructureConfigurationInput) (*DeleteInfrastructureConfigurationOutput, error) {
	if err := remove(c, in.InfrastructureConfigurationARN); err != nil {
		return nil, err
	}
	return &DeleteInfrastructureConfigurationOutput{
		RequestID:                      &c.RequestID,
		InfrastructureConfigurationARN: &in.InfrastructureConfigurationARN,
	}, nil
}

// infrastructureFilters are the filters of ListInfrastructureConfigurations.
var infrastructureFilters = filters[InfrastructureConfiguration]{
	"name": func(v *InfrastructureConfiguration) []string { return value(v.Name) },
}

func (s *imageBuilder) listInfrastructures(c *operation.Call, in *ListInfrastructureConfigurationsInput) (*ListInfrastructureConfigurationsOutput, error) {
	page, err := list(c, listing[InfrastructureConfiguration, InfrastructureConfigurationSummary]{
		op:         apiListInfrastructureConfigurations.Name,
		rows:       ownResources(c, infrastructureType),
		filters:    infrastructureFilters,
		wanted:     in.Filters,
		maxResults: in.MaxResults,
		nextToken:  in.NextToken,
		view: func(r store.Resource, v *InfrastructureConfiguration) (InfrastructureConfigurationSummary, error) {
			tags, err := c.Tx.Tags(r.ARN)
			return InfrastructureConfigurationSummary{
				ARN:                 v.ARN,
				Name:                v.Name,
				Description:         v.Description,
				DateCreated:         v.DateCreated,
				DateUpdated:         v.DateUpdated,
				ResourceTags:        v.ResourceTags,
				Tags:                tags,
				InstanceTypes:       v.InstanceTypes,
				InstanceProfileName: v.InstanceProfileName,
				Placement:           v.Placement,
			}, err
		},
	})
	if err != nil {
		return nil, err
	}
	return &ListInfrastructureConfigurationsOutput{
		RequestID:                              &c.RequestID,
		InfrastructureConfigurationSummaryList: page.Items,
		NextToken:                              page.Next,
	}, nil
}

// valueOr is what was given, or else what the service sets.
func valueOr[T any](given *T, otherwise T) *T {
	if given != nil {
		return given
	}
	return &otherwise
}
