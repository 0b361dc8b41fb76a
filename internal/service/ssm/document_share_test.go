package ssm_test

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/writdev/writ/writtest"
)

// permit adds accounts to those that may read a document; permitVersion does so for one version only.
func (c client) permit(name string, accounts ...string) error {
	return c.permitVersion(name, nil, accounts...)
}

func (c client) permitVersion(name string, version *string, accounts ...string) error {
	_, err := c.ModifyDocumentPermission(ctx, &ssm.ModifyDocumentPermissionInput{
		Name: &name, PermissionType: types.DocumentPermissionTypeShare, AccountIdsToAdd: accounts, SharedDocumentVersion: version,
	})
	return err
}

func (c client) revoke(name string, accounts ...string) error {
	_, err := c.ModifyDocumentPermission(ctx, &ssm.ModifyDocumentPermissionInput{
		Name: &name, PermissionType: types.DocumentPermissionTypeShare, AccountIdsToRemove: accounts,
	})
	return err
}

func (c client) permitted(name string) *ssm.DescribeDocumentPermissionOutput {
	c.t.Helper()
	out, err := c.DescribeDocumentPermission(ctx, &ssm.DescribeDocumentPermissionInput{Name: &name, PermissionType: types.DocumentPermissionTypeShare})
	ok(c.t, err)
	return out
}

// TestSharedDocument checks that bob's users read alice's shared document by its ARN if their own policies
// allow it, and that carol cannot read it.
func TestSharedDocument(t *testing.T) {
	s := writtest.New(t)
	a, b, c := newClient(t, s, alice), newClient(t, s, bob), newClient(t, s, carol)
	arn := documentARN(alice, "greet")
	a.createDocument("greet", greeting("one"))
	_, err := b.readDocument(arn, "")
	wantCode(t, err, accessDenied)

	ok(t, a.permit("greet", bob))
	out, err := b.readDocument(arn, "")
	ok(t, err)
	if *out.Name != arn || *out.Content != greeting("one") {
		t.Errorf("bob reads %s: %s", *out.Name, *out.Content)
	}
	described, err := b.DescribeDocument(ctx, &ssm.DescribeDocumentInput{Name: &arn})
	ok(t, err)
	if *described.Document.Owner != alice {
		t.Errorf("owner %s", *described.Document.Owner)
	}
	if got := b.documentVersions(arn); got != "1*" {
		t.Errorf("bob's versions %s", got)
	}
	_, err = b.readDocument("greet", "")
	wantCode(t, err, invalidDocument) // the name alone means a document of bob
	_, err = c.readDocument(arn, "")
	wantCode(t, err, accessDenied)

	reader := as(t, s, bob, "reader", identity("Allow", "ssm:GetDocument", arn))
	_, err = reader.readDocument(arn, "")
	ok(t, err)
	stranger := as(t, s, bob, "stranger", identity("Allow", "ssm:GetDocument", documentARN(bob, "*")))
	_, err = stranger.readDocument(arn, "")
	wantCode(t, err, accessDenied)
	owned := as(t, s, alice, "nobody")
	_, err = owned.readDocument("greet", "")
	wantCode(t, err, accessDenied) // a share grants nothing to the owner's users

	for _, list := range [][]string{b.listed("Owner", "Private"), b.listed("Owner", "All"), b.listed("")} {
		if !slices.Equal(list, []string{arn}) {
			t.Errorf("bob's list %v", list)
		}
	}
	if got := b.listed("Owner", "Self"); len(got) != 0 {
		t.Errorf("bob's own %v", got)
	}
	if got := c.listed(""); len(got) != 0 {
		t.Errorf("carol's list %v", got)
	}

	wantCode(t, a.deleteDocument("greet"), "InvalidDocumentOperation")
	ok(t, a.revoke("greet", bob))
	_, err = b.readDocument(arn, "")
	wantCode(t, err, accessDenied)
	if got := b.listed(""); len(got) != 0 {
		t.Errorf("bob's list after the end %v", got)
	}
	ok(t, a.deleteDocument("greet"))
}

// TestSharedVersion checks shares of the default version, of the latest and of all versions.
func TestSharedVersion(t *testing.T) {
	s := writtest.New(t)
	a, b := newClient(t, s, alice), newClient(t, s, bob)
	arn := documentARN(alice, "greet")
	a.createDocument("greet", greeting("one"))
	for _, word := range []string{"two", "three"} {
		_, err := a.updateDocument("greet", greeting(word))
		ok(t, err)
	}
	for version, want := range map[string]string{"$DEFAULT": "1*", "$LATEST": "3", "$ALL": "3 2 1*"} {
		ok(t, a.permitVersion("greet", &version, bob))
		if got := b.documentVersions(arn); got != want {
			t.Errorf("%s: bob's versions are %s, want %s", version, got, want)
		}
		info := a.permitted("greet").AccountSharingInfoList
		if len(info) != 1 || *info[0].AccountId != bob || *info[0].SharedDocumentVersion != version {
			t.Errorf("%s: described as %+v", version, info)
		}
	}
	ok(t, a.permit("greet", bob))
	_, err := b.readDocument(arn, "2")
	wantError(t, err, invalidDocument, noSuchDocument)
	wantCode(t, a.permitVersion("greet", new("7"), bob), validation)
}

// TestPublicDocument checks that a document may be shared with everyone, unless the account's setting forbids
// it.
func TestPublicDocument(t *testing.T) {
	s := writtest.New(t)
	a, c := newClient(t, s, alice), newClient(t, s, carol)
	arn := documentARN(alice, "greet")
	a.createDocument("greet", greeting("one"))
	ok(t, a.permit("greet", "all"))
	if got := a.permitted("greet"); !slices.Equal(got.AccountIds, []string{"all"}) {
		t.Errorf("permitted %v", got.AccountIds)
	}
	_, err := c.readDocument(arn, "")
	ok(t, err)
	if got := c.listed("Owner", "Public"); !slices.Equal(got, []string{arn}) {
		t.Errorf("public %v", got)
	}
	_, err = as(t, s, alice, "nobody").readDocument("greet", "")
	wantCode(t, err, accessDenied)
	wantError(t, a.permit("greet", "all", bob), "DocumentPermissionLimit", "Accounts can either be all or a group of AWS accounts")
	ok(t, a.revoke("greet", "all"))
	_, err = c.readDocument(arn, "")
	wantCode(t, err, accessDenied)

	_, err = a.UpdateServiceSetting(ctx, &ssm.UpdateServiceSettingInput{SettingId: new("/ssm/documents/console/public-sharing-permission"), SettingValue: new("Disable")})
	ok(t, err)
	wantCode(t, a.permit("greet", "all"), "DocumentPermissionLimit")
	ok(t, a.permit("greet", bob))
}

// TestDocumentPermission checks DescribeDocumentPermission with pages, and rejected requests.
func TestDocumentPermission(t *testing.T) {
	s := writtest.New(t)
	a := newClient(t, s, alice)
	a.createDocument("greet", greeting("one"))
	if got := a.permitted("greet"); len(got.AccountIds) != 0 {
		t.Errorf("a new document is shared with %v", got.AccountIds)
	}
	ok(t, a.permit("greet", carol, bob))
	var got []string
	in := &ssm.DescribeDocumentPermissionInput{Name: new("greet"), PermissionType: types.DocumentPermissionTypeShare, MaxResults: new(int32(1))}
	for {
		page, err := a.DescribeDocumentPermission(ctx, in)
		ok(t, err)
		got = append(got, page.AccountIds...)
		if in.NextToken = page.NextToken; in.NextToken == nil {
			break
		}
	}
	if !slices.Equal(got, []string{carol, bob}) {
		t.Errorf("permitted %v", got)
	}
	_, err := a.DescribeDocumentPermission(ctx, &ssm.DescribeDocumentPermissionInput{Name: new("greet"), PermissionType: "Lend"})
	wantError(t, err, "InvalidPermissionType", "1 validation error detected: Value 'Lend' at 'permissionType' failed to satisfy constraint: Member must satisfy enum value set: [Share]")
	_, err = a.ModifyDocumentPermission(ctx, &ssm.ModifyDocumentPermissionInput{Name: new("greet"), PermissionType: "Lend"})
	wantCode(t, err, "InvalidPermissionType")
	wantCode(t, a.permit("none", bob), invalidDocument)
	wantCode(t, a.permit("greet", "bob"), validation)
}

// TestDocumentTags: a document is tagged by its name.
func TestDocumentTags(t *testing.T) {
	a := newClient(t, writtest.New(t), alice)
	a.createDocument("greet", greeting("one"))
	_, err := a.AddTagsToResource(ctx, &ssm.AddTagsToResourceInput{ResourceType: types.ResourceTypeForTaggingDocument, ResourceId: new("greet"), Tags: tag("b", "2", "a", "1")})
	ok(t, err)
	_, err = a.RemoveTagsFromResource(ctx, &ssm.RemoveTagsFromResourceInput{ResourceType: types.ResourceTypeForTaggingDocument, ResourceId: new("greet"), TagKeys: []string{"b"}})
	ok(t, err)
	out, err := a.ListTagsForResource(ctx, &ssm.ListTagsForResourceInput{ResourceType: types.ResourceTypeForTaggingDocument, ResourceId: new("greet")})
	ok(t, err)
	if len(out.TagList) != 1 || *out.TagList[0].Key != "a" {
		t.Errorf("tags %+v", out.TagList)
	}
	_, err = a.ListTagsForResource(ctx, &ssm.ListTagsForResourceInput{ResourceType: types.ResourceTypeForTaggingDocument, ResourceId: new("none")})
	wantCode(t, err, "InvalidResourceId")
}
