package ssm_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/writtest"
)

func TestPutAndGet(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	out, err := c.tryPut("/app/db", "localhost", func(in *ssm.PutParameterInput) { in.Description = new("where it is") })
	ok(t, err)
	if out.Version != 1 || out.Tier != types.ParameterTierStandard {
		t.Errorf("put %+v", out)
	}
	arn := parameterARN(alice, "app/db")
	for name, selector := range map[string]string{"/app/db": "", arn: "", "/app/db:1": ":1", arn + ":1": ":1"} {
		p, err := c.get(name)
		ok(t, err)
		got := []any{*p.Name, *p.ARN, p.Type, *p.Value, p.Version, *p.DataType, p.Selector}
		want := []any{"/app/db", arn, types.ParameterTypeString, "localhost", int64(1), "text", (*string)(nil)}
		if selector != "" {
			want[6] = &selector
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if age := time.Since(*p.LastModifiedDate); age < -time.Second || age > time.Minute {
			t.Errorf("%s was modified %v ago", name, age)
		}
	}
	_, err = c.tryPut("/app/db", "elsewhere")
	wantError(t, err, "ParameterAlreadyExists", "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.")
	if n := c.put("/app/db", "elsewhere", overwrite, untyped); n != 2 {
		t.Errorf("version %d", n)
	}
	if v := c.value("/app/db") + " " + c.value("/app/db:1"); v != "elsewhere localhost" {
		t.Errorf("values %s", v)
	}
	d := c.describe("/app/db")
	if *d.Description != "where it is" || *d.LastModifiedUser != "arn:aws:iam::"+alice+":root" || d.Version != 2 || d.Policies == nil || *d.ARN != arn {
		t.Errorf("describe %+v", d)
	}
	for name, code := range map[string]string{
		"app/db": validation, "/app//db": validation, "/app": notFound, "/app/db:3": "ParameterVersionNotFound", "/app/db:prod": "ParameterVersionNotFound",
		"/app/db:": "ParameterVersionNotFound", "/app/db:+1": "ParameterVersionNotFound", "/app/db:01": "ParameterVersionNotFound", "a b": validation, strings.Replace(arn, writtest.Region, "eu-west-1", 1): notFound,
		"arn:aws:s3:::app/db": notFound, parameterARN(alice, "none"): notFound,
	} {
		_, err := c.get(name)
		wantCode(t, err, code)
	}
	_, err = c.get("/app/db:3")
	wantError(t, err, "ParameterVersionNotFound", "Systems Manager could not find version 3 of /app/db. Verify the version and try again.")
	if v := c.value(" /app/db "); v != "elsewhere" {
		t.Errorf("value %s", v)
	}
	_, err = c.get("/aws/reference/secretsmanager/db")
	wantError(t, err, notFound, "Secret /aws/reference/secretsmanager/db not found.")

	// The ARN of another region is not split at its first colon.
	foreign := strings.Replace(arn, writtest.Region, "eu-west-1", 1)
	c.put("arn", "x")
	_, err = c.get(foreign)
	wantError(t, err, notFound, "")
	if v := c.value("arn:1"); v != "x" {
		t.Errorf("value %s", v)
	}
}

// TestRegions checks that no name and no ARN refers to another region.
func TestRegions(t *testing.T) {
	s := writtest.New(t)
	cfg := s.Config(alice)
	cfg.Region = "eu-west-1"
	there, here := fromConfig(t, cfg), newClient(t, s, alice)
	there.put("p", "there")
	arn := strings.Replace(parameterARN(alice, "p"), writtest.Region, cfg.Region, 1)
	if v := there.value(arn); v != "there" {
		t.Errorf("value %s", v)
	}
	for _, name := range []string{"p", arn} {
		_, err := here.get(name)
		wantCode(t, err, notFound)
	}
	if got := here.described(ssm.DescribeParametersInput{}); len(got) != 0 {
		t.Errorf("described %v", got)
	}
}

// TestSlash checks that a name with and without a leading slash is the same parameter, which is returned
// under the requested name. This was recorded from AWS.
func TestSlash(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	c.put("db", "1")
	_, err := c.tryPut("/db", "2")
	wantCode(t, err, "ParameterAlreadyExists")
	c.put("/db", "2", overwrite)
	for asked, want := range map[string]string{"db": "db", "/db": "/db", parameterARN(alice, "db"): "db"} {
		p, err := c.get(asked)
		ok(t, err)
		if *p.Name != want || *p.Value != "2" || p.Version != 2 {
			t.Errorf("%s is %s, version %d: %s", asked, *p.Name, p.Version, *p.Value)
		}
	}
}

func TestNames(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	const (
		bad = `Parameter name: can't be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths ` +
			`divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_`
		reserved  = `Parameter name: can't be prefixed with "aws" or "ssm" (case-insensitive).`
		qualified = "Parameter name must be a fully qualified name."
	)
	levels := func(n int) string { return strings.Repeat("/a", n) }
	long := func(arn int) string { return strings.Repeat("n", arn-len(parameterARN(alice, ""))) }
	for _, test := range []struct{ name, code, message string }{
		{"a.b-c_D9", "", ""},
		{"/a.b/c-d/E_9", "", ""},
		{"/a", "", ""},
		{"my-aws", "", ""},
		{"/my/aws/ssm", "", ""},
		{"  around ", "", ""},
		{"a/b", validation, qualified},
		{"aws", validation, reserved},
		{"AwsThing", validation, reserved},
		{"ssm.thing", validation, reserved},
		{"/ssm", validation, reserved},
		{"/SSM/thing", validation, bad},
		{"/aws/thing", accessDenied, "No access to reserved parameter name: /aws/thing."},
		{"a b", validation, bad},
		{"ä", validation, bad},
		{"a:1", validation, bad},
		{"a*", validation, bad},
		{"//a", validation, bad},
		{"/a/", validation, bad},
		{"/", validation, bad},
		{parameterARN(alice, "a1"), validation, bad},
		{parameterARN(bob, "a1"), validation, bad},
		{levels(15), "", ""},
		{levels(16), "HierarchyLevelLimitExceededException", "A hierarchy can have a maximum of 15 levels."},
		{long(1011), "", ""},
		{long(1012), validation, "The name of the parameter and the ARN before it are longer than 1011 characters."},
	} {
		_, err := c.tryPut(test.name, "x")
		if test.code == "" {
			if err != nil {
				t.Errorf("%.40s: %v", test.name, err)
			}
			continue
		}
		if got := wantCode(t, err, test.code); got != test.message {
			t.Errorf("%.40s: message %q, want %q", test.name, got, test.message)
		}
	}
}

func TestValues(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	with := func(typ types.ParameterType, dataType, pattern string) func(*ssm.PutParameterInput) {
		return func(in *ssm.PutParameterInput) {
			in.Type, in.DataType, in.AllowedPattern, in.Overwrite = typ, &dataType, &pattern, new(true)
		}
	}
	const (
		text    = types.ParameterTypeString
		list    = types.ParameterTypeStringList
		secret  = types.ParameterTypeSecureString
		image   = "aws:ec2:image"
		invalid = "InvalidAllowedPatternException"
		differs = "ParameterPatternMismatchException"
	)
	for i, test := range []struct {
		typ                  types.ParameterType
		data, pattern, value string
		code                 string
	}{
		{list, "text", "", "a,b,c", ""},
		{text, "text", "", "", validation},
		{text, "text", "", "before {{ssm:other}} after", validation},
		{text, "text", "", `{"a":{"b":{}}}`, ""},
		{text, "other", "", "x", validation},
		{text, image, "", "ami-0123456789abcdef0", ""},
		{text, image, "", "ami-01234567", ""},
		{text, image, "", "ami-xyz", validation},
		{list, image, "", "ami-01234567", validation},
		{secret, "aws:ssm:integration", "", "{}", ""},
		{text, "aws:ssm:integration", "", "{}", validation},
		{text, "text", `\d+`, "42", ""},
		{text, "text", `^\d+$`, "42", ""},
		{text, "text", `\d+`, "x42", differs},
		{text, "text", `a|b`, "b", ""},
		{secret, "text", `\d+`, "x", differs},
		{list, "text", `[a-z]`, "a,b", ""},
		{list, "text", `[a-z]`, "a,b,,", ""}, // it must be empty at its end
		{list, "text", `[a-z]`, "a,,b", differs},
		{list, "text", `[a-z]`, "a,B", differs},
		{list, "text", `\d+`, "10,20", ""},
		{text, "text", `[a-z]`, "a,b", differs},
		{text, "text", `(`, "(", invalid},
		{text, "text", `(?!x)y`, "y", invalid},
		{text, "text", `a)|(b`, "a", invalid},
	} {
		_, err := c.tryPut(fmt.Sprint("p", i), test.value, with(test.typ, test.data, test.pattern))
		if test.code != "" {
			wantCode(t, err, test.code)
		} else if err != nil {
			t.Errorf("%d %+v: %v", i, test, err)
		}
	}
	_, err := c.tryPut("pattern", "x", with(text, "text", `^\d+$`))
	wantError(t, err, differs, `Parameter value, cannot be validated against allowedPattern: ^\d+$`)
	_, err = c.tryPut("empty", "")
	wantError(t, err, validation, "1 validation error detected: Value at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1")
	_, err = c.tryPut("untyped", "x", untyped)
	wantError(t, err, validation, "A parameter type is required when you create a parameter.")
	_, err = c.tryPut("keyed", "x", key("alias/aws/ssm"))
	wantCode(t, err, validation)
}

// TestOverwriteKeeps checks that members omitted in an overwrite keep their values.
func TestOverwriteKeeps(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	c.put("p", "1", func(in *ssm.PutParameterInput) { in.Description, in.AllowedPattern = new("a number"), new(`\d`) })
	_, err := c.tryPut("p", "x", overwrite, untyped)
	wantCode(t, err, "ParameterPatternMismatchException")
	c.put("p", "2", overwrite, untyped)
	if d := c.describe("p"); *d.Description != "a number" || *d.AllowedPattern != `\d` || d.Type != types.ParameterTypeString {
		t.Errorf("%+v", d)
	}
	c.put("p", "x", overwrite, func(in *ssm.PutParameterInput) { in.Description, in.AllowedPattern = new(""), new("") })
	if d := c.describe("p"); d.Description != nil || d.AllowedPattern != nil {
		t.Errorf("%+v", d)
	}
}

// TestTypeChange changes a type in both directions. AWS documents this as impossible, but allows it:
// Terraform's acceptance tests do so.
func TestTypeChange(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	c.put("p", "1", secure)
	c.put("p", "2", overwrite)
	if d := c.describe("p"); d.Type != types.ParameterTypeString || d.KeyId != nil {
		t.Errorf("%+v", d)
	}
	c.put("p", "3", overwrite, secure)
	if d := c.describe("p"); d.Type != types.ParameterTypeSecureString || d.KeyId == nil {
		t.Errorf("%+v", d)
	}
	c.put("p", "4,5", overwrite, func(in *ssm.PutParameterInput) { in.Type = types.ParameterTypeStringList })
	if v := c.value("p") + c.value("p:3") + c.value("p:2") + c.value("p:1"); v != "4,5321" {
		t.Errorf("values %s", v)
	}
}

func TestGetParameters(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	c.put("a", "1")
	c.put("a", "2", overwrite)
	c.put("/b", "3")
	get := func(c client, names ...string) (*ssm.GetParametersOutput, error) {
		return c.GetParameters(ctx, &ssm.GetParametersInput{Names: names})
	}
	out, err := get(c, "none", "a", parameterARN(alice, "b"), "a:1", "a:7", "x y", "/a")
	ok(t, err)
	var values []string
	for _, p := range out.Parameters {
		values = append(values, *p.Name+"="+*p.Value)
	}
	if diff := cmp.Diff([]string{"a=2", "/b=3", "a=1", "/a=2"}, values); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"none", "a:7", "x y"}, out.InvalidParameters); diff != "" {
		t.Error(diff)
	}
	// A denied name denies the call, at any position and whether or not it exists.
	user := as(t, s, alice, "a-only", identity("Allow", "ssm:GetParameters", parameterARN(alice, "a")))
	_, err = get(user, "a", "a:1")
	ok(t, err)
	for _, names := range [][]string{{"a", "/b"}, {"/b", "a"}, {"a", "none"}, {"a", parameterARN(bob, "a")}} {
		_, err = get(user, names...)
		wantCode(t, err, accessDenied)
	}
	status, answer := raw(t, s, alice, "GetParameters", `{"Names":["a"]}`)
	if list, is := answer["InvalidParameters"].([]any); status != 200 || !is || len(list) != 0 {
		t.Errorf("%d %v", status, answer)
	}
	_, err = get(c, strings.Fields("a b c d e f g h i j k")...)
	if m := wantCode(t, err, validation); m != "1 validation error detected: Value '[a, b, c, d, e, f, g, h, i, j, k]' at 'names' failed to satisfy constraint: "+
		"Member must have length less than or equal to 10" {
		t.Errorf("message %q", m)
	}
}

func TestDelete(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	for _, name := range []string{"a", "b", "c", "d"} {
		c.put(name, "1")
		c.put(name, "2", overwrite)
	}
	ok(t, c.delete("a"))
	wantCode(t, c.delete("a"), notFound)
	for _, name := range []string{"a", "a:1"} {
		_, err := c.get(name)
		wantCode(t, err, notFound)
	}
	wantCode(t, c.delete(parameterARN(alice, "b")), notFound)
	out, err := c.DeleteParameters(ctx, &ssm.DeleteParametersInput{Names: []string{"b", "none", "c"}})
	ok(t, err)
	if diff := cmp.Diff([][]string{{"b", "c"}, {"none"}}, [][]string{out.DeletedParameters, out.InvalidParameters}); diff != "" {
		t.Error(diff)
	}
	user := as(t, s, alice, "none-only", identity("Allow", "ssm:DeleteParameters", parameterARN(alice, "none")))
	_, err = user.DeleteParameters(ctx, &ssm.DeleteParametersInput{Names: []string{"none", "d"}})
	wantCode(t, err, accessDenied)
	if v := c.value("d"); v != "2" {
		t.Errorf("value %s", v)
	}
	// A parameter that is created again under the name begins at version 1.
	if n := c.put("a", "3") + c.put("a", "4", overwrite); n != 1+2 {
		t.Errorf("versions %d", n)
	}
}

// TestConditionKeys tests policies with the service's own condition keys.
func TestConditionKeys(t *testing.T) {
	s := writtest.New(t)
	root := newClient(t, s, alice)
	root.put("p", "1")
	red := func(in *ssm.PutParameterInput) { in.Tags = []types.Tag{{Key: new("team"), Value: new("red")}} }
	when := func(user, action, key, value string) client {
		return as(t, s, alice, user, `{"Effect":"Allow","Action":"`+action+`","Resource":"*","Condition":{"StringEquals":{"`+key+`":"`+value+`"}}}`)
	}
	c := when("no-overwrite", "ssm:PutParameter", "ssm:Overwrite", "false")
	c.put("q", "1")
	_, err := c.tryPut("p", "2", overwrite)
	wantCode(t, err, accessDenied)
	c = when("overwrite", "ssm:PutParameter", "ssm:Overwrite", "true")
	c.put("p", "2", overwrite)
	c = when("no-policies", "ssm:PutParameter", "ssm:Policies", "false")
	_, err = c.tryPut("r", "2", advanced, policies("[]"))
	wantCode(t, err, accessDenied)
	c.put("r", "2")
	c = when("flat", "ssm:GetParametersByPath", "ssm:Recursive", "false")
	_, err = c.GetParametersByPath(ctx, &ssm.GetParametersByPathInput{Path: new("/")})
	ok(t, err)
	_, err = c.GetParametersByPath(ctx, &ssm.GetParametersByPathInput{Path: new("/"), Recursive: new(true)})
	wantCode(t, err, accessDenied)
	c = when("half-tagger", "ssm:PutParameter", "aws:RequestTag/team", "red")
	_, err = c.tryPut("s", "1", red)
	if m := wantCode(t, err, accessDenied); !strings.Contains(m, "ssm:AddTagsToResource") {
		t.Errorf("message %q", m)
	}
	c = when("tagger", "ssm:*", "aws:RequestTag/team", "red")
	_, err = c.tryPut("s", "1")
	wantCode(t, err, accessDenied)
	c.put("s", "1", red)
	for user, key := range map[string]string{"reader": "aws:ResourceTag/team", "reader-too": "ssm:resourceTag/team"} {
		c = when(user, "ssm:GetParameter", key, "red")
		if v := c.value("s"); v != "1" {
			t.Errorf("value %s", v)
		}
		_, err = c.get("p")
		wantCode(t, err, accessDenied)
	}
}

// TestWire checks raw bodies: the case of message differs by error, some have none, and the status of errors is at most 400.
func TestWire(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	c.put("p", "1")
	for _, test := range []struct{ account, operation, body, code, member, message string }{
		{alice, "GetParameter", `{"Name":"none"}`, notFound, "", ""},
		{alice, "GetParameter", `{"Name":"p:9"}`, "ParameterVersionNotFound", "message", ""},
		{alice, "PutParameter", `{"Name":"p","Value":"2","Type":"String"}`, "ParameterAlreadyExists", "message", ""},
		{alice, "PutParameter", `{"Name":"a b","Value":"2","Type":"String"}`, validation, "Message", ""},
		{alice, "PutParameter", `{"Name":"a"}`, validation, "Message", "1 validation error detected: Value null at 'value' failed to satisfy constraint: Member must not be null"},
		{alice, "DescribeParameters", `{"NextToken":"x"}`, "InvalidNextToken", "Message", "The specified token isn't valid."},
		{alice, "DescribeParameters", `{"ParameterFilters":[{"Key":"Label","Values":["x"]}]}`, "InvalidFilterKey", "message",
			"The following filter key is not valid: Label. Valid filter keys include: [Path, Name, Type, KeyId, Tier]."},
		{alice, "GetParametersByPath", `{"Path":"/","ParameterFilters":[{"Key":"Name","Values":["x"]}]}`, "InvalidFilterKey", "message",
			"The following filter key is not valid: Name. Valid filter keys include: [Type, KeyId]."},
		{alice, "GetParameter", `{"Name":"p:1:2"}`, notFound, "", ""},
		{alice, "GetParameter", `{"Name":"none:2"}`, notFound, "", ""},
		{alice, "PutParameter", `{"Name":"q","Value":"1","Type":"str"}`, validation, "Message",
			"1 validation error detected: Value 'str' at 'type' failed to satisfy constraint: Member must satisfy enum value set: [SecureString, StringList, String]"},
		{alice, "ListTagsForResource", `{"ResourceType":"Parameter","ResourceId":"none"}`, "InvalidResourceId", "", ""},
		{alice, "GetServiceSetting", `{"SettingId":"/ssm/none"}`, "ServiceSettingNotFound", "Message", ""},
		{bob, "GetParameter", `{"Name":"` + parameterARN(alice, "p") + `"}`, accessDenied, "Message", "User: arn:aws:iam::" + bob +
			":root is not authorized to perform: ssm:GetParameter on resource: " + parameterARN(alice, "p") +
			" because no resource-based policy allows the ssm:GetParameter action"},
	} {
		status, answer := raw(t, s, test.account, test.operation, test.body)
		message, found := answer[test.member].(string)
		members := 2
		if test.member == "" {
			members = 1
		}
		if status != 400 || answer["__type"] != test.code || len(answer) != members || found != (members == 2) || test.message != "" && message != test.message {
			t.Errorf("%s %s: %d %v", test.operation, test.body, status, answer)
		}
	}
}
