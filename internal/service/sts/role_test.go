package sts_test

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/store"
)

// TestWhoMayAssume tests who may assume a role of alice's account: the caller's own policies on one side, the
// trust policy on the other.
func TestWhoMayAssume(t *testing.T) {
	w := newWorld(t)
	trust := func(principal string) string {
		return `{"Effect":"Allow","Principal":{"AWS":"` + principal + `"},"Action":"sts:AssumeRole"}`
	}
	user := func(account, name string) string { return "arn:aws:iam::" + account + ":user/" + name }
	for i, c := range []struct {
		name            string
		account, policy string // of the caller
		trust           string
		want            string // reason of the denial; "" if it is allowed
	}{
		{"own account, named", alice, nothing, "user", ""},
		{"own account, named, denied", alice, denyAssume, "user", "explicit deny in an identity-based policy"},
		{"own account, account named", alice, nothing, "account", "no identity-based policy allows"},
		{"own account, account named, allowed", alice, mayAssume, "account", ""},
		{"own account, not named", alice, mayAssume, "nobody", "no role trust policy allows"},
		{"other account, named", bob, nothing, "user", "no identity-based policy allows"},
		{"other account, named, allowed", bob, mayAssume, "user", ""},
		{"other account, account named, allowed", bob, mayAssume, "account", ""},
		{"other account, not named", bob, mayAssume, "nobody", "no role trust policy allows"},
		{"denied by the trust policy", alice, mayAssume, "denied", "explicit deny in the role trust policy"},
	} {
		t.Run(c.name, func(t *testing.T) {
			name := "u" + string(rune('a'+i))
			caller := w.user(c.account, name, c.policy)
			statements := map[string]string{
				"user":    trust(user(c.account, name)),
				"account": trust(c.account),
				"nobody":  trust(user("777788889999", name)),
				"denied":  trust(c.account) + "," + strings.Replace(trust(c.account), "Allow", "Deny", 1),
			}[c.trust]
			role := w.role("role-"+name, statements, "")
			_, err := assume(caller, role.ARN)
			if c.want == "" {
				ok(t, err)
				return
			}
			want(t, err, "AccessDenied", "User: "+user(c.account, name)+" is not")
			w.denied(err, role.ARN, c.want)
		})
	}
	t.Run("no such role", func(t *testing.T) {
		_, err := assume(w.user(alice, "guesser", everything), roleAccount+"none")
		w.denied(err, roleAccount+"none", "no role trust policy allows")
	})
	t.Run("root", func(t *testing.T) {
		_, err := assume(w.root(alice), w.role("for-root", trust(alice), "").ARN)
		want(t, err, "AccessDenied", "Roles may not be assumed by root accounts.")
	})
}

// TestNotEnforced checks that without enforcement every caller can assume an existing role, but not a missing
// one.
func TestNotEnforced(t *testing.T) {
	for _, mode := range []authz.Mode{authz.Audit, authz.Off} {
		w := newWorldIn(t, mode)
		_, err := assume(w.root(bob), w.role("builder", trustAlice, "").ARN)
		ok(t, err)
		_, err = assume(w.root(bob), roleAccount+"none")
		want(t, err, "AccessDenied", "sts:AssumeRole on resource: "+roleAccount+"none")
	}
}

// TestAssumedRole checks the properties of a session.
func TestAssumedRole(t *testing.T) {
	w := newWorld(t)
	role := w.role("builder", trustAlice, listing)
	out, err := assume(w.user(alice, "ann", mayAssume), role.ARN)
	ok(t, err)
	arn := "arn:aws:sts::" + alice + ":assumed-role/builder/session"
	if got := *out.AssumedRoleUser; *got.Arn != arn || *got.AssumedRoleId != role.ID+":session" {
		t.Errorf("AssumedRoleUser = %s, %s", *got.Arn, *got.AssumedRoleId)
	}
	//lint:ignore SA1019 the API has it, whatever newer SDKs prefer
	if out.PackedPolicySize != nil || out.SourceIdentity != nil {
		t.Errorf("PackedPolicySize or SourceIdentity of a session without: %v", out)
	}
	if life := out.Credentials.Expiration.Sub(w.now()); life > time.Hour || life < 59*time.Minute {
		t.Errorf("the session lives for %v, want an hour", life)
	}
	if !strings.HasPrefix(*out.Credentials.AccessKeyId, "ASIA") || len(*out.Credentials.AccessKeyId) != 20 {
		t.Errorf("access key id %s", *out.Credentials.AccessKeyId)
	}
	session := w.as(out.Credentials)
	me := identityOf(t, session)
	if *me.Arn != arn || *me.UserId != role.ID+":session" || *me.Account != alice {
		t.Errorf("GetCallerIdentity = %s, %s, %s", *me.Arn, *me.UserId, *me.Account)
	}
	ok(t, lists(session))
	_, err = awssts.NewFromConfig(session).GetAccessKeyInfo(ctx, &awssts.GetAccessKeyInfoInput{AccessKeyId: out.Credentials.AccessKeyId})
	want(t, err, "AccessDenied", "User: "+arn+" is not authorized to perform: sts:GetAccessKeyInfo")
}

// TestPathOfRole checks that a session's ARN does not contain the role's path, and that the role with its
// path is found.
func TestPathOfRole(t *testing.T) {
	w := newWorld(t)
	role := identity.NewRole("aws", alice, "/team/", "builder")
	role.TrustPolicy = document(trustAlice)
	role.SetPolicy("inline", document(listing))
	w.update(func(tx *store.Tx) error { return identity.PutRole(tx, role, w.now()) })
	session := w.assumed(w.user(alice, "ann", mayAssume), role.ARN)
	if got := *identityOf(t, session).Arn; got != "arn:aws:sts::"+alice+":assumed-role/builder/session" {
		t.Errorf("ARN %s", got)
	}
	ok(t, lists(session))
}

// TestAssumeRoleInput tests inputs that are rejected before or after the gate.
func TestAssumeRoleInput(t *testing.T) {
	w := newWorld(t)
	ann := w.user(alice, "ann", everything)
	role := w.role("builder", trustAlice, "", func(r *identity.Role) { r.MaxSessionDuration = 7200 }).ARN
	chained := w.assumed(w.user(alice, "carl", everything), w.role("first", trustAlice, everything).ARN)
	seconds := func(n int32) func(*awssts.AssumeRoleInput) {
		return func(in *awssts.AssumeRoleInput) { in.DurationSeconds = &n }
	}
	tags := func(pairs ...string) func(*awssts.AssumeRoleInput) {
		return func(in *awssts.AssumeRoleInput) { in.Tags = tagList(pairs...) }
	}
	for _, c := range []struct {
		name   string
		caller aws.Config
		edit   func(*awssts.AssumeRoleInput)
		code   string
		text   string
	}{
		{"longest", ann, seconds(7200), "", ""},
		{"too long for the role", ann, seconds(7201), "ValidationError", "exceeds the MaxSessionDuration set for this role."},
		{"too short", ann, seconds(899), "ValidationError", "Member must have value greater than or equal to 900"},
		{"longest of a chain", chained, seconds(3600), "", ""},
		{"too long for a chain", chained, seconds(3601), "ValidationError", "1 hour session limit for roles assumed by role chaining"},
		{"not an ARN", ann, func(in *awssts.AssumeRoleInput) { in.RoleArn = new("a-role-without-an-arn") }, "ValidationError", "a-role-without-an-arn is invalid"},
		{"a user", ann, func(in *awssts.AssumeRoleInput) { in.RoleArn = new("arn:aws:iam::111122223333:user/x") }, "ValidationError", "is invalid"},
		{"another partition", ann, func(in *awssts.AssumeRoleInput) { in.RoleArn = new("arn:aws-cn:iam::111122223333:role/builder") }, "ValidationError", "is invalid"},
		{"session name", ann, func(in *awssts.AssumeRoleInput) { in.RoleSessionName = new("a b") }, "ValidationError",
			`1 validation error detected: Value 'a b' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*`},
		{"tags that differ in case", ann, tags("Team", "red", "team", "blue"), "InvalidParameterValue", "Duplicate tag keys found"},
		{"reserved tag", ann, tags("aws:team", "red"), "InvalidParameterValue", "reserved"},
		{"transitive key without a tag", ann, func(in *awssts.AssumeRoleInput) { in.TransitiveTagKeys = []string{"team"} }, "InvalidParameterValue", "must be included in the requested tags"},
		{"one-time code", ann, func(in *awssts.AssumeRoleInput) {
			in.SerialNumber, in.TokenCode = new("arn:aws:iam::111122223333:mfa/ann"), new("123456")
		}, "AccessDenied", "MultiFactorAuthentication failed"},
		{"context providers", ann, func(in *awssts.AssumeRoleInput) {
			in.ProvidedContexts = []types.ProvidedContext{{ProviderArn: new("arn:aws:iam::aws:contextProvider/X"), ContextAssertion: new("assertion")}}
		}, "ValidationError", "context providers"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := assume(c.caller, role, c.edit)
			if c.text == "" {
				want(t, err, c.code)
				return
			}
			want(t, err, c.code, c.text)
		})
	}
}

func tagList(pairs ...string) []types.Tag {
	var list []types.Tag
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, types.Tag{Key: &pairs[i], Value: &pairs[i+1]})
	}
	return list
}

// TestTrustConditions tests condition keys in trust policies.
func TestTrustConditions(t *testing.T) {
	w := newWorld(t)
	ann := w.user(alice, "ann", everything)
	for i, c := range []struct {
		name, condition string
		good, bad       func(*awssts.AssumeRoleInput)
	}{
		{"ExternalId", `"StringEquals":{"sts:ExternalId":"e-1"}`,
			func(in *awssts.AssumeRoleInput) { in.ExternalId = new("e-1") },
			func(in *awssts.AssumeRoleInput) { in.ExternalId = new("e-2") }},
		{"RoleSessionName", `"StringLike":{"sts:RoleSessionName":"ci-*"}`,
			func(in *awssts.AssumeRoleInput) { in.RoleSessionName = new("ci-7") },
			func(*awssts.AssumeRoleInput) {}},
		{"SourceIdentity", `"StringEquals":{"sts:SourceIdentity":"ann"}`,
			func(in *awssts.AssumeRoleInput) { in.SourceIdentity = new("ann") },
			func(in *awssts.AssumeRoleInput) { in.SourceIdentity = new("bea") }},
		{"RequestTag", `"StringEquals":{"aws:RequestTag/team":"red"}`,
			func(in *awssts.AssumeRoleInput) { in.Tags = tagList("team", "red") },
			func(in *awssts.AssumeRoleInput) { in.Tags = tagList("team", "blue") }},
		{"TagKeys", `"ForAllValues:StringEquals":{"aws:TagKeys":["team"]}`,
			func(in *awssts.AssumeRoleInput) { in.Tags = tagList("team", "red") },
			func(in *awssts.AssumeRoleInput) { in.Tags = tagList("team", "red", "cost", "1") }},
		{"TransitiveTagKeys", `"ForAnyValue:StringEquals":{"sts:TransitiveTagKeys":"team"}`,
			func(in *awssts.AssumeRoleInput) {
				in.Tags, in.TransitiveTagKeys = tagList("team", "red"), []string{"team"}
			},
			func(in *awssts.AssumeRoleInput) { in.Tags = tagList("team", "red") }},
		{"ResourceTag", `"StringEquals":{"iam:ResourceTag/stage":"dev","aws:ResourceTag/stage":"dev"}`,
			func(*awssts.AssumeRoleInput) {}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			trust := strings.TrimSuffix(trustAlice, "}") + `,"Condition":{` + c.condition + `}}`
			role := w.role("role-"+string(rune('a'+i)), trust, "", func(r *identity.Role) { r.Tags = map[string]string{"stage": "dev"} })
			_, err := assume(ann, role.ARN, c.good)
			ok(t, err)
			if c.bad != nil {
				_, err = assume(ann, role.ARN, c.bad)
				want(t, err, "AccessDenied", "sts:AssumeRole")
			}
		})
	}
}

// TestFurtherActions checks that tags and a source identity require separate actions, allowed by both sides.
func TestFurtherActions(t *testing.T) {
	w := newWorld(t)
	withTags := func(in *awssts.AssumeRoleInput) { in.Tags = tagList("team", "red") }
	withIdentity := func(in *awssts.AssumeRoleInput) { in.SourceIdentity = new("ann") }
	assumeOnly := strings.Replace(trustAlice, `["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]`, `"sts:AssumeRole"`, 1)
	closed := w.role("closed", assumeOnly, "").ARN
	open := w.role("open", trustAlice, "").ARN
	ann, bea := w.user(alice, "ann", everything), w.user(alice, "bea", mayAssume)
	for _, c := range []struct {
		name   string
		caller aws.Config
		role   string
		edit   func(*awssts.AssumeRoleInput)
		denied string
	}{
		{"tags, both allow", ann, open, withTags, ""},
		{"tags, trust silent", ann, closed, withTags, "sts:TagSession"},
		{"tags, caller silent", bea, open, withTags, "sts:TagSession"},
		{"source identity, both allow", ann, open, withIdentity, ""},
		{"source identity, trust silent", ann, closed, withIdentity, "sts:SetSourceIdentity"},
		{"source identity, caller silent", bea, open, withIdentity, "sts:SetSourceIdentity"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := assume(c.caller, c.role, c.edit)
			if c.denied == "" {
				ok(t, err)
				return
			}
			want(t, err, "AccessDenied", "not authorized to perform: "+c.denied)
		})
	}
}

// TestChain assumes one role after the other: transitive tags and the source identity are inherited; other
// tags and session policies are not.
func TestChain(t *testing.T) {
	w := newWorld(t)
	first := w.role("first", trustAlice, everything)
	second := w.role("second", trustAlice, `{"Effect":"Allow","Action":"imagebuilder:ListComponents","Resource":"*","Condition":{
		"StringEquals":{"aws:PrincipalTag/team":"red","aws:SourceIdentity":"ann"},"Null":{"aws:PrincipalTag/cost":"true"}}}`,
		func(r *identity.Role) { r.Tags = map[string]string{"Team": "of the role"} })
	session := w.assumed(w.user(alice, "ann", everything), first.ARN, func(in *awssts.AssumeRoleInput) {
		in.Tags, in.TransitiveTagKeys = tagList("team", "red", "cost", "1"), []string{"TEAM"}
		in.SourceIdentity = new("ann")
	})
	out, err := assume(session, second.ARN)
	ok(t, err)
	if got := aws.ToString(out.SourceIdentity); got != "ann" {
		t.Errorf("SourceIdentity = %q, want that of the first session", got)
	}
	ok(t, lists(w.as(out.Credentials)))

	_, err = assume(session, second.ARN, func(in *awssts.AssumeRoleInput) { in.Tags = tagList("Team", "blue") })
	want(t, err, "InvalidParameterValue", "conflicts with a transitive tag key from the calling session")
	_, err = assume(session, second.ARN, func(in *awssts.AssumeRoleInput) { in.SourceIdentity = new("bea") })
	want(t, err, "AccessDenied", "source identity of a session cannot be changed")

	closed := w.role("closed", `{"Effect":"Allow","Principal":{"AWS":"`+first.ARN+`"},"Action":"sts:AssumeRole"}`, "")
	_, err = assume(session, closed.ARN)
	want(t, err, "AccessDenied", "sts:TagSession")
	plain := w.assumed(w.user(alice, "bea", everything), first.ARN)
	_, err = assume(plain, closed.ARN)
	ok(t, err)
	_, err = assume(plain, first.ARN)
	ok(t, err)
	_, err = assume(plain, w.role("selfish", `{"Effect":"Allow","Principal":{"AWS":"`+bob+`"},"Action":"sts:AssumeRole"}`, everything).ARN)
	want(t, err, "AccessDenied")
}

// TestSessionKeys tests a session's condition keys in an identity policy.
func TestSessionKeys(t *testing.T) {
	w := newWorld(t)
	ann := w.user(alice, "ann", everything)
	for i, c := range []struct{ name, condition string }{
		{"PrincipalArn is the role", `"ArnEquals":{"aws:PrincipalArn":"` + roleAccount + `role-a"}`},
		{"userid", `"StringLike":{"aws:userid":"AROA*:session"}`},
		{"PrincipalType", `"StringEquals":{"aws:PrincipalType":"AssumedRole"}`},
		{"no username", `"Null":{"aws:username":"true"}`},
		{"no MFA", `"Bool":{"aws:MultiFactorAuthPresent":"false"}`},
		{"TokenIssueTime", `"DateGreaterThan":{"aws:TokenIssueTime":"2020-01-01T00:00:00Z"},"DateLessThan":{"aws:TokenIssueTime":"2099-01-01T00:00:00Z"}`},
		{"tag of the role", `"StringEquals":{"aws:PrincipalTag/stage":"dev"}`},
		{"tag of the session over the role's", `"StringEquals":{"aws:PrincipalTag/team":"red"}`},
		{"no FederatedProvider", `"Null":{"aws:FederatedProvider":"true"}`},
		{"no SourceIdentity", `"Null":{"aws:SourceIdentity":"true"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			role := w.role("role-"+string(rune('a'+i)), trustAlice, strings.TrimSuffix(listing, "}")+`,"Condition":{`+c.condition+`}}`,
				func(r *identity.Role) { r.Tags = map[string]string{"stage": "dev", "Team": "blue"} })
			ok(t, lists(w.assumed(ann, role.ARN, func(in *awssts.AssumeRoleInput) { in.Tags = tagList("team", "red") })))
		})
	}
	revoked := w.role("revoked", trustAlice, everything+`,{"Effect":"Deny","Action":"*","Resource":"*","Condition":{
		"DateLessThan":{"aws:TokenIssueTime":"`+w.now().Add(time.Hour).UTC().Format(time.RFC3339)+`"}}}`)
	want(t, lists(w.assumed(ann, revoked.ARN)), "AccessDeniedException", "explicit deny")
}

// TestSessionPolicies combines the session's policies with the role's.
func TestSessionPolicies(t *testing.T) {
	w := newWorld(t)
	ann := w.user(alice, "ann", everything)
	role := w.role("builder", trustAlice, listing).ARN
	list, other := w.managed("list", listing), w.managed("other", nothing)
	inline := func(statement string) func(*awssts.AssumeRoleInput) {
		return func(in *awssts.AssumeRoleInput) { in.Policy = new(document(statement)) }
	}
	byARN := func(arns ...string) func(*awssts.AssumeRoleInput) {
		return func(in *awssts.AssumeRoleInput) {
			for _, arn := range arns {
				in.PolicyArns = append(in.PolicyArns, types.PolicyDescriptorType{Arn: &arn})
			}
		}
	}
	for _, c := range []struct {
		name string
		edit func(*awssts.AssumeRoleInput)
		want string
	}{
		{"allows", inline(listing), ""},
		{"silent", inline(nothing), "no session policy allows"},
		{"denies", inline(everything + "," + strings.Replace(listing, "Allow", "Deny", 1)), "explicit deny in a session policy"},
		{"allows by ARN", byARN(list), ""},
		{"silent by ARN", byARN(other), "no session policy allows"},
		{"one of two allows", byARN(other, list), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, err := assume(ann, role, c.edit)
			ok(t, err)
			//lint:ignore SA1019 the API has it, whatever newer SDKs prefer
			if p := aws.ToInt32(out.PackedPolicySize); p < 1 || p > 20 {
				t.Errorf("PackedPolicySize = %d", p)
			}
			err = lists(w.as(out.Credentials))
			if c.want == "" {
				ok(t, err)
				return
			}
			want(t, err, "AccessDeniedException", c.want)
		})
	}
	t.Run("grants nothing by itself", func(t *testing.T) {
		poor := w.role("poor", trustAlice, nothing).ARN
		want(t, lists(w.assumed(ann, poor, inline(everything))), "AccessDeniedException", "no identity-based policy allows")
	})
	t.Run("a managed policy deleted since", func(t *testing.T) {
		session := w.assumed(ann, role, byARN(list))
		w.update(func(tx *store.Tx) error { return tx.DeleteResource(list) })
		want(t, lists(session), "AccessDeniedException", "no session policy allows")
	})
	for _, c := range []struct {
		name string
		edit func(*awssts.AssumeRoleInput)
		code string
		text string
	}{
		{"not JSON", func(in *awssts.AssumeRoleInput) { in.Policy = new("{") }, "MalformedPolicyDocument", "invalid Json"},
		{"no policy", func(in *awssts.AssumeRoleInput) { in.Policy = new(`{"Rules":[]}`) }, "MalformedPolicyDocument", "Syntax errors"},
		{"a principal", inline(`{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}`), "MalformedPolicyDocument", ""},
		{"no resource", inline(`{"Effect":"Allow","Action":"*"}`), "MalformedPolicyDocument", ""},
		{"no number", inline(`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"NumericEquals":{"k":"abc"}}}`), "MalformedPolicyDocument", ""},
		{"no address", inline(`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"300.1.1.1"}}}`), "MalformedPolicyDocument", ""},
		{"host bits", inline(`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"2001:db8::5/64"}}}`), "MalformedPolicyDocument", ""},
		{"no ARN", inline(`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"ArnEquals":{"aws:SourceArn":"x"}}}`), "MalformedPolicyDocument", ""},
		{"too long", inline(`{"Sid":"` + strings.Repeat("a", 2000) + `","Effect":"Allow","Action":"*","Resource":"*"}`), "ValidationError", "the limit is 2048"},
		{"eleven ARNs", byARN(other, other, other, other, other, other, other, other, other, other, other), "ValidationError", "exceeds the limit of 10"},
		{"no such ARN", byARN("arn:aws:iam::" + alice + ":policy/none"), "MalformedPolicyDocument", "does not exist or is not attachable"},
		{"another account's", byARN("arn:aws:iam::" + bob + ":policy/list"), "ValidationError", "is not valid"},
		{"tags that do not pack", func(in *awssts.AssumeRoleInput) {
			for i := range byte(20) { // digests do not compress
				value := ""
				for j := range byte(4) {
					value += fmt.Sprintf("%x", sha256.Sum256([]byte{i, j}))
				}
				in.Tags = append(in.Tags, tagList(string(rune('a'+i)), value)...)
			}
		}, "PackedPolicyTooLarge", "Packed size of session tags consumes "},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := assume(ann, role, c.edit)
			want(t, err, c.code, c.text)
		})
	}
}

// TestRoleGone checks that a session ends with its role, and that a role created again under the old name is
// a different role.
func TestRoleGone(t *testing.T) {
	w := newWorld(t)
	role := w.role("builder", trustAlice, listing)
	session := w.assumed(w.user(alice, "ann", everything), role.ARN)
	ok(t, lists(session))
	w.update(func(tx *store.Tx) error { return identity.DeleteRole(tx, role, w.now()) })
	want(t, lists(session), "UnrecognizedClientException")
	again := w.role("builder", trustAlice, listing)
	if again.ID == role.ID {
		t.Fatal("the new role has the old id")
	}
	want(t, lists(session), "UnrecognizedClientException")
}
