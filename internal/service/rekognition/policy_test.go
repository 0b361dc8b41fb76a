package rekognition_test

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/rekognition"

	"github.com/writdev/writ"
	"github.com/writdev/writ/writtest"
)

// The error codes that most tests expect.
const (
	accessDenied = "AccessDeniedException"
	badParameter = "InvalidParameterException"
	badRevision  = "InvalidPolicyRevisionIdException"
	exists       = "ResourceAlreadyExistsException"
	inUse        = "ResourceInUseException"
	malformed    = "MalformedPolicyDocumentException"
	notFound     = "ResourceNotFoundException"
)

var revisionForm = regexp.MustCompile(`^[0-9a-f]{32}$`)

// TestRevisions follows one policy through its revisions.
func TestRevisions(t *testing.T) {
	var ahead atomic.Int64
	s := writtest.NewFromConfig(t, writ.Config{Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }})
	c := newClient(t, s, alice)
	project := c.project("birds")

	first := c.put(project, "copy", share(bob), nil)
	if !revisionForm.MatchString(first) {
		t.Errorf("revision %q", first)
	}
	_, err := c.tryPut(project, "copy", share(carol), nil)
	wantCode(t, err, exists)
	before := c.policies(project)

	ahead.Store(int64(time.Minute))
	second := c.put(project, "copy", share(carol), &first)
	if second == first || !revisionForm.MatchString(second) {
		t.Errorf("revision %q after %q", second, first)
	}
	after := c.policies(project)
	if len(before) != 1 || len(after) != 1 {
		t.Fatalf("%d policies, then %d", len(before), len(after))
	}
	b, a := before[0], after[0]
	if *a.PolicyName != "copy" || *a.ProjectArn != project || *a.PolicyRevisionId != second || *a.PolicyDocument != share(carol) {
		t.Errorf("after the update: %+v", a)
	}
	if !a.CreationTimestamp.Equal(*b.CreationTimestamp) || !b.LastUpdatedTimestamp.Equal(*b.CreationTimestamp) {
		t.Errorf("created %v, then %v, updated %v", b.CreationTimestamp, a.CreationTimestamp, b.LastUpdatedTimestamp)
	}
	if moved := a.LastUpdatedTimestamp.Sub(*b.LastUpdatedTimestamp); moved < time.Minute {
		t.Errorf("LastUpdatedTimestamp moved by %v", moved)
	}

	// The first revision no longer exists, and neither does one of an unknown name.
	_, err = c.tryPut(project, "copy", share(bob), &first)
	if got := wantCode(t, err, badRevision); got != "The supplied revision id for the project policy is invalid." {
		t.Errorf("message %q", got)
	}
	wantCode(t, c.tryDelete(project, "copy", &first), badRevision)
	_, err = c.tryPut(project, "other", share(bob), &second)
	wantCode(t, err, badRevision)
	wantCode(t, c.tryDelete(project, "other", &second), badRevision)
	wantCode(t, c.tryDelete(project, "other", nil), notFound)

	ok(t, c.tryDelete(project, "copy", &second))
	wantCode(t, c.tryDelete(project, "copy", &second), badRevision)
	if list := c.policies(project); list == nil || len(list) != 0 {
		t.Errorf("after deletion: %v", list)
	}
	third := c.put(project, "copy", share(bob), nil)
	ok(t, c.tryDelete(project, "copy", nil)) // without a revision: the latest
	_, err = c.tryPut(project, "copy", share(bob), &third)
	wantCode(t, err, badRevision)
}

// TestFivePolicies tests the quota, which does not apply to updates, and pages.
func TestFivePolicies(t *testing.T) {
	c := newClient(t, writtest.New(t), alice)
	project, other := c.project("birds"), c.project("bees")
	revision := ""
	for i := range 5 {
		revision = c.put(project, "policy-"+strconv.Itoa(i), share(bob), nil)
	}
	_, err := c.tryPut(project, "sixth", share(bob), nil)
	wantCode(t, err, "LimitExceededException")
	c.put(project, "policy-4", share(carol), &revision)
	c.put(other, "sixth", share(bob), nil)
	ok(t, c.tryDelete(project, "policy-0", nil))
	ok(t, c.tryDelete(project, "policy-1", nil))
	c.put(project, "sixth", share(bob), nil)
	ok(t, c.tryDelete(project, "sixth", nil))

	for size, wantPages := range map[int32]int{1: 3, 2: 2, 3: 1, 5: 1} {
		pages, names := 0, []string{}
		p := rekognition.NewListProjectPoliciesPaginator(c, &rekognition.ListProjectPoliciesInput{ProjectArn: &project, MaxResults: &size})
		for ; p.HasMorePages(); pages++ {
			page, err := p.NextPage(ctx)
			ok(t, err)
			for _, policy := range page.ProjectPolicies {
				names = append(names, *policy.PolicyName)
			}
		}
		if pages != wantPages || strings.Join(names, " ") != "policy-2 policy-3 policy-4" {
			t.Errorf("pages of %d: %d pages with %v", size, pages, names)
		}
	}
	for _, in := range []*rekognition.ListProjectPoliciesInput{
		{ProjectArn: &project, MaxResults: new(int32(0))},
		{ProjectArn: &project, MaxResults: new(int32(6))},
	} {
		_, err := c.ListProjectPolicies(ctx, in)
		wantCode(t, err, badParameter)
	}
	for _, token := range []string{"made up", "", "UHV0UHJvamVjdFBvbGljeQpjb3B5"} { // the last is a token of PutProjectPolicy
		_, err := c.ListProjectPolicies(ctx, &rekognition.ListProjectPoliciesInput{ProjectArn: &project, NextToken: &token})
		wantCode(t, err, "InvalidPaginationTokenException")
	}
}

// TestDocuments tests valid and invalid project policies. Documents are stored byte for byte.
func TestDocuments(t *testing.T) {
	c := newClient(t, writtest.New(t), alice)
	m := c.model("birds")
	allow := statement("Allow", bob, "*")
	without := func(part string) string { return document(strings.Replace(allow, part, "", 1)) }
	with := func(old, new string) string { return document(strings.Replace(allow, old, new, 1)) }
	wide := strings.Replace(share(bob), `{"Version"`, `{"Id":"é","Version"`, 1)
	sized := func(document string, n int) string {
		return document + strings.Repeat(" ", n-utf8.RuneCountInString(document))
	}
	const principal, action = `"Principal":{"AWS":"` + bob + `"},`, `"Action":"rekognition:CopyProjectVersion",`

	for _, test := range []struct{ name, document, want string }{
		{"the guide's", share(bob), ""},
		{"indented", "{\n\t\"Version\": \"2012-10-17\",\r\n  \"Statement\": " + allow + "}\n", ""},
		{"a user", document(statement("Allow", "arn:aws:iam::"+bob+":user/ann", "*")), ""},
		{"a root user", document(statement("Allow", "arn:aws:iam::"+bob+":root", "*")), ""},
		{"everybody", with(`{"AWS":"`+bob+`"}`, `"*"`), ""},
		{"a Deny", document(statement("Deny", "arn:aws:iam::"+alice+":user/eve", "*")), ""},
		{"both", document(allow, statement("Deny", bob, m.version)), ""},
		{"a version", document(statement("Allow", bob, m.version)), ""},
		{"versions by a wildcard", document(statement("Allow", bob, "arn:aws:rekognition:us-east-1:"+alice+":project/birds/version/v*/*")), ""},
		{"a condition", with(`"Resource":"*"`, `"Resource":"*","Condition":{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::`+bob+`:role/copier"}}`), ""},
		{"an Id, a Sid, no Version", `{"Id":"i","Statement":[` + strings.Replace(allow, "{", `{"Sid":"s",`, 1) + `]}`, ""},
		{"a list of one action", with(`"rekognition:CopyProjectVersion"`, `["rekognition:CopyProjectVersion"]`), ""},
		{"Latin-1", wide, ""},
		{"2000 characters", sized(share(bob), 2000), ""},
		{"2000 characters in more bytes", sized(wide, 2000), ""},

		{"2001 characters", sized(share(bob), 2001), badParameter},
		{"nothing", "", badParameter},
		{"beyond Latin-1", strings.Replace(share(bob), `{"Version"`, `{"Id":"Ā","Version"`, 1), badParameter},
		{"a control character", share(bob) + "\v", badParameter},

		{"no JSON", `{"Version":`, malformed},
		{"quotes of a shell", `'` + share(bob) + `'`, malformed},
		{"an empty object", `{}`, malformed},
		{"no statements", document(), malformed},
		{"no Effect", without(`"Effect":"Allow",`), malformed},
		{"no Principal", without(principal), malformed},
		{"no Action", without(action), malformed},
		{"no Resource", without(`,"Resource":"*"`), malformed},
		{"Effect in capitals", with("Allow", "ALLOW"), malformed},
		{"NotAction", with(`"Action"`, `"NotAction"`), malformed},
		{"NotResource", with(`"Resource":"*"`, `"NotResource":"`+m.version+`"`), malformed},
		{"NotPrincipal", with(`"Principal"`, `"NotPrincipal"`), malformed},
		{"another action", with("CopyProjectVersion", "DescribeProjectVersions"), malformed},
		{"any action of the service", with("CopyProjectVersion", "*"), malformed},
		{"any action", with("rekognition:CopyProjectVersion", "*"), malformed},
		{"another service", with("rekognition:CopyProjectVersion", "s3:GetObject"), malformed},
		{"the project", document(statement("Allow", bob, m.project)), malformed},
		{"another service's resource", document(statement("Allow", bob, "arn:aws:s3:::bucket")), malformed},
		{"no such principal", document(statement("Allow", "bob", "*")), malformed},
		{"one bad statement", document(allow, strings.Replace(allow, "Allow", "ALLOW", 1)), malformed},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := c.tryPut(m.project, "copy", test.document, nil)
			if test.want != "" {
				if message := wantCode(t, err, test.want); message == "" {
					t.Error("no message")
				}
				if list := c.policies(m.project); len(list) != 0 {
					t.Errorf("a refused document is kept: %v", list)
				}
				return
			}
			ok(t, err)
			if got := *c.policies(m.project)[0].PolicyDocument; got != test.document {
				t.Errorf("document\n got %q\nwant %q", got, test.document)
			}
			ok(t, c.tryDelete(m.project, "copy", nil))
		})
	}
}

// TestMembers tests the valid members of the three operations.
func TestMembers(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	m := c.model("birds")
	absent := strings.Replace(m.project, "/birds/", "/bees/", 1)
	type call struct{ project, name, revision string }
	for _, test := range []struct {
		name string
		call
		want string
	}{
		{"a project without number", call{strings.TrimSuffix(m.project, m.project[strings.LastIndexByte(m.project, '/'):]), "copy", ""}, badParameter},
		{"a version", call{m.version, "copy", ""}, badParameter},
		{"more after the number", call{m.project + "\n", "copy", ""}, badParameter},
		{"an absent project", call{absent, "copy", ""}, notFound},
		{"the project of another time", call{m.project + "0", "copy", ""}, notFound},
		{"another region", call{strings.Replace(m.project, "us-east-1", "eu-west-1", 1), "copy", ""}, notFound},
		{"a name of 129 characters", call{m.project, strings.Repeat("a", 129), ""}, badParameter},
		{"a name with a space", call{m.project, "my policy", ""}, badParameter},
		{"no name", call{m.project, "", ""}, badParameter},
		{"a revision that is not hexadecimal", call{m.project, "copy", "xyz"}, badParameter},
		{"a revision of 65 characters", call{m.project, "copy", strings.Repeat("a", 65)}, badParameter},
	} {
		t.Run(test.name, func(t *testing.T) {
			var revision *string
			if test.revision != "" {
				revision = &test.revision
			}
			_, err := c.tryPut(test.project, test.call.name, share(bob), revision)
			wantCode(t, err, test.want)
			wantCode(t, c.tryDelete(test.project, test.call.name, revision), test.want)
			if test.project != m.project {
				_, err = c.ListProjectPolicies(ctx, &rekognition.ListProjectPoliciesInput{ProjectArn: &test.project})
				wantCode(t, err, test.want)
			}
		})
	}
	c.put(m.project, strings.Repeat("a", 128), share(bob), nil)
	far := s.Config(alice)
	far.Region = "eu-west-1" // the project is in another region
	_, err := fromConfig(t, far).ListProjectPolicies(ctx, &rekognition.ListProjectPoliciesInput{ProjectArn: &m.project})
	wantCode(t, err, notFound)
	_, err = c.tryPut(m.project, "copy", share(bob), new(strings.Repeat("A", 64))) // well formed, but wrong
	wantCode(t, err, badRevision)
}

// TestConcurrentPolicies changes one policy from many clients: one of those who create it succeeds, and one
// of those who update its revision.
func TestConcurrentPolicies(t *testing.T) {
	const clients, rounds = 16, 4
	s := writtest.New(t)
	c := newClient(t, s, alice)
	project := c.project("birds")
	race := func(revision *string, lost string) string {
		var wg sync.WaitGroup
		won, errs := make(chan string, clients), make(chan error, clients)
		for i := range clients {
			wg.Go(func() {
				out, err := c.tryPut(project, "copy", document(statement("Allow", strconv.Itoa(100000000000+i), "*")), revision)
				if err != nil {
					errs <- err
					return
				}
				won <- *out.PolicyRevisionId
			})
		}
		wg.Wait()
		close(errs)
		if len(won) != 1 {
			t.Fatalf("%d of %d clients succeeded", len(won), clients)
		}
		for err := range errs {
			wantCode(t, err, lost)
		}
		winner := <-won
		if list := c.policies(project); len(list) != 1 || *list[0].PolicyRevisionId != winner {
			t.Fatalf("policies %v, want the revision %s", list, winner)
		}
		return winner
	}
	for range rounds {
		revision := race(nil, exists)
		revision = race(&revision, badRevision)
		ok(t, c.tryDelete(project, "copy", &revision))
	}

	// Concurrent requests cannot exceed the quota.
	var wg sync.WaitGroup
	var made atomic.Int32
	for i := range clients {
		wg.Go(func() {
			if _, err := c.tryPut(project, "policy-"+strconv.Itoa(i), share(bob), nil); err == nil {
				made.Add(1)
			}
		})
	}
	wg.Wait()
	if list := c.policies(project); made.Load() != 5 || len(list) != 5 {
		t.Errorf("%d policies made, %d there", made.Load(), len(list))
	}
}
