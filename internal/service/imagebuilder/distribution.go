package imagebuilder

import (
	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// distributionTimeout is how many minutes a distribution may take; it cannot be set.
const distributionTimeout = 720

// newDistribution is the target of CreateDistributionConfiguration.
func (s *imageBuilder) newDistribution(c *operation.Call, in *CreateDistributionConfigurationInput) (authz.Target, error) {
	return createTarget(newName(c, distributionType, in.Name, ""), nil, in.Tags)
}

func (s *imageBuilder) createDistribution(c *operation.Call, in *CreateDistributionConfigurationInput) (*CreateDistributionConfigurationOutput, error) {
	out, err := once(c, apiCreateDistributionConfiguration.Name, in.ClientToken, in, func() (*CreateDistributionConfigurationOutput, error) {
		n := newName(c, distributionType, in.Name, "")
		v := DistributionConfiguration{
			ARN:            new(n.String()),
			Name:           &in.Name,
			Description:    in.Description,
			Distributions:  in.Distributions,
			TimeoutMinutes: distributionTimeout,
			DateCreated:    timestamp(c.Now),
		}
		if err := insert(c, n, in.Name, v, in.Tags, nil); err != nil {
			return nil, err
		}
		return &CreateDistributionConfigurationOutput{ClientToken: &in.ClientToken, DistributionConfigurationARN: v.ARN}, nil
	})
	if err != nil {
		return nil, err
	}
	out.RequestID = &c.RequestID
	return out, nil
}

func (s *imageBuilder) updateDistribution(c *operation.Call, in *UpdateDistributionConfigurationInput) (*UpdateDistributionConfigurationOutput, error) {
	out, err := once(c, apiUpdateDistributionConfiguration.Name, in.ClientToken, in, func() (*UpdateDistributionConfigurationOutput, error) {
		v, err := load[DistributionConfiguration](c, in.DistributionConfigurationARN)
		if err != nil {
			return nil, err
		}
		v.Description, v.Distributions, v.DateUpdated = in.Description, in.Distributions, timestamp(c.Now)
		if err := update(c, in.DistributionConfigurationARN, v); err != nil {
			return nil, err
		}
		return &UpdateDistributionConfigurationOutput{
			ClientToken:                  &in.ClientToken,
			DistributionConfigurationARN: &in.DistributionConfigurationARN,
		}, nil
	})
	if err != nil {
		return nil, err
	}
	out.RequestID = &c.RequestID
	return out, nil
}

func (s *imageBuilder) getDistribution(c *operation.Call, in *GetDistributionConfigurationInput) (*GetDistributionConfigurationOutput, error) {
	v, err := load[DistributionConfiguration](c, in.DistributionConfigurationARN)
	if err != nil {
		return nil, err
	}
	if v.Tags, err = c.Tx.Tags(*v.ARN); err != nil {
		return nil, err
	}
	return &GetDistributionConfigurationOutput{RequestID: &c.RequestID, DistributionConfiguration: v}, nil
}

func (s *imageBuilder) deleteDistribution(c *operation.Call, in *DeleteDistributionConfigurationInput) (*DeleteDistributionConfigurationOutput, error) {
	if err := remove(c, in.DistributionConfigurationARN); err != nil {
		return nil, err
	}
	return &DeleteDistributionConfigurationOutput{
		RequestID:                    &c.RequestID,
		DistributionConfigurationARN: &in.DistributionConfigurationARN,
	}, nil
}

// distributionFilters are the filters of ListDistributionConfigurations.
var distributionFilters = filters[DistributionConfiguration]{
	"name": func(v *DistributionConfiguration) []string { return value(v.Name) },
}

func (s *imageBuilder) listDistributions(c *operation.Call, in *ListDistributionConfigurationsInput) (*ListDistributionConfigurationsOutput, error) {
	page, err := list(c, listing[DistributionConfiguration, DistributionConfigurationSummary]{
		op:         apiListDistributionConfigurations.Name,
		rows:       ownResources(c, distributionType),
		filters:    distributionFilters,
		wanted:     in.Filters,
		maxResults: in.MaxResults,
		nextToken:  in.NextToken,
		view: func(r store.Resource, v *DistributionConfiguration) (DistributionConfigurationSummary, error) {
			tags, err := c.Tx.Tags(r.ARN)
			summary := DistributionConfigurationSummary{
				ARN:         v.ARN,
				Name:        v.Name,
				Description: v.Description,
				DateCreated: v.DateCreated,
				DateUpdated: v.DateUpdated,
				Tags:        tags,
			}
			for _, d := range v.Distributions {
				summary.Regions = append(summary.Regions, d.Region)
			}
			return summary, err
		},
	})
	if err != nil {
		return nil, err
	}
	return &ListDistributionConfigurationsOutput{
		RequestID:                            &c.RequestID,
		DistributionConfigurationSummaryList: page.Items,
		NextToken:                            page.Next,
	}, nil
}
