package ssm

import (
	"errors"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// The limits of the tiers: bytes of a value, and parameters of an account in a region.
// https://docs.aws.amazon.com/general/latest/gr/ssm.html#limits_ssm
const (
	standardValue = 4096
	advancedValue = 8192

	standardParameters = 10_000
	advancedParameters = 100_000
)

// tier returns the tier of the parameter with its new version, whose value is still plaintext: the tier in
// the request, else the account's default. An advanced parameter stays advanced.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html
func (p *parameter) tier(c *operation.Call, in *PutParameterInput, old *parameter) (ParameterTier, error) {
	tier := ParameterTierAdvanced
	switch {
	case old != nil && old.Tier == ParameterTierAdvanced:
		if in.Tier != nil && *in.Tier == ParameterTierStandard {
			return "", notValid("%s", textDowngrade)
		}
	case in.Tier != nil:
		tier = *in.Tier
	default:
		value, _, err := setting(c, tierSetting)
		if err != nil {
			return "", err
		}
		tier = ParameterTier(value)
	}
	if tier == ParameterTierIntelligentTiering {
		n, err := readCounts(c)
		if err != nil {
			return "", err
		}
		tier = ParameterTierStandard
		if len(p.Value) > standardValue || len(p.Policies) > 0 || old == nil && n.Standard >= standardParameters {
			tier = ParameterTierAdvanced
		}
	}
	switch {
	case tier == ParameterTierAdvanced && len(p.Value) > advancedValue:
		return "", notValid("Advanced tier parameters support a maximum parameter value of %d characters.", advancedValue)
	case tier == ParameterTierAdvanced:
	case len(p.Value) > standardValue:
		return "", notValid("Standard tier parameters support a maximum parameter value of %d characters. To create a larger parameter "+
			"value, upgrade the parameter to use the advanced-parameter tier. For more information, see "+
			"https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html", standardValue)
	case len(p.Policies) > 0:
		return "", notValid("Parameter policies are only supported for parameters of the advanced-parameter tier.")
	}
	return tier, nil
}

// tierCounts is the number of parameters of an account in a region. It is stored, so checking the quotas does
// not require iterating over the parameters.
type tierCounts struct{ Standard, Advanced int }

func countsARN(c *operation.Call) string { return arnPrefix(c) + countsType }

func readCounts(c *operation.Call) (*tierCounts, error) {
	r, err := c.Tx.Resource(countsARN(c))
	if errors.Is(err, store.ErrNotFound) {
		return &tierCounts{}, nil
	}
	if err != nil {
		return nil, err
	}
	return operation.Decode[tierCounts](r)
}

// of returns the count of one tier.
func (n *tierCounts) of(tier ParameterTier) *int {
	if tier == ParameterTierAdvanced {
		return &n.Advanced
	}
	return &n.Standard
}

func quota(tier ParameterTier) int {
	if tier == ParameterTierAdvanced {
		return advancedParameters
	}
	return standardParameters
}

// count counts a parameter that moves from one tier to another; "" means none. It returns a
// ParameterLimitExceeded if the quota is exceeded even after expired parameters are deleted.
func count(c *operation.Call, from, to ParameterTier) error {
	if from == to {
		return nil
	}
	n, err := readCounts(c)
	if err == nil && to != "" && *n.of(to) >= quota(to) {
		if err := deleteExpired(c); err != nil {
			return err
		}
		n, err = readCounts(c)
	}
	switch {
	case err != nil:
		return err
	case to != "" && *n.of(to) >= quota(to):
		return errParameterLimitExceeded("You have exceeded the number of parameters for this Amazon Web Services account. " +
			"Delete one or more parameters and try again.")
	case to != "":
		*n.of(to)++
	}
	if from != "" {
		*n.of(from)--
	}
	r, err := operation.Record(c, store.Resource{
		ARN: countsARN(c), Service: api.Name, Type: countsType, Account: c.Account(), Region: c.Region, Name: countsType,
	}, n)
	if err != nil {
		return err
	}
	return c.Tx.PutResource(r)
}

// deleteExpired deletes the caller's expired parameters.
func deleteExpired(c *operation.Call) error {
	for r, err := range c.Tx.Resources(store.Query{Service: api.Name, Type: parameterType, Account: c.Account(), Prefix: parameters(c)}) {
		if err != nil {
			return err
		}
		p, err := decodeParameter(r)
		if err != nil {
			return err
		}
		if !p.expired(c.Now) {
			continue
		}
		if err := p.remove(c); err != nil {
			return err
		}
	}
	return nil
}
