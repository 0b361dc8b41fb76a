package store_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/smithy-go"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/keys"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/server"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/internal/store/pgtest"
)

// node is one of several servers on a database.
type node struct {
	store *store.Store
	url   string
	http  *httptest.Server
}

// newNode serves a state. All nodes of a test have the sealer.
func newNode(t *testing.T, address string, sealer *keys.Sealer) *node {
	t.Helper()
	s := openPostgres(t, address)
	handler, err := server.New(server.Config{
		Store: s, Directory: &identity.Directory{Sandbox: true, Sealer: sealer}, Gate: &authz.Gate{},
		Services: server.Services(operation.Instant), Log: slog.New(slog.DiscardHandler), Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(handler)
	t.Cleanup(func() {
		h.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return &node{s, h.URL, h}
}

// config is for a client of the node.
func (n *node) config(id, secret string) aws.Config {
	return aws.Config{
		Region: "us-east-1", BaseEndpoint: &n.url, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider(id, secret, ""),
	}
}

const (
	owner    = "111122223333"
	consumer = "444455556666"
)

// revocable is something that an administrator grants on one node, and takes away there,
// and that a consumer uses on another.
type revocable struct {
	name          string
	grant, revoke func(context.Context) error
	use           func(context.Context) error
}

// revocables makes one of each kind: admin is where they are administered, use where they
// are used.
func revocables(t *testing.T, admin, use *node, worker int) []revocable {
	t.Helper()
	ctx := t.Context()
	name := fmt.Sprint("p", worker)
	arn := "arn:aws:ssm:us-east-1:" + owner + ":parameter/" + name
	params, users := ssm.NewFromConfig(admin.config(owner, "test")), iam.NewFromConfig(admin.config(owner, "test"))
	if _, err := params.PutParameter(ctx, &ssm.PutParameterInput{Name: &name, Value: new("x"), Type: ssmtypes.ParameterTypeString, Tier: ssmtypes.ParameterTierAdvanced}); err != nil {
		t.Fatal(err)
	}
	if _, err := users.CreateUser(ctx, &iam.CreateUserInput{UserName: &name}); err != nil {
		t.Fatal(err)
	}
	key, err := users.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: &name})
	if err != nil {
		t.Fatal(err)
	}
	get := func(client *ssm.Client, name string) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := client.GetParameter(ctx, &ssm.GetParameterInput{Name: &name})
			return err
		}
	}
	byUser := ssm.NewFromConfig(use.config(*key.AccessKey.AccessKeyId, *key.AccessKey.SecretAccessKey))
	statement := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + consumer + `"},"Action":["ssm:GetParameter","ssm:GetParameters"],"Resource":"` + arn + `"}]}`
	inline := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ssm:GetParameter","Resource":"*"}]}`
	var put *ssm.PutResourcePolicyOutput
	setKey := func(status iamtypes.StatusType) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := users.UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{UserName: &name, AccessKeyId: key.AccessKey.AccessKeyId, Status: status})
			return err
		}
	}
	putInline := func(ctx context.Context) error {
		_, err := users.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: &name, PolicyName: new("p"), PolicyDocument: &inline})
		return err
	}
	return []revocable{
		{
			"the policy of a parameter",
			func(ctx context.Context) (err error) {
				put, err = params.PutResourcePolicy(ctx, &ssm.PutResourcePolicyInput{ResourceArn: &arn, Policy: &statement})
				return err
			},
			func(ctx context.Context) error {
				_, err := params.DeleteResourcePolicy(ctx, &ssm.DeleteResourcePolicyInput{ResourceArn: &arn, PolicyId: put.PolicyId, PolicyHash: put.PolicyHash})
				return err
			},
			get(ssm.NewFromConfig(use.config(consumer, "test")), arn),
		},
		{
			"the policy of a user", putInline,
			func(ctx context.Context) error {
				_, err := users.DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: &name, PolicyName: new("p")})
				return err
			},
			get(byUser, name),
		},
		{
			"an access key",
			func(ctx context.Context) error {
				return errors.Join(putInline(ctx), setKey(iamtypes.StatusTypeActive)(ctx))
			},
			func(ctx context.Context) error {
				err := setKey(iamtypes.StatusTypeInactive)(ctx)
				return err
			},
			get(byUser, name),
		},
	}
}

// revoke grants and revokes n times over several clients, with the administrators on one
// node and the consumers on another. It returns how many revocations were disobeyed, and
// how many grants.
func revoke(t *testing.T, admin, use *node, n int) (used, refused int) {
	t.Helper()
	const workers = 6
	var left, disobeyed, notSeen atomic.Int64
	left.Store(int64(n))
	var wg sync.WaitGroup
	for worker := range workers {
		kinds := revocables(t, admin, use, worker)
		wg.Go(func() {
			for i := 0; left.Add(-1) >= 0; i++ {
				kind := kinds[i%len(kinds)]
				if err := kind.grant(t.Context()); err != nil {
					t.Errorf("grant %s: %v", kind.name, err)
					return
				}
				if err := kind.use(t.Context()); err != nil {
					notSeen.Add(1)
				}
				if err := kind.revoke(t.Context()); err != nil {
					t.Errorf("revoke %s: %v", kind.name, err)
					return
				}
				err := kind.use(t.Context())
				if err == nil {
					disobeyed.Add(1)
				} else if _, ok := errors.AsType[smithy.APIError](err); !ok {
					t.Errorf("use %s: %v", kind.name, err)
				}
				if kind.name == "an access key" { // the next one is of another kind
					if err := errors.Join(kind.grant(t.Context()), kinds[1].revoke(t.Context())); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	return int(disobeyed.Load()), int(notSeen.Load())
}

// TestRevocation: what one node has revoked, no other lets pass. REVOCATIONS is how many
// to try.
func TestRevocation(t *testing.T) {
	n := 300
	if text := os.Getenv("REVOCATIONS"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	sealer, err := keys.NewSealer()
	if err != nil {
		t.Fatal(err)
	}
	address := pgtest.Address(t)
	admin, use := newNode(t, address, sealer), newNode(t, address, sealer)
	start := time.Now()
	used, refused := revoke(t, admin, use, n)
	if used != 0 || refused != 0 {
		t.Errorf("of %d revocations %d were disobeyed, of as many grants %d", n, used, refused)
	}
	t.Logf("%d revocations in %v; %d transactions ran again", n, time.Since(start).Round(time.Second), admin.store.Statements().Retries+use.store.Statements().Retries)
}

// TestRevocationNoticesStaleMemory: with a node that remembers what it read, as a single
// process may, the test above fails.
func TestRevocationNoticesStaleMemory(t *testing.T) {
	sealer, err := keys.NewSealer()
	if err != nil {
		t.Fatal(err)
	}
	address := pgtest.Address(t)
	admin, use := newNode(t, address, sealer), newNode(t, address, sealer)
	use.store.GoStale()
	if used, refused := revoke(t, admin, use, 30); used+refused == 0 {
		t.Error("nothing was noticed of a node that remembers what it read")
	}
}
