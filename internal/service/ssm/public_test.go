package ssm_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/writdev/writ/writtest"
)

const (
	tokyo = "/aws/service/global-infrastructure/regions/ap-northeast-1"
	image = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
)

// TestPublicParameters checks that everyone whose policies allow it can read them, by ARNs without an
// account; that no one can write them, and that no list of own parameters contains them.
func TestPublicParameters(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	p, err := c.get(tokyo + "/longName")
	ok(t, err)
	arn := "arn:aws:ssm:us-east-1::parameter" + tokyo + "/longName"
	if *p.ARN != arn || *p.Name != tokyo+"/longName" || *p.Value != "Asia Pacific (Tokyo)" || p.Type != types.ParameterTypeString || p.Version != 1 || *p.DataType != "text" {
		t.Errorf("public parameter %+v", p)
	}
	if p, err = c.get(arn); err != nil || *p.Value != "Asia Pacific (Tokyo)" {
		t.Errorf("by ARN: %v", err)
	}
	p, err = c.get(image + ":1")
	ok(t, err)
	if !strings.HasPrefix(*p.Value, "ami-00000000") || len(*p.Value) != 21 || *p.DataType != "text" || *p.Selector != ":1" {
		t.Errorf("image %+v", p)
	}
	many, err := c.GetParameters(ctx, &ssm.GetParametersInput{Names: []string{tokyo, "/aws/service/none", image + ":2", tokyo}})
	ok(t, err)
	if len(many.Parameters) != 1 || !slices.Equal(many.InvalidParameters, []string{"/aws/service/none", image + ":2"}) {
		t.Errorf("many %+v", many)
	}
	const recommended = "/aws/service/ecs/optimized-ami/amazon-linux-2/recommended"
	p, err = c.get(recommended)
	ok(t, err)
	id, err := c.get(recommended + "/image_id")
	ok(t, err)
	if want := `{"image_id":"` + *id.Value + `","os":"Amazon Linux 2","schema_version":1}`; *p.Value != want {
		t.Errorf("recommended %s, want %s", *p.Value, want)
	}
	_, err = c.get("/aws/service/none")
	wantCode(t, err, notFound)

	list := func(path string, recursive bool) []string {
		t.Helper()
		var names []string
		in := &ssm.GetParametersByPathInput{Path: &path, Recursive: &recursive}
		for p := ssm.NewGetParametersByPathPaginator(c, in); p.HasMorePages(); {
			page, err := p.NextPage(ctx)
			ok(t, err)
			for _, p := range page.Parameters {
				names = append(names, *p.Name)
			}
		}
		return names
	}
	if got, want := list(tokyo, false), []string{tokyo + "/domain", tokyo + "/geolocationCountry", tokyo + "/longName", tokyo + "/partition"}; !slices.Equal(got, want) {
		t.Errorf("by path %v, want %v", got, want)
	}
	if got := list("/aws/service/global-infrastructure/regions/", false); len(got) != 29 {
		t.Errorf("%d regions", len(got))
	}
	if got := list("/aws/service", true); len(got) < 100 || !slices.IsSorted(got) || len(slices.Compact(got)) != len(got) {
		t.Errorf("%d public parameters: %v", len(got), got)
	}
	if got := list("/", true); len(got) != 0 {
		t.Errorf("own parameters %v", got)
	}

	_, err = c.tryPut(tokyo, "x", overwrite)
	wantCode(t, err, accessDenied)
	wantCode(t, c.delete(tokyo), notFound)
	reader := as(t, s, alice, "reader", identity("Allow", "ssm:Get*", "arn:aws:ssm:us-east-1::parameter/aws/service/global-infrastructure/*"))
	_, err = reader.get(tokyo)
	ok(t, err)
	_, err = reader.get(image)
	wantCode(t, err, accessDenied)
	owner := as(t, s, alice, "owner", identity("Allow", "ssm:Get*", parameterARN(alice, "*")))
	_, err = owner.get(tokyo)
	if got := wantCode(t, err, accessDenied); !strings.Contains(got, "on resource: arn:aws:ssm:us-east-1::parameter"+tokyo) {
		t.Errorf("denied: %s", got)
	}
	_, err = owner.GetParametersByPath(ctx, &ssm.GetParametersByPathInput{Path: new(tokyo)})
	wantCode(t, err, accessDenied)
}
