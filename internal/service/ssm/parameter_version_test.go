package ssm_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/writtest"
)

// label attaches labels to a version and returns the invalid ones; 0 is the latest version.
func (c client) label(name string, version int64, labels ...string) []string {
	c.t.Helper()
	out, err := c.tryLabel(name, version, labels...)
	ok(c.t, err)
	return out.InvalidLabels
}

func (c client) tryLabel(name string, version int64, labels ...string) (*ssm.LabelParameterVersionOutput, error) {
	in := &ssm.LabelParameterVersionInput{Name: &name, Labels: labels}
	if version > 0 {
		in.ParameterVersion = &version
	}
	return c.LabelParameterVersion(ctx, in)
}

func (c client) unlabel(name string, version int64, labels ...string) (*ssm.UnlabelParameterVersionOutput, error) {
	return c.UnlabelParameterVersion(ctx, &ssm.UnlabelParameterVersionInput{Name: &name, ParameterVersion: &version, Labels: labels})
}

// history returns the versions of a parameter, through the paginator.
func (c client) history(name string, pageSize int32) []types.ParameterHistory {
	c.t.Helper()
	var list []types.ParameterHistory
	pages := ssm.NewGetParameterHistoryPaginator(c, &ssm.GetParameterHistoryInput{Name: &name, MaxResults: &pageSize, WithDecryption: new(true)})
	for pages.HasMorePages() {
		out, err := pages.NextPage(ctx)
		ok(c.t, err)
		if len(out.Parameters) == 0 {
			c.t.Error("an empty page")
		}
		list = append(list, out.Parameters...)
	}
	return list
}

func TestLabels(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	for i := range 3 {
		c.put("p", strconv.Itoa(i+1), func(in *ssm.PutParameterInput) { in.Overwrite = new(i > 0) })
	}
	if invalid := c.label("p", 1, "prod", "old"); len(invalid) != 0 {
		t.Errorf("invalid %v", invalid)
	}
	if out, err := c.tryLabel("p", 0, "new"); err != nil || out.ParameterVersion != 3 {
		t.Errorf("%+v, %v", out, err)
	}
	if v := c.value("p:prod") + c.value("p:old") + c.value("p:new"); v != "113" {
		t.Errorf("values %s", v)
	}
	c.label("p", 2, "prod")
	if v := c.value("p:prod") + c.value(parameterARN(alice, "p")+":old"); v != "21" {
		t.Errorf("values %s", v)
	}
	if p, err := c.get("p:prod"); err != nil || *p.Selector != ":prod" || p.Version != 2 {
		t.Errorf("%+v, %v", p, err)
	}
	invalid := c.label("p", 2, "1st", "aws", "AWSome", "ssm-x", "a b", "fine.one-2_", "ä")
	if diff := cmp.Diff([]string{"1st", "aws", "AWSome", "ssm-x", "a b", "ä"}, invalid); diff != "" {
		t.Error(diff)
	}
	_, err := c.tryLabel("p", 4, "x")
	wantCode(t, err, "ParameterVersionNotFound")
	_, err = c.tryLabel("none", 1, "x")
	wantCode(t, err, notFound)
	_, err = c.tryLabel("p", 1, strings.Repeat("l", 101))
	wantCode(t, err, validation)
	c.label("p", 1, strings.Repeat("l", 100))

	out, err := c.unlabel("p", 2, "prod", "old", "none")
	ok(t, err)
	if diff := cmp.Diff([][]string{{"prod"}, {"old", "none"}}, [][]string{out.RemovedLabels, out.InvalidLabels}); diff != "" {
		t.Error(diff)
	}
	_, err = c.get("p:prod")
	wantError(t, err, "ParameterVersionNotFound", "Systems Manager could not find label prod for parameter p. Verify the label and try again.")
	_, err = c.unlabel("p", 9, "prod")
	wantCode(t, err, "ParameterVersionNotFound")

	// A version has at most ten labels.
	c.put("q", "1")
	var ten []string
	for i := range 10 {
		ten = append(ten, fmt.Sprint("l", i))
	}
	c.label("q", 1, ten...)
	c.label("q", 1, "l0")
	_, err = c.tryLabel("q", 1, "l10")
	wantError(t, err, "ParameterVersionLabelLimitExceeded",
		"A parameter version can have maximum 10 labels.Move one or more labels to another version and try again.")
	_, err = c.get("q:l10")
	wantCode(t, err, "ParameterVersionNotFound")
}

// TestVersions checks that 100 versions are stored, and that a label protects the oldest.
func TestVersions(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	c.put("p", "1")
	for i := range 99 {
		c.put("p", strconv.Itoa(i+2), overwrite)
	}
	if v := c.value("p:1") + " " + c.value("p"); v != "1 100" {
		t.Errorf("values %s", v)
	}
	c.label("p", 1, "first")
	_, err := c.tryPut("p", "101", overwrite)
	wantError(t, err, "ParameterMaxVersionLimitExceeded", "You attempted to create a new version of p by calling the PutParameter API with the "+
		"overwrite flag. Version 1, the oldest version, can't be deleted because it has a label associated with it. Move the label "+
		"to another version of the parameter, and try again.")
	if v := c.value("p"); v != "100" {
		t.Errorf("value %s", v)
	}
	c.label("p", 2, "first")
	if n := c.put("p", "101", overwrite); n != 101 {
		t.Errorf("version %d", n)
	}
	_, err = c.get("p:1")
	wantCode(t, err, "ParameterVersionNotFound")
	_, err = c.tryLabel("p", 1, "x")
	wantCode(t, err, "ParameterVersionNotFound")
	list := c.history("p", 7)
	if len(list) != 100 || list[0].Version != 2 || list[99].Version != 101 || *list[99].Value != "101" {
		t.Errorf("%d versions, from %d", len(list), list[0].Version)
	}
	if diff := cmp.Diff([]string{"first"}, list[0].Labels); diff != "" {
		t.Error(diff)
	}
	c.label("p", 101, "first")
	for i := range 150 { // more than all rows of the history
		n := c.put("p", strconv.Itoa(i+102), overwrite)
		if n == 200 {
			c.label("p", n, "first")
		}
	}
	for i, v := range c.history("p", 50) {
		if v.Version != int64(152+i) || *v.Value != strconv.Itoa(152+i) {
			t.Errorf("version %d is %d, %s", 152+i, v.Version, *v.Value)
		}
	}
	for _, number := range []string{"152", "200", "201", "250", "251"} {
		if v := c.value("p:" + number); v != number {
			t.Errorf("version %s has the value %s", number, v)
		}
	}
	_, err = c.get("p:151")
	wantCode(t, err, "ParameterVersionNotFound")
	ok(t, c.delete("p"))
	c.put("p", "anew")
	if list := c.history("p", 50); len(list) != 1 || len(list[0].Labels) != 0 || *list[0].Value != "anew" {
		t.Errorf("history %+v", list)
	}
}

func TestHistory(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	c.put("/p", "one", secure, func(in *ssm.PutParameterInput) { in.Description = new("the first") })
	c.put("/p", "two", overwrite, func(in *ssm.PutParameterInput) { in.Description = new("the second") }, advanced)
	c.label("/p", 1, "b", "a")
	list := c.history("/p", 50)
	type brief struct {
		Name, Description, Value, Key, By string
		Type                              types.ParameterType
		Tier                              types.ParameterTier
		Labels                            []string
	}
	var got []brief
	for _, h := range list {
		b := brief{*h.Name, *h.Description, *h.Value, "", *h.LastModifiedUser, h.Type, h.Tier, h.Labels}
		if h.KeyId != nil {
			b.Key = *h.KeyId
		}
		got = append(got, b)
	}
	root := "arn:aws:iam::" + alice + ":root"
	want := []brief{
		{"/p", "the first", "one", "alias/aws/ssm", root, types.ParameterTypeSecureString, types.ParameterTierStandard, []string{"a", "b"}},
		{"/p", "the second", "two", "", root, types.ParameterTypeString, types.ParameterTierAdvanced, []string{}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	try := func(in *ssm.GetParameterHistoryInput) error {
		_, err := c.GetParameterHistory(ctx, in)
		return err
	}
	wantCode(t, try(&ssm.GetParameterHistoryInput{Name: new("none")}), notFound)
	wantCode(t, try(&ssm.GetParameterHistoryInput{Name: new("/p:1")}), notFound)
	wantCode(t, try(&ssm.GetParameterHistoryInput{Name: new("/p"), MaxResults: new(int32(51))}), validation)
	wantCode(t, try(&ssm.GetParameterHistoryInput{Name: new("/p"), NextToken: new("x")}), "InvalidNextToken")
	ok(t, try(&ssm.GetParameterHistoryInput{Name: new(parameterARN(alice, "p"))}))
}
