package ssm_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/writdev/writ/writtest"
)

const (
	standardTier    = types.ParameterTierStandard
	advancedTier    = types.ParameterTierAdvanced
	intelligentTier = types.ParameterTierIntelligentTiering
)

// notification is a policy that requires the advanced tier.
const notification = `[{"Type":"NoChangeNotification","Version":"1.0","Attributes":{"After":"20","Unit":"Days"}}]`

func TestTiers(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	value := func(n int) string { return strings.Repeat("v", n) }
	for i, test := range []struct {
		tier types.ParameterTier
		size int
		want types.ParameterTier // "" for an error
	}{
		{"", 4096, standardTier},
		{"", 4097, ""},
		{standardTier, 4096, standardTier},
		{standardTier, 4097, ""},
		{advancedTier, 1, advancedTier},
		{advancedTier, 8192, advancedTier},
		{advancedTier, 8193, ""},
		{intelligentTier, 4096, standardTier},
		{intelligentTier, 4097, advancedTier},
		{intelligentTier, 8193, ""},
	} {
		for _, typ := range []types.ParameterType{types.ParameterTypeString, types.ParameterTypeSecureString} {
			name := "p" + string(rune('a'+i)) + string(typ)
			out, err := c.tryPut(name, value(test.size), tier(test.tier), func(in *ssm.PutParameterInput) { in.Type = typ })
			if test.want == "" {
				if m := wantCode(t, err, validation); !strings.Contains(m, " tier parameters support a maximum parameter value of ") {
					t.Errorf("message %q", m)
				}
				continue
			}
			if err != nil || out.Tier != test.want || c.describe(name).Tier != test.want {
				t.Errorf("%+v %s: %+v, %v", test, typ, out, err)
			}
			if v := c.value(name); v != value(test.size) {
				t.Errorf("%+v %s: %d bytes", test, typ, len(v))
			}
		}
	}
	_, err := c.tryPut("bytes", strings.Repeat("ä", 2049))
	wantCode(t, err, validation)

	// An advanced parameter can never become standard again.
	c.put("p", "1")
	tierOf := func(change ...func(*ssm.PutParameterInput)) types.ParameterTier {
		t.Helper()
		out, err := c.tryPut("p", "2", append(change, overwrite)...)
		ok(t, err)
		return out.Tier
	}
	if got := tierOf(advanced); got != advancedTier {
		t.Errorf("raised to %s", got)
	}
	if got := tierOf() + tierOf(tier(intelligentTier)); got != advancedTier+advancedTier {
		t.Errorf("stays %s", got)
	}
	_, err = c.tryPut("p", "3", overwrite, tier(standardTier))
	wantError(t, err, validation, "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the "+
		"advanced-parameter tier to the standard-parameter tier. If necessary, you can delete the advanced parameter and recreate it "+
		"as a standard parameter.")
	_, err = c.tryPut("q", "1", policies(notification))
	wantCode(t, err, validation)
	if out, err := c.tryPut("q", "1", policies(notification), tier(intelligentTier)); err != nil || out.Tier != advancedTier {
		t.Errorf("with policies %+v, %v", out, err)
	}
}

func TestSettings(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	const id = "/ssm/parameter-store/default-parameter-tier"
	arn := "arn:aws:ssm:us-east-1:" + alice + ":servicesetting" + id
	get := func(id string) *types.ServiceSetting {
		t.Helper()
		out, err := c.GetServiceSetting(ctx, &ssm.GetServiceSettingInput{SettingId: &id})
		ok(t, err)
		return out.ServiceSetting
	}
	update := func(id, value string) error {
		_, err := c.UpdateServiceSetting(ctx, &ssm.UpdateServiceSettingInput{SettingId: &id, SettingValue: &value})
		return err
	}
	if got := get(id); *got.SettingValue != "Standard" || *got.Status != "Default" || *got.ARN != arn || *got.SettingId != id {
		t.Errorf("at first %+v", got)
	}
	ok(t, update(id, "Advanced"))
	if got := get(arn); *got.SettingValue != "Advanced" || *got.Status != "Customized" || got.LastModifiedDate == nil || *got.LastModifiedUser != "arn:aws:iam::"+alice+":root" {
		t.Errorf("changed %+v", got)
	}
	c.put("a", "1")
	if got := c.describe("a").Tier; got != advancedTier {
		t.Errorf("tier %s", got)
	}
	if c.put("s", "1", tier(standardTier)); c.describe("s").Tier != standardTier {
		t.Error("the default is stronger than the request")
	}
	ok(t, update(arn, "Intelligent-Tiering"))
	c.put("i", "1")
	c.put("j", strings.Repeat("v", 5000))
	if got := c.describe("i").Tier + " " + c.describe("j").Tier; got != standardTier+" "+advancedTier {
		t.Errorf("tiers %s", got)
	}
	wantCode(t, update(id, "Gold"), validation)
	wantCode(t, update("/ssm/parameter-store/none", "true"), "ServiceSettingNotFound")
	ok(t, update("/ssm/parameter-store/high-throughput-enabled", "true"))
	if got := get("/ssm/parameter-store/high-throughput-enabled"); *got.SettingValue != "true" {
		t.Errorf("throughput %+v", got)
	}
	out, err := c.ResetServiceSetting(ctx, &ssm.ResetServiceSettingInput{SettingId: new(id)})
	ok(t, err)
	if *out.ServiceSetting.SettingValue != "Standard" || *out.ServiceSetting.Status != "Default" {
		t.Errorf("reset %+v", out.ServiceSetting)
	}
	_, err = c.ResetServiceSetting(ctx, &ssm.ResetServiceSettingInput{SettingId: new("none")})
	wantCode(t, err, "ServiceSettingNotFound")
	// The setting applies only to alice's account.
	stranger := newClient(t, s, bob)
	_, err = stranger.UpdateServiceSetting(ctx, &ssm.UpdateServiceSettingInput{SettingId: &arn, SettingValue: new("Advanced")})
	wantCode(t, err, accessDenied)
	user := as(t, s, alice, "reader", identity("Allow", "ssm:GetServiceSetting", arn))
	_, err = user.GetServiceSetting(ctx, &ssm.GetServiceSettingInput{SettingId: new(id)})
	ok(t, err)
	_, err = user.UpdateServiceSetting(ctx, &ssm.UpdateServiceSettingInput{SettingId: new(id), SettingValue: new("Advanced")})
	wantCode(t, err, accessDenied)
}
