package ram_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ram"
	"github.com/aws/aws-sdk-go-v2/service/ram/types"

	"github.com/writdev/writ/writtest"
)

// TestListResourceTypes lists the types that can be shared.
func TestListResourceTypes(t *testing.T) {
	c := newClient(t, writtest.New(t), alice)
	list := func(scope types.ResourceRegionScopeFilter) string {
		var names []string
		p := ram.NewListResourceTypesPaginator(c, &ram.ListResourceTypesInput{ResourceRegionScope: scope, MaxResults: new(int32(2))})
		for p.HasMorePages() {
			page, err := p.NextPage(ctx)
			ok(t, err)
			for _, r := range page.ResourceTypes {
				if *r.ServiceName != strings.Split(*r.ResourceType, ":")[0] || r.ResourceRegionScope != types.ResourceRegionScopeRegional {
					t.Errorf("%+v", r)
				}
				names = append(names, *r.ResourceType)
			}
		}
		return strings.Join(names, " ")
	}
	const all = "imagebuilder:Component imagebuilder:ContainerRecipe imagebuilder:Image imagebuilder:ImageRecipe ssm:Parameter"
	for scope, want := range map[types.ResourceRegionScopeFilter]string{"": all, "ALL": all, "REGIONAL": all, "GLOBAL": ""} {
		if got := list(scope); got != want {
			t.Errorf("%q: %s, want %s", scope, got, want)
		}
	}
}
