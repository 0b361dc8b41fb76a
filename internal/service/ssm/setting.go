package ssm

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// The settings of an account in a region for Parameter Store and documents.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetServiceSetting.html
const (
	tierSetting       = "/ssm/parameter-store/default-parameter-tier"
	throughputSetting = "/ssm/parameter-store/high-throughput-enabled"
	publicSetting     = "/ssm/documents/console/public-sharing-permission"
)

// The values of publicSetting.
const (
	settingEnable  = "Enable"
	settingDisable = "Disable"
)

// settingValues returns the valid values of a setting, the default first; none if there is no such setting.
func settingValues(id string) []string {
	switch id {
	case tierSetting:
		return []string{string(ParameterTierStandard), string(ParameterTierAdvanced), string(ParameterTierIntelligentTiering)}
	case throughputSetting:
		return []string{"false", "true"}
	case publicSetting:
		return []string{settingEnable, settingDisable}
	}
	return nil
}

// settingsMade is when the system last changed the default of a setting, as AWS's examples show it.
// https://docs.aws.amazon.com/cli/latest/reference/ssm/get-service-setting.html
var settingsMade = time.UnixMilli(1555532818578)

// settingRecord is the stored state of a changed setting.
type settingRecord struct {
	Value      string
	ModifiedAt time.Time
	ModifiedBy string
}

// settingID returns a setting's id. Requests may also name the caller's setting by its ARN.
func settingID(c *operation.Call, text string) string {
	if id, found := strings.CutPrefix(text, arnPrefix(c)+settingType); found {
		return id
	}
	return text
}

func settingARN(c *operation.Call, id string) string {
	return arnPrefix(c) + settingType + "/" + strings.TrimPrefix(id, "/")
}

// onSetting returns the target of the operations on settings: an ARN is authorized as it is, whatever its
// account.
func onSetting[In any](member func(In) string) func(*operation.Call, In) (authz.Target, error) {
	return func(c *operation.Call, in In) (authz.Target, error) {
		text := member(in)
		if !strings.HasPrefix(text, "arn:") {
			text = settingARN(c, text)
		}
		return authz.Target{ARN: text}, nil
	}
}

// setting returns the value of a setting and its record, which is nil for the default.
func setting(c *operation.Call, id string) (value string, changed *settingRecord, err error) {
	values := settingValues(id)
	if values == nil {
		return "", nil, errServiceSettingNotFound("The specified service setting %s wasn't found. Either the service name or the setting "+
			"hasn't been provisioned by the Amazon Web Services service team.", id)
	}
	changed, err = store.Cached(c.Tx, settingARN(c, id), operation.Decode[settingRecord])
	if errors.Is(err, store.ErrNotFound) {
		return values[0], nil, nil
	}
	if err != nil {
		return "", nil, err
	}
	return changed.Value, changed, nil
}

func (s ssm) getServiceSetting(c *operation.Call, in *GetServiceSettingInput) (*GetServiceSettingOutput, error) {
	out, err := describeSetting(c, settingID(c, in.SettingID))
	return &GetServiceSettingOutput{ServiceSetting: out}, err
}

func describeSetting(c *operation.Call, id string) (*ServiceSetting, error) {
	value, changed, err := setting(c, id)
	if err != nil {
		return nil, err
	}
	out := &ServiceSetting{
		SettingID: &id, SettingValue: &value, ARN: new(settingARN(c, id)),
		Status: new("Default"), LastModifiedDate: timestamp(settingsMade), LastModifiedUser: new("System"),
	}
	if changed != nil {
		out.Status, out.LastModifiedDate, out.LastModifiedUser = new("Customized"), timestamp(changed.ModifiedAt), &changed.ModifiedBy
	}
	return out, nil
}

func (s ssm) updateServiceSetting(c *operation.Call, in *UpdateServiceSettingInput) (*UpdateServiceSettingOutput, error) {
	id := settingID(c, in.SettingID)
	if _, _, err := setting(c, id); err != nil {
		return nil, err
	}
	if values := settingValues(id); !slices.Contains(values, in.SettingValue) {
		return nil, notValid("The value of the setting %s must be one of: %s.", id, strings.Join(values, ", "))
	}
	r, err := operation.Record(c, store.Resource{
		ARN: settingARN(c, id), Service: api.Name, Type: settingType, Account: c.Account(), Region: c.Region, Name: id,
	}, settingRecord{in.SettingValue, c.Now, c.Caller.Principal.ARN})
	if err != nil {
		return nil, err
	}
	return &UpdateServiceSettingOutput{}, c.Tx.PutResource(r)
}

// resetServiceSetting returns the setting after the reset.
func (s ssm) resetServiceSetting(c *operation.Call, in *ResetServiceSettingInput) (*ResetServiceSettingOutput, error) {
	id := settingID(c, in.SettingID)
	if err := c.Tx.DeleteResource(settingARN(c, id)); err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	out, err := describeSetting(c, id)
	return &ResetServiceSettingOutput{ServiceSetting: out}, err
}
