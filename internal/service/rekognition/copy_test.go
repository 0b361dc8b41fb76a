package rekognition_test

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/rekognition"
	"github.com/aws/aws-sdk-go-v2/service/rekognition/types"

	"github.com/writdev/writ"
	"github.com/writdev/writ/writtest"
)

const copyAction = "rekognition:CopyProjectVersion"

// TestCopy lets bob copy a model of alice: both sides must allow it.
func TestCopy(t *testing.T) {
	s := writtest.New(t)
	owner, root := newClient(t, s, alice), newClient(t, s, bob)
	m, destination := owner.model("birds"), root.project("copies")
	copier := as(t, s, bob, "ann", identity("Allow", copyAction, "*"))
	nobody := as(t, s, bob, "eve", identity("Allow", "rekognition:Describe*", "*"))

	_, err := copier.copy(m, destination, "v1") // identity only
	if message := wantCode(t, err, accessDenied); !strings.Contains(message, "because no resource-based policy allows the "+copyAction+" action") {
		t.Errorf("message %q", message)
	}
	revision := owner.put(m.project, "copy", share(bob), nil)
	_, err = nobody.copy(m, destination, "v1") // policy only
	wantCode(t, err, accessDenied)

	arn, err := copier.copy(m, destination, "v1")
	ok(t, err)
	if prefix := strings.Replace(destination[:strings.LastIndexByte(destination, '/')], "/copies", "/copies/version/v1/", 1); !strings.HasPrefix(arn, prefix) {
		t.Errorf("copy %s, want %s...", arn, prefix)
	}
	list := root.versions(destination, "v1")
	if len(list) != 1 || *list[0].ProjectVersionArn != arn || *list[0].SourceProjectVersionArn != m.version ||
		list[0].Status != types.ProjectVersionStatusCopyingCompleted || *list[0].OutputConfig.S3Bucket != "results" {
		t.Errorf("copy %+v", list)
	}
	_, err = copier.copy(m, destination, "v1")
	wantCode(t, err, inUse)

	// The copier does not own the source, and the owner of the source does not own the copy.
	_, err = root.DescribeProjectVersions(ctx, &rekognition.DescribeProjectVersionsInput{ProjectArn: &m.project})
	wantCode(t, err, accessDenied)
	_, err = root.DeleteProjectVersion(ctx, &rekognition.DeleteProjectVersionInput{ProjectVersionArn: &m.version})
	wantCode(t, err, accessDenied)
	_, err = owner.DeleteProjectVersion(ctx, &rekognition.DeleteProjectVersionInput{ProjectVersionArn: &arn})
	wantCode(t, err, accessDenied)

	// After revocation the next copy is rejected, and the first one remains.
	ok(t, owner.tryDelete(m.project, "copy", &revision))
	_, err = copier.copy(m, destination, "v2")
	wantCode(t, err, accessDenied)
	if list := root.versions(destination); len(list) != 1 {
		t.Errorf("%d versions", len(list))
	}
}

// TestCopyIdentity tests the caller's side: both ends of a copy are authorized.
func TestCopyIdentity(t *testing.T) {
	s := writtest.New(t)
	owner, root := newClient(t, s, alice), newClient(t, s, bob)
	m, destination, other := owner.model("birds"), root.project("copies"), root.project("others")
	owner.put(m.project, "copy", share(bob), nil)
	for _, test := range []struct {
		name       string
		statements []string
		denied     string // the ARN in the denial
	}{
		{"both", []string{identity("Allow", copyAction, m.version), identity("Allow", copyAction, destination)}, ""},
		{"the source only", []string{identity("Allow", copyAction, m.version)}, destination},
		{"the destination only", []string{identity("Allow", copyAction, destination)}, m.version},
		{"another destination", []string{identity("Allow", copyAction, m.version), identity("Allow", copyAction, other)}, destination},
		{"the source project", []string{identity("Allow", copyAction, m.project), identity("Allow", copyAction, destination)}, m.version},
		{"a denied destination", []string{identity("Allow", copyAction, "*"), identity("Deny", copyAction, destination)}, destination},
		{"a denied source", []string{identity("Allow", copyAction, "*"), identity("Deny", copyAction, m.version)}, m.version},
	} {
		t.Run(test.name, func(t *testing.T) {
			name := strings.ReplaceAll(test.name, " ", "-")
			_, err := as(t, s, bob, name, test.statements...).copy(m, destination, name)
			if test.denied == "" {
				ok(t, err)
			} else if message := wantCode(t, err, accessDenied); !strings.Contains(message, "on resource: "+test.denied) {
				t.Errorf("message %q, want the resource %s", message, test.denied)
			}
		})
	}
}

// TestCopyPolicies tests combinations of project policies.
func TestCopyPolicies(t *testing.T) {
	s := writtest.New(t)
	owner, user := newClient(t, s, alice), newClient(t, s, bob)
	m, destination := owner.model("birds"), user.project("copies")
	second := model{m.project, owner.version(m.project, "v2")}
	eve := "arn:aws:iam::" + bob + ":user/eve"
	copier := as(t, s, bob, "eve", identity("Allow", copyAction, "*"))
	for _, test := range []struct {
		name     string
		policies []string
		first    string // the code of a copy of the first version
		second   string
	}{
		{"none", nil, accessDenied, accessDenied},
		{"one", []string{share(bob)}, "", ""},
		{"for another account", []string{share(carol)}, accessDenied, accessDenied},
		{"one of two", []string{share(carol), share(bob)}, "", ""},
		{"of one version", []string{document(statement("Allow", bob, m.version))}, "", accessDenied},
		{"of both versions", []string{document(statement("Allow", bob, m.version)), document(statement("Allow", eve, second.version))}, "", ""},
		{"a deny", []string{share(bob), document(statement("Deny", eve, "*"))}, accessDenied, accessDenied},
		{"a deny of one version", []string{document(statement("Deny", bob, second.version)), share(bob)}, "", accessDenied},
	} {
		t.Run(test.name, func(t *testing.T) {
			for i, text := range test.policies {
				name := string(rune('a' + i))
				owner.put(m.project, name, text, nil)
				defer func() { ok(t, owner.tryDelete(m.project, name, nil)) }()
			}
			name := strings.ReplaceAll(test.name, " ", "-")
			for _, c := range []struct {
				model
				version, want string
			}{{m, name + "-1", test.first}, {second, name + "-2", test.second}} {
				_, err := copier.copy(c.model, destination, c.version)
				if c.want == "" {
					ok(t, err)
				} else {
					wantCode(t, err, c.want)
				}
			}
		})
	}
}

// TestCopyOwn copies within an account, which requires no policy. A Deny applies.
func TestCopyOwn(t *testing.T) {
	s := writtest.New(t)
	owner := newClient(t, s, alice)
	m, destination := owner.model("birds"), owner.project("copies")
	ann := as(t, s, alice, "ann", identity("Allow", copyAction, "*"))
	eve := as(t, s, alice, "eve", identity("Allow", "rekognition:Describe*", "*"))
	_, err := ann.copy(m, destination, "v1")
	ok(t, err)
	_, err = ann.copy(m, m.project, "v2") // also within one project
	ok(t, err)
	_, err = eve.copy(m, destination, "v3")
	wantCode(t, err, accessDenied)

	revision := owner.put(m.project, "no", document(statement("Deny", "arn:aws:iam::"+alice+":user/ann", "*")), nil)
	_, err = ann.copy(m, destination, "v4")
	if message := wantCode(t, err, accessDenied); !strings.HasSuffix(message, "with an explicit deny in a resource-based policy") {
		t.Errorf("message %q", message)
	}
	_, err = owner.copy(m, destination, "v4")
	ok(t, err)

	// The policies of the destination apply to its own versions: they neither allow nor deny copies into it.
	owner.put(m.project, "no", document(statement("Allow", "arn:aws:iam::"+alice+":user/eve", "*")), &revision)
	owner.put(destination, "in", document(statement("Allow", "arn:aws:iam::"+alice+":user/eve", "*"), statement("Deny", "arn:aws:iam::"+alice+":user/ann", "*")), nil)
	_, err = eve.copy(m, destination, "v5")
	wantCode(t, err, accessDenied)
	_, err = ann.copy(m, destination, "v5")
	ok(t, err)
}

// TestCopyRole lets sessions of roles copy, within the account and from another.
func TestCopyRole(t *testing.T) {
	s := writtest.New(t)
	owner, user := newClient(t, s, alice), newClient(t, s, bob)
	m, own, destination := owner.model("birds"), owner.project("copies"), user.project("copies")
	mine := asRole(t, s, alice, "trainer", identity("Allow", copyAction, "*"))
	theirs := asRole(t, s, bob, "copier", identity("Allow", copyAction, "*"))
	_, err := mine.copy(m, own, "v1") // without any policy
	ok(t, err)
	_, err = theirs.copy(m, destination, "v1")
	wantCode(t, err, accessDenied)
	revision := owner.put(m.project, "copy", document(statement("Allow", "arn:aws:iam::"+bob+":role/copier", "*")), nil)
	_, err = theirs.copy(m, destination, "v1")
	ok(t, err)
	_, err = user.copy(m, destination, "v2")
	wantCode(t, err, accessDenied) // the policy names the role, not its account
	owner.put(m.project, "copy", document(statement("Deny", "arn:aws:iam::"+alice+":role/trainer", "*")), &revision)
	_, err = mine.copy(m, own, "v2")
	wantCode(t, err, accessDenied)
	_, err = owner.copy(m, own, "v2")
	ok(t, err)
}

// TestCopyUnenforced checks that even without enforcement no one can write into another account's project.
func TestCopyUnenforced(t *testing.T) {
	s := writtest.NewFromConfig(t, writ.Config{Enforce: writ.EnforceOff})
	owner, user := newClient(t, s, alice), newClient(t, s, bob)
	m, mine := owner.model("birds"), user.model("bees")
	_, err := user.copy(mine, m.project, "v2")
	wantCode(t, err, accessDenied)
	_, err = user.copy(m, mine.project, "v2")
	ok(t, err)
}

// TestCopyElsewhere tries indirect ways to a version, all of which are rejected.
func TestCopyElsewhere(t *testing.T) {
	s := writtest.New(t)
	owner, user := newClient(t, s, alice), newClient(t, s, bob)
	m, mine := owner.model("birds"), user.model("birds") // with the same name
	destination := user.project("copies")
	user.put(mine.project, "copy", share(bob), nil) // it allows nothing for alice's project
	lender := owner.model("lent")
	owner.put(lender.project, "copy", document(statement("Allow", bob, "*"), statement("Allow", bob, m.version)), nil)
	region := func(arn string) string { return strings.Replace(arn, "us-east-1", "eu-west-1", 1) }

	for _, test := range []struct {
		name        string
		source      model
		destination string
		want        string
	}{
		{"of the own project's policy", model{mine.project, m.version}, destination, badParameter},
		{"of another project's policy", model{lender.project, m.version}, destination, badParameter},
		{"with the project's true name", m, destination, accessDenied},
		{"into another's project", mine, m.project, accessDenied},
		{"into a project that lends", mine, lender.project, accessDenied},
		{"an absent version of another", model{m.project, m.version + "0"}, destination, accessDenied},
		{"an absent version, lent", model{lender.project, lender.version + "0"}, destination, notFound},
		{"an absent project of another", model{m.project + "0", m.version}, destination, accessDenied},
		{"an absent project, lent", model{lender.project + "0", lender.version}, destination, notFound},
		{"an own absent version", model{mine.project, mine.version + "0"}, destination, notFound},
		{"into an absent project", mine, destination + "0", notFound},
		{"from another region", model{region(mine.project), region(mine.version)}, destination, badParameter},
		{"into another region", mine, region(destination), badParameter},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := user.copy(test.source, test.destination, "stolen")
			wantCode(t, err, test.want)
		})
	}
	if list := user.versions(destination); len(list) != 0 {
		t.Errorf("copies %v", list)
	}
}

// TestCopyInput tests the output configuration and the key of a copy and of a training.
func TestCopyInput(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	m, destination := c.model("birds"), c.project("copies")
	const key = "1234abcd-12ab-34cd-56ef-1234567890ab" // it does not exist
	alices, bobs := newKey(t, s, alice, "alias/mine"), newKey(t, s, bob, "alias/theirs")
	for _, test := range []struct {
		name   string
		output *types.OutputConfig
		key    *string
		want   string
	}{
		{"no key", output, nil, ""},
		{"a key id", output, alices.KeyId, ""},
		{"a key ARN", output, alices.Arn, ""},
		{"an alias", output, new("alias/mine"), ""},
		{"an alias ARN", output, new("arn:aws:kms:us-east-1:" + alice + ":alias/mine"), ""},
		{"no such key", output, new(key), badParameter},
		{"no such key, by ARN", output, new("arn:aws:kms:us-east-1:" + alice + ":key/" + key), badParameter},
		{"no such alias", output, new("alias/none"), badParameter},
		{"a key that another account does not share", output, bobs.Arn, accessDenied},
		{"no prefix", &types.OutputConfig{S3Bucket: new("results")}, nil, ""},
		{"a key of another region", output, new("arn:aws:kms:eu-west-1:" + alice + ":key/" + key), badParameter},
		{"another service's ARN", output, new("arn:aws:s3:us-east-1:" + alice + ":key/" + key), badParameter},
		{"no key", output, new("nonsense"), badParameter},
		{"beyond the pattern", output, new(" key"), badParameter},
		{"no bucket", &types.OutputConfig{}, nil, badParameter},
		{"a short bucket", &types.OutputConfig{S3Bucket: new("ab")}, nil, badParameter},
		{"a bucket with a slash", &types.OutputConfig{S3Bucket: new("a/b")}, nil, badParameter},
		{"a long prefix", &types.OutputConfig{S3Bucket: new("abc"), S3KeyPrefix: new(strings.Repeat("a", 1025))}, nil, badParameter},
	} {
		t.Run(test.name, func(t *testing.T) {
			check := func(arn *string, err error) {
				t.Helper()
				if test.want != "" {
					wantCode(t, err, test.want)
					return
				}
				ok(t, err)
				if _, err := c.DeleteProjectVersion(ctx, &rekognition.DeleteProjectVersionInput{ProjectVersionArn: arn}); err != nil {
					t.Error(err)
				}
			}
			copied, err := c.CopyProjectVersion(ctx, &rekognition.CopyProjectVersionInput{
				SourceProjectArn: &m.project, SourceProjectVersionArn: &m.version, DestinationProjectArn: &destination,
				VersionName: new("v"), OutputConfig: test.output, KmsKeyId: test.key,
			})
			if err != nil {
				copied = &rekognition.CopyProjectVersionOutput{}
			}
			check(copied.ProjectVersionArn, err)
			trained, err := c.CreateProjectVersion(ctx, &rekognition.CreateProjectVersionInput{
				ProjectArn: &destination, VersionName: new("v"), OutputConfig: test.output, KmsKeyId: test.key,
			})
			if err != nil {
				trained = &rekognition.CreateProjectVersionOutput{}
			}
			check(trained.ProjectVersionArn, err)
		})
	}
	moderation, err := c.CreateProject(ctx, &rekognition.CreateProjectInput{
		ProjectName: new("moderation"), Feature: types.CustomizationFeatureContentModeration, AutoUpdate: types.ProjectAutoUpdateDisabled,
	})
	ok(t, err)
	adapter := model{*moderation.ProjectArn, c.version(*moderation.ProjectArn, "v1")}
	_, err = c.copy(m, adapter.project, "v")
	wantCode(t, err, badParameter)
	_, err = c.copy(adapter, destination, "v")
	wantCode(t, err, badParameter)
	_, err = c.tryPut(adapter.project, "copy", share(bob), nil)
	wantCode(t, err, badParameter)
	_, err = c.StartProjectVersion(ctx, &rekognition.StartProjectVersionInput{ProjectVersionArn: &adapter.version, MinInferenceUnits: new(int32(1))})
	wantCode(t, err, badParameter)
	_, err = c.CreateDataset(ctx, &rekognition.CreateDatasetInput{ProjectArn: &adapter.project, DatasetType: types.DatasetTypeTrain})
	wantCode(t, err, badParameter)
}

// TestCopyLifecycle follows copies through their states with a test clock.
func TestCopyLifecycle(t *testing.T) {
	s, clock := realistic(t)
	owner, user := newClient(t, s, alice), newClient(t, s, bob)
	m, destination := owner.model("birds"), user.project("copies")
	owner.put(m.project, "copy", share(bob), nil)
	_, err := user.copy(m, destination, "early")
	wantCode(t, err, inUse) // it is being trained

	clock.Add(int64(6 * time.Minute))
	status := func(name string) types.ProjectVersionDescription { return user.versions(destination, name)[0] }
	first, err := user.copy(m, destination, "first")
	ok(t, err)
	if v := status("first"); v.Status != types.ProjectVersionStatusCopyingInProgress || *v.SourceProjectVersionArn != m.version {
		t.Errorf("at first %+v", v)
	}
	_, err = user.DeleteProjectVersion(ctx, &rekognition.DeleteProjectVersionInput{ProjectVersionArn: &first})
	wantCode(t, err, inUse)
	clock.Add(int64(2 * time.Minute))
	if v := status("first"); v.Status != types.ProjectVersionStatusCopyingCompleted {
		t.Errorf("in the end %s", v.Status)
	}

	// The source is deleted: complete copies remain, others fail.
	second, err := user.copy(m, destination, "second")
	ok(t, err)
	_, err = owner.DeleteProjectVersion(ctx, &rekognition.DeleteProjectVersionInput{ProjectVersionArn: &m.version})
	ok(t, err)
	clock.Add(int64(2 * time.Minute))
	if v := status("first"); v.Status != types.ProjectVersionStatusCopyingCompleted {
		t.Errorf("the complete copy is %s", v.Status)
	}
	if v := status("second"); v.Status != types.ProjectVersionStatusCopyingFailed || v.StatusMessage == nil {
		t.Errorf("the incomplete copy is %s", v.Status)
	}
	_, err = user.copy(model{destination, second}, destination, "third")
	wantCode(t, err, inUse)
	_, err = user.DeleteProjectVersion(ctx, &rekognition.DeleteProjectVersionInput{ProjectVersionArn: &second})
	ok(t, err)
	_, err = user.copy(model{destination, first}, destination, "third") // a copy can be copied
	ok(t, err)
}

// realistic returns a server whose resources take time, and the offset of its clock.
func realistic(t *testing.T) (*writtest.Server, *atomic.Int64) {
	clock := new(atomic.Int64)
	return writtest.NewFromConfig(t, writ.Config{
		Lifecycle: writ.LifecycleRealistic,
		Now:       func() time.Time { return time.Now().Add(time.Duration(clock.Load())) },
	}), clock
}

// newKey creates a KMS key of an account, with an alias.
func newKey(t *testing.T, s *writtest.Server, account, alias string) *kmstypes.KeyMetadata {
	t.Helper()
	c := kms.NewFromConfig(s.Config(account))
	out, err := c.CreateKey(ctx, &kms.CreateKeyInput{})
	ok(t, err)
	_, err = c.CreateAlias(ctx, &kms.CreateAliasInput{AliasName: &alias, TargetKeyId: out.KeyMetadata.KeyId})
	ok(t, err)
	return out.KeyMetadata
}

// TestCopyKey checks that a copy with a key requires permission for each use of the key.
func TestCopyKey(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	m, destination := c.model("birds"), c.project("copies")
	key := newKey(t, s, alice, "alias/mine")
	uses := []string{"kms:DescribeKey", "kms:CreateGrant", "kms:GenerateDataKey", "kms:Decrypt"}
	copyAs := func(user string, actions []string) error {
		statements := []string{identity("Allow", "rekognition:*", "*")}
		for _, action := range actions {
			statements = append(statements, identity("Allow", action, "*"))
		}
		_, err := as(t, s, alice, user, statements...).CopyProjectVersion(ctx, &rekognition.CopyProjectVersionInput{
			SourceProjectArn: &m.project, SourceProjectVersionArn: &m.version, DestinationProjectArn: &destination,
			VersionName: new("by-" + user), OutputConfig: output, KmsKeyId: key.KeyId,
		})
		return err
	}
	ok(t, copyAs("all", uses))
	for i, missing := range uses {
		err := copyAs("all-but-"+strings.TrimPrefix(missing, "kms:"), slices.Concat(uses[:i], uses[i+1:]))
		if message := wantCode(t, err, accessDenied); !strings.Contains(message, "perform: "+missing+" on resource: "+*key.Arn) {
			t.Errorf("message %q", message)
		}
	}
}
