package imagebuilder_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/imagebuilder"
	"github.com/aws/aws-sdk-go-v2/service/imagebuilder/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/writdev/writ/writtest"
)

func TestComponent(t *testing.T) {
	c := newClient(t, writtest.New(t), alice)
	out, err := c.CreateComponent(ctx, &imagebuilder.CreateComponentInput{
		Name: new("My Web Agent"), SemanticVersion: new("1.2.3"), Platform: types.PlatformLinux, Data: new(shell),
		Description: new("Says hello."), Tags: map[string]string{"team": "web"}, ClientToken: new("token"),
	})
	ok(t, err)
	arn := c.arn("component/my-web-agent/")
	if diff := cmp.Diff(&types.LatestVersionReferences{
		LatestVersionArn:      new(arn + "x.x.x"),
		LatestMajorVersionArn: new(arn + "1.x.x"),
		LatestMinorVersionArn: new(arn + "1.2.x"),
		LatestPatchVersionArn: new(arn + "1.2.3"),
	}, out.LatestVersionReferences, cmpopts.IgnoreUnexported(types.LatestVersionReferences{})); diff != "" {
		t.Error(diff)
	}
	if *out.ComponentBuildVersionArn != arn+"1.2.3/1" || *out.ClientToken != "token" || out.RequestId == nil {
		t.Errorf("%+v", out)
	}
	got, err := c.GetComponent(ctx, &imagebuilder.GetComponentInput{ComponentBuildVersionArn: out.ComponentBuildVersionArn})
	ok(t, err)
	date := *got.Component.DateCreated
	if len(date) != len("2026-11-22T08:03:28.000Z") || !strings.HasSuffix(date, "Z") {
		t.Errorf("dateCreated %s", date)
	}
	if diff := cmp.Diff(&types.Component{
		Arn: new(arn + "1.2.3/1"), Name: new("My Web Agent"), Version: new("1.2.3"), Description: new("Says hello."),
		Type: types.ComponentTypeBuild, Platform: types.PlatformLinux, Owner: new(alice), Data: new(shell),
		State: &types.ComponentState{Status: types.ComponentStatusActive}, Encrypted: new(true), DateCreated: &date,
		Parameters: []types.ComponentParameterDetail{{
			Name: new("Greeting"), Type: new("string"), DefaultValue: []string{"hello"}, Description: new("What to say."),
		}},
		Tags: map[string]string{"team": "web"},
	}, got.Component, cmpopts.IgnoreUnexported(types.Component{}, types.ComponentState{}, types.ComponentParameterDetail{})); diff != "" {
		t.Error(diff)
	}
	if again := c.component("My Web Agent", "1.2.3"); again != arn+"1.2.3/2" {
		t.Errorf("the same name and version again: %s", again)
	}
}

func TestComponentRefused(t *testing.T) {
	c := newClient(t, writtest.New(t), alice)
	for _, test := range []struct {
		name    string
		change  func(*imagebuilder.CreateComponentInput)
		code    string
		message string // how it begins
	}{
		{"neither data nor uri", func(in *imagebuilder.CreateComponentInput) { in.Data = nil },
			"InvalidParameterCombinationException", "Exactly one of 'data' and 'uri'"},
		{"both data and uri", func(in *imagebuilder.CreateComponentInput) { in.Uri = new("s3://bucket/agent.yml") },
			"InvalidParameterCombinationException", "Exactly one of 'data' and 'uri'"},
		{"not YAML", func(in *imagebuilder.CreateComponentInput) { in.Data = new("phases: [") },
			"InvalidParameterValueException", "The value supplied for parameter 'data' is not valid. The component document cannot be read: line 1"},
		{"not a mapping", func(in *imagebuilder.CreateComponentInput) { in.Data = new("- phases") },
			"InvalidParameterValueException", "The value supplied for parameter 'data' is not valid. The component document cannot be read: line 1: a list cannot stand here."},
		{"not a mapping but text", func(in *imagebuilder.CreateComponentInput) { in.Data = new("hello") },
			"InvalidParameterValueException", "The value supplied for parameter 'data' is not valid. The component document cannot be read: line 1: this value cannot stand here."},
		{"a mapping of phases", func(in *imagebuilder.CreateComponentInput) { in.Data = new("phases:\n  name: build") },
			"InvalidParameterValueException", "The value supplied for parameter 'data' is not valid. The component document cannot be read: line 2: a mapping cannot stand here."},
		{"phases twice", func(in *imagebuilder.CreateComponentInput) { in.Data = new("phases: []\nphases: []") },
			"InvalidParameterValueException", "The value supplied for parameter 'data' is not valid. The component document cannot be read: line 2: mapping key \"phases\" already defined at line 1."},
		{"no schemaVersion", func(in *imagebuilder.CreateComponentInput) { in.Data = new("phases: [{name: build}]") },
			"InvalidParameterValueException", "The value supplied for parameter 'data' is not valid. The component document has no schemaVersion."},
		{"no phases", func(in *imagebuilder.CreateComponentInput) { in.Data = new("schemaVersion: 1.0\nphases: []") },
			"InvalidParameterValueException", "The value supplied for parameter 'data' is not valid. The component document has no phases."},
		{"a version out of bounds", func(in *imagebuilder.CreateComponentInput) { in.SemanticVersion = new("1.0.1073741824") },
			"InvalidVersionNumberException", "The version '1.0.1073741824' is out of bounds"},
		{"a wildcard", func(in *imagebuilder.CreateComponentInput) { in.SemanticVersion = new("1.0.x") },
			"InvalidParameterValueException", `The value supplied for parameter 'semanticVersion' is not valid. semanticVersion must match pattern ^[0-9]+\.[0-9]+\.[0-9]+$`},
		{"an unknown platform", func(in *imagebuilder.CreateComponentInput) { in.Platform = "BeOS" },
			"InvalidParameterValueException", "The value supplied for parameter 'platform' is not valid. platform must be one of: Windows, Linux, macOS"},
		{"a long description", func(in *imagebuilder.CreateComponentInput) { in.Description = new(strings.Repeat("x", 1025)) },
			"InvalidParameterValueException", "The value supplied for parameter 'description' is not valid. description must have length less than or equal to 1024"},
		{"a reserved tag", func(in *imagebuilder.CreateComponentInput) { in.Tags = map[string]string{"aws:mine": "1"} },
			"InvalidParameterValueException", "The value supplied for parameter 'tags' is not valid. tags must have keys that satisfy"},
		{"a dry run", func(in *imagebuilder.CreateComponentInput) { in.DryRun = true },
			"DryRunOperationException", "The request would have succeeded"},
		{"a dry run of what is not valid", func(in *imagebuilder.CreateComponentInput) { in.DryRun, in.Data = true, new("x") },
			"InvalidParameterValueException", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			in := &imagebuilder.CreateComponentInput{
				Name: new("agent"), SemanticVersion: new("1.0.0"), Platform: types.PlatformLinux, Data: new(shell),
			}
			test.change(in)
			_, err := c.CreateComponent(ctx, in)
			if message := wantCode(t, err, test.code); !strings.HasPrefix(message, test.message) {
				t.Errorf("message %q\nwant begin %q", message, test.message)
			}
		})
	}
	if arn := c.component("agent", "1.0.0"); !strings.HasSuffix(arn, "/1") {
		t.Errorf("a refused call left something: the next build is %s", arn)
	}
}

func TestComponentType(t *testing.T) {
	c := newClient(t, writtest.New(t), alice)
	for data, want := range map[string]types.ComponentType{
		"schemaVersion: 1.0\nphases: [{name: test}]":                     types.ComponentTypeTest,
		"schemaVersion: 1.0\nphases: [{name: build}, {name: test}]":      types.ComponentTypeBuild,
		`{"schemaVersion": 1.0, "phases": [{"name": "validate"}]}`:       types.ComponentTypeBuild,
		"schemaVersion: 1.0\nphases: [{name: test}, {name: other-name}]": types.ComponentTypeBuild,
	} {
		out, err := c.CreateComponent(ctx, &imagebuilder.CreateComponentInput{
			Name: new("agent"), SemanticVersion: new("1.0.0"), Platform: types.PlatformLinux, Data: &data,
		})
		ok(t, err)
		got, err := c.GetComponent(ctx, &imagebuilder.GetComponentInput{ComponentBuildVersionArn: out.ComponentBuildVersionArn})
		ok(t, err)
		if got.Component.Type != want {
			t.Errorf("%s: %s, want %s", data, got.Component.Type, want)
		}
	}
}

func TestImportComponent(t *testing.T) {
	c := newClient(t, writtest.New(t), alice)
	out, err := c.ImportComponent(ctx, &imagebuilder.ImportComponentInput{
		Name: new("script"), SemanticVersion: new("1.0.0"), Platform: types.PlatformLinux,
		Type: types.ComponentTypeTest, Format: types.ComponentFormatShell, Data: new("echo hello"),
	})
	ok(t, err)
	got, err := c.GetComponent(ctx, &imagebuilder.GetComponentInput{ComponentBuildVersionArn: out.ComponentBuildVersionArn})
	ok(t, err)
	if got.Component.Type != types.ComponentTypeTest || *got.Component.Data != "echo hello" {
		t.Errorf("%+v", got.Component)
	}
}

func TestClientToken(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	create := func(c client, name string) (*imagebuilder.CreateComponentOutput, error) {
		return c.CreateComponent(ctx, &imagebuilder.CreateComponentInput{
			Name: &name, SemanticVersion: new("1.0.0"), Platform: types.PlatformLinux, Data: new(shell), ClientToken: new("one"),
		})
	}
	first, err := create(c, "agent")
	ok(t, err)
	again, err := create(c, "agent")
	ok(t, err)
	if *again.ComponentBuildVersionArn != *first.ComponentBuildVersionArn || *again.RequestId == *first.RequestId {
		t.Errorf("repeated: %s (request %s), first %s (request %s)",
			*again.ComponentBuildVersionArn, *again.RequestId, *first.ComponentBuildVersionArn, *first.RequestId)
	}
	_, err = create(c, "other")
	wantCode(t, err, "IdempotentParameterMismatchException")
	_, err = create(newClient(t, s, bob), "other") // tokens are an account's own
	ok(t, err)
}

// TestWildcards reads components by version and by range of versions.
func TestWildcards(t *testing.T) {
	c := newClient(t, writtest.New(t), alice)
	for _, version := range []string{"1.6.9", "1.6.10", "1.6.10", "1.10.0", "2.0.0", "10.0.0"} {
		c.component("agent", version)
	}
	c.component("agent-2", "99.0.0")
	for asked, want := range map[string]string{
		"x.x.x": "10.0.0/1", "1.x.x": "1.10.0/1", "1.6.x": "1.6.10/2", "1.6.10": "1.6.10/2", "1.6.10/1": "1.6.10/1",
		"2.x.x": "2.0.0/1", "3.x.x": "ResourceNotFoundException", "1.6.8": "ResourceNotFoundException",
		"1.6.10/3": "ResourceNotFoundException", "x.6.x": "InvalidVersionNumberException", "1.x.10": "InvalidVersionNumberException",
	} {
		t.Run(asked, func(t *testing.T) {
			out, err := c.GetComponent(ctx, &imagebuilder.GetComponentInput{ComponentBuildVersionArn: new(c.arn("component/agent/" + asked))})
			if strings.HasSuffix(want, "Exception") {
				wantCode(t, err, want)
				return
			}
			ok(t, err)
			if got := *out.Component.Arn; got != c.arn("component/agent/"+want) {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}
