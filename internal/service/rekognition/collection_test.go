package rekognition_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/rekognition"
	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/writtest"
)

func TestCollections(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	create := func(c client, id string) (*rekognition.CreateCollectionOutput, error) {
		return c.CreateCollection(ctx, &rekognition.CreateCollectionInput{CollectionId: &id, Tags: map[string]string{"team": "red"}})
	}
	out, err := create(c, "guests")
	ok(t, err)
	arn := "arn:aws:rekognition:us-east-1:" + alice + ":collection/guests"
	if *out.CollectionArn != arn || *out.StatusCode != 200 || *out.FaceModelVersion == "" {
		t.Errorf("%+v", out)
	}
	_, err = create(c, "guests")
	wantCode(t, err, "ResourceAlreadyExistsException")
	_, err = create(c, "guests/of/honour")
	wantCode(t, err, badParameter)
	for _, id := range []string{"Guests", "staff"} {
		_, err = create(c, id)
		ok(t, err)
	}
	_, err = create(newClient(t, s, bob), "theirs")
	ok(t, err)
	var ids []string
	pages := rekognition.NewListCollectionsPaginator(c, &rekognition.ListCollectionsInput{MaxResults: new(int32(2))})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		ok(t, err)
		ids = append(ids, page.CollectionIds...)
		if len(page.FaceModelVersions) != len(page.CollectionIds) {
			t.Errorf("%+v", page)
		}
	}
	if diff := cmp.Diff([]string{"Guests", "guests", "staff"}, ids); diff != "" {
		t.Error(diff)
	}
	tags, err := c.ListTagsForResource(ctx, &rekognition.ListTagsForResourceInput{ResourceArn: &arn})
	ok(t, err)
	if tags.Tags["team"] != "red" {
		t.Errorf("%v", tags.Tags)
	}

	user := func(c client, id string, token *string) error {
		_, err := c.CreateUser(ctx, &rekognition.CreateUserInput{CollectionId: new("guests"), UserId: &id, ClientRequestToken: token})
		return err
	}
	for i := range 3 {
		ok(t, user(c, fmt.Sprint("guest-", i), nil))
	}
	wantCode(t, user(c, "guest-1", nil), "ConflictException")
	ok(t, user(c, "guest-3", new("token")))
	ok(t, user(c, "guest-3", new("token")))
	wantCode(t, user(c, "guest-4", new("token")), "IdempotentParameterMismatchException")
	users, err := c.ListUsers(ctx, &rekognition.ListUsersInput{CollectionId: new("guests"), MaxResults: new(int32(3))})
	ok(t, err)
	if len(users.Users) != 3 || users.NextToken == nil || *users.Users[2].UserId != "guest-2" {
		t.Errorf("%+v", users)
	}
	remove := func(id string) error {
		_, err := c.DeleteUser(ctx, &rekognition.DeleteUserInput{CollectionId: new("guests"), UserId: &id})
		return err
	}
	ok(t, remove("guest-0"))
	wantCode(t, remove("guest-0"), notFound)
	described, err := c.DescribeCollection(ctx, &rekognition.DescribeCollectionInput{CollectionId: new("guests")})
	ok(t, err)
	if *described.UserCount != 3 || *described.FaceCount != 0 || *described.CollectionARN != arn || described.CreationTimestamp == nil {
		t.Errorf("%+v", described)
	}
	faces, err := c.ListFaces(ctx, &rekognition.ListFacesInput{CollectionId: new("guests")})
	ok(t, err)
	if faces.Faces == nil || len(faces.Faces) != 0 {
		t.Errorf("%+v", faces)
	}

	// Each collection is a resource for policies.
	one := as(t, s, alice, "one", identity("Allow", "rekognition:*", arn))
	_, err = one.DescribeCollection(ctx, &rekognition.DescribeCollectionInput{CollectionId: new("guests")})
	ok(t, err)
	_, err = one.DescribeCollection(ctx, &rekognition.DescribeCollectionInput{CollectionId: new("staff")})
	wantCode(t, err, accessDenied)
	_, err = c.DeleteCollection(ctx, &rekognition.DeleteCollectionInput{CollectionId: new("guests")})
	ok(t, err)
	for name, call := range map[string]func() error{
		"delete": func() error {
			_, err := c.DeleteCollection(ctx, &rekognition.DeleteCollectionInput{CollectionId: new("guests")})
			return err
		},
		"describe": func() error {
			_, err := c.DescribeCollection(ctx, &rekognition.DescribeCollectionInput{CollectionId: new("guests")})
			return err
		},
		"user": func() error { return user(c, "guest-9", nil) },
		"faces": func() error {
			_, err := c.ListFaces(ctx, &rekognition.ListFacesInput{CollectionId: new("guests")})
			return err
		},
	} {
		if wantCode(t, call(), notFound); t.Failed() {
			t.Fatal(name)
		}
	}
}
