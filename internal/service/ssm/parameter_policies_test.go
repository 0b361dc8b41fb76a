package ssm_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/writdev/writ/writtest"
)

func policy(typ, attributes string) string {
	return `{"Type":"` + typ + `","Version":"1.0","Attributes":{` + attributes + `}}`
}

// expiresIn returns an Expiration policy.
func expiresIn(d time.Duration) string {
	return policy("Expiration", `"Timestamp":"`+time.Now().Add(d).UTC().Format("2006-01-02T15:04:05.000Z")+`"`)
}

func TestPolicies(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	before := policy("ExpirationNotification", `"Before":"15","Unit":"Days"`)
	after := policy("NoChangeNotification", `"After":"20","Unit":"Hours"`)
	const (
		attribute    = "InvalidPolicyAttributeException"
		incompatible = "IncompatiblePolicyException"
	)
	for i, test := range []struct{ policies, code string }{
		{"[]", ""},
		{"[{}]", ""},
		{"[" + expiresIn(time.Hour) + "," + before + "," + after + "]", ""},
		{"[" + after + "," + after + "]", ""},
		{"[" + strings.Repeat(after+",", 9) + after + "]", ""},
		{"[" + strings.Repeat(after+",", 10) + after + "]", "PoliciesLimitExceededException"},
		{"[" + expiresIn(time.Hour) + "," + expiresIn(time.Hour) + "]", incompatible},
		{"[" + before + "]", incompatible},
		{"[" + expiresIn(-time.Hour) + "]", attribute},
		{"[" + policy("Expiration", `"Timestamp":"tomorrow"`) + "]", attribute},
		{"[" + policy("Expiration", `"Timestamp":"2099-01-01T00:00:00Z","Unit":"Days"`) + "]", attribute},
		{"[" + policy("NoChangeNotification", `"After":"20"`) + "]", attribute},
		{"[" + policy("NoChangeNotification", `"After":"0","Unit":"Days"`) + "]", attribute},
		{"[" + policy("NoChangeNotification", `"After":"20","Unit":"Weeks"`) + "]", attribute},
		{"[" + policy("NoChangeNotification", `"Before":"20","Unit":"Days"`) + "]", attribute},
		{"[" + policy("NoChangeNotification", `"After":"2000000000","Unit":"Days"`) + "]", attribute},
		{"[" + strings.Replace(after, "1.0", "2.0", 1) + "]", attribute},
		{"[" + strings.Replace(after, "Version", "Edition", 1) + "]", attribute},
		{"[" + policy("Notification", "") + "]", "InvalidPolicyTypeException"},
	} {
		_, err := c.tryPut(fmt.Sprint("p", i), "x", advanced, policies(test.policies))
		if test.code != "" {
			wantCode(t, err, test.code)
		} else if err != nil {
			t.Errorf("%s: %v", test.policies, err)
		}
	}
	for _, text := range []string{"{}", "none", "null", after} {
		_, err := c.tryPut("q", "x", advanced, policies(text))
		wantError(t, err, validation, "Invalid policies input: "+text+".")
	}
}

// TestExpiry checks that an expired parameter is gone everywhere, and that principals with access to it have
// no access to its successor.
func TestExpiry(t *testing.T) {
	clock := newClock(t)
	c, consumer := clock.client(t, alice), clock.client(t, bob)
	arn := parameterARN(alice, "app/p")
	list := "[" + expiresIn(48*time.Hour) + "," + policy("ExpirationNotification", `"Before":"1","Unit":"Days"`) + "," +
		policy("NoChangeNotification", `"After":"6","Unit":"Hours"`) + "]"
	c.put("/app/p", "1", advanced, policies(list), func(in *ssm.PutParameterInput) {
		in.Tags = []types.Tag{{Key: new("team"), Value: new("red")}}
	})
	c.put("/app/p", "2", overwrite) // it keeps the policies
	c.share(arn, bob, "ssm:GetParameter")
	c.put("/app/q", "stays")
	status := func() (list []string) {
		for _, p := range c.describe("/app/p").Policies {
			list = append(list, *p.PolicyType+" "+*p.PolicyStatus)
			if !strings.Contains(*p.PolicyText, `"Type":"`+*p.PolicyType+`"`) {
				t.Errorf("text %s", *p.PolicyText)
			}
		}
		return list
	}
	for _, step := range []struct {
		after time.Duration
		want  string
	}{
		{0, "[Expiration Pending ExpirationNotification Pending NoChangeNotification Pending]"},
		{7 * time.Hour, "[Expiration Pending ExpirationNotification Pending NoChangeNotification Finished]"},
		{18 * time.Hour, "[Expiration Pending ExpirationNotification Finished NoChangeNotification Finished]"},
	} {
		clock.pass(step.after)
		if got := fmt.Sprint(status()); got != step.want {
			t.Errorf("after %v more: %s", step.after, got)
		}
	}
	if v := consumer.value(arn); v != "2" {
		t.Errorf("value %s", v)
	}
	clock.pass(24 * time.Hour)
	_, err := c.get(arn)
	wantCode(t, err, notFound)
	_, err = consumer.get(arn)
	wantCode(t, err, accessDenied) // its policies are deleted with it
	_, err = c.GetParameterHistory(ctx, &ssm.GetParameterHistoryInput{Name: new("/app/p")})
	wantCode(t, err, notFound)
	_, err = c.ListTagsForResource(ctx, &ssm.ListTagsForResourceInput{ResourceType: types.ResourceTypeForTaggingParameter, ResourceId: new("/app/p")})
	wantCode(t, err, "InvalidResourceId")
	wantCode(t, c.delete("/app/p"), notFound)
	all, err := c.DescribeParameters(ctx, &ssm.DescribeParametersInput{})
	ok(t, err)
	below, err := c.GetParametersByPath(ctx, &ssm.GetParametersByPathInput{Path: new("/app")})
	ok(t, err)
	if len(all.Parameters) != 1 || len(below.Parameters) != 1 {
		t.Errorf("%d are described, %d below the path", len(all.Parameters), len(below.Parameters))
	}

	if n := c.put("/app/p", "another"); n != 1 {
		t.Errorf("version %d", n)
	}
	_, err = consumer.get(arn)
	wantCode(t, err, accessDenied)
	tags, err := c.ListTagsForResource(ctx, &ssm.ListTagsForResourceInput{ResourceType: types.ResourceTypeForTaggingParameter, ResourceId: new("/app/p")})
	ok(t, err)
	if len(tags.TagList) != 0 || len(c.describe("/app/p").Policies) != 0 {
		t.Errorf("tags %v", tags.TagList)
	}
}

// TestPoliciesGo checks that an empty policy removes the last one.
func TestPoliciesGo(t *testing.T) {
	clock := newClock(t)
	c := clock.client(t, alice)
	c.put("p", "1", advanced, policies("["+expiresIn(time.Hour)+"]"))
	c.put("p", "2", overwrite, policies("[{}]"))
	clock.pass(2 * time.Hour)
	if v := c.value("p"); v != "2" {
		t.Errorf("value %s", v)
	}
}
