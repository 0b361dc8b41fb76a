package analyze

import (
	"net/netip"
	"testing"

	"github.com/writdev/writ/policy"
)

func TestGrants(t *testing.T) {
	d := doc(t, `{"Effect":"Allow","Action":["s3:Get*","iam:PassRole"],"Resource":"arn:aws:s3:::b/*"},{"Effect":"Deny","Action":"s3:GetObjectAcl","Resource":"*"}`)
	for _, c := range []struct {
		actions, resources []string
		want               bool
	}{
		{[]string{"s3:GetObject"}, nil, true},
		{[]string{"s3:PutObject", "s3:GetObject"}, nil, true},
		{[]string{"s3:PutObject"}, nil, false},
		{[]string{"s3:GetObjectAcl"}, nil, false},
		{[]string{"s3:*"}, []string{"arn:aws:s3:::c/*"}, false},
		{[]string{"S3:GETOBJECT"}, []string{"arn:aws:s3:::*/x"}, true},
		{nil, []string{"arn:aws:s3:::b/x"}, true},
		{nil, nil, true},
	} {
		a := Grants(d, policy.Identity, c.actions, c.resources, Options{})
		if a.Unknown || (a.Witness != nil) != c.want {
			t.Errorf("%v on %v: %+v, want %v", c.actions, c.resources, a, c.want)
		}
		if a.Witness != nil && !allows(d, &a.Witness.Request, policy.Identity) {
			t.Errorf("%v on %v: false witness %+v", c.actions, c.resources, a.Witness.Request)
		}
	}
}

func TestPublic(t *testing.T) {
	for _, c := range []struct {
		name, statements string
		want             bool
	}{
		{"everybody", `{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}`, true},
		{"an account", `{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"s3:GetObject","Resource":"*"}`, false},
		{"a service", `{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"s3:PutObject","Resource":"*"}`, false},
		{"an organization", `{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}}`, false},
		{"any organization", `{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*","Condition":{"StringLike":{"aws:PrincipalOrgID":"o-*"}}}`, true},
		{"if it exists", `{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*","Condition":{"StringEqualsIfExists":{"aws:SourceVpc":"vpc-1"}}}`, true},
		{"not a VPC", `{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*","Condition":{"StringNotEquals":{"aws:SourceVpc":"vpc-1"}}}`, true},
		{"a VPC", `{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*","Condition":{"StringEquals":{"aws:SourceVpc":"vpc-1"}}}`, false},
		{"a network", `{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}`, false},
		{"half the world", `{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":["0.0.0.0/1"]}}}`, true},
		{"a key of no meaning", `{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*","Condition":{"StringEquals":{"aws:UserAgent":"x"}}}`, true},
		{"denied but for a VPC", `{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*","Condition":{"StringEquals":{"aws:SourceVpc":["vpc-1","vpc-2"]}}},{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{"StringNotEquals":{"aws:SourceVpc":"vpc-1"}}}`, false},
		{"all denied", `{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"},{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}`, false},
		{"an account's use of a key", `{"Effect":"Allow","Principal":"*","Action":"kms:Decrypt","Resource":"*","Condition":{"StringEquals":{"kms:CallerAccount":"111122223333"}}}`, false},
		{"any account's use of a key", `{"Effect":"Allow","Principal":"*","Action":"kms:Decrypt","Resource":"*","Condition":{"StringLike":{"kms:CallerAccount":"1*"}}}`, true},
		{"a variable", `{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*","Condition":{"StringEquals":{"aws:SourceAccount":"${aws:PrincipalTag/a}"}}}`, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := doc(t, c.statements)
			a := Public(d, policy.Resource, Options{})
			if a.Unknown || (a.Witness != nil) != c.want {
				t.Errorf("%+v, want %v", a, c.want)
			}
			if a.Witness != nil && !allows(d, &a.Witness.Request, policy.Resource) {
				t.Errorf("false witness %+v", a.Witness.Request)
			}
		})
	}
}

func TestOutside(t *testing.T) {
	zone := Zone{
		Accounts: []string{"111122223333"}, Organizations: []string{"o-a1b2c3d4e5"}, OrgPaths: []string{"o-z/r-1/ou-1/"},
		Principals: []string{"arn:aws:iam::444455556666:role/Audit", "cloudtrail.amazonaws.com"}, Networks: []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")},
	}
	for _, c := range []struct {
		name, statements string
		want             bool
	}{
		{"the account", `{"Effect":"Allow","Principal":{"AWS":["111122223333","arn:aws:iam::111122223333:user/u"]},"Action":"*","Resource":"*"}`, false},
		{"another account", `{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"*","Resource":"*"}`, true},
		{"a role that is trusted", `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:role/Audit"},"Action":"*","Resource":"*"}`, false},
		{"a service that is trusted", `{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"*","Resource":"*"}`, false},
		{"a service that is not", `{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"*","Resource":"*"}`, true},
		{"the organization", `{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}}`, false},
		{"another organization", `{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":["o-a1b2c3d4e5","o-b"]}}}`, true},
		{"a path", `{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-z/r-1/ou-1/ou-2/*"}}}`, false},
		{"the account's use of a key", `{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"kms:Decrypt","Resource":"*","Condition":{"StringEquals":{"kms:CallerAccount":"111122223333"}}}`, false},
		{"another account's use of a key", `{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"kms:Decrypt","Resource":"*","Condition":{"StringEquals":{"kms:CallerAccount":"444455556666"}}}`, true},
		{"part of the network", `{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.128/25"}}}`, false},
		{"more than the network", `{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"203.0.112.0/23"}}}`, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := Outside(doc(t, c.statements), policy.Resource, zone, Options{})
			if a.Unknown || (a.Witness != nil) != c.want {
				t.Errorf("%+v, want %v", a, c.want)
			}
		})
	}
}
