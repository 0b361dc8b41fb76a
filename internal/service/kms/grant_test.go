package kms_test

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/writdev/writ/writtest"
)

// grant creates a grant; change may be nil.
func (c client) grant(key, to string, change func(*kms.CreateGrantInput), operations ...types.GrantOperation) (*kms.CreateGrantOutput, error) {
	in := &kms.CreateGrantInput{KeyId: &key, GranteePrincipal: &to, Operations: operations}
	if change != nil {
		change(in)
	}
	return c.CreateGrant(ctx, in)
}

func (c client) mustGrant(key, to string, change func(*kms.CreateGrantInput), operations ...types.GrantOperation) *kms.CreateGrantOutput {
	c.t.Helper()
	out, err := c.grant(key, to, change, operations...)
	ok(c.t, err)
	return out
}

func equals(context map[string]string) func(*kms.CreateGrantInput) {
	return func(in *kms.CreateGrantInput) {
		in.Constraints = &types.GrantConstraints{EncryptionContextEquals: context}
	}
}

// TestGrants tests which callers a grant allows until it is revoked.
func TestGrants(t *testing.T) {
	s := writtest.New(t)
	a := root(t, s, alice)
	key := a.key()
	blob := a.encrypt(key, "hush", nil)
	nothing := can("none:*")
	denied := `{"Effect":"Deny","Action":"kms:Decrypt","Resource":"*"}`
	callers := map[string]client{
		"own ann": as(t, s, alice, "ann", nothing), "own dan": as(t, s, alice, "dan", denied), "own role": asRole(t, s, alice, "maker", nothing),
		"foreign ann": as(t, s, bob, "ann", nothing), "foreign dan": as(t, s, bob, "dan", denied), "foreign role": asRole(t, s, bob, "maker", nothing),
		"foreign eve": as(t, s, bob, "eve", can("kms:*")), "foreign root": root(t, s, bob), "stranger": root(t, s, carol),
	}
	may := func(t *testing.T, names ...string) {
		t.Helper()
		for name, c := range callers {
			if _, err := c.tryDecrypt(blob, nil); slices.Contains(names, name) {
				if err != nil {
					t.Errorf("%s: %v", name, err)
				}
			} else {
				wantCode(t, err, accessDenied)
			}
		}
	}
	for _, test := range []struct {
		name, grantee string
		may           []string
	}{
		{"an own user", userARN(alice, "ann"), []string{"own ann"}},
		{"an own role", roleARN(alice, "maker"), []string{"own role"}},
		{"a session of a role", "arn:aws:sts::" + alice + ":assumed-role/maker/session", []string{"own role"}},
		{"another session of it", "arn:aws:sts::" + alice + ":assumed-role/maker/other", nil},
		{"who is denied by his own policy", userARN(alice, "dan"), nil},
		{"a foreign user", userARN(bob, "ann"), []string{"foreign ann"}},
		{"a foreign user who is denied", userARN(bob, "dan"), nil},
		{"a foreign role", roleARN(bob, "maker"), []string{"foreign role"}},
		{"a foreign account", "arn:aws:iam::" + bob + ":root", []string{"foreign root", "foreign eve"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			may(t)
			out := a.mustGrant(key, test.grantee, nil, "Decrypt")
			may(t, test.may...)
			for _, name := range test.may { // and no other operation
				_, err := callers[name].Encrypt(ctx, &kms.EncryptInput{KeyId: &key, Plaintext: []byte("x")})
				wantCode(t, err, accessDenied)
			}
			_, err := a.RevokeGrant(ctx, &kms.RevokeGrantInput{KeyId: &key, GrantId: out.GrantId})
			ok(t, err)
			may(t)
		})
	}

	t.Run("an explicit deny of the key policy", func(t *testing.T) {
		a.mustGrant(key, userARN(bob, "ann"), nil, "Decrypt")
		a.put(key, owned(`{"Effect":"Deny","Principal":"*","Action":"kms:Decrypt","Resource":"*"}`))
		may(t)
		a.put(key, document(lets(alice, "kms:PutKeyPolicy", "kms:CreateGrant")))
		may(t, "foreign ann") // no policy needs to mention it
	})
	t.Run("somebody new of the old name", func(t *testing.T) {
		admin := iam.NewFromConfig(s.Config(bob))
		keys, err := admin.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: new("ann")})
		ok(t, err)
		for _, k := range keys.AccessKeyMetadata {
			_, err = admin.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: new("ann"), AccessKeyId: k.AccessKeyId})
			ok(t, err)
		}
		_, err = admin.DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: new("ann"), PolicyName: new("inline")})
		ok(t, err)
		_, err = admin.DeleteUser(ctx, &iam.DeleteUserInput{UserName: new("ann")})
		ok(t, err)
		as(t, s, bob, "ann", nothing).cannot(blob, nil)

		a.mustGrant(key, roleARN(bob, "maker"), nil, "Decrypt")
		callers["foreign role"].decrypts(blob, nil, "hush")
		_, err = admin.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: new("maker"), PolicyName: new("inline")})
		ok(t, err)
		_, err = admin.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: new("maker")})
		ok(t, err)
		asRole(t, s, bob, "maker", nothing).cannot(blob, nil)
	})
}

// TestGrantConstraints checks that a grantee can only decrypt with the right context.
func TestGrantConstraints(t *testing.T) {
	s := writtest.New(t)
	a, b := root(t, s, alice), as(t, s, bob, "ann", can("none:*"))
	key := a.key()
	red, both := map[string]string{"team": "red"}, map[string]string{"team": "red", "stage": "test"}
	blobs := map[string][]byte{"none": a.encrypt(key, "hush", nil), "red": a.encrypt(key, "hush", red), "both": a.encrypt(key, "hush", both)}
	contexts := map[string]map[string]string{"none": nil, "red": red, "both": both}
	for name, test := range map[string]struct {
		constraints types.GrantConstraints
		may         []string
	}{
		"equals":        {types.GrantConstraints{EncryptionContextEquals: red}, []string{"red"}},
		"subset":        {types.GrantConstraints{EncryptionContextSubset: red}, []string{"red", "both"}},
		"wider subset":  {types.GrantConstraints{EncryptionContextSubset: both}, []string{"both"}},
		"no constraint": {types.GrantConstraints{}, []string{"none", "red", "both"}},
	} {
		t.Run(name, func(t *testing.T) {
			out := a.mustGrant(key, userARN(bob, "ann"), func(in *kms.CreateGrantInput) { in.Constraints = &test.constraints }, "Decrypt")
			for context, blob := range blobs {
				if slices.Contains(test.may, context) {
					b.decrypts(blob, contexts[context], "hush")
				} else {
					b.cannot(blob, contexts[context])
				}
			}
			_, err := a.RevokeGrant(ctx, &kms.RevokeGrantInput{KeyId: &key, GrantId: out.GrantId})
			ok(t, err)
		})
	}
}

// TestGrantConstraintsAreBounded tests the limits of constraints.
func TestGrantConstraintsAreBounded(t *testing.T) {
	a := root(t, writtest.New(t), alice)
	key := a.key()
	pairs := map[string]string{}
	for i := range 8 {
		pairs[strconv.Itoa(i)] = strings.Repeat("ä", 384)
	}
	a.mustGrant(key, bob, equals(pairs), "Decrypt")
	for name, pair := range map[string][2]string{"a ninth pair": {"9", "x"}, "a long value": {"7", strings.Repeat("x", 385)}, "a key twice": {"K", "x"}} {
		t.Run(name, func(t *testing.T) {
			more := maps.Clone(pairs)
			if name != "a ninth pair" {
				delete(more, "7")
				more["k"] = "y"
				delete(more, "6")
			}
			more[pair[0]] = pair[1]
			_, err := a.grant(key, bob, equals(more), "Decrypt")
			wantCode(t, err, validation)
		})
	}
}

// TestGrantsOfGrantees checks that a grantee who may create grants cannot create wider ones.
func TestGrantsOfGrantees(t *testing.T) {
	s := writtest.New(t)
	a, b := root(t, s, alice), as(t, s, bob, "ann", can("none:*"))
	as(t, s, carol, "eve", can("none:*"))
	key := a.key()
	red := map[string]string{"team": "red"}
	_, err := b.grant(key, userARN(carol, "eve"), nil, "Decrypt")
	wantCode(t, err, accessDenied)
	a.mustGrant(key, userARN(bob, "ann"), equals(red), "Decrypt", "CreateGrant")
	b.mustGrant(key, userARN(carol, "eve"), equals(red), "Decrypt")
	for name, err := range map[string]error{
		"wider":             second(b.grant(key, userARN(carol, "eve"), nil, "Decrypt")),
		"another context":   second(b.grant(key, userARN(carol, "eve"), equals(map[string]string{"team": "blue"}), "Decrypt")),
		"another operation": second(b.grant(key, userARN(carol, "eve"), equals(red), "Encrypt")),
	} {
		t.Run(name, func(t *testing.T) { wantCode(t, err, accessDenied) })
	}
}

func TestRetireGrant(t *testing.T) {
	s := writtest.New(t)
	a := root(t, s, alice)
	key := a.key()
	ann, eve := as(t, s, bob, "ann", can("none:*")), as(t, s, bob, "eve", can("none:*"))
	retiring := func(in *kms.CreateGrantInput) { in.RetiringPrincipal = new(userARN(bob, "eve")) }
	retire := func(c client, g *kms.CreateGrantOutput) error {
		_, err := c.RetireGrant(ctx, &kms.RetireGrantInput{KeyId: &key, GrantId: g.GrantId})
		return err
	}
	byToken := func(c client, g *kms.CreateGrantOutput) error {
		_, err := c.RetireGrant(ctx, &kms.RetireGrantInput{GrantToken: g.GrantToken})
		return err
	}

	g := a.mustGrant(key, userARN(bob, "ann"), retiring, "Decrypt")
	wantCode(t, retire(ann, g), accessDenied)
	wantCode(t, byToken(ann, g), accessDenied)
	list, err := root(t, s, bob).ListRetirableGrants(ctx, &kms.ListRetirableGrantsInput{RetiringPrincipal: new(userARN(bob, "eve"))})
	ok(t, err)
	if len(list.Grants) != 1 || *list.Grants[0].GrantId != *g.GrantId || *list.Grants[0].KeyId != key {
		t.Errorf("retirable %+v", list.Grants)
	}
	_, err = a.ListRetirableGrants(ctx, &kms.ListRetirableGrantsInput{RetiringPrincipal: new(userARN(bob, "eve"))})
	wantCode(t, err, accessDenied)
	other := a.mustGrant(key, userARN(bob, "ann"), nil, "Encrypt")
	wantCode(t, retire(eve, other), accessDenied)
	ok(t, byToken(eve, g))
	wantCode(t, retire(eve, g), accessDenied)
	wantCode(t, retire(a, g), notFound)

	g = a.mustGrant(key, userARN(bob, "ann"), nil, "Decrypt", "RetireGrant")
	wantCode(t, retire(eve, g), accessDenied)
	ok(t, retire(ann, g))
	ok(t, retire(a, other))

	for name, in := range map[string]*kms.RetireGrantInput{
		"nothing": {}, "half": {KeyId: &key}, "both": {KeyId: &key, GrantId: g.GrantId, GrantToken: g.GrantToken},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := a.RetireGrant(ctx, in)
			wantCode(t, err, validation)
		})
	}
	_, err = a.RetireGrant(ctx, &kms.RetireGrantInput{GrantToken: new("strange")})
	wantCode(t, err, "InvalidGrantTokenException")
}

func TestListGrants(t *testing.T) {
	s := writtest.New(t)
	a := root(t, s, alice)
	key := a.key()
	as(t, s, bob, "ann", can("none:*"))
	named := func(in *kms.CreateGrantInput) { in.Name = new("mine"); equals(map[string]string{"team": "red"})(in) }
	first := a.mustGrant(key, userARN(bob, "ann"), named, "Decrypt", "DescribeKey")
	if again := a.mustGrant(key, userARN(bob, "ann"), named, "DescribeKey", "Decrypt"); *again.GrantId != *first.GrantId {
		t.Error("a grant of the same name and sense was made twice")
	}
	a.mustGrant(key, bob, nil, "Encrypt")
	a.mustGrant(key, bob, nil, "Encrypt")
	var got []types.GrantListEntry
	pages := kms.NewListGrantsPaginator(a, &kms.ListGrantsInput{KeyId: &key, Limit: new(int32(2))})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		ok(t, err)
		got = append(got, page.Grants...)
	}
	if len(got) != 3 {
		t.Fatalf("%d grants, want 3", len(got))
	}
	out, err := a.ListGrants(ctx, &kms.ListGrantsInput{KeyId: &key, GranteePrincipal: new(userARN(bob, "ann"))})
	ok(t, err)
	if g := out.Grants[0]; len(out.Grants) != 1 || *g.GrantId != *first.GrantId || *g.Name != "mine" || len(g.Operations) != 2 ||
		g.Constraints.EncryptionContextEquals["team"] != "red" || *g.IssuingAccount != "arn:aws:iam::"+alice+":root" {
		t.Errorf("listed %+v", out.Grants)
	}
	for name, test := range map[string]struct {
		grantee string
		ops     []types.GrantOperation
		code    string
	}{
		"nobody":             {userARN(bob, "nobody"), []types.GrantOperation{"Decrypt"}, "InvalidArnException"},
		"no operation":       {bob, []types.GrantOperation{}, validation},
		"of asymmetric keys": {bob, []types.GrantOperation{"Sign"}, validation},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := a.grant(key, test.grantee, nil, test.ops...)
			wantCode(t, err, test.code)
		})
	}
}
