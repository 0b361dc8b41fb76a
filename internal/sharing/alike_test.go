package sharing

import (
	"strings"
	"testing"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/operation"
)

// TestAlike changes one thing of a document at a time.
func TestAlike(t *testing.T) {
	c := &operation.Call{Gate: &authz.Gate{}}
	const document = `{"Version":"2012-10-17","Statement":[{"Sid":"One","Effect":"Allow","Principal":{"AWS":["444455556666"]},"Action":["ssm:GetParameter"],"Resource":["R"]}]}`
	for _, test := range []struct {
		name, old, new string
		want           bool
	}{
		{"nothing", "", "", true},
		{"the Sid", `"Sid":"One",`, `"Sid":"Two",`, true},
		{"the layout", `[{`, "[\n {", true},
		{"the version", `2012-10-17`, `2008-10-17`, false},
		{"the effect", `Allow`, `Deny`, false},
		{"the account", `444455556666`, `777788889999`, false},
		{"another account beside it", `"444455556666"`, `"444455556666","777788889999"`, false},
		{"the kind of principal", `"AWS"`, `"Service"`, false},
		{"anybody", `{"AWS":["444455556666"]}`, `"*"`, false},
		{"all but it", `"Principal"`, `"NotPrincipal"`, false},
		{"the action", `GetParameter"`, `GetParameters"`, false},
		{"all but the action", `"Action"`, `"NotAction"`, false},
		{"the resource", `"R"`, `"Q"`, false},
		{"all but the resource", `"Resource"`, `"NotResource"`, false},
		{"a condition", `"Resource":["R"]`, `"Resource":["R"],"Condition":{"Bool":{"aws:SecureTransport":"true"}}`, false},
		{"another statement", `[{`, `[{"Effect":"Deny","Principal":"*","Action":"ssm:*","Resource":"R"},{`, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			after := strings.Replace(document, test.old, test.new, 1)
			for _, pair := range [][2]string{{document, after}, {after, document}} {
				if got, err := alike(c, pair[0], pair[1]); got != test.want || err != nil {
					t.Errorf("alike(%s, %s) = %v, %v", pair[0], pair[1], got, err)
				}
			}
		})
	}
	conditional := strings.Replace(document, `"Sid":"One"`, `"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}`, 1)
	for _, pair := range [][2]string{{"", document}, {document, ""}, {conditional, conditional}} {
		if got, err := alike(c, pair[0], pair[1]); got || err != nil {
			t.Errorf("alike(%s, %s) = %v, %v", pair[0], pair[1], got, err)
		}
	}
}
