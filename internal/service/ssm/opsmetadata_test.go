package ssm_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/writdev/writ/writtest"
)

const metadataMissing = "OpsMetadataNotFoundException"

func metadata(pairs ...string) map[string]types.MetadataValue {
	m := map[string]types.MetadataValue{}
	for pair := range slices.Chunk(pairs, 2) {
		m[pair[0]] = types.MetadataValue{Value: &pair[1]}
	}
	return m
}

// TestOpsMetadata checks that metadata of an application is created, read, changed, listed, tagged and
// deleted, and that other accounts cannot read it.
func TestOpsMetadata(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	made, err := c.CreateOpsMetadata(ctx, &ssm.CreateOpsMetadataInput{ResourceId: new("/app/web"), Metadata: metadata("owner", "red", "page", "7"), Tags: tag("team", "red")})
	ok(t, err)
	arn := *made.OpsMetadataArn
	if want := arnOf(alice, "opsmetadata/app/web"); arn != want {
		t.Errorf("ARN %s, want %s", arn, want)
	}
	_, err = c.CreateOpsMetadata(ctx, &ssm.CreateOpsMetadataInput{ResourceId: new("/app/web")})
	wantCode(t, err, "OpsMetadataAlreadyExistsException")
	read := func() (string, error) {
		out, err := c.GetOpsMetadata(ctx, &ssm.GetOpsMetadataInput{OpsMetadataArn: &arn})
		if err != nil {
			return "", err
		}
		list := []string{*out.ResourceId}
		for key, value := range out.Metadata {
			list = append(list, key+"="+*value.Value)
		}
		slices.Sort(list)
		return strings.Join(list, " "), nil
	}
	wantRead := func(want string) {
		t.Helper()
		got, err := read()
		ok(t, err)
		if got != want {
			t.Errorf("metadata %s, want %s", got, want)
		}
	}
	wantRead("/app/web owner=red page=7")
	update := func(set map[string]types.MetadataValue, remove ...string) error {
		_, err := c.UpdateOpsMetadata(ctx, &ssm.UpdateOpsMetadataInput{OpsMetadataArn: &arn, MetadataToUpdate: set, KeysToDelete: remove})
		return err
	}
	ok(t, update(metadata("owner", "blue", "extra", "1"), "page"))
	wantRead("/app/web extra=1 owner=blue")
	wantCode(t, update(metadata("a", "1", "b", "1", "c", "1", "d", "1")), "OpsMetadataKeyLimitExceededException")
	wantRead("/app/web extra=1 owner=blue")

	_, err = c.CreateOpsMetadata(ctx, &ssm.CreateOpsMetadataInput{ResourceId: new("/app/api")})
	ok(t, err)
	var listed []string
	in := &ssm.ListOpsMetadataInput{MaxResults: new(int32(1))}
	for p := ssm.NewListOpsMetadataPaginator(c, in); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		ok(t, err)
		for _, m := range page.OpsMetadataList {
			listed = append(listed, *m.ResourceId)
		}
	}
	if !slices.Equal(listed, []string{"/app/api", "/app/web"}) {
		t.Errorf("listed %v", listed)
	}
	one, err := c.ListOpsMetadata(ctx, &ssm.ListOpsMetadataInput{Filters: []types.OpsMetadataFilter{{Key: new("ResourceId"), Values: []string{"/app/web"}}}})
	ok(t, err)
	if len(one.OpsMetadataList) != 1 || *one.OpsMetadataList[0].OpsMetadataArn != arn || *one.OpsMetadataList[0].LastModifiedUser == "" {
		t.Errorf("filtered %+v", one.OpsMetadataList)
	}
	_, err = c.ListOpsMetadata(ctx, &ssm.ListOpsMetadataInput{Filters: []types.OpsMetadataFilter{{Key: new("Colour"), Values: []string{"red"}}}})
	wantCode(t, err, "OpsMetadataInvalidArgumentException")

	tags, err := c.ListTagsForResource(ctx, &ssm.ListTagsForResourceInput{ResourceType: types.ResourceTypeForTaggingOpsmetadata, ResourceId: new("/app/web")})
	ok(t, err)
	if len(tags.TagList) != 1 || *tags.TagList[0].Key != "team" {
		t.Errorf("tags %+v", tags.TagList)
	}

	_, err = newClient(t, s, bob).GetOpsMetadata(ctx, &ssm.GetOpsMetadataInput{OpsMetadataArn: &arn})
	wantCode(t, err, accessDenied)
	reader := as(t, s, alice, "reader", identity("Allow", "ssm:GetOpsMetadata", arnOf(alice, "opsmetadata/app/api")))
	_, err = reader.GetOpsMetadata(ctx, &ssm.GetOpsMetadataInput{OpsMetadataArn: &arn})
	wantCode(t, err, accessDenied)
	_, err = reader.GetOpsMetadata(ctx, &ssm.GetOpsMetadataInput{OpsMetadataArn: new(arnOf(alice, "opsmetadata/app/api"))})
	ok(t, err)

	_, err = c.DeleteOpsMetadata(ctx, &ssm.DeleteOpsMetadataInput{OpsMetadataArn: &arn})
	ok(t, err)
	_, err = read()
	wantCode(t, err, metadataMissing)
	wantCode(t, update(metadata("a", "1")), metadataMissing)
	_, err = c.DeleteOpsMetadata(ctx, &ssm.DeleteOpsMetadataInput{OpsMetadataArn: &arn})
	wantCode(t, err, metadataMissing)
}
