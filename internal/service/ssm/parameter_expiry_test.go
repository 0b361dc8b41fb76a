package ssm_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ram"
	ramtypes "github.com/aws/aws-sdk-go-v2/service/ram/types"
)

// TestExpiryInRAM checks that an expired parameter disappears from the lists of RAM without further requests,
// and that a parameter whose expiration was removed remains.
func TestExpiryInRAM(t *testing.T) {
	clock := newClock(t)
	c := clock.client(t, alice)
	shares := ram.NewFromConfig(clock.server.Config(alice), func(o *ram.Options) { o.HTTPSignerV4 = clock })
	for _, name := range []string{"app/gone", "app/kept"} {
		c.put("/"+name, "1", advanced, policies("["+expiresIn(48*time.Hour)+"]"))
		c.share(parameterARN(alice, name), bob, "ssm:GetParameter")
	}
	c.put("/app/kept", "2", overwrite, policies("[{}]"))
	listed := func() (arns []string) {
		t.Helper()
		out, err := shares.ListResources(ctx, &ram.ListResourcesInput{ResourceOwner: ramtypes.ResourceOwnerSelf})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range out.Resources {
			arns = append(arns, *r.Arn)
		}
		return arns
	}
	if got := listed(); len(got) != 2 {
		t.Errorf("at first %v", got)
	}
	clock.pass(49 * time.Hour)
	if got := listed(); len(got) != 1 || got[0] != parameterARN(alice, "app/kept") {
		t.Errorf("after the expiry %v", got)
	}
}
