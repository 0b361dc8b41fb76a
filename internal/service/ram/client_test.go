package ram_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/imagebuilder"
	ibtypes "github.com/aws/aws-sdk-go-v2/service/imagebuilder/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/ram"
	"github.com/aws/aws-sdk-go-v2/service/ram/types"
	"github.com/aws/smithy-go"

	"github.com/writdev/writ"
	"github.com/writdev/writ/writtest"
)

// The accounts of the tests: alice owns shares, bob is a consumer, carol is not.
const (
	alice = "111122223333"
	bob   = "444455556666"
	carol = "777788889999"
)

// The error codes that most tests check.
const (
	accessDenied     = "AccessDeniedException"
	badParameter     = "InvalidParameterException"
	badTransition    = "InvalidStateTransitionException"
	invitationGone   = "ResourceShareInvitationArnNotFoundException"
	malformedARN     = "MalformedArnException"
	missingParameter = "MissingRequiredParameterException"
	notPermitted     = "OperationNotPermittedException"
	resourceNotFound = "ResourceArnNotFoundException"
	unknownResource  = "UnknownResourceException"
)

var ctx = context.Background()

// client is a client of one account. Its own methods fail the test if the request
// fails.
type client struct {
	*ram.Client
	images  *imagebuilder.Client
	t       *testing.T
	account string
}

func newClient(t *testing.T, s *writtest.Server, account string) client {
	return fromConfig(t, s.Config(account), account)
}

// as returns a client of a new user whose identity policy has the statements.
func as(t *testing.T, s *writtest.Server, account, user string, statements ...string) client {
	return fromConfig(t, s.User(account, user, document(statements...)), account)
}

func fromConfig(t *testing.T, cfg aws.Config, account string) client {
	return client{ram.NewFromConfig(cfg), imagebuilder.NewFromConfig(cfg), t, account}
}

// clock is the clock of a server and its clients, which the test advances.
type clock struct {
	*v4.Signer
	now time.Time
}

// serveAt starts a server with such a clock.
func serveAt(t *testing.T, cfg writ.Config) (*writtest.Server, *clock) {
	c := &clock{v4.NewSigner(), time.Now().Truncate(time.Millisecond)}
	cfg.Now = func() time.Time { return c.now }
	return writtest.NewFromConfig(t, cfg), c
}

// SignHTTP signs at the time of the clock.
func (c *clock) SignHTTP(ctx context.Context, credentials aws.Credentials, r *http.Request, hash, service, region string, _ time.Time, options ...func(*v4.SignerOptions)) error {
	return c.Signer.SignHTTP(ctx, credentials, r, hash, service, region, c.now, options...)
}

// client returns a client of one account that signs at the time of the clock.
func (c *clock) client(t *testing.T, s *writtest.Server, account string) client {
	cfg := s.Config(account)
	return client{
		ram.NewFromConfig(cfg, func(o *ram.Options) { o.HTTPSignerV4 = c }),
		imagebuilder.NewFromConfig(cfg, func(o *imagebuilder.Options) { o.HTTPSignerV4 = c }), t, account,
	}
}

// component creates a component and returns its ARN.
func (c client) component(name string) string {
	c.t.Helper()
	out, err := c.images.CreateComponent(ctx, &imagebuilder.CreateComponentInput{
		Name: &name, SemanticVersion: new("1.0.0"), Platform: ibtypes.PlatformLinux,
		Data: new("schemaVersion: 1.0\nphases:\n  - name: build\n    steps:\n      - {name: Say, action: ExecuteBash, inputs: {commands: [ls]}}\n"),
	})
	ok(c.t, err)
	return *out.ComponentBuildVersionArn
}

// image creates an image with all that it requires and returns its ARN.
func (c client) image(name string) string {
	c.t.Helper()
	recipe, err := c.images.CreateImageRecipe(ctx, &imagebuilder.CreateImageRecipeInput{
		Name: &name, SemanticVersion: new("1.0.0"), ParentImage: new("ami-0123456789abcdef0"),
	})
	ok(c.t, err)
	infrastructure, err := c.images.CreateInfrastructureConfiguration(ctx, &imagebuilder.CreateInfrastructureConfigurationInput{
		Name: &name, InstanceProfileName: new("builder"),
	})
	ok(c.t, err)
	out, err := c.images.CreateImage(ctx, &imagebuilder.CreateImageInput{
		ImageRecipeArn: recipe.ImageRecipeArn, InfrastructureConfigurationArn: infrastructure.InfrastructureConfigurationArn,
	})
	ok(c.t, err)
	return *out.ImageBuildVersionArn
}

// putImagePolicy puts a policy on an image that allows a principal the actions.
func (c client) putImagePolicy(arn, principal string, actions ...string) {
	c.t.Helper()
	_, err := c.images.PutImagePolicy(ctx, &imagebuilder.PutImagePolicyInput{ImageArn: &arn, Policy: new(imagePolicy(arn, principal, actions...))})
	ok(c.t, err)
}

func imagePolicy(arn, principal string, actions ...string) string {
	return document(`{"Effect":"Allow","Principal":{"AWS":["` + principal + `"]},"Action":["imagebuilder:` +
		strings.Join(actions, `","imagebuilder:`) + `"],"Resource":["` + arn + `"]}`)
}

// imagePolicy returns the policy of an image.
func (c client) imagePolicy(arn string) string {
	c.t.Helper()
	out, err := c.images.GetImagePolicy(ctx, &imagebuilder.GetImagePolicyInput{ImageArn: &arn})
	ok(c.t, err)
	return *out.Policy
}

// readImage returns the error of reading an image.
func (c client) readImage(arn string) error {
	_, err := c.images.GetImage(ctx, &imagebuilder.GetImageInput{ImageBuildVersionArn: &arn})
	return err
}

// discovers checks which images of other accounts the account can list.
func (c client) discovers(arns ...string) {
	c.t.Helper()
	out, err := c.images.ListImages(ctx, &imagebuilder.ListImagesInput{Owner: ibtypes.OwnershipShared})
	ok(c.t, err)
	if len(out.ImageVersionList) != len(arns) {
		c.t.Errorf("%s finds %d images, want %v", c.account, len(out.ImageVersionList), arns)
		return
	}
	for i, v := range out.ImageVersionList {
		if !strings.HasPrefix(arns[i], *v.Arn) {
			c.t.Errorf("%s finds %s, want %v", c.account, *v.Arn, arns)
		}
	}
}

// share creates a share and returns its ARN.
func (c client) share(in ram.CreateResourceShareInput) string {
	c.t.Helper()
	if in.Name == nil {
		in.Name = new("web")
	}
	out, err := c.CreateResourceShare(ctx, &in)
	ok(c.t, err)
	return *out.ResourceShare.ResourceShareArn
}

// shares lists shares page by page.
func (c client) shares(in ram.GetResourceSharesInput) []types.ResourceShare {
	c.t.Helper()
	var list []types.ResourceShare
	for p := ram.NewGetResourceSharesPaginator(c, &in); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		ok(c.t, err)
		list = append(list, page.ResourceShares...)
	}
	return list
}

func (c client) own() []types.ResourceShare {
	c.t.Helper()
	return c.shares(ram.GetResourceSharesInput{ResourceOwner: types.ResourceOwnerSelf})
}

func (c client) others() []types.ResourceShare {
	c.t.Helper()
	return c.shares(ram.GetResourceSharesInput{ResourceOwner: types.ResourceOwnerOtherAccounts})
}

// invitations lists the invitations that the account received.
func (c client) invitations() []types.ResourceShareInvitation {
	c.t.Helper()
	var list []types.ResourceShareInvitation
	for p := ram.NewGetResourceShareInvitationsPaginator(c, &ram.GetResourceShareInvitationsInput{}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		ok(c.t, err)
		list = append(list, page.ResourceShareInvitations...)
	}
	return list
}

// invitation returns the only invitation that the account received.
func (c client) invitation() types.ResourceShareInvitation {
	c.t.Helper()
	list := c.invitations()
	if len(list) != 1 {
		c.t.Fatalf("%s has %d invitations, want 1", c.account, len(list))
	}
	return list[0]
}

func (c client) accept(arn string) error {
	_, err := c.AcceptResourceShareInvitation(ctx, &ram.AcceptResourceShareInvitationInput{ResourceShareInvitationArn: &arn})
	return err
}

func (c client) reject(arn string) error {
	_, err := c.RejectResourceShareInvitation(ctx, &ram.RejectResourceShareInvitationInput{ResourceShareInvitationArn: &arn})
	return err
}

// associations lists the associations of the account's own shares.
func (c client) associations(in ram.GetResourceShareAssociationsInput) []types.ResourceShareAssociation {
	c.t.Helper()
	var list []types.ResourceShareAssociation
	for p := ram.NewGetResourceShareAssociationsPaginator(c, &in); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		ok(c.t, err)
		list = append(list, page.ResourceShareAssociations...)
	}
	return list
}

// principals returns the principals of a share with their statuses: "444455556666 ASSOCIATED".
func (c client) principals(share string) string {
	c.t.Helper()
	var list []string
	for _, a := range c.associations(ram.GetResourceShareAssociationsInput{
		AssociationType: types.ResourceShareAssociationTypePrincipal, ResourceShareArns: []string{share},
	}) {
		list = append(list, *a.AssociatedEntity+" "+string(a.Status))
	}
	return strings.Join(list, ", ")
}

func (c client) promote(share string) error {
	_, err := c.PromoteResourceShareCreatedFromPolicy(ctx, &ram.PromoteResourceShareCreatedFromPolicyInput{ResourceShareArn: &share})
	return err
}

func (c client) associate(share string, resources, principals []string) error {
	_, err := c.AssociateResourceShare(ctx, &ram.AssociateResourceShareInput{ResourceShareArn: &share, ResourceArns: resources, Principals: principals})
	return err
}

func (c client) disassociate(share string, resources, principals []string) error {
	_, err := c.DisassociateResourceShare(ctx, &ram.DisassociateResourceShareInput{ResourceShareArn: &share, ResourceArns: resources, Principals: principals})
	return err
}

func (c client) remove(share string) error {
	_, err := c.DeleteResourceShare(ctx, &ram.DeleteResourceShareInput{ResourceShareArn: &share})
	return err
}

// policies returns the documents of resources, as GetResourcePolicies returns them.
func (c client) policies(arns ...string) []string {
	c.t.Helper()
	out, err := c.GetResourcePolicies(ctx, &ram.GetResourcePoliciesInput{ResourceArns: arns})
	ok(c.t, err)
	return out.Policies
}

// organization is an organization whose management account is alice.
type organization struct {
	*organizations.Client
	t             *testing.T
	id, arn, root string
}

func newOrganization(t *testing.T, s *writtest.Server) organization {
	t.Helper()
	o := organization{Client: organizations.NewFromConfig(s.Config(alice)), t: t}
	out, err := o.CreateOrganization(ctx, &organizations.CreateOrganizationInput{})
	ok(t, err)
	o.id, o.arn = *out.Organization.Id, *out.Organization.Arn
	roots, err := o.ListRoots(ctx, &organizations.ListRootsInput{})
	ok(t, err)
	o.root = *roots.Roots[0].Id
	return o
}

// account creates a member account.
func (o organization) account(name string) string {
	o.t.Helper()
	out, err := o.CreateAccount(ctx, &organizations.CreateAccountInput{AccountName: &name, Email: aws.String(name + "@writ.example")})
	ok(o.t, err)
	return *out.CreateAccountStatus.AccountId
}

// unit creates an organizational unit that contains an account, and returns its ARN.
func (o organization) unit(name, account string) string {
	o.t.Helper()
	out, err := o.CreateOrganizationalUnit(ctx, &organizations.CreateOrganizationalUnitInput{ParentId: &o.root, Name: &name})
	ok(o.t, err)
	_, err = o.MoveAccount(ctx, &organizations.MoveAccountInput{
		AccountId: &account, SourceParentId: &o.root, DestinationParentId: out.OrganizationalUnit.Id,
	})
	ok(o.t, err)
	return *out.OrganizationalUnit.Arn
}

// enable enables sharing with the organization.
func (c client) enable() {
	c.t.Helper()
	_, err := c.EnableSharingWithAwsOrganization(ctx, &ram.EnableSharingWithAwsOrganizationInput{})
	ok(c.t, err)
}

// statement returns a statement of an identity policy.
func statement(effect, action, resource string) string {
	return `{"Effect":"` + effect + `","Action":"` + action + `","Resource":"` + resource + `"}`
}

func document(statements ...string) string {
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantCode checks that err is the API error with a code, and returns its message.
func wantCode(t *testing.T, err error, code string) string {
	t.Helper()
	e, is := errors.AsType[smithy.APIError](err)
	if !is || e.ErrorCode() != code {
		t.Fatalf("error %v, want %s", err, code)
	}
	return e.ErrorMessage()
}

// wantText is wantCode for an error with a known message.
func wantText(t *testing.T, err error, code, text string) {
	t.Helper()
	if got := wantCode(t, err, code); got != text {
		t.Errorf("message\n got %s\nwant %s", got, text)
	}
}

// raw sends a request without an SDK, and returns the status, the error type and the
// body of the response.
func raw(t *testing.T, s *writtest.Server, account, method, target, body string) (int, string, map[string]any) {
	t.Helper()
	req, err := http.NewRequest(method, s.URL+target, strings.NewReader(body))
	ok(t, err)
	req.Header.Set("Content-Type", "application/json")
	credentials, err := s.Config(account).Credentials.Retrieve(ctx)
	ok(t, err)
	sum := sha256.Sum256([]byte(body))
	ok(t, v4.NewSigner().SignHTTP(ctx, credentials, req, hex.EncodeToString(sum[:]), "ram", writtest.Region, time.Now()))
	res, err := http.DefaultClient.Do(req)
	ok(t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	ok(t, err)
	answer := map[string]any{}
	if err := json.NewDecoder(bytes.NewReader(text)).Decode(&answer); err != nil {
		t.Fatalf("answer %q: %v", text, err)
	}
	return res.StatusCode, res.Header.Get("X-Amzn-Errortype"), answer
}

// inRegion returns the configuration for another region.
func inRegion(cfg aws.Config, region string) aws.Config {
	cfg.Region = region
	return cfg
}
