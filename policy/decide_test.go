package policy_test

import (
	"strings"
	"testing"

	"github.com/writdev/writ/policy"
)

// TestZeroValuesDeny: zero values of requests and policies deny.
func TestZeroValuesDeny(t *testing.T) {
	if d := policy.Decide(new(policy.Request), new(policy.Policies)); d != (policy.Decision{Layer: policy.LayerResource}) {
		t.Errorf("an empty request is decided %v", d)
	}
	if d := (policy.Decision{}); d.Allowed() || d.String() != "implicitDeny by none" {
		t.Errorf("the zero decision is %v", d)
	}
	doc, err := policy.Parse([]byte(`{"Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam:::root"},"Action":"*","Resource":"*"}}`))
	if err != nil {
		t.Fatal(err)
	}
	for kind := policy.Anonymous; kind <= policy.WebIdentity; kind++ {
		req := policy.Request{Principal: policy.Principal{Kind: kind}, Action: "s3:GetObject", Resource: "arn:aws:s3:::b"}
		if d := policy.Decide(&req, &policy.Policies{Resource: []policy.Attached{{Document: doc}}}); d.Allowed() {
			t.Errorf("a caller of kind %d without a name is decided %v", kind, d)
		}
	}
}

// TestAbsentAndEmpty: an absent layer limits nothing; one that is present but empty
// allows nothing.
func TestAbsentAndEmpty(t *testing.T) {
	doc, err := policy.Parse([]byte(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`))
	if err != nil {
		t.Fatal(err)
	}
	all, none := []policy.Attached{{Document: doc}}, []policy.Attached{}
	req := policy.Request{Action: "sqs:SendMessage", Resource: "arn:aws:sqs:us-east-1:111122223333:q"}
	if req.Principal, err = policy.ParsePrincipal("arn:aws:iam::111122223333:user/bob"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name     string
		policies policy.Policies
		want     string
	}{
		{"no ceiling", policy.Policies{Identity: all}, "allow by identity"},
		{"no identity policy", policy.Policies{}, "implicitDeny by identity"},
		{"empty identity layer", policy.Policies{Identity: none}, "implicitDeny by identity"},
		{"empty boundary", policy.Policies{Identity: all, Boundary: none}, "implicitDeny by boundary"},
		{"empty session policy", policy.Policies{Identity: all, Session: none}, "implicitDeny by session"},
		{"empty endpoint policy", policy.Policies{Identity: all, Endpoint: none}, "implicitDeny by endpoint"},
		{"no level of service control policies", policy.Policies{Identity: all, ServiceControl: [][]policy.Attached{}}, "allow by identity"},
		{"an empty level", policy.Policies{Identity: all, ServiceControl: [][]policy.Attached{all, none}}, "implicitDeny by scp"},
		{"empty resource policy", policy.Policies{Identity: all, Resource: none}, "allow by identity"},
		{"empty resource control policies", policy.Policies{Identity: all, ResourceControl: [][]policy.Attached{none}}, "allow by identity"},
		{"a policy without a document", policy.Policies{Identity: []policy.Attached{{Name: "gone"}}}, "implicitDeny by identity"},
	} {
		if got := policy.Decide(&req, &c.policies).String(); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// TestDecideAllocatesNothing checks every case that is allowed.
func TestDecideAllocatesNothing(t *testing.T) {
	for _, c := range loadCases(t) {
		if !policy.Decide(&c.request, &c.policies).Allowed() {
			continue
		}
		if n := testing.AllocsPerRun(3, func() { policy.Decide(&c.request, &c.policies) }); n > 0 {
			t.Errorf("%s: %v allocations", c.name, n)
		}
	}
}

// TestContext covers changing, adding to and resetting a context.
func TestContext(t *testing.T) {
	var c policy.Context
	check := func(key string, want ...string) {
		t.Helper()
		got := c.Get(key)
		if len(got) != len(want) {
			t.Fatalf("%s is %q, want %q", key, got, want)
		}
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("%s is %q, want %q", key, got, want)
			}
		}
	}
	check("a")
	c.Set("aws:TagKeys", "x", "y")
	c.Set("b", "1")
	check("AWS:tagkeys", "x", "y")
	c.Add("aws:tagKeys", "z")
	check("aws:TagKeys", "x", "y", "z")
	check("b", "1")
	c.Add("aws:TagKeys", "w")
	check("aws:TagKeys", "x", "y", "z", "w")
	c.Set("aws:TagKeys", "v")
	check("aws:TagKeys", "v")
	c.Set("none")
	check("none")
	if !c.Has("NONE") || c.Has("aws:Other") {
		t.Error("Has does not match the context's keys")
	}
	c.Reset()
	check("aws:TagKeys")
	if n := testing.AllocsPerRun(10, func() { c.Reset(); c.Set("a", "1"); c.Set("b", "2"); c.Add("b", "3") }); n > 0 {
		t.Errorf("filling it again takes %v allocations", n)
	}
}

func TestParsePrincipal(t *testing.T) {
	for s, want := range map[string]policy.Principal{
		"*":                                  {},
		"111122223333":                       {Kind: policy.Root, ARN: "arn:aws:iam::111122223333:root", Account: "111122223333"},
		"arn:aws-cn:iam::111122223333:root":  {Kind: policy.Root, ARN: "arn:aws-cn:iam::111122223333:root", Account: "111122223333"},
		"arn:aws:iam::111122223333:user/p/b": {Kind: policy.User, ARN: "arn:aws:iam::111122223333:user/p/b", Account: "111122223333"},
		"arn:aws:sts::111122223333:assumed-role/R/s":   {Kind: policy.RoleSession, ARN: "arn:aws:sts::111122223333:assumed-role/R/s", Account: "111122223333", Issuer: "arn:aws:iam::111122223333:role/R"},
		"arn:aws:sts::111122223333:federated-user/f":   {Kind: policy.FederatedUser, ARN: "arn:aws:sts::111122223333:federated-user/f", Account: "111122223333"},
		"arn:aws:iam::111122223333:role/p/R":           {Kind: policy.RoleSession, ARN: "arn:aws:sts::111122223333:assumed-role/R", Account: "111122223333", Issuer: "arn:aws:iam::111122223333:role/p/R"},
		"sns.amazonaws.com":                            {Kind: policy.Service, ARN: "sns.amazonaws.com"},
		"ec2.amazonaws.com.cn":                         {Kind: policy.Service, ARN: "ec2.amazonaws.com.cn"},
		"cognito-identity.amazonaws.com":               {Kind: policy.WebIdentity, ARN: "cognito-identity.amazonaws.com"},
		"accounts.google.com":                          {Kind: policy.WebIdentity, ARN: "accounts.google.com"},
		"arn:aws:iam::111122223333:saml-provider/okta": {Kind: policy.WebIdentity, ARN: "arn:aws:iam::111122223333:saml-provider/okta"},
	} {
		if got, err := policy.ParsePrincipal(s); err != nil || got != want {
			t.Errorf("%s is %+v, %v, want %+v", s, got, err, want)
		}
	}
	for _, s := range []string{"", "bob", "arn:aws:iam::111122223333:role/", "arn:aws:iam::111122223333:user/", "arn:aws:iam::1:user/bob", "arn:aws:sts::111122223333:assumed-role/R", "arn:aws:s3:::b", "arn:aws:iam::111122223333:group/g"} {
		if got, err := policy.ParsePrincipal(s); err == nil {
			t.Errorf("%q is %+v", s, got)
		}
	}
}

// TestSetKeys checks the keys that depend only on the caller: rule V6.
func TestSetKeys(t *testing.T) {
	const account = "111122223333"
	for caller, want := range map[string]map[string]string{
		"*":                                    {"aws:PrincipalType": "Anonymous", "aws:PrincipalAccount": "anonymous", "aws:userid": "anonymous"},
		account:                                {"aws:PrincipalType": "Account", "aws:PrincipalAccount": account, "aws:PrincipalArn": "arn:aws:iam::111122223333:root", "aws:userid": account, "aws:PrincipalIsAWSService": "false"},
		"arn:aws:iam::111122223333:user/p/bob": {"aws:PrincipalType": "User", "aws:PrincipalAccount": account, "aws:PrincipalArn": "arn:aws:iam::111122223333:user/p/bob", "aws:username": "bob", "aws:PrincipalIsAWSService": "false"},
		"arn:aws:sts::111122223333:assumed-role/R/s": {"aws:PrincipalType": "AssumedRole", "aws:PrincipalAccount": account, "aws:PrincipalArn": "arn:aws:iam::111122223333:role/R", "aws:PrincipalIsAWSService": "false"},
		"arn:aws:sts::111122223333:federated-user/f": {"aws:PrincipalType": "FederatedUser", "aws:PrincipalAccount": account, "aws:PrincipalArn": "arn:aws:sts::111122223333:federated-user/f", "aws:userid": "111122223333:f", "aws:PrincipalIsAWSService": "false"},
		"sns.amazonaws.com":                          {"aws:PrincipalIsAWSService": "true", "aws:PrincipalServiceName": "sns.amazonaws.com"},
		"accounts.google.com":                        {"aws:FederatedProvider": "accounts.google.com"},
	} {
		p, err := policy.ParsePrincipal(caller)
		if err != nil {
			t.Fatal(err)
		}
		var c policy.Context
		p.SetKeys(&c)
		for _, key := range []string{"aws:PrincipalType", "aws:PrincipalAccount", "aws:PrincipalArn", "aws:userid", "aws:username", "aws:PrincipalIsAWSService", "aws:PrincipalServiceName", "aws:FederatedProvider"} {
			if got := strings.Join(c.Get(key), " "); got != want[key] {
				t.Errorf("%s: %s is %q, want %q", caller, key, got, want[key])
			}
		}
		c.Reset()
		c.Set("AWS:principalarn", "mine")
		p.SetKeys(&c)
		if got := c.Get("aws:PrincipalArn"); len(got) != 1 || got[0] != "mine" {
			t.Errorf("%s: a key that was already set is %q now", caller, got)
		}
	}
}

// TestEntriesKeepToTheirKind: a principal of one type does not cover a caller of
// another that has the same name.
func TestEntriesKeepToTheirKind(t *testing.T) {
	const account, name = "111122223333", "x.amazonaws.com"
	for entry, callers := range map[string][]policy.Principal{
		`{"AWS":"` + account + `"}`:                       {{Kind: policy.Service, ARN: name, Account: account}, {Kind: policy.Anonymous, Account: account}},
		`{"Service":"` + name + `"}`:                      {{Kind: policy.WebIdentity, ARN: name}, {Kind: policy.User, ARN: name, Account: account}},
		`{"Federated":"` + name + `"}`:                    {{Kind: policy.Service, ARN: name}, {Kind: policy.RoleSession, ARN: name, Account: account}},
		`{"AWS":"arn:aws:iam::` + account + `:user/bob"}`: {{Kind: policy.Service, ARN: "arn:aws:iam::" + account + ":user/bob"}},
	} {
		doc, err := policy.Parse([]byte(`{"Statement":{"Effect":"Allow","Action":"*","Principal":` + entry + `}}`))
		if err != nil {
			t.Fatal(err)
		}
		for _, who := range callers {
			req := policy.Request{Principal: who, Action: "s3:GetObject", Resource: "arn:aws:s3:::b"}
			if d := policy.Decide(&req, &policy.Policies{Resource: []policy.Attached{{Document: doc}}}); d.Allowed() {
				t.Errorf("%s covers %+v", entry, who)
			}
		}
	}
}

// TestServiceLinkedByItsPath: SCPs and RCPs do not apply to sessions of service-linked
// roles, but apply to those of a role whose path contains the same text elsewhere.
func TestServiceLinkedByItsPath(t *testing.T) {
	deny, err := policy.Parse([]byte(`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}`))
	if err != nil {
		t.Fatal(err)
	}
	allow, err := policy.Parse([]byte(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`))
	if err != nil {
		t.Fatal(err)
	}
	policies := policy.Policies{
		Identity:       []policy.Attached{{Document: allow}},
		ServiceControl: [][]policy.Attached{{{Document: deny}}},
	}
	for role, want := range map[string]string{
		"arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/R":   "allow by identity",
		"arn:aws:iam::111122223333:role/a:role/aws-service-role/R":            "explicitDeny by scp",
		"arn:aws:iam::111122223333:role/R":                                    "explicitDeny by scp",
		"arn:aws:iam::111122223333:user/role/aws-service-role/R":              "explicitDeny by scp",
		"arn:aws:iam::111122223333:role/my-aws-service-role/aws-service-role": "explicitDeny by scp",
	} {
		req := policy.Request{
			Principal: policy.Principal{Kind: policy.RoleSession, Account: "111122223333", Issuer: role,
				ARN: "arn:aws:sts::111122223333:assumed-role/R/s"},
			Action: "sqs:SendMessage", Resource: "arn:aws:sqs:us-east-1:111122223333:q",
		}
		if got := policy.Decide(&req, &policies).String(); got != want {
			t.Errorf("a session of %s: %s, want %s", role, got, want)
		}
	}
}
