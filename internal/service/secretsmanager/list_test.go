package secretsmanager_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/writdev/writ/writtest"
)

// list returns the names of the listed secrets, in pages of two.
func (c client) list(set ...func(*secretsmanager.ListSecretsInput)) (names []string) {
	c.t.Helper()
	in := &secretsmanager.ListSecretsInput{MaxResults: new(int32(2))}
	for _, f := range set {
		f(in)
	}
	pages := secretsmanager.NewListSecretsPaginator(c.Client, in)
	for pages.HasMorePages() {
		out, err := pages.NextPage(ctx)
		ok(c.t, err)
		if len(out.SecretList) > 2 {
			c.t.Errorf("a page of %d", len(out.SecretList))
		}
		for _, s := range out.SecretList {
			names = append(names, *s.Name)
		}
	}
	return names
}

// filter returns a filter of a list, "key" and values.
func filter(key types.FilterNameStringType, values ...string) types.Filter {
	return types.Filter{Key: key, Values: values}
}

func TestList(t *testing.T) {
	s := writtest.New(t)
	now := time.Date(2026, time.November, 22, 8, 0, 0, 0, time.UTC)
	s.SetClock(now)
	c := newClient(t, s, alice)
	c.create("prod/db", "1", withDescription("The Database of orders"), withTag("team", "red"))
	s.Advance(time.Minute)
	c.create("test/db", "2", withTag("team", "blue"), withTag("stage", "test"))
	s.Advance(time.Minute)
	c.create("prod/api", "3", withDescription("Key of the payments API"), withReplicas("eu-west-1"))
	s.Advance(time.Minute)
	c.put("prod/db", "4")
	newClient(t, s, bob).create("bob", "x")
	c.in("eu-west-1").create("elsewhere", "x")

	for _, test := range []struct {
		name    string
		filters []types.Filter
		want    string
	}{
		{"all", nil, "prod/db test/db prod/api"},
		{"name", []types.Filter{filter("name", "prod/")}, "prod/db prod/api"},
		{"name, in another case", []types.Filter{filter("name", "Prod/")}, ""},
		{"one of two names", []types.Filter{filter("name", "test", "prod/a")}, "test/db prod/api"},
		{"not a name", []types.Filter{filter("name", "!prod/")}, "test/db"},
		{"words of the description", []types.Filter{filter("description", "database ORDERS")}, "prod/db"},
		{"beginning of a word", []types.Filter{filter("description", "pay")}, "prod/api"},
		{"tag key", []types.Filter{filter("tag-key", "te")}, "prod/db test/db"},
		{"tag value", []types.Filter{filter("tag-value", "blue")}, "test/db"},
		{"two filters", []types.Filter{filter("tag-key", "team"), filter("name", "prod")}, "prod/db"},
		{"anywhere", []types.Filter{filter("all", "red")}, "prod/db"},
		{"all words anywhere", []types.Filter{filter("all", "prod payments")}, "prod/api"},
		{"primary region", []types.Filter{filter("primary-region", "us-")}, "prod/api"},
		{"another service's", []types.Filter{filter("owning-service", "rds")}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := strings.Join(c.list(func(in *secretsmanager.ListSecretsInput) { in.Filters = test.filters }), " ")
			if got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
	for _, test := range []struct {
		by    types.SortByType
		order types.SortOrderType
		want  string
	}{
		{"", "desc", "prod/api test/db prod/db"},
		{"created-date", "asc", "prod/db test/db prod/api"},
		{"name", "asc", "prod/api prod/db test/db"},
		{"last-changed-date", "asc", "test/db prod/api prod/db"},
	} {
		got := strings.Join(c.list(func(in *secretsmanager.ListSecretsInput) { in.SortBy, in.SortOrder = test.by, test.order }), " ")
		if got != test.want {
			t.Errorf("by %s %s: %q, want %q", test.by, test.order, got, test.want)
		}
	}
	c.has("test/db", "2")
	got := c.list(func(in *secretsmanager.ListSecretsInput) { in.SortBy, in.SortOrder = "last-accessed-date", "desc" })
	if got[0] != "test/db" {
		t.Errorf("by last access: %q", got)
	}
	_, err := c.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: new("prod/db")})
	ok(t, err)
	if diff := cmp.Diff([]string{"test/db", "prod/api"}, c.list()); diff != "" {
		t.Error(diff)
	}
	if n := len(c.list(func(in *secretsmanager.ListSecretsInput) { in.IncludePlannedDeletion = new(true) })); n != 3 {
		t.Errorf("%d with those marked for deletion", n)
	}
	_, err = c.ListSecrets(ctx, &secretsmanager.ListSecretsInput{NextToken: new("nonsense")})
	wantError(t, err, "InvalidNextTokenException", "")
	_, err = c.ListSecrets(ctx, &secretsmanager.ListSecretsInput{Filters: []types.Filter{{Values: []string{"x"}}}})
	wantError(t, err, invalidParameter, "")
}

// TestDescribe checks that all attributes of a secret are described, and no others.
func TestDescribe(t *testing.T) {
	s := writtest.New(t)
	now := time.Date(2026, time.November, 22, 8, 0, 0, 0, time.UTC)
	s.SetClock(now)
	c := newClient(t, s, alice)
	id := c.create("db", "hush", withToken(token1))
	got := c.describe(id)
	want := &secretsmanager.DescribeSecretOutput{
		ARN: &id, Name: new("db"), CreatedDate: &now, LastChangedDate: &now, VersionIdsToStages: map[string][]string{token1: {"AWSCURRENT"}},
	}
	ignore := cmpopts.IgnoreUnexported(secretsmanager.DescribeSecretOutput{})
	if diff := cmp.Diff(want, got, ignore, cmpopts.IgnoreFields(secretsmanager.DescribeSecretOutput{}, "ResultMetadata")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	s.Advance(time.Hour)
	c.has(id, "hush")
	if d := c.describe(id); !d.LastAccessedDate.Equal(now.Truncate(24 * time.Hour)) {
		t.Errorf("last read %v", d.LastAccessedDate)
	}
	again := c.create("rich", "x", withTag("b", "2"), withTag("a", "1"), withDescription("d"))
	d := c.describe(again)
	if len(d.Tags) != 2 || *d.Tags[0].Key != "a" || *d.Description != "d" {
		t.Errorf("tags %v, %q", d.Tags, *d.Description)
	}
}

// TestBatch reads several secrets, each with its own permission.
func TestBatch(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	a, b := c.create("a", "1"), c.create("b", "2")
	u := as(t, s, alice, "reader", can("secretsmanager:BatchGetSecretValue", "*"), can("secretsmanager:GetSecretValue", a))
	out, err := u.BatchGetSecretValue(ctx, &secretsmanager.BatchGetSecretValueInput{SecretIdList: []string{"a", b, "none"}})
	ok(t, err)
	if len(out.SecretValues) != 1 || *out.SecretValues[0].SecretString != "1" || len(out.Errors) != 2 ||
		*out.Errors[0].ErrorCode != accessDenied || !strings.Contains(*out.Errors[0].Message, "secretsmanager:GetSecretValue on resource: "+b) {
		t.Errorf("%+v", out)
	}
	_, err = u.BatchGetSecretValue(ctx, &secretsmanager.BatchGetSecretValueInput{Filters: []types.Filter{filter("name", "a")}})
	wantError(t, err, accessDenied, "")
	var names []string
	pages := secretsmanager.NewBatchGetSecretValuePaginator(c.Client, &secretsmanager.BatchGetSecretValueInput{Filters: []types.Filter{filter("name", "a", "b")}, MaxResults: new(int32(1))})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		ok(t, err)
		for _, v := range page.SecretValues {
			names = append(names, *v.Name+*v.SecretString)
		}
	}
	if diff := cmp.Diff([]string{"a1", "b2"}, names); diff != "" {
		t.Error(diff)
	}
	_, err = c.BatchGetSecretValue(ctx, &secretsmanager.BatchGetSecretValueInput{})
	wantError(t, err, invalidParameter, "")
	_, err = c.BatchGetSecretValue(ctx, &secretsmanager.BatchGetSecretValueInput{SecretIdList: []string{"a"}, MaxResults: new(int32(1))})
	wantError(t, err, invalidParameter, "")
}
