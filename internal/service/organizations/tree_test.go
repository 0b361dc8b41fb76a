package organizations_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/writtest"
)

func TestUnits(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, boss)
	o := c.organization()
	root := c.root()
	prod := c.unit(root, "prod")
	got, err := c.DescribeOrganizationalUnit(ctx, &organizations.DescribeOrganizationalUnitInput{OrganizationalUnitId: &prod})
	ok(t, err)
	if u := got.OrganizationalUnit; *u.Name != "prod" || *u.Arn != "arn:aws:organizations::"+boss+":ou/"+*o.Id+"/"+prod || *u.Path != *o.Id+"/"+root+"/"+prod+"/" {
		t.Errorf("unit %+v", u)
	}
	create := func(parent, name string) error {
		_, err := c.CreateOrganizationalUnit(ctx, &organizations.CreateOrganizationalUnitInput{ParentId: &parent, Name: &name})
		return err
	}
	wantCode(t, create(root, "prod"), "DuplicateOrganizationalUnitException")
	wantCode(t, create("r-0000", "x"), "ParentNotFoundException")
	wantCode(t, create("ou-0000-00000000", "x"), "ParentNotFoundException")
	wantInvalid(t, create("nonsense", "x"), types.InvalidInputExceptionReasonInvalidPattern)

	// Five deep and no deeper.
	parent := prod
	for i := 2; i <= 5; i++ {
		parent = c.unit(parent, fmt.Sprint("level ", i))
	}
	wantViolation(t, create(parent, "level 6"), types.ConstraintViolationExceptionReasonOuDepthLimitExceeded)

	test := c.unit(root, "test")
	rename := func(id, name string) error {
		_, err := c.UpdateOrganizationalUnit(ctx, &organizations.UpdateOrganizationalUnitInput{OrganizationalUnitId: &id, Name: &name})
		return err
	}
	wantCode(t, rename(test, "prod"), "DuplicateOrganizationalUnitException")
	ok(t, rename(test, "test"))
	ok(t, rename(test, "staging"))
	wantCode(t, rename("ou-0000-00000000", "x"), "OrganizationalUnitNotFoundException")

	remove := func(id string) error {
		_, err := c.DeleteOrganizationalUnit(ctx, &organizations.DeleteOrganizationalUnitInput{OrganizationalUnitId: &id})
		return err
	}
	wantCode(t, remove(prod), "OrganizationalUnitNotEmptyException")
	dev := c.newAccount("dev")
	c.move(dev, root, test)
	wantCode(t, remove(test), "OrganizationalUnitNotEmptyException")
	c.move(dev, test, root)
	ok(t, remove(test))
	wantCode(t, remove(test), "OrganizationalUnitNotFoundException")
	_, err = c.ListParents(ctx, &organizations.ListParentsInput{ChildId: &test})
	wantCode(t, err, "ChildNotFoundException")
}

// TestPages walks lists of every page size.
func TestPages(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, boss)
	c.organization()
	root := c.root()
	want := map[string]bool{}
	for i := range 5 {
		want[c.unit(root, fmt.Sprint("unit ", i))] = true
	}
	for size := int32(1); size <= 6; size++ {
		units, children := map[string]bool{}, map[string]bool{}
		u := organizations.NewListOrganizationalUnitsForParentPaginator(c.Client, &organizations.ListOrganizationalUnitsForParentInput{ParentId: &root, MaxResults: &size})
		for u.HasMorePages() {
			p, err := u.NextPage(ctx)
			ok(t, err)
			for _, unit := range p.OrganizationalUnits {
				units[*unit.Id] = true
			}
		}
		k := organizations.NewListChildrenPaginator(c.Client, &organizations.ListChildrenInput{ParentId: &root, ChildType: types.ChildTypeOrganizationalUnit, MaxResults: &size})
		for k.HasMorePages() {
			p, err := k.NextPage(ctx)
			ok(t, err)
			for _, child := range p.Children {
				children[*child.Id] = true
			}
		}
		if diff := cmp.Diff(want, units) + cmp.Diff(want, children); diff != "" {
			t.Errorf("pages of %d: %s", size, diff)
		}
	}
	_, err := c.ListAccounts(ctx, &organizations.ListAccountsInput{MaxResults: aws.Int32(21)})
	wantInvalid(t, err, types.InvalidInputExceptionReasonMaxValueExceeded)
	_, err = c.ListAccounts(ctx, &organizations.ListAccountsInput{NextToken: aws.String("nonsense")})
	wantInvalid(t, err, types.InvalidInputExceptionReasonInvalidPaginationToken)
}
