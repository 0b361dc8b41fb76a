package iam

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/keys"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

const (
	testAccount  = "111122223333"
	readOnly     = "arn:aws:iam::aws:policy/ReadOnlyAccess"
	ec2Trust     = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	testPolicy   = "arn:aws:iam::" + testAccount + ":policy/team/read"
	testDocument = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:Get*","Resource":"*"}]}`
)

var now = time.Date(2026, time.November, 22, 8, 0, 0, 0, time.UTC)

// inCall runs fn in a call of the test account, which has one thing of each
// kind, below the path /team/: a user and a role have tags and a boundary.
func inCall(t *testing.T, fn func(*operation.Call)) {
	t.Helper()
	st, err := store.OpenSQLite(":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	sealer, err := keys.NewSealer()
	if err != nil {
		t.Fatal(err)
	}
	err = st.Update(context.Background(), func(tx *store.Tx) error {
		u := identity.NewUser("aws", testAccount, "/team/", "ann")
		u.Boundary = readOnly
		phone, _ := identity.NewMFADevice(sealer, "aws", testAccount, "/team/", "phone")
		role := identity.NewRole("aws", testAccount, "/team/", "builder")
		role.Boundary, role.TrustPolicy = readOnly, ec2Trust
		for _, err := range []error{
			identity.PutUser(tx, u, now),
			identity.PutRole(tx, role, now),
			identity.PutGroup(tx, identity.NewGroup("aws", testAccount, "/team/", "readers"), now),
			identity.PutInstanceProfile(tx, identity.NewInstanceProfile("aws", testAccount, "/team/", "builders"), now),
			identity.PutPolicy(tx, identity.NewPolicy("aws", testAccount, "/team/", "read", testDocument, now), now),
			identity.PutMFADevice(tx, identity.MFADevice{Entity: phone.Entity}, now),
			identity.PutServerCertificate(tx, identity.NewServerCertificate("aws", testAccount, "/team/", "web"), now),
			tx.SetTags(u.ARN, map[string]string{"team": "red"}),
			tx.SetTags(role.ARN, map[string]string{"team": "red"}),
			tx.PutAccessKey(store.AccessKey{ID: "AKIAIOSFODNN7EXAMPLE", Principal: u.ARN, Account: testAccount}),
		} {
			if err != nil {
				return err
			}
		}
		fn(&operation.Call{
			Context: context.Background(), Tx: tx, Now: now,
			RequestID: "request", Partition: "aws", Region: "us-east-1",
			Caller:    identity.Caller{Principal: policy.Principal{Kind: policy.Root, ARN: identity.RootARN("aws", testAccount), Account: testAccount}},
			Directory: &identity.Directory{Sealer: sealer},
			NewID:     func() string { return "id" },
			Gate:      &authz.Gate{Mode: authz.Off},
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTableIsComplete(t *testing.T) {
	if err := New().Complete(served); err != nil {
		t.Error(err)
	}
}

// TestAccess is the rule who may write: gets, lists and the simulator read; what
// changes a policy by its ARN is for its owner.
func TestAccess(t *testing.T) {
	for _, op := range New().Operations {
		want := operation.Write
		switch name := op.Wire.Name; {
		case strings.HasPrefix(name, "Get"), strings.HasPrefix(name, "List"), strings.HasPrefix(name, "Simulate"):
			want = operation.Read
		case name == "DeletePolicy", name == "CreatePolicyVersion", name == "SetDefaultPolicyVersion", name == "DeletePolicyVersion",
			name == "TagPolicy", name == "UntagPolicy":
			want = operation.OwnerWrite
		}
		if op.Access != want {
			t.Errorf("%s: access %d, want %d", op.Wire.Name, op.Access, want)
		}
	}
}

// authorization is the part of AWS's service authorization reference that is
// about the served operations.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
type authorization struct {
	Actions map[string]struct {
		Resources []string // none: "*"
		Keys      []string
	}
	Resources map[string]struct {
		ARN  string // with placeholders
		Keys []string
	}
}

// elsewhere are condition keys of things that Writ does not have, and one that
// the gate sets.
var elsewhere = []string{
	"iam:RoleTemplateARN", "iam:ResourceTag/${TagKey}",
	"iam:FIDO-FIPS-140-2-certification", "iam:FIDO-FIPS-140-3-certification", "iam:FIDO-certification", "iam:RegisterSecurityKey",
}

// TestTargets compares each row with the reference: its action exists, its
// target is the ARN of a type that the action has, and it sets the condition
// keys that the action and that type have.
func TestTargets(t *testing.T) {
	text, err := os.ReadFile("authorization.json")
	if err != nil {
		t.Fatal(err)
	}
	var reference authorization
	if err := json.Unmarshal(text, &reference); err != nil {
		t.Fatal(err)
	}
	for _, op := range New().Operations {
		t.Run(op.Wire.Name, func(t *testing.T) {
			want, ok := reference.Actions[strings.TrimPrefix(op.Action, "iam:")]
			if !ok {
				t.Fatalf("there is no action %s", op.Action)
			}
			in := op.Wire.NewInput()
			fill(reflect.ValueOf(in).Elem(), op.Wire.Name)
			inCall(t, func(c *operation.Call) {
				ann, err := findUser(c, "ann")
				if err == nil {
					err = serviceCredentials.put(c, holder{id: ann.ID}, "ACCAEXAMPLE123EXAMPLE", serviceCredential{Service: "codecommit.amazonaws.com"})
				}
				if err != nil {
					t.Fatal(err)
				}
				if op.Wire.Name == "ChangePassword" { // of the caller, who must be a user
					c.Caller.Principal = policy.Principal{Kind: policy.User, ARN: ann.ARN, Account: testAccount}
				}
				target, err := op.Target(c, in)
				if err != nil {
					t.Fatal(err)
				}
				types := slices.DeleteFunc(slices.Clone(want.Resources), func(r string) bool {
					return !template(reference.Resources[r].ARN).MatchString(target.ARN)
				})
				if len(want.Resources) == 0 && target.ARN != "*" || len(want.Resources) > 0 && len(types) != 1 {
					t.Fatalf("target %s is none of %v", target.ARN, want.Resources)
				}
				keys := slices.Clone(want.Keys)
				if len(types) == 1 && tagged(op.Wire.Name) {
					keys = append(keys, reference.Resources[types[0]].Keys...)
				}
				keys = slices.DeleteFunc(keys, func(key string) bool { return slices.Contains(elsewhere, key) })
				if diff := cmp.Diff(slices.Sorted(slices.Values(keys)), keysOf(target), cmp.Transformer("set", set)); diff != "" {
					t.Errorf("condition keys: %s", diff)
				}
				if len(want.Resources) > 0 && !made(op.Wire.Name) && !strings.Contains(target.ARN, "/team/") {
					t.Errorf("target %s does not have the path", target.ARN)
				}
			})
		})
	}
}

func set(keys []string) map[string]bool {
	m := map[string]bool{}
	for _, key := range keys {
		m[key] = true
	}
	return m
}

// made reports whether an operation's target is not there before it, or is
// named otherwise.
func made(op string) bool {
	switch op {
	case "CreateUser", "CreateGroup", "CreateRole", "CreatePolicy", "CreateInstanceProfile", "CreateServiceLinkedRole", "GetServiceLinkedRoleDeletionStatus",
		"CreateVirtualMFADevice", "UploadServerCertificate", "CreateOpenIDConnectProvider", "CreateSAMLProvider", "GenerateOrganizationsAccessReport":
		return true
	}
	return false
}

// tagged reports whether the target of an operation is there and can have tags.
func tagged(op string) bool { return !made(op) }

// fill sets the members of an input that targets are made of.
func fill(v reflect.Value, op string) {
	values := map[string]any{
		"UserName": "ann", "GroupName": "readers", "RoleName": "builder", "InstanceProfileName": "builders", "PolicyName": "read",
		"PolicyARN": testPolicy, "PermissionsBoundary": readOnly, "PolicySourceARN": "arn:aws:iam::" + testAccount + ":user/team/ann",
		"VirtualMFADeviceName": "phone", "SerialNumber": "arn:aws:iam::" + testAccount + ":mfa/team/phone", "ServerCertificateName": "web",
		"URL": "https://example.com", "OpenIDConnectProviderARN": "arn:aws:iam::" + testAccount + ":oidc-provider/example.com/team/x",
		"Name": "adfs", "SAMLProviderARN": "arn:aws:iam::" + testAccount + ":saml-provider/team/adfs",
		"ARN": "arn:aws:iam::" + testAccount + ":user/team/ann", "EntityPath": "o-a1b2c3d4e5/r-f6g7", "OrganizationsPolicyID": "p-12345678",
		"ServiceName": "codecommit.amazonaws.com", "ServiceSpecificCredentialID": "ACCAEXAMPLE123EXAMPLE", "CredentialAgeDays": 30,
		"AWSServiceName": "imagebuilder.amazonaws.com", "AccessKeyID": "AKIAIOSFODNN7EXAMPLE",
		"DeletionTaskID": "task/aws-service-role/imagebuilder.amazonaws.com/AWSServiceRoleForImageBuilder/id",
		"Tags":           []Tag{{"team", "red"}}, "TagKeys": []string{"team"},
	}
	if made(op) {
		values["UserName"], values["GroupName"], values["RoleName"] = "new", "new", "new"
	}
	for name, value := range values {
		field := v.FieldByName(name)
		switch {
		case !field.IsValid():
		case field.Kind() == reflect.Pointer:
			field.Set(reflect.New(field.Type().Elem()))
			field.Elem().Set(reflect.ValueOf(value))
		default:
			field.Set(reflect.ValueOf(value))
		}
	}
}

var placeholder = regexp.MustCompile(`\\\$\\\{[A-Za-z]+\\\}`)

// template is the pattern of an ARN with placeholders, of which the last may
// hold a path.
func template(arn string) *regexp.Regexp {
	return regexp.MustCompile("^" + placeholder.ReplaceAllString(regexp.QuoteMeta(arn), "[^:]+") + "$")
}

// keysOf names the condition keys that a target sets, as the reference does.
func keysOf(target authz.Target) []string {
	var keys []string
	if target.RequestTags != nil {
		keys = append(keys, "aws:RequestTag/${TagKey}")
	}
	if target.RequestTags != nil || target.TagKeys != nil {
		keys = append(keys, "aws:TagKeys")
	}
	for key := range maps.Keys(target.Keys) {
		if name, _, ok := strings.Cut(key, "/"); ok {
			key = name + "/${TagKey}"
		}
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
