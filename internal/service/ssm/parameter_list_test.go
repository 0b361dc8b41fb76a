package ssm_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/writtest"
)

// where returns a filter; "" is its default option.
func where(key, option string, values ...string) types.ParameterStringFilter {
	f := types.ParameterStringFilter{Key: &key, Values: values}
	if option != "" {
		f.Option = &option
	}
	return f
}

// tree creates parameters in a hierarchy and outside it.
func tree(c client) {
	for _, name := range []string{"/app/a", "/app/b", "/app/db/host", "/app/db/port", "/application", "/apps/c", "plain"} {
		c.put(name, "value of "+name)
	}
}

func TestByPath(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	tree(c)
	for _, test := range []struct {
		path      string
		recursive bool
		want      string
	}{
		{"/app", false, "/app/a /app/b"},
		{"/app/", false, "/app/a /app/b"},
		{"/app", true, "/app/a /app/b /app/db/host /app/db/port"},
		{"/app/db", false, "/app/db/host /app/db/port"},
		{"/app/a", true, ""},
		{"/none", true, ""},
		{"/", false, "/application plain"},
		{"/", true, "/app/a /app/b /app/db/host /app/db/port /application /apps/c plain"},
	} {
		for _, size := range []int32{1, 2, 10} {
			var names []string
			pages := ssm.NewGetParametersByPathPaginator(c, &ssm.GetParametersByPathInput{Path: &test.path, Recursive: &test.recursive, MaxResults: &size})
			for pages.HasMorePages() {
				out, err := pages.NextPage(ctx)
				ok(t, err)
				for _, p := range out.Parameters {
					names = append(names, *p.Name)
					if *p.Value != "value of "+*p.Name {
						t.Errorf("value %s", *p.Value)
					}
				}
			}
			if got := strings.Join(names, " "); got != test.want {
				t.Errorf("%s %v by %d: %s, want %s", test.path, test.recursive, size, got, test.want)
			}
		}
	}
	try := func(c client, in *ssm.GetParametersByPathInput) error {
		_, err := c.GetParametersByPath(ctx, in)
		return err
	}
	const bad = `The parameter doesn't meet the parameter name requirements. The parameter name must begin with a forward slash "/".`
	for _, path := range []string{"app", "/a b", "//", parameterARN(alice, "app"), parameterARN(bob, "app")} {
		if m := wantCode(t, try(c, &ssm.GetParametersByPathInput{Path: &path}), validation); !strings.HasPrefix(m, bad) {
			t.Errorf("%s: message %q", path, m)
		}
	}
	wantCode(t, try(c, &ssm.GetParametersByPathInput{Path: new("/"), MaxResults: new(int32(11))}), validation)
	wantCode(t, try(c, &ssm.GetParametersByPathInput{Path: new("/"), NextToken: new("x")}), "InvalidNextToken")
	wantCode(t, try(c, &ssm.GetParametersByPathInput{Path: new("/"), ParameterFilters: []types.ParameterStringFilter{where("Name", "", "x")}}), "InvalidFilterKey")

	// A principal with access to a path has access to everything below it.
	user := as(t, s, alice, "app", identity("Allow", "ssm:GetParametersByPath", parameterARN(alice, "app")),
		identity("Deny", "ssm:GetParametersByPath", parameterARN(alice, "app/db")))
	ok(t, try(user, &ssm.GetParametersByPathInput{Path: new("/app"), Recursive: new(true)}))
	wantCode(t, try(user, &ssm.GetParametersByPathInput{Path: new("/app/db")}), accessDenied)
	wantCode(t, try(user, &ssm.GetParametersByPathInput{Path: new("/")}), accessDenied)
}

func TestByPathFilters(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	arn := newKey(t, s, alice)
	c.put("/app/text", "1")
	c.put("/app/default", "2", secure)
	c.put("/app/own", "3", secure, key(arn))
	c.put("/app/text", "4", overwrite)
	c.label("/app/text", 1, "prod", "test")
	c.label("/app/text", 2, "next")
	c.label("/app/own", 1, "next")
	// The first version of this parameter has another type.
	c.put("/app/was", "5", secure, key(arn))
	c.put("/app/was", "6", overwrite)
	c.label("/app/was", 1, "first")
	for _, test := range []struct {
		filter types.ParameterStringFilter
		want   string
	}{
		{where("Type", "", "String"), "/app/text=4 /app/was=6"},
		{where("Type", "BeginsWith", "S"), "/app/default=2 /app/own=3 /app/text=4 /app/was=6"},
		{where("KeyId", "", arn), "/app/own=3"},
		{where("KeyId", "BeginsWith", "alias/"), "/app/default=2"},
		{where("Label", "", "prod"), "/app/text=1"},
		{where("Label", "", "prod", "next"), "/app/own=3 /app/text=4"},
		{where("Label", "", "none"), ""},
	} {
		out, err := c.GetParametersByPath(ctx, &ssm.GetParametersByPathInput{
			Path: new("/app"), ParameterFilters: []types.ParameterStringFilter{test.filter}, WithDecryption: new(true),
		})
		ok(t, err)
		var got []string
		for _, p := range out.Parameters {
			got = append(got, *p.Name+"="+*p.Value)
		}
		if got := strings.Join(got, " "); got != test.want {
			t.Errorf("%s %v: %s, want %s", *test.filter.Key, test.filter.Values, got, test.want)
		}
	}
	// All filters apply to the version that a label selects.
	for _, test := range []struct {
		filter types.ParameterStringFilter
		want   int
	}{
		{where("Type", "", "SecureString"), 1}, {where("Type", "", "String"), 0}, {where("KeyId", "", arn), 1}, {where("KeyId", "", "alias/aws/ssm"), 0},
	} {
		out, err := c.GetParametersByPath(ctx, &ssm.GetParametersByPathInput{
			Path: new("/app"), ParameterFilters: []types.ParameterStringFilter{test.filter, where("Label", "", "first")}, WithDecryption: new(true),
		})
		ok(t, err)
		if len(out.Parameters) != test.want || test.want == 1 && *out.Parameters[0].Value != "5" {
			t.Errorf("labelled, %s %v: %+v", *test.filter.Key, test.filter.Values, out.Parameters)
		}
	}
}

// described returns the names that DescribeParameters lists, through the paginator.
func (c client) described(in ssm.DescribeParametersInput) []string {
	c.t.Helper()
	names := []string{}
	pages := ssm.NewDescribeParametersPaginator(c, &in)
	for pages.HasMorePages() {
		out, err := pages.NextPage(ctx)
		ok(c.t, err)
		for _, p := range out.Parameters {
			names = append(names, *p.Name)
		}
	}
	return names
}

func TestDescribe(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	tree(c)
	arn := newKey(t, s, alice)
	c.put("own", "x", secure, key(arn), advanced)
	c.put("image", "ami-01234567", func(in *ssm.PutParameterInput) {
		in.DataType = new("aws:ec2:image")
		in.Tags = []types.Tag{{Key: new("team"), Value: new("red")}}
	})
	newClient(t, s, bob).put("theirs", "x")
	all := []string{"/app/a", "/app/b", "/app/db/host", "/app/db/port", "/application", "/apps/c", "image", "own", "plain"}
	for _, test := range []struct {
		filters []types.ParameterStringFilter
		want    []string
	}{
		{nil, all},
		{[]types.ParameterStringFilter{where("Name", "", "/app/b", "app/a", "/app/b", "none")}, []string{"/app/a", "/app/b"}},
		{[]types.ParameterStringFilter{where("Name", "BeginsWith", "/app")}, all[:6]},
		{[]types.ParameterStringFilter{where("Name", "BeginsWith", "/app/", "pl")}, []string{"/app/a", "/app/b", "/app/db/host", "/app/db/port", "plain"}},
		{[]types.ParameterStringFilter{where("Name", "Contains", "/db/", "lain")}, []string{"/app/db/host", "/app/db/port", "plain"}},
		{[]types.ParameterStringFilter{where("Path", "", "/app")}, []string{"/app/a", "/app/b"}},
		{[]types.ParameterStringFilter{where("Path", "Recursive", "/app", "/apps")}, []string{"/app/a", "/app/b", "/app/db/host", "/app/db/port", "/apps/c"}},
		{[]types.ParameterStringFilter{where("Path", "OneLevel", "/")}, []string{"/application", "image", "own", "plain"}},
		{[]types.ParameterStringFilter{where("Path", "Recursive", "/app"), where("Name", "Contains", "port")}, []string{"/app/db/port"}},
		{[]types.ParameterStringFilter{where("Type", "", "SecureString", "StringList")}, []string{"own"}},
		{[]types.ParameterStringFilter{where("KeyId", "", arn)}, []string{"own"}},
		{[]types.ParameterStringFilter{where("Tier", "", "Advanced")}, []string{"own"}},
		{[]types.ParameterStringFilter{where("DataType", "", "aws:ec2:image")}, []string{"image"}},
		{[]types.ParameterStringFilter{where("tag:team", "", "red", "blue")}, []string{"image"}},
		{[]types.ParameterStringFilter{where("tag:team", "")}, []string{"image"}},
		{[]types.ParameterStringFilter{where("tag:team", "", "blue")}, []string{}},
		{[]types.ParameterStringFilter{where("tag:team", "BeginsWith", "blue", "re")}, []string{"image"}},
		{[]types.ParameterStringFilter{where("tag:team", "BeginsWith", "ed")}, []string{}},
	} {
		for _, size := range []int32{1, 4, 50} {
			got := c.described(ssm.DescribeParametersInput{ParameterFilters: test.filters, MaxResults: &size})
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("by %d %+v (-want +got):\n%s", size, test.filters, diff)
			}
		}
	}
	old := c.described(ssm.DescribeParametersInput{Filters: []types.ParametersFilter{{Key: "Type", Values: []string{"SecureString"}}, {Key: "Name", Values: []string{"own", "plain"}}}})
	if !slices.Equal(old, []string{"own"}) {
		t.Errorf("by the old filters %v", old)
	}
	const (
		badKey    = "InvalidFilterKey"
		badOption = "InvalidFilterOption"
		badValue  = "InvalidFilterValue"
	)
	for _, test := range []struct {
		filters       []types.ParameterStringFilter
		code, message string
	}{
		{[]types.ParameterStringFilter{where("Label", "", "x")}, badKey, ""},
		{[]types.ParameterStringFilter{where("Type", "", "String"), where("Type", "", "String")}, badKey, ""},
		{[]types.ParameterStringFilter{where("Name", "")}, badValue, "The following filter values are missing : null for filter key Name."},
		{[]types.ParameterStringFilter{where("Name", "Like", "x")}, badOption, "The following filter option is not valid: Like. Valid options include: [BeginsWith, Equals]."},
		{[]types.ParameterStringFilter{where("Type", "Contains", "x")}, badOption, ""},
		{[]types.ParameterStringFilter{where("Path", "Equals", "/app")}, badOption, "The following filter option is not valid: Equals. Valid options include: [Recursive, OneLevel]."},
		{[]types.ParameterStringFilter{where("tag:team", "Contains", "r")}, badOption, ""},
		{[]types.ParameterStringFilter{where("Tier", "", "Gold")}, badOption, "The following filter value is not valid: Gold. Valid values include: [Standard, Advanced, Intelligent-Tiering]."},
		{[]types.ParameterStringFilter{where("Path", "", "app")}, validation, ""},
		{[]types.ParameterStringFilter{where("Path", "Equals", "app")}, badOption, ""},
		{[]types.ParameterStringFilter{where("Path", "", "/AWS", "/app")}, validation, `Filters for common parameters can't be prefixed with "aws" or "ssm" (case-insensitive).`},
		{[]types.ParameterStringFilter{where("Color", "", "red")}, validation, ""},
	} {
		_, err := c.DescribeParameters(ctx, &ssm.DescribeParametersInput{ParameterFilters: test.filters})
		if m := wantCode(t, err, test.code); test.message != "" && m != test.message {
			t.Errorf("message %q, want %q", m, test.message)
		}
	}
	_, err := c.DescribeParameters(ctx, &ssm.DescribeParametersInput{
		Filters: []types.ParametersFilter{{Key: "Type", Values: []string{"String"}}}, ParameterFilters: []types.ParameterStringFilter{where("Type", "", "String")},
	})
	wantError(t, err, validation, "You can use either Filters or ParameterFilters in a single request.")
	_, err = c.DescribeParameters(ctx, &ssm.DescribeParametersInput{MaxResults: new(int32(51))})
	wantCode(t, err, validation)
	// The action has no resource: it is allowed on all or not at all.
	user := as(t, s, alice, "narrow", identity("Allow", "ssm:DescribeParameters", parameterARN(alice, "*")))
	_, err = user.DescribeParameters(ctx, &ssm.DescribeParametersInput{})
	wantCode(t, err, accessDenied)
}

// tag returns tags from alternating keys and values.
func tag(pairs ...string) (list []types.Tag) {
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, types.Tag{Key: &pairs[i], Value: &pairs[i+1]})
	}
	return list
}

func TestTags(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	tagged := func(tags []types.Tag) func(*ssm.PutParameterInput) {
		return func(in *ssm.PutParameterInput) { in.Tags = tags }
	}
	const parameter = types.ResourceTypeForTaggingParameter
	list := func(name string) string {
		t.Helper()
		out, err := c.ListTagsForResource(ctx, &ssm.ListTagsForResourceInput{ResourceType: parameter, ResourceId: &name})
		ok(t, err)
		var text []string
		for _, tag := range out.TagList {
			text = append(text, *tag.Key+"="+*tag.Value)
		}
		return strings.Join(text, " ")
	}
	add := func(c client, typ types.ResourceTypeForTagging, id string, tags []types.Tag) error {
		_, err := c.AddTagsToResource(ctx, &ssm.AddTagsToResourceInput{ResourceType: typ, ResourceId: &id, Tags: tags})
		return err
	}
	c.put("/p", "1", tagged(tag("team", "red", "env", "test")))
	if got := list("/p"); got != "env=test team=red" {
		t.Errorf("tags %s", got)
	}
	for _, id := range []string{"/p:1", parameterARN(alice, "p"), parameterARN(alice, "p") + ":1"} {
		if got := list(id); got != "env=test team=red" {
			t.Errorf("tags of %s: %s", id, got)
		}
	}
	for _, id := range []string{"/p:2", "/p:prod", parameterARN(alice, "q"), "arn:aws:s3:::b"} {
		_, err := c.ListTagsForResource(ctx, &ssm.ListTagsForResourceInput{ResourceType: parameter, ResourceId: &id})
		wantCode(t, err, "InvalidResourceId")
	}
	_, err := c.ListTagsForResource(ctx, &ssm.ListTagsForResourceInput{ResourceType: parameter, ResourceId: new(parameterARN(bob, "p"))})
	wantCode(t, err, accessDenied)
	ok(t, add(c, parameter, "/p", tag("team", "blue", "Cost", "")))
	_, err = c.RemoveTagsFromResource(ctx, &ssm.RemoveTagsFromResourceInput{ResourceType: parameter, ResourceId: new("/p"), TagKeys: []string{"env", "none"}})
	ok(t, err)
	if got := list("/p"); got != "Cost= team=blue" {
		t.Errorf("tags %s", got)
	}
	_, err = c.tryPut("/p", "2", overwrite, tagged(tag("a", "b")))
	wantError(t, err, validation, "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove "+
		"overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.")
	_, err = c.tryPut("/new", "2", overwrite, tagged(tag("a", "b")))
	wantCode(t, err, validation)
	for _, bad := range [][]types.Tag{tag("a", "1", "a", "2"), tag("aws:a", "1"), tag("AWS:a", "1")} {
		_, err = c.tryPut("/q", "1", tagged(bad))
		wantCode(t, err, validation)
		wantCode(t, add(c, parameter, "/p", bad), validation)
	}
	var many []string
	for i := range 49 {
		many = append(many, strings.Repeat("k", i+1), "")
	}
	wantCode(t, add(c, parameter, "/p", tag(many...)), "TooManyTagsError")
	if got := list("/p"); got != "Cost= team=blue" {
		t.Errorf("tags %s", got)
	}
	ok(t, add(c, parameter, "/p", tag(many[2:]...)))
	for _, id := range []string{"none", parameterARN(alice, "p")} {
		wantCode(t, add(c, parameter, id, tag("a", "b")), "InvalidResourceId")
	}
	wantCode(t, add(c, types.ResourceTypeForTaggingMaintenanceWindow, "/p", tag("a", "b")), "InvalidResourceType")
	wantCode(t, add(c, types.ResourceTypeForTaggingDocument, "/p", tag("a", "b")), "InvalidResourceId")
	wantCode(t, add(c, types.ResourceTypeForTaggingOpsItem, "oi-0123456789ab", tag("a", "b")), "InvalidResourceId")
	user := as(t, s, alice, "red", `{"Effect":"Allow","Action":"ssm:AddTagsToResource","Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/team":"red"}}}`)
	ok(t, add(user, parameter, "/p", tag("team", "red")))
	wantCode(t, add(user, parameter, "/p", tag("team", "blue")), accessDenied)
}
