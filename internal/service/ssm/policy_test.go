package ssm_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/writdev/writ/writtest"
)

// The error codes that most policy tests expect.
const (
	policyConflict  = "ResourcePolicyConflictException"
	policyLimit     = "ResourcePolicyLimitExceededException"
	policyMalformed = "MalformedResourcePolicyDocumentException"
	policyNotFound  = "ResourcePolicyNotFoundException"
	policyParameter = "ResourcePolicyInvalidParameterException"
	resourceMissing = "ResourceNotFoundException"
)

// arnOf returns an ARN of Systems Manager in the region of the tests.
func arnOf(account, resource string) string {
	return "arn:aws:ssm:" + writtest.Region + ":" + account + ":" + resource
}

func groupOf(account string) string { return arnOf(account, "opsitemgroup/default") }

// shareable creates a parameter that can be shared, and returns its ARN.
func (c client) shareable(account, name string) string {
	c.t.Helper()
	c.put(name, "value", advanced)
	return parameterARN(account, strings.TrimPrefix(name, "/"))
}

// policyVersion names a version of a policy.
type policyVersion struct{ id, hash *string }

// putPolicy creates a policy, or updates a version of one.
func (c client) putPolicy(arn, document string, of ...policyVersion) (policyVersion, error) {
	in := &ssm.PutResourcePolicyInput{ResourceArn: &arn, Policy: &document}
	for _, v := range of {
		in.PolicyId, in.PolicyHash = v.id, v.hash
	}
	out, err := c.PutResourcePolicy(ctx, in)
	if err != nil {
		return policyVersion{}, err
	}
	return policyVersion{out.PolicyId, out.PolicyHash}, nil
}

func (c client) deletePolicy(arn string, v policyVersion) error {
	_, err := c.DeleteResourcePolicy(ctx, &ssm.DeleteResourcePolicyInput{ResourceArn: &arn, PolicyId: v.id, PolicyHash: v.hash})
	return err
}

func (c client) policies(arn string) []types.GetResourcePoliciesResponseEntry {
	c.t.Helper()
	out, err := c.GetResourcePolicies(ctx, &ssm.GetResourcePoliciesInput{ResourceArn: &arn})
	ok(c.t, err)
	return out.Policies
}

// shareOf returns a document that lets an account read a parameter.
func shareOf(parameter, account string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + account +
		`"},"Action":["ssm:DescribeParameters","ssm:GetParameter","ssm:GetParameters"],"Resource":"` + parameter + `"}]}`
}

// members returns the document that AWS's own template puts on a member's group.
func members(account, admin string) string {
	return `{"Version":"2012-10-17","Statement":[{"Sid":"AllowAdminAccountsToAccessOpsItems2","Effect":"Allow","Principal":{"AWS":["` + admin +
		`"]},"Action":["ssm:CreateOpsItem","ssm:AddTagsToResource","ssm:GetOpsItem","ssm:UpdateOpsItem"],"Resource":["` +
		arnOf(account, "opsitem/*") + `","` + groupOf(account) + `"]}]}`
}

// wantParameters checks that an error names the given parameters.
func wantParameters(t *testing.T, err error, names ...string) {
	t.Helper()
	e, is := errors.AsType[*types.ResourcePolicyInvalidParameterException](err)
	if !is {
		t.Fatalf("error %v, want %s", err, policyParameter)
	}
	if diff := cmp.Diff(names, e.ParameterNames); diff != "" {
		t.Errorf("ParameterNames (-want +got):\n%s", diff)
	}
	if !strings.HasPrefix(e.ErrorMessage(), "One or more parameters specified for the call aren't valid. Verify the parameters and their values and try again.") {
		t.Errorf("message %q", e.ErrorMessage())
	}
}

// wantLimit checks that an error is about a limit of policies.
func wantLimit(t *testing.T, err error, kind string, limit int32) {
	t.Helper()
	e, is := errors.AsType[*types.ResourcePolicyLimitExceededException](err)
	if !is || e.Limit != limit || aws.ToString(e.LimitType) != kind {
		t.Fatalf("error %#v, want %s of %d", err, kind, limit)
	}
}

// ignoreSerde compares policies by their exported fields.
var ignoreSerde = cmpopts.IgnoreUnexported(types.GetResourcePoliciesResponseEntry{})

var (
	idForm   = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	hashForm = regexp.MustCompile(`^[0-9a-f]{32}$`)
)

// TestPolicyVersions tests the versions of a policy on each type of resource.
func TestPolicyVersions(t *testing.T) {
	c := newClient(t, writtest.New(t), alice)
	parameter := c.shareable(alice, "/app/db-host")
	for _, h := range []struct{ arn, document string }{
		{parameter, shareOf(parameter, bob)}, {groupOf(alice), members(alice, bob)},
	} {
		t.Run(h.arn, func(t *testing.T) {
			if list := c.policies(h.arn); list == nil || len(list) != 0 {
				t.Errorf("at first %v", list)
			}
			first, err := c.putPolicy(h.arn, h.document)
			ok(t, err)
			if !idForm.MatchString(*first.id) || !hashForm.MatchString(*first.hash) {
				t.Errorf("id %q, hash %q", *first.id, *first.hash)
			}
			second, err := c.putPolicy(h.arn, h.document, first) // the same text
			ok(t, err)
			if *second.id != *first.id || *second.hash == *first.hash || !hashForm.MatchString(*second.hash) {
				t.Errorf("after the update: id %q, hash %q", *second.id, *second.hash)
			}
			want := []types.GetResourcePoliciesResponseEntry{{PolicyId: second.id, PolicyHash: second.hash, Policy: &h.document}}
			if diff := cmp.Diff(want, c.policies(h.arn), ignoreSerde); diff != "" {
				t.Errorf("policies (-want +got):\n%s", diff)
			}

			stranger := policyVersion{new("00000000-0000-4000-8000-000000000000"), second.hash}
			_, err = c.putPolicy(h.arn, h.document, first)
			if got := wantCode(t, err, policyConflict); got != "The hash provided in the call doesn't match the stored hash. This exception is thrown when trying to update an obsolete policy version or when multiple requests to update a policy are sent." {
				t.Errorf("message %q", got)
			}
			_, err = c.putPolicy(h.arn, h.document, stranger)
			if got := wantCode(t, err, policyNotFound); got != "No policies with the specified policy ID and hash could be found." {
				t.Errorf("message %q", got)
			}
			_, err = c.putPolicy(h.arn, h.document, policyVersion{second.id, nil})
			wantParameters(t, err, "PolicyHash")
			_, err = c.putPolicy(h.arn, h.document, policyVersion{nil, second.hash})
			wantParameters(t, err, "PolicyId")

			wantCode(t, c.deletePolicy(h.arn, first), policyConflict)
			wantCode(t, c.deletePolicy(h.arn, stranger), policyNotFound)
			if diff := cmp.Diff(want, c.policies(h.arn), ignoreSerde); diff != "" {
				t.Errorf("after what failed (-want +got):\n%s", diff)
			}
			ok(t, c.deletePolicy(h.arn, second))
			wantCode(t, c.deletePolicy(h.arn, second), policyNotFound)
			if list := c.policies(h.arn); list == nil || len(list) != 0 {
				t.Errorf("at last %v", list)
			}
			third, err := c.putPolicy(h.arn, h.document)
			ok(t, err)
			if *third.id == *first.id {
				t.Errorf("a new policy has the old id %q", *third.id)
			}
		})
	}
}

// TestHolders tests which resources can have a policy.
func TestHolders(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	parameter := c.shareable(alice, "shared")
	c.put("standard", "v")
	c.put("secret", "v", secure, advanced)
	c.put("shared", "w", untyped, overwrite) // so that it also has a past version
	each := func(arn string, want func(*testing.T, error)) {
		t.Helper()
		_, err := c.putPolicy(arn, shareOf(arn, bob))
		want(t, err)
		_, err = c.GetResourcePolicies(ctx, &ssm.GetResourcePoliciesInput{ResourceArn: &arn})
		want(t, err)
		want(t, c.deletePolicy(arn, policyVersion{new("id"), new("hash")}))
	}
	for _, arn := range []string{
		arnOf(alice, "document/runbook"), arnOf(alice, "opsitemgroup/other"), arnOf(alice, "opsitem/oi-0123456789ab"), "arn:aws:ssm", "shared",
		"arn:aws:s3:" + writtest.Region + ":" + alice + ":parameter/shared", strings.Replace(parameter, writtest.Region, "eu-west-1", 1),
	} {
		each(arn, func(t *testing.T, err error) { t.Helper(); wantParameters(t, err, "ResourceArn") })
	}
	for _, arn := range []string{
		parameterARN(alice, "none"), parameter + ":1", parameter + ":0000000000000000001", parameterARN(alice, "app//x"),
	} {
		each(arn, func(t *testing.T, err error) {
			t.Helper()
			if got := wantCode(t, err, resourceMissing); got != "The specified parameter to be shared could not be found." {
				t.Errorf("message %q", got)
			}
		})
	}
	for name, text := range map[string]string{
		"standard": "Only advanced parameters can be shared.",
		"secret":   "Shared SecureString parameters require a customer managed KMS key.",
	} {
		arn := parameterARN(alice, name)
		_, err := c.putPolicy(arn, shareOf(arn, bob))
		wantParameters(t, err, "ResourceArn")
		if !strings.HasSuffix(err.Error(), text) {
			t.Errorf("%s: %v", name, err)
		}
		if list := c.policies(arn); len(list) != 0 {
			t.Errorf("%s has %v", name, list)
		}
	}

	// Bob has no access to resources of other accounts, and cannot learn whether they exist. He cannot share
	// what is shared with him.
	b := newClient(t, s, bob)
	for _, arn := range []string{parameter, parameterARN(alice, "none"), groupOf(alice)} {
		_, err := b.putPolicy(arn, shareOf(arn, bob))
		wantCode(t, err, accessDenied)
		_, err = b.GetResourcePolicies(ctx, &ssm.GetResourcePoliciesInput{ResourceArn: &arn})
		wantCode(t, err, accessDenied)
		wantCode(t, b.deletePolicy(arn, policyVersion{new("id"), new("hash")}), accessDenied)
	}
	v, err := c.putPolicy(parameter, document(`{"Effect":"Allow","Principal":{"AWS":"`+bob+`"},"Action":"ssm:*","Resource":"`+parameter+`"}`))
	ok(t, err)
	if list := b.policies(parameter); len(list) != 1 {
		t.Errorf("bob may read %d policies", len(list))
	}
	_, err = b.putPolicy(parameter, shareOf(parameter, carol))
	wantCode(t, err, accessDenied)
	_, err = b.putPolicy(parameter, shareOf(parameter, carol), v)
	wantCode(t, err, accessDenied)
	wantCode(t, b.deletePolicy(parameter, v), accessDenied)
	if got := c.policies(parameter); len(got) != 1 || *got[0].PolicyHash != *v.hash {
		t.Errorf("the policies are %v", got)
	}
}

// TestPolicyDocuments tests valid and invalid documents. Stored documents are unchanged, byte for byte.
func TestPolicyDocuments(t *testing.T) {
	c := newClient(t, writtest.New(t), alice)
	parameter, group := c.shareable(alice, "/app/db-host"), groupOf(alice)
	share, member := shareOf(parameter, bob), members(alice, bob)
	sized := func(document string, n int) string { return document + strings.Repeat(" ", n-len(document)) }
	with := func(document, old, new string) string {
		if !strings.Contains(document, old) {
			t.Fatalf("%s is not in %s", old, document)
		}
		return strings.Replace(document, old, new, 1)
	}
	principal := `"Principal":{"AWS":"` + bob + `"},`

	for _, test := range []struct{ name, arn, document, want string }{
		{"the guide's", parameter, share, ""},
		{"for an organization", parameter, with(share, `{"AWS":"`+bob+`"}`, `"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-exampleorg"}}`), ""},
		{"for an account by a condition", parameter, with(share, `{"AWS":"`+bob+`"}`, `"*","Condition":{"StringEquals":{"aws:PrincipalAccount":"`+bob+`"}}`), policyMalformed},
		{"not for an account, in another case", parameter, with(share, `{"AWS":"`+bob+`"}`, `"*","Condition":{"StringNotLikeIfExists":{"AWS:principalaccount":"`+bob+`"}}`), policyMalformed},
		{"for the group, by a condition", group, with(member, `"Effect"`, `"Condition":{"StringEquals":{"aws:PrincipalAccount":"`+bob+`"}},"Effect"`), policyMalformed},
		{"a number that is none", parameter, with(share, `"Effect"`, `"Condition":{"NumericEquals":{"ssm:Level":"abc"}},"Effect"`), policyMalformed},
		{"history", parameter, with(share, "ssm:GetParameters", "ssm:GetParameterHistory"), ""},
		{"indented", parameter, strings.ReplaceAll(share, ",", ",\r\n\t "), ""},
		{"a Deny", parameter, with(share, "Allow", "Deny"), ""},
		{"1024 bytes", parameter, sized(share, 1024), ""},
		{"1025 bytes", parameter, sized(share, 1025), policyLimit},
		{"1024 characters in more bytes", parameter, sized(with(share, `{"Version"`, `{"Id":"é","Version"`), 1025), policyLimit},
		{"more bytes of nonsense", parameter, strings.Repeat("x", 1025), policyMalformed},
		{"nothing", parameter, "", policyMalformed},
		{"white space", parameter, " \n ", policyMalformed},
		{"no JSON", parameter, `{"Version":`, policyMalformed},
		{"no Principal", parameter, with(share, principal, ""), policyMalformed},
		{"NotPrincipal", parameter, with(share, "Principal", "NotPrincipal"), policyMalformed},
		{"another service", parameter, with(share, "ssm:GetParameters", "s3:GetObject"), policyMalformed},
		{"every action", parameter, with(share, "ssm:GetParameters", "*"), policyMalformed},
		{"no Resource", parameter, with(share, `,"Resource":"`+parameter+`"`, ""), policyMalformed},
		{"every Resource", parameter, with(share, `"`+parameter+`"`, `"*"`), policyMalformed},
		{"another parameter", parameter, with(share, parameter, parameter+"2"), policyMalformed},

		{"the template's", group, member, ""},
		{"indented, for the group", group, strings.ReplaceAll(member, ",", ",\n  "), ""},
		{"the group alone", group, with(member, `"`+arnOf(alice, "opsitem/*")+`",`, ""), ""},
		{"1025 bytes for the group", group, sized(member, 1025), policyLimit},
		{"another account's OpsItems", group, with(member, arnOf(alice, "opsitem/*"), arnOf(bob, "opsitem/*")), policyMalformed},
		{"another region's OpsItems", group, strings.ReplaceAll(member, writtest.Region, "eu-west-1"), policyMalformed},
		{"another service for the group", group, with(member, "ssm:GetOpsItem", "sns:Publish"), policyMalformed},
		{"nobody for the group", group, with(member, `"Principal":{"AWS":["`+bob+`"]},`, ""), policyMalformed},
	} {
		t.Run(test.name, func(t *testing.T) {
			v, err := c.putPolicy(test.arn, test.document)
			switch test.want {
			case "":
				ok(t, err)
				if got := *c.policies(test.arn)[0].Policy; got != test.document {
					t.Errorf("kept %q", got)
				}
				ok(t, c.deletePolicy(test.arn, v))
			case policyLimit:
				wantLimit(t, err, "Size", 1024)
			default:
				text := wantCode(t, err, test.want)
				if _, key, found := strings.Cut(text, "InvalidPolicy: Invalid condition block "); found {
					if !strings.Contains(test.document, key) {
						t.Errorf("message %q", text)
					}
				} else if !strings.HasPrefix(text, "The specified policy document is malformed or invalid, or excessive PutResourcePolicy or DeleteResourcePolicy calls have been made. line ") {
					t.Errorf("message %q", text)
				}
			}
			if list := c.policies(test.arn); len(list) != 0 {
				t.Errorf("left behind: %v", list)
			}
		})
	}

	_, err := c.putPolicy(parameter, with(share, "ssm:GetParameters", "s3:GetObject"))
	if got := wantCode(t, err, policyMalformed); !strings.HasSuffix(got, fmt.Sprintf("line 1, column %d, Statement[0].Action[2]: \"s3:GetObject\" is not an action of \"ssm\"", strings.Index(share, `"ssm:GetParameters"`))) {
		t.Errorf("message %q has no position", got)
	}
}

// TestPolicyCounts tests the largest number of policies on each type of resource, and pages.
func TestPolicyCounts(t *testing.T) {
	c := newClient(t, writtest.New(t), alice)
	_, err := c.putPolicy(groupOf(alice), members(alice, bob))
	ok(t, err)
	_, err = c.putPolicy(groupOf(alice), members(alice, carol))
	wantLimit(t, err, "Count", 1)

	parameter := c.shareable(alice, "p")
	var ids []string
	var last policyVersion
	for range 10 {
		last, err = c.putPolicy(parameter, shareOf(parameter, bob))
		ok(t, err)
		ids = append(ids, *last.id)
	}
	_, err = c.putPolicy(parameter, shareOf(parameter, bob))
	wantLimit(t, err, "Count", 10)
	last, err = c.putPolicy(parameter, shareOf(parameter, carol), last)
	ok(t, err)

	for size, wantPages := range map[int32]int{1: 10, 3: 4, 5: 2, 10: 1, 50: 1} {
		pages, seen := 0, map[string]bool{}
		p := ssm.NewGetResourcePoliciesPaginator(c, &ssm.GetResourcePoliciesInput{ResourceArn: &parameter, MaxResults: &size})
		for ; p.HasMorePages(); pages++ {
			page, err := p.NextPage(ctx)
			ok(t, err)
			for _, entry := range page.Policies {
				seen[*entry.PolicyId] = true
			}
		}
		if pages != wantPages || len(seen) != len(ids) {
			t.Errorf("pages of %d: %d pages with %d policies", size, pages, len(seen))
		}
	}
	for _, size := range []int32{0, 51} {
		_, err := c.GetResourcePolicies(ctx, &ssm.GetResourcePoliciesInput{ResourceArn: &parameter, MaxResults: &size})
		wantCode(t, err, validation)
	}
	for _, token := range []string{"made up", "", "UHV0UmVzb3VyY2VQb2xpY3kKYQ"} { // the last is a token of PutResourcePolicy
		_, err := c.GetResourcePolicies(ctx, &ssm.GetResourcePoliciesInput{ResourceArn: &parameter, NextToken: &token})
		wantParameters(t, err, "NextToken")
	}

	// Policies on a parameter are deleted with it.
	ok(t, c.delete("p"))
	_, err = c.GetResourcePolicies(ctx, &ssm.GetResourcePoliciesInput{ResourceArn: &parameter})
	wantCode(t, err, resourceMissing)
	c.shareable(alice, "p")
	if list := c.policies(parameter); len(list) != 0 {
		t.Errorf("a new parameter has %v", list)
	}
}

// TestConcurrentUpdates updates one version of a policy from many clients: one succeeds, and its document is
// stored.
func TestConcurrentUpdates(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	parameter := c.shareable(alice, "p")
	at, err := c.putPolicy(parameter, shareOf(parameter, bob))
	ok(t, err)
	const clients = 16
	won := make([]policyVersion, clients)
	failed := make([]error, clients)
	var all sync.WaitGroup
	for i := range clients {
		client := newClient(t, s, alice)
		all.Go(func() {
			won[i], failed[i] = client.putPolicy(parameter, shareOf(parameter, fmt.Sprintf("%012d", i+1)), at)
		})
	}
	all.Wait()
	winner := -1
	for i, err := range failed {
		if err != nil {
			wantCode(t, err, policyConflict)
			continue
		}
		if winner >= 0 {
			t.Errorf("clients %d and %d both succeeded", winner, i)
		}
		winner = i
	}
	if winner < 0 {
		t.Fatal("nobody succeeded")
	}
	document := shareOf(parameter, fmt.Sprintf("%012d", winner+1))
	want := []types.GetResourcePoliciesResponseEntry{{PolicyId: at.id, PolicyHash: won[winner].hash, Policy: &document}}
	if diff := cmp.Diff(want, c.policies(parameter), ignoreSerde); diff != "" {
		t.Errorf("policies (-want +got):\n%s", diff)
	}
}

// TestPolicyTrace tests the policy operations on the wire: the members, their case, and the status of each
// response.
func TestPolicyTrace(t *testing.T) {
	s := writtest.New(t)
	parameter := newClient(t, s, alice).shareable(alice, "/app/db-host")
	call := func(operation string, members map[string]any) (int, map[string]any) {
		t.Helper()
		body, err := json.Marshal(members)
		ok(t, err)
		return raw(t, s, alice, operation, string(body))
	}
	put := map[string]any{"ResourceArn": parameter, "Policy": shareOf(parameter, bob)}
	status, created := call("PutResourcePolicy", put)
	if status != 200 || len(created) != 2 {
		t.Fatalf("create: %d %v", status, created)
	}
	change := map[string]any{"ResourceArn": parameter, "Policy": shareOf(parameter, bob), "PolicyId": created["PolicyId"], "PolicyHash": created["PolicyHash"]}
	status, updated := call("PutResourcePolicy", change)
	if status != 200 || len(updated) != 2 || updated["PolicyId"] != created["PolicyId"] {
		t.Fatalf("update: %d %v", status, updated)
	}
	fails := func(status int, answer map[string]any, want map[string]any) {
		t.Helper()
		message, _ := answer["Message"].(string)
		delete(answer, "Message")
		if diff := cmp.Diff(want, answer); status != 400 || message == "" || diff != "" {
			t.Errorf("%d, message %q (-want +got):\n%s", status, message, diff)
		}
	}
	status, answer := call("PutResourcePolicy", change)
	fails(status, answer, map[string]any{"__type": policyConflict})
	status, answer = call("PutResourcePolicy", map[string]any{"ResourceArn": parameter, "Policy": " "})
	fails(status, answer, map[string]any{"__type": policyMalformed})
	status, answer = call("PutResourcePolicy", map[string]any{"ResourceArn": parameter, "Policy": "{}", "PolicyId": "1"})
	fails(status, answer, map[string]any{"__type": policyParameter, "ParameterNames": []any{"PolicyHash"}})
	status, answer = call("GetResourcePolicies", map[string]any{"ResourceArn": parameterARN(alice, "none")})
	fails(status, answer, map[string]any{"__type": resourceMissing})
	status, answer = call("GetResourcePolicies", map[string]any{"ResourceArn": parameter, "MaxResults": 51})
	fails(status, answer, map[string]any{"__type": validation})

	status, answer = call("GetResourcePolicies", map[string]any{"ResourceArn": parameter})
	want := map[string]any{"Policies": []any{map[string]any{
		"PolicyId": updated["PolicyId"], "PolicyHash": updated["PolicyHash"], "Policy": shareOf(parameter, bob),
	}}}
	if diff := cmp.Diff(want, answer); status != 200 || diff != "" {
		t.Errorf("get: %d (-want +got):\n%s", status, diff)
	}
	status, answer = call("DeleteResourcePolicy", map[string]any{"ResourceArn": parameter, "PolicyId": updated["PolicyId"], "PolicyHash": updated["PolicyHash"]})
	if status != 200 || len(answer) != 0 {
		t.Errorf("delete: %d %v", status, answer)
	}
	status, answer = call("GetResourcePolicies", map[string]any{"ResourceArn": parameter})
	if diff := cmp.Diff(map[string]any{"Policies": []any{}}, answer); status != 200 || diff != "" {
		t.Errorf("get: %d (-want +got):\n%s", status, diff)
	}

	group := map[string]any{"ResourceArn": groupOf(alice), "Policy": members(alice, bob)}
	if status, answer = call("PutResourcePolicy", group); status != 200 {
		t.Errorf("create on the group: %d %v", status, answer)
	}
	status, answer = call("PutResourcePolicy", group)
	fails(status, answer, map[string]any{"__type": policyLimit, "Limit": 1.0, "LimitType": "Count"})
}
