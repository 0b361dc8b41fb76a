package ram_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ram"
	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/writtest"
)

// TestGetResourcePolicies reads the policies that users and RAM put on resources.
func TestGetResourcePolicies(t *testing.T) {
	s := writtest.New(t)
	org := newOrganization(t, s)
	owner := newClient(t, s, alice)
	owner.enable()
	member := org.account("member")
	unit := org.unit("builders", member)
	plain, put, shared, both := owner.component("plain"), owner.image("put"), owner.image("shared"), owner.image("both")
	const role = "arn:aws:iam::" + carol + ":role/builder"
	owner.putImagePolicy(put, bob, "GetImage")
	owner.putImagePolicy(both, role, "GetImage")
	owner.share(ram.CreateResourceShareInput{ResourceArns: []string{shared}, Principals: []string{member, org.arn}})
	owner.share(ram.CreateResourceShareInput{ResourceArns: []string{both}, Principals: []string{unit}})

	all := []string{plain, put, shared, both}
	documents := owner.policies(all...)
	if len(documents) != 4 || documents[0] != "{}" || documents[1] != imagePolicy(put, bob, "GetImage") || documents[2] != owner.imagePolicy(shared) ||
		!strings.Contains(documents[3], role) || !strings.Contains(documents[3], "aws:PrincipalOrgPaths") {
		t.Errorf("policies %q", documents)
	}
	for _, test := range []struct {
		principal string
		want      []string
	}{
		{bob, documents[1:2]},
		{"arn:aws:iam::" + bob + ":root", nil}, // which the document does not say
		{member, documents[2:3]},
		{org.arn, documents[2:3]},
		{unit, documents[3:]},
		{role, documents[3:]},
		{carol, nil},
	} {
		out, err := owner.GetResourcePolicies(ctx, &ram.GetResourcePoliciesInput{ResourceArns: all, Principal: &test.principal})
		ok(t, err)
		if diff := cmp.Diff(append([]string{}, test.want...), out.Policies); diff != "" {
			t.Errorf("of %s (-want +got):\n%s", test.principal, diff)
		}
	}
	var paged []string
	for p := ram.NewGetResourcePoliciesPaginator(owner, &ram.GetResourcePoliciesInput{ResourceArns: all, MaxResults: new(int32(3))}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		ok(t, err)
		paged = append(paged, page.Policies...)
	}
	if diff := cmp.Diff(documents, paged); diff != "" {
		t.Errorf("page by page (-want +got):\n%s", diff)
	}

	get := func(c client, arn string, maxResults *int32) error {
		_, err := c.GetResourcePolicies(ctx, &ram.GetResourcePoliciesInput{ResourceArns: []string{arn}, MaxResults: maxResults})
		return err
	}
	wantCode(t, get(owner, strings.Replace(put, "image/put", "image/gone", 1), nil), resourceNotFound)
	wantCode(t, get(newClient(t, s, bob), put, nil), resourceNotFound)
	wantCode(t, get(owner, "arn:aws:s3:::bucket", nil), resourceNotFound)
	wantCode(t, get(owner, "image", nil), malformedARN)
	wantCode(t, get(owner, put, new(int32(501))), badParameter)
	wantCode(t, get(owner, put, new(int32(0))), badParameter)
}

// TestWire checks responses without an SDK.
func TestWire(t *testing.T) {
	s := writtest.New(t)
	owner := newClient(t, s, alice)
	status, _, answer := raw(t, s, alice, "POST", "/createresourceshare", `{"name":"web"}`)
	share, _ := answer["resourceShare"].(map[string]any)
	if status != 200 || len(answer) != 1 || share["featureSet"] != nil || share["status"] != "ACTIVE" || share["allowExternalPrincipals"] != true {
		t.Errorf("%d %v", status, answer)
	}
	if at, ok := share["creationTime"].(float64); !ok || at < 1.7e9 || at > 1e10 {
		t.Errorf("creationTime %v", share["creationTime"])
	}
	status, _, answer = raw(t, s, alice, "POST", "/getresourceshares", `{"resourceOwner":"OTHER-ACCOUNTS"}`)
	if list, ok := answer["resourceShares"].([]any); status != 200 || !ok || len(list) != 0 || len(answer) != 1 {
		t.Errorf("%d %v", status, answer)
	}
	status, code, answer := raw(t, s, alice, "POST", "/getresourceshares", `{}`)
	if status != 400 || code != missingParameter || len(answer) != 1 {
		t.Errorf("%d %s %v", status, code, answer)
	}
	query := "?resourceShareArn=" + strings.NewReplacer(":", "%3A", "/", "%2F").Replace(*owner.own()[0].ResourceShareArn)
	status, _, answer = raw(t, s, alice, "DELETE", "/deleteresourceshare"+query+"&clientToken=t", "")
	if status != 200 || answer["returnValue"] != true || answer["clientToken"] != "t" {
		t.Errorf("%d %v", status, answer)
	}
	status, code, answer = raw(t, s, alice, "DELETE", "/deleteresourceshare"+query, "")
	if status != 400 || code != unknownResource || answer["message"] == "" {
		t.Errorf("%d %s %v", status, code, answer)
	}
}
