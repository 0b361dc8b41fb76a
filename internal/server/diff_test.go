package server_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/imagebuilder"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/writdev/writ"
	"github.com/writdev/writ/writtest"
)

const sharedRecipe = "arn:aws:imagebuilder:us-east-1:" + alice + ":image-recipe/web/1.0.0"

type diffAnswer struct {
	Message string
	Asked   int
	Changes []struct {
		Principal, Resource string
		Gained, Lost        []string
	}
}

func askDiff(t *testing.T, s *writtest.Server, question map[string]any) (answer diffAnswer, status int) {
	t.Helper()
	body, err := json.Marshal(question)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Post(s.URL+"/_writ/diff", "application/json", strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return answer, resp.StatusCode
}

// lines are the changes as "principal +action" and "principal -action".
func (a *diffAnswer) lines() []string {
	lines := []string{}
	for _, c := range a.Changes {
		for _, action := range c.Gained {
			lines = append(lines, c.Principal+" +"+action)
		}
		for _, action := range c.Lost {
			lines = append(lines, c.Principal+" -"+action)
		}
	}
	slices.Sort(lines)
	return lines
}

// recipePolicy is a policy on the recipe with one statement per list of principals.
func recipePolicy(statements ...string) string {
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}

func recipeStatement(effect, principals, actions string) string {
	return `{"Effect":"` + effect + `","Principal":{"AWS":[` + principals + `]},"Action":[` + actions + `],"Resource":["` + sharedRecipe + `"]}`
}

// newSharedRecipe makes a recipe of alice's, and users of alice and of bob of whom
// one may read every recipe as far as his own account says.
func newSharedRecipe(t *testing.T, s *writtest.Server) *imagebuilder.Client {
	t.Helper()
	reads := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"imagebuilder:*","Resource":"*"}]}`
	s.User(bob, "reader", reads)
	s.User(bob, "other", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ssm:*","Resource":"*"}]}`)
	s.User(alice, "own", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ssm:*","Resource":"*"}]}`)
	client := imagebuilder.NewFromConfig(s.Config(alice))
	_, err := client.CreateImageRecipe(context.Background(), &imagebuilder.CreateImageRecipeInput{
		Name: new("web"), SemanticVersion: new("1.0.0"), ParentImage: new("ami-0123456789abcdef0"),
	})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// whoCanNow is who can do the actions on the recipe, as "principal action".
func whoCanNow(t *testing.T, s *writtest.Server, actions []string) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for _, action := range actions {
		var answer struct{ Principals []struct{ Principal string } }
		query := url.Values{"action": {action}, "resource": {sharedRecipe}}
		if status := fetch(t, s.URL+"/_writ/who-can?"+query.Encode(), &answer); status != http.StatusOK {
			t.Fatalf("who-can: status %d", status)
		}
		for _, p := range answer.Principals {
			found[p.Principal+" "+action] = true
		}
	}
	return found
}

// TestDiffResource holds the answer against the server's own with each of the
// documents put on the resource.
func TestDiffResource(t *testing.T) {
	s := writtest.New(t)
	client := newSharedRecipe(t, s)
	put := func(text string) {
		t.Helper()
		if _, err := client.PutImageRecipePolicy(context.Background(), &imagebuilder.PutImageRecipePolicyInput{ImageRecipeArn: new(sharedRecipe), Policy: &text}); err != nil {
			t.Fatal(err)
		}
	}
	get, list := `"imagebuilder:GetImageRecipe"`, `"imagebuilder:GetImageRecipe","imagebuilder:ListImageRecipes"`
	documents := []string{
		recipePolicy(recipeStatement("Allow", `"`+bob+`"`, get)),
		recipePolicy(recipeStatement("Allow", `"`+bob+`"`, list)),
		recipePolicy(recipeStatement("Allow", `"arn:aws:iam::`+bob+`:user/other"`, list)),
		recipePolicy(recipeStatement("Allow", `"arn:aws:iam::`+bob+`:user/reader"`, get), recipeStatement("Allow", `"arn:aws:iam::`+alice+`:user/own"`, get)),
		recipePolicy(recipeStatement("Allow", `"`+bob+`"`, list), recipeStatement("Deny", `"arn:aws:iam::`+bob+`:user/reader"`, get)),
	}
	actions := []string{"imagebuilder:GetImageRecipe", "imagebuilder:DeleteImageRecipe", "imagebuilder:PutImageRecipePolicy", "imagebuilder:CreateImage"}
	can := make([]map[string]bool, len(documents))
	for i, text := range documents {
		put(text)
		can[i] = whoCanNow(t, s, actions)
	}
	changed := 0
	for i, old := range documents {
		for j, text := range documents {
			answer, status := askDiff(t, s, map[string]any{"resource": sharedRecipe, "old": json.RawMessage(old), "new": json.RawMessage(text)})
			if status != http.StatusOK {
				t.Fatalf("status %d: %s", status, answer.Message)
			}
			want := []string{}
			for p := range can[j] {
				if !can[i][p] {
					want = append(want, strings.Replace(p, " ", " +", 1))
				}
			}
			for p := range can[i] {
				if !can[j][p] {
					want = append(want, strings.Replace(p, " ", " -", 1))
				}
			}
			slices.Sort(want)
			got := slices.DeleteFunc(answer.lines(), func(line string) bool {
				return !slices.ContainsFunc(actions, func(a string) bool { return strings.HasSuffix(line, "+"+a) || strings.HasSuffix(line, "-"+a) })
			})
			if !slices.Equal(got, want) {
				t.Errorf("%d to %d: %v, want %v", i, j, got, want)
			}
			changed += len(want)
		}
	}
	if changed == 0 {
		t.Error("nothing changes between any two documents")
	}
}

// TestDiffPrincipal asks about an identity policy and a permissions boundary.
func TestDiffPrincipal(t *testing.T) {
	s := writtest.New(t)
	newSharedRecipe(t, s)
	if _, err := ssm.NewFromConfig(s.Config(alice)).PutParameter(context.Background(), &ssm.PutParameterInput{Name: new("p"), Value: new("v"), Type: "String"}); err != nil {
		t.Fatal(err)
	}
	own := "arn:aws:iam::" + alice + ":user/own"
	all := json.RawMessage(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ssm:*","Resource":"*"}]}`)
	some := json.RawMessage(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ssm:GetParameter*","imagebuilder:GetImageRecipe"],"Resource":"*"}]}`)
	answer, status := askDiff(t, s, map[string]any{"principal": own, "old": all, "new": some})
	lines := answer.lines()
	if status != http.StatusOK || !slices.Contains(lines, own+" +imagebuilder:GetImageRecipe") || !slices.Contains(lines, own+" -ssm:PutParameter") ||
		slices.Contains(lines, own+" -ssm:GetParameter") {
		t.Errorf("identity: %d %s %v", status, answer.Message, lines)
	}
	answer, status = askDiff(t, s, map[string]any{"principal": own, "kind": "boundary", "old": nil, "new": some})
	lines = answer.lines()
	if status != http.StatusOK || !slices.Contains(lines, own+" -ssm:PutParameter") || slices.Contains(lines, own+" -ssm:GetParameter") || slices.Contains(lines, own+" +imagebuilder:GetImageRecipe") {
		t.Errorf("boundary: %d %s %v", status, answer.Message, lines)
	}
}

// TestDiffManagedPolicy replaces a managed policy that is attached to a user, is the permissions boundary of another,
// and both of a third: the answers are what each may do more and less after the change.
func TestDiffManagedPolicy(t *testing.T) {
	s := writtest.New(t)
	client := iam.NewFromConfig(s.Config(alice))
	if _, err := ssm.NewFromConfig(s.Config(alice)).PutParameter(t.Context(), &ssm.PutParameterInput{Name: new("p"), Value: new("v"), Type: "String"}); err != nil {
		t.Fatal(err)
	}
	old := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ssm:GetParameter","Resource":"*"}}`
	edit := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["ssm:Put*","ssm:DescribeParameters"],"Resource":"*"}}`
	made, err := client.CreatePolicy(t.Context(), &iam.CreatePolicyInput{PolicyName: new("managed"), PolicyDocument: &old})
	if err != nil {
		t.Fatal(err)
	}
	arn := *made.Policy.Arn
	users := []string{"attached", "bounded", "both", "neither"}
	for i, name := range users {
		s.User(alice, name, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["ssm:PutParameter","ssm:GetParameter"],"Resource":"*"}}`)
		if i != 0 && i != 3 {
			if _, err := client.PutUserPermissionsBoundary(t.Context(), &iam.PutUserPermissionsBoundaryInput{UserName: &name, PermissionsBoundary: &arn}); err != nil {
				t.Fatal(err)
			}
		}
		if i%2 == 0 {
			if _, err := client.AttachUserPolicy(t.Context(), &iam.AttachUserPolicyInput{UserName: &name, PolicyArn: &arn}); err != nil {
				t.Fatal(err)
			}
		}
	}
	o := &organized{Server: s}
	got := []string{}
	for _, name := range users {
		principal := "arn:aws:iam::" + alice + ":user/" + name
		o.principals = append(o.principals, principal)
		answer, status := askDiff(t, s, map[string]any{"principal": principal, "policy": arn, "old": json.RawMessage(old), "new": json.RawMessage(edit)})
		if status != http.StatusOK {
			t.Fatalf("%s: status %d: %s", name, status, answer.Message)
		}
		got = append(got, answer.details()...)
	}
	slices.Sort(got)
	before := o.can(t)
	if _, err := client.CreatePolicyVersion(t.Context(), &iam.CreatePolicyVersionInput{PolicyArn: &arn, PolicyDocument: &edit, SetAsDefault: true}); err != nil {
		t.Fatal(err)
	}
	if want := changes(before, o.can(t)); !slices.Equal(got, want) || len(want) < 4 {
		t.Errorf("got %d changes, want %d\n%s", len(got), len(want), strings.Join(without(got, want), "\n"))
	}
}

func TestDiffRefuses(t *testing.T) {
	s := writtest.New(t)
	newSharedRecipe(t, s)
	doc := json.RawMessage(`{"Version":"2012-10-17","Statement":[]}`)
	for _, c := range []struct {
		question map[string]any
		status   int
		want     string
	}{
		{map[string]any{"old": doc, "new": doc}, 400, "A resource or a principal"},
		{map[string]any{"resource": sharedRecipe, "principal": alice, "old": doc, "new": doc}, 400, "A resource or a principal"},
		{map[string]any{"resource": "r", "old": doc, "new": doc}, 400, "resource is an ARN"},
		{map[string]any{"resource": sharedRecipe + "9", "old": doc, "new": doc}, 400, "There is no resource"},
		{map[string]any{"resource": sharedRecipe, "kind": "boundary", "old": doc, "new": doc}, 400, "kind is"},
		{map[string]any{"principal": "arn:aws:iam::" + alice + ":user/own", "kind": "trust", "old": doc, "new": doc}, 400, "kind is"},
		{map[string]any{"principal": "arn:aws:iam::" + alice + ":user/own", "kind": "boundary", "policy": "p", "old": doc, "new": doc}, 400, "policy is the name"},
		{map[string]any{"kind": "rcp", "policy": "none", "old": doc, "new": doc}, 400, "not an SCP or an RCP"},
		{map[string]any{"principal": "arn:aws:iam::" + alice + ":user/own", "kind": "scp", "old": doc, "new": doc}, 400, "not an SCP or an RCP"},
		{map[string]any{"resource": sharedRecipe, "old": doc, "new": json.RawMessage(`{"Statement":3}`)}, 400, "new: "},
		{map[string]any{"principal": alice, "old": doc, "new": doc}, 400, "a user or a role"},
		{map[string]any{"principal": "arn:aws:iam::" + alice + ":user/nobody", "old": doc, "new": doc}, 404, "does not exist"},
		{map[string]any{"resource": sharedRecipe, "old": doc, "new": doc, "more": 1}, 400, "unknown field"},
	} {
		if answer, status := askDiff(t, s, c.question); status != c.status || !strings.Contains(answer.Message, c.want) {
			t.Errorf("%v: %d %q, want %d %q", c.question, status, answer.Message, c.status, c.want)
		}
	}
}

// TestDiffGuarded: as the other paths about decisions, this one is closed to pages,
// to foreign names, and on a public address to those without the token.
func TestDiffGuarded(t *testing.T) {
	const token = "a-token-of-the-administrator"
	local, public := writtest.New(t), writtest.NewFromConfig(t, writ.Config{Public: true, AdminToken: token})
	for name, c := range map[string]struct {
		server *writtest.Server
		change func(*http.Request)
	}{
		"a page":    {local, func(r *http.Request) { r.Header.Set("Origin", "http://example.com") }},
		"a name":    {local, func(r *http.Request) { r.Host = "rebound.example.com" }},
		"none":      {public, func(*http.Request) {}},
		"the wrong": {public, func(r *http.Request) { r.Header.Set("Authorization", "Bearer x"+token) }},
	} {
		req, err := http.NewRequest("POST", c.server.URL+"/_writ/diff", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		c.change(req)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusForbidden && resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: status %d", name, resp.StatusCode)
		}
	}
}

// TestDiffServiceControl replaces an SCP that is attached to the root of an
// organization: those of its member account lose what it takes away, and nobody else.
func TestDiffServiceControl(t *testing.T) {
	s := writtest.New(t)
	ctx := context.Background()
	all := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ssm:*","Resource":"*"}]}`
	s.User(alice, "manager", all)
	s.User(bob, "member", all)
	manager, member := organizations.NewFromConfig(s.Config(alice)), organizations.NewFromConfig(s.Config(bob))
	if _, err := manager.CreateOrganization(ctx, &organizations.CreateOrganizationInput{}); err != nil {
		t.Fatal(err)
	}
	invited, err := manager.InviteAccountToOrganization(ctx, &organizations.InviteAccountToOrganizationInput{Target: &types.HandshakeParty{Id: new(bob), Type: types.HandshakePartyTypeAccount}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := member.AcceptHandshake(ctx, &organizations.AcceptHandshakeInput{HandshakeId: invited.Handshake.Id}); err != nil {
		t.Fatal(err)
	}
	roots, err := manager.ListRoots(ctx, &organizations.ListRootsInput{})
	if err != nil {
		t.Fatal(err)
	}
	root := roots.Roots[0].Id
	_, _ = manager.EnablePolicyType(ctx, &organizations.EnablePolicyTypeInput{RootId: root, PolicyType: types.PolicyTypeServiceControlPolicy}) // it may be enabled
	old := `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"ssm:PutParameter","Resource":"*"}]}`
	made, err := manager.CreatePolicy(ctx, &organizations.CreatePolicyInput{Name: new("p"), Description: new(""), Type: types.PolicyTypeServiceControlPolicy, Content: &old})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := manager.AttachPolicy(ctx, &organizations.AttachPolicyInput{PolicyId: made.Policy.PolicySummary.Id, TargetId: root}); err != nil {
		t.Fatal(err)
	}

	question := func(old, new string) map[string]any {
		return map[string]any{"kind": "scp", "old": json.RawMessage(old), "new": json.RawMessage(new)}
	}
	fewer := `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":["ssm:PutParameter","ssm:DescribeParameters"],"Resource":"*"}]}`
	answer, status := askDiff(t, s, question(old, fewer))
	user := "arn:aws:iam::" + bob + ":user/member"
	want := []string{"arn:aws:iam::" + bob + ":root -ssm:DescribeParameters", user + " -ssm:DescribeParameters"}
	if got := answer.lines(); status != http.StatusOK || !slices.Equal(got, want) {
		t.Errorf("%d: %v, want %v (%s)", status, got, want, answer.Message)
	}
	narrow := question(fewer, old)
	if _, status := askDiff(t, s, narrow); status != http.StatusBadRequest {
		t.Errorf("a document that is attached nowhere: %d", status)
	}
	narrow = question(old, fewer)
	narrow["principal"] = user
	if answer, _ := askDiff(t, s, narrow); !slices.Equal(answer.lines(), want[1:]) {
		t.Errorf("%v of the user alone, want %v", answer.lines(), want[1:])
	}
	if answer, status := askDiff(t, s, question("null", fewer)); status != http.StatusBadRequest || !strings.Contains(answer.Message, "attached") {
		t.Errorf("no old document: %d, %s", status, answer.Message)
	}
}
