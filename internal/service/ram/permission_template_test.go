package ram_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ram"

	"github.com/writdev/writ/writtest"
)

// TestTemplate tests policy templates and the positions of errors in them.
func TestTemplate(t *testing.T) {
	c := newClient(t, writtest.New(t), alice)
	condition := func(text string) string {
		return `{"Effect":"Allow","Action":["imagebuilder:GetComponent"],"Condition":` + text + `}`
	}
	for _, test := range []struct{ template, want string }{
		{getComponent, ""},
		{`{"Effect":"Allow","Action":"imagebuilder:GetComponent"}`, ""},
		{` { "Action":["IMAGEBUILDER:getcomponentpolicy","imagebuilder:ListComponents"],` + "\n" + ` "Effect":"Allow" } `, ""},
		{condition(`{"StringEquals":{"aws:PrincipalTag/team":"red"},"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`), ""},
		{condition(`{"StringLikeIfExists":{"aws:PrincipalArn":"arn:aws:iam::*:role/build*"}}`), ""},

		{`not JSON`, "line 1, column 0"},
		{`[` + getComponent + `]`, "it must be one JSON object"},
		{`[` + getComponent + `,` + getComponent + `]`, "it must be one JSON object"},
		{getComponent + `,"Id":"x"`, "it must be one JSON object"},
		{getComponent + getComponent, "line 1"},
		{`{"Effect":"Deny","Action":["imagebuilder:GetComponent"]}`, "line 1, column 10, Effect: a permission can only allow"},
		{`{"Action":["imagebuilder:GetComponent"]}`, "Effect"},
		{`{"Effect":"Allow"}`, "Action"},
		{`{"Effect":"Allow","Action":[]}`, "Action"},
		{`{"Effect":"Allow","NotAction":["imagebuilder:GetComponent"]}`, "NotAction is not allowed in a permission"},
		{`{"Effect":"Allow",` + "\n" + `"Action":["imagebuilder:GetComponent",` + "\n" + `"imagebuilder:GetImage"]}`,
			`line 3, column 0, Action[1]: "imagebuilder:GetImage" is not an action that a permission for imagebuilder:Component can allow`},
		{`{"Effect":"Allow","Action":["imagebuilder:PutComponentPolicy"]}`, "is not an action"},
		{`{"Effect":"Allow","Action":["imagebuilder:*"]}`, "is not an action"},
		{`{"Effect":"Allow","Action":"*"}`, "is not an action"},
		{`{"Effect":"Allow","Action":["imagebuilder:GetComponent"],"Principal":"*"}`, "Principal is not allowed in a permission"},
		{`{"Effect":"Allow","Action":["imagebuilder:GetComponent"],"NotPrincipal":{"AWS":"111122223333"}}`, "NotPrincipal"},
		{`{"Effect":"Allow","Action":["imagebuilder:GetComponent"],"Resource":"*"}`, "Resource is not allowed in a permission"},
		{`{"Effect":"Allow","Action":["imagebuilder:GetComponent"],"NotResource":"*"}`, "NotResource is not allowed"},
		{`{"Sid":"one","Effect":"Allow","Action":["imagebuilder:GetComponent"]}`, "Sid is not allowed"},
		{`{"Effect":"Allow","Action":["imagebuilder:GetComponent"],"Tags":{}}`, "Tags"},
		{condition(`{"StringNotEquals":{"aws:PrincipalTag/team":"red"}}`), "may not negate"},
		{condition(`{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`), "may not negate"},
		{condition(`{"Null":{"aws:PrincipalTag/team":"true"}}`), "may not negate"},
		{condition(`{"ForAnyValue:StringEquals":{"aws:PrincipalTag/team":"red"}}`), "may not compare multiple values"},
		{condition(`{"ForAllValues:StringEquals":{"aws:PrincipalTag/team":"red"}}`), "may not compare multiple values"},
		{condition(`{"StringSame":{"aws:PrincipalTag/team":"red"}}`), "StringSame"},
		{condition(`{"StringEquals":{"aws:PrincipalOrgId":"o-1"}}`), "the condition key aws:PrincipalOrgId is not allowed in a permission"},
		{condition(`{"StringEquals":{"AWS:principalorgpaths":"o-1"}}`), "is not allowed in a permission"},
		{condition(`{"StringEquals":{"aws:PrincipalAccount":"444455556666"}}`), "is not allowed in a permission"},
		{condition(`{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::b"}}`), "is not allowed in a permission"},
		{condition(`{"StringEquals":{"aws:SourceAccount":"444455556666"}}`), "is not allowed in a permission"},
		{condition(`{"StringEquals":{"aws:SourceOrgID":"o-1"}}`), "is not allowed in a permission"},
		{condition(`{"StringEquals":{"aws:SourceOrgPaths":"o-1"}}`), "is not allowed in a permission"},
		{condition(`{"StringEquals":{"aws:PrincipalTag/aws:cloudformation:stack-name":"s"}}`), "is not allowed in a permission"},
		{condition(`{"StringEquals":{"aws:ResourceTag/aws:x":"s"}}`), "is not allowed in a permission"},
		{condition(`{"StringEquals":{"aws:RequestTag/aws:x":"s"}}`), "is not allowed in a permission"},
	} {
		out, err := c.CreatePermission(ctx, &ram.CreatePermissionInput{
			Name: new("template"), ResourceType: new("imagebuilder:Component"), PolicyTemplate: &test.template,
		})
		if test.want != "" {
			message := wantCode(t, err, "MalformedPolicyTemplateException")
			const begin = "The operation failed because the policy template that you provided isn't valid. "
			if fault, found := strings.CutPrefix(message, begin); !found || !strings.Contains(fault, test.want) {
				t.Errorf("%s: message %q, want %q", test.template, message, test.want)
			}
			continue
		}
		ok(t, err)
		got, err := c.GetPermission(ctx, &ram.GetPermissionInput{PermissionArn: out.Permission.Arn})
		ok(t, err)
		if *got.Permission.Permission != test.template {
			t.Errorf("kept as %s", *got.Permission.Permission)
		}
		_, err = c.DeletePermission(ctx, &ram.DeletePermissionInput{PermissionArn: out.Permission.Arn})
		ok(t, err)
	}
}
