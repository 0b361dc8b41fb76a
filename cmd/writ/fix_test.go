package main

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/imagebuilder"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/rekognition"
	rektypes "github.com/aws/aws-sdk-go-v2/service/rekognition/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/writdev/writ"
	"github.com/writdev/writ/writtest"
)

const (
	alice = "111122223333"
	bob   = "444455556666"
)

// fixture is a server with the verb that fixes its denials.
type fixture struct {
	*writtest.Server
	t *testing.T
}

// verb runs a verb against the server and returns its exit code and output.
func (f fixture) verb(args ...string) (code int, out, errs string) {
	f.t.Helper()
	var o, e bytes.Buffer
	code = run(append(args, "--endpoint", f.URL), os.Environ(), &o, &e)
	return code, o.String(), e.String()
}

// must fails the test on an error.
func (f fixture) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

func allow(principal, action, resource string) string {
	if principal != "" {
		principal = `"Principal":{"AWS":"` + principal + `"},`
	}
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` + principal + `"Action":"` + action + `","Resource":"` + resource + `"}]}`
}

// TestFix makes a denial of each kind, prints its fix, applies it, and sends the request
// again.
func TestFix(t *testing.T) {
	ctx := context.Background()
	parameter := func(f fixture, name string) (a *ssm.Client, arn string) {
		a = ssm.NewFromConfig(f.Config(alice))
		_, err := a.PutParameter(ctx, &ssm.PutParameterInput{Name: &name, Value: aws.String("v"), Type: ssmtypes.ParameterTypeString, Tier: ssmtypes.ParameterTierAdvanced})
		f.must(err)
		return a, "arn:aws:ssm:us-east-1:" + alice + ":parameter/" + name
	}
	read := func(cfg aws.Config, arn string) func() error {
		return func() error {
			_, err := ssm.NewFromConfig(cfg).GetParameter(ctx, &ssm.GetParameterInput{Name: &arn})
			return err
		}
	}
	role := func(f fixture, trust string) *iam.Client {
		i := iam.NewFromConfig(f.Config(alice))
		_, err := i.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("reader"), AssumeRolePolicyDocument: &trust})
		f.must(err)
		return i
	}
	for _, test := range []struct {
		name    string
		prepare func(f fixture) (request func() error)
		want    string // in the commands
	}{
		{"new parameter policy", func(f fixture) func() error {
			_, arn := parameter(f, "p")
			return read(f.Config(bob), arn)
		}, "aws ssm put-resource-policy --region us-east-1 --resource-arn arn:aws:ssm:us-east-1:111122223333:parameter/p --policy '{"},
		{"parameter policy of another action", func(f fixture) func() error {
			a, arn := parameter(f, "p")
			_, err := a.PutResourcePolicy(ctx, &ssm.PutResourcePolicyInput{ResourceArn: &arn, Policy: aws.String(allow(bob, "ssm:GetParameterHistory", arn))})
			f.must(err)
			return read(f.Config(bob), arn)
		}, " --policy-hash "},
		{"recipe policy", func(f fixture) func() error {
			out, err := imagebuilder.NewFromConfig(f.Config(alice)).CreateImageRecipe(ctx, &imagebuilder.CreateImageRecipeInput{
				Name: aws.String("web"), SemanticVersion: aws.String("1.0.0"), ParentImage: aws.String("ami-0123456789abcdef0"), ClientToken: aws.String("t")})
			f.must(err)
			return func() error {
				_, err := imagebuilder.NewFromConfig(f.Config(bob)).GetImageRecipe(ctx, &imagebuilder.GetImageRecipeInput{ImageRecipeArn: out.ImageRecipeArn})
				return err
			}
		}, "aws imagebuilder put-image-recipe-policy "},
		{"key policy that denies", func(f fixture) func() error {
			k := kms.NewFromConfig(f.Config(alice))
			key, err := k.CreateKey(ctx, &kms.CreateKeyInput{})
			f.must(err)
			root := "arn:aws:iam::" + alice + ":root"
			_, err = k.PutKeyPolicy(ctx, &kms.PutKeyPolicyInput{KeyId: key.KeyMetadata.KeyId, Policy: aws.String(
				`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + root + `"},"Action":"kms:*","Resource":"*"},` +
					`{"Effect":"Deny","Principal":{"AWS":"` + root + `"},"Action":["kms:Encrypt","kms:Decrypt"],"Resource":"*"}]}`)})
			f.must(err)
			return func() error {
				_, err := k.Encrypt(ctx, &kms.EncryptInput{KeyId: key.KeyMetadata.KeyId, Plaintext: []byte("x")})
				return err
			}
		}, "aws kms put-key-policy "},
		{"secret policy", func(f fixture) func() error {
			m := secretsmanager.NewFromConfig(f.Config(alice))
			secret, err := m.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: aws.String("db"), SecretString: aws.String("hush")})
			f.must(err)
			return func() error {
				_, err := secretsmanager.NewFromConfig(f.Config(bob)).DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: secret.ARN})
				return err
			}
		}, "aws secretsmanager put-resource-policy --region us-east-1 --secret-id arn:aws:secretsmanager:us-east-1:111122223333:secret:db-"},
		{"project policy", func(f fixture) func() error {
			r := rekognition.NewFromConfig(f.Config(alice))
			p, err := r.CreateProject(ctx, &rekognition.CreateProjectInput{ProjectName: aws.String("cats")})
			f.must(err)
			output := &rektypes.OutputConfig{S3Bucket: aws.String("models"), S3KeyPrefix: aws.String("out")}
			v, err := r.CreateProjectVersion(ctx, &rekognition.CreateProjectVersionInput{ProjectArn: p.ProjectArn, VersionName: aws.String("v1"), OutputConfig: output})
			f.must(err)
			_, err = r.PutProjectPolicy(ctx, &rekognition.PutProjectPolicyInput{ProjectArn: p.ProjectArn, PolicyName: aws.String("copy"),
				PolicyDocument: aws.String(allow("777788889999", "rekognition:CopyProjectVersion", *v.ProjectVersionArn))})
			f.must(err)
			theirs := rekognition.NewFromConfig(f.Config(bob))
			to, err := theirs.CreateProject(ctx, &rekognition.CreateProjectInput{ProjectName: aws.String("copies")})
			f.must(err)
			return func() error {
				_, err := theirs.CopyProjectVersion(ctx, &rekognition.CopyProjectVersionInput{SourceProjectArn: p.ProjectArn, SourceProjectVersionArn: v.ProjectVersionArn,
					DestinationProjectArn: to.ProjectArn, VersionName: aws.String("v1"), OutputConfig: output})
				return err
			}
		}, "aws rekognition put-project-policy --region us-east-1 --project-arn "},
		{"project without a policy", func(f fixture) func() error {
			r := rekognition.NewFromConfig(f.Config(alice))
			p, err := r.CreateProject(ctx, &rekognition.CreateProjectInput{ProjectName: aws.String("cats")})
			f.must(err)
			output := &rektypes.OutputConfig{S3Bucket: aws.String("models"), S3KeyPrefix: aws.String("out")}
			v, err := r.CreateProjectVersion(ctx, &rekognition.CreateProjectVersionInput{ProjectArn: p.ProjectArn, VersionName: aws.String("v1"), OutputConfig: output})
			f.must(err)
			theirs := rekognition.NewFromConfig(f.Config(bob))
			to, err := theirs.CreateProject(ctx, &rekognition.CreateProjectInput{ProjectName: aws.String("copies")})
			f.must(err)
			return func() error {
				_, err := theirs.CopyProjectVersion(ctx, &rekognition.CopyProjectVersionInput{SourceProjectArn: p.ProjectArn, SourceProjectVersionArn: v.ProjectVersionArn,
					DestinationProjectArn: to.ProjectArn, VersionName: aws.String("v1"), OutputConfig: output})
				return err
			}
		}, " --policy-name allow-rekognition-CopyProjectVersion --policy-document "},
		{"user without a policy", func(f fixture) func() error {
			_, arn := parameter(f, "p")
			return read(f.User(alice, "ann", allow("", "ssm:DescribeParameters", "*")), arn)
		}, "aws iam put-user-policy --region us-east-1 --user-name ann --policy-name inline --policy-document "},
		{"managed policy of a user", func(f fixture) func() error {
			_, arn := parameter(f, "p")
			i := iam.NewFromConfig(f.Config(alice))
			p, err := i.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: aws.String("read"), PolicyDocument: aws.String(allow("", "ssm:GetParameter", arn+"2"))})
			f.must(err)
			_, err = i.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("ann")})
			f.must(err)
			_, err = i.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: aws.String("ann"), PolicyArn: p.Policy.Arn})
			f.must(err)
			key, err := i.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: aws.String("ann")})
			f.must(err)
			return read(f.ConfigFor(writ.AccessKey{ID: *key.AccessKey.AccessKeyId, Secret: *key.AccessKey.SecretAccessKey}), arn)
		}, "aws iam create-policy-version --region us-east-1 --policy-arn arn:aws:iam::111122223333:policy/read --policy-document "},
		{"permissions boundary", func(f fixture) func() error {
			_, arn := parameter(f, "p")
			i := iam.NewFromConfig(f.Config(alice))
			cfg := f.User(alice, "ann", allow("", "ssm:GetParameter", arn))
			p, err := i.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: aws.String("limit"), PolicyDocument: aws.String(allow("", "kms:Decrypt", "*"))})
			f.must(err)
			_, err = i.PutUserPermissionsBoundary(ctx, &iam.PutUserPermissionsBoundaryInput{UserName: aws.String("ann"), PermissionsBoundary: p.Policy.Arn})
			f.must(err)
			return read(cfg, arn)
		}, "--policy-arn arn:aws:iam::111122223333:policy/limit "},
		{"trust policy", func(f fixture) func() error {
			role(f, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"777788889999"},"Action":"sts:AssumeRole"}]}`)
			ben := f.User(bob, "ben", allow("", "sts:AssumeRole", "*"))
			return func() error {
				_, err := sts.NewFromConfig(ben).AssumeRole(ctx, &sts.AssumeRoleInput{
					RoleArn: aws.String("arn:aws:iam::" + alice + ":role/reader"), RoleSessionName: aws.String("session")})
				return err
			}
		}, "aws iam update-assume-role-policy --region us-east-1 --role-name reader --policy-document "},
		{"session of a role", func(f fixture) func() error {
			_, arn := parameter(f, "p")
			role(f, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"`+bob+`"},"Action":"sts:AssumeRole"}]}`)
			ben := f.User(bob, "ben", allow("", "sts:AssumeRole", "*"))
			out, err := sts.NewFromConfig(ben).AssumeRole(ctx, &sts.AssumeRoleInput{
				RoleArn: aws.String("arn:aws:iam::" + alice + ":role/reader"), RoleSessionName: aws.String("session")})
			f.must(err)
			cfg := f.ConfigFor(writ.AccessKey{})
			cfg.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{AccessKeyID: *out.Credentials.AccessKeyId, SecretAccessKey: *out.Credentials.SecretAccessKey, SessionToken: *out.Credentials.SessionToken}, nil
			})
			return read(cfg, arn)
		}, "aws iam put-role-policy --region us-east-1 --role-name reader --policy-name allow-ssm-GetParameter --policy-document "},
		{"both sides of two accounts", func(f fixture) func() error {
			_, arn := parameter(f, "p")
			return read(f.User(bob, "ben", allow("", "ssm:GetParameter", arn+"2")), arn)
		}, "# as an administrator of account 444455556666:"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := fixture{writtest.New(t), t}
			request := test.prepare(f)
			if err := request(); err == nil {
				t.Fatal("the request is allowed before the fix")
			}
			code, out, errs := f.verb("fix")
			if code != 0 || !strings.Contains(out, test.want) {
				t.Fatalf("fix exits with %d:\n%s%s\nwant %s", code, out, errs, test.want)
			}
			if err := request(); err == nil {
				t.Fatal("fix without --apply changed something")
			}
			code, out, errs = f.verb("fix", "--apply")
			if code != 0 || !strings.Contains(out, "\nnow:     User: ") && !strings.Contains(out, "is authorized") {
				t.Fatalf("fix --apply exits with %d:\n%s%s", code, out, errs)
			}
			if err := request(); err != nil {
				t.Errorf("still refused after\n%s\n%v", out, err)
			}
		})
	}
}

// TestFixKeepsLaterChanges: a policy that changed after the denial keeps what it has, and
// a request that is allowed by now needs no fix.
func TestFixKeepsLaterChanges(t *testing.T) {
	ctx := context.Background()
	f := fixture{writtest.New(t), t}
	a := ssm.NewFromConfig(f.Config(alice))
	_, err := a.PutParameter(ctx, &ssm.PutParameterInput{Name: aws.String("p"), Value: aws.String("v"), Type: ssmtypes.ParameterTypeString, Tier: ssmtypes.ParameterTierAdvanced})
	f.must(err)
	arn := "arn:aws:ssm:us-east-1:" + alice + ":parameter/p"
	put, err := a.PutResourcePolicy(ctx, &ssm.PutResourcePolicyInput{ResourceArn: &arn, Policy: aws.String(allow(bob, "ssm:GetParameterHistory", arn))})
	f.must(err)
	if _, err := ssm.NewFromConfig(f.Config(bob)).GetParameter(ctx, &ssm.GetParameterInput{Name: &arn}); err == nil {
		t.Fatal("the request is allowed before the fix")
	}
	_, err = a.PutResourcePolicy(ctx, &ssm.PutResourcePolicyInput{ResourceArn: &arn, PolicyId: put.PolicyId, PolicyHash: put.PolicyHash,
		Policy: aws.String(allow("777788889999", "ssm:GetParameterHistory", arn))})
	f.must(err)
	if code, out, errs := f.verb("fix", "--apply"); code != 0 {
		t.Fatalf("fix --apply exits with %d:\n%s%s", code, out, errs)
	}
	got, err := a.GetResourcePolicies(ctx, &ssm.GetResourcePoliciesInput{ResourceArn: &arn})
	f.must(err)
	var all string
	for _, p := range got.Policies {
		all += *p.Policy
	}
	if !strings.Contains(all, "777788889999") || strings.Count(all, bob) != 1 {
		t.Errorf("after the fix the policies are\n%s", all)
	}
	if code, out, errs := f.verb("fix"); code != 0 || !strings.HasPrefix(out, "# the request is allowed by now") {
		t.Errorf("fix of what is allowed by now exits with %d:\n%s%s", code, out, errs)
	}
}

// TestFixOwnership: no change of policies helps a request that is for the owner alone.
func TestFixOwnership(t *testing.T) {
	ctx := context.Background()
	f := fixture{writtest.New(t), t}
	out, err := imagebuilder.NewFromConfig(f.Config(alice)).CreateImageRecipe(ctx, &imagebuilder.CreateImageRecipeInput{
		Name: aws.String("web"), SemanticVersion: aws.String("1.0.0"), ParentImage: aws.String("ami-0123456789abcdef0"), ClientToken: aws.String("t")})
	f.must(err)
	_, err = imagebuilder.NewFromConfig(f.Config(bob)).DeleteImageRecipe(ctx, &imagebuilder.DeleteImageRecipeInput{ImageRecipeArn: out.ImageRecipeArn})
	if err == nil {
		t.Fatal("another account deletes the recipe")
	}
	if code, out, errs := f.verb("fix", "--apply"); code != 2 || !strings.Contains(errs, "only account "+alice) {
		t.Errorf("fix --apply exits with %d:\n%s%s", code, out, errs)
	}
}

// TestFixObstacle: a policy of an organization is named, and no change is proposed.
func TestFixObstacle(t *testing.T) {
	ctx := context.Background()
	f := fixture{writtest.New(t), t}
	o := organizations.NewFromConfig(f.Config(alice))
	_, err := o.CreateOrganization(ctx, &organizations.CreateOrganizationInput{FeatureSet: orgtypes.OrganizationFeatureSetAll})
	f.must(err)
	made, err := o.CreateAccount(ctx, &organizations.CreateAccountInput{AccountName: aws.String("m"), Email: aws.String("m@example.com")})
	f.must(err)
	p, err := o.CreatePolicy(ctx, &organizations.CreatePolicyInput{Name: aws.String("no"), Description: aws.String(""), Type: orgtypes.PolicyTypeServiceControlPolicy,
		Content: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"ssm:*","Resource":"*"}]}`)})
	f.must(err)
	_, err = o.AttachPolicy(ctx, &organizations.AttachPolicyInput{PolicyId: p.Policy.PolicySummary.Id, TargetId: made.CreateAccountStatus.AccountId})
	f.must(err)
	_, err = ssm.NewFromConfig(f.Config(*made.CreateAccountStatus.AccountId)).DescribeParameters(ctx, &ssm.DescribeParametersInput{})
	if err == nil {
		t.Fatal("the service control policy denies nothing")
	}
	for _, args := range [][]string{{"fix"}, {"fix", "--apply"}} {
		code, out, errs := f.verb(args...)
		if code != 2 || !strings.Contains(out, *p.Policy.PolicySummary.Arn) || strings.Contains(out, "aws ") {
			t.Errorf("%v exits with %d:\n%s%s", args, code, out, errs)
		}
	}
}

// TestExplainText: an error text and an encoded message lead to the decision.
func TestExplainText(t *testing.T) {
	f := fixture{writtest.New(t), t}
	arn := "arn:aws:ssm:us-east-1:" + alice + ":parameter/p"
	_, err := ssm.NewFromConfig(f.Config(bob)).GetParameter(context.Background(), &ssm.GetParameterInput{Name: &arn})
	if err == nil {
		t.Fatal("the request is allowed")
	}
	in := func(text string) {
		r, w, pipeErr := os.Pipe()
		f.must(pipeErr)
		go func() {
			_, _ = w.WriteString(text)
			w.Close()
		}()
		old := os.Stdin
		os.Stdin = r
		t.Cleanup(func() { os.Stdin = old; r.Close() })
	}
	in(err.Error())
	code, out, errs := f.verb("explain", "-")
	if code != 1 || !strings.Contains(out, "request ") || !strings.Contains(out, arn) {
		t.Errorf("explain - exits with %d:\n%s%s", code, out, errs)
	}
	in("An error occurred: User: arn:aws:iam::" + bob + ":root is not authorized to perform: ssm:DeleteParameter on resource: " + arn + " because of this.")
	if code, out, errs = f.verb("explain", "-"); code != 1 || !strings.Contains(out, "DENIED  ssm:DeleteParameter") {
		t.Errorf("explain - of a request that was not made exits with %d:\n%s%s", code, out, errs)
	}
	in("nothing of this kind")
	if code, _, errs = f.verb("explain", "-"); code != 2 || !strings.Contains(errs, "standard input has neither") {
		t.Errorf("explain - of any text exits with %d: %s", code, errs)
	}
	in(strings.Repeat("A", 80))
	if code, _, errs = f.verb("explain", "-"); code != 2 || !strings.Contains(errs, "--account") {
		t.Errorf("explain - of a message without an account exits with %d: %s", code, errs)
	}
	in(strings.Repeat("A", 80))
	if code, _, errs = f.verb("explain", "-", "--account", bob); code != 2 || !strings.Contains(errs, "not valid") {
		t.Errorf("explain - of a false message exits with %d: %s", code, errs)
	}
}
