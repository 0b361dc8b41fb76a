// Package testcontainers runs Writ in a container for Go tests. The image is made of the
// repository: docker build -t writ .
package testcontainers

import (
	"context"
	"encoding/json"
	"io"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/exec"
	"github.com/testcontainers/testcontainers-go/wait"
)

// start starts Writ and returns the configuration of a client that is the root user of a
// new account. Sandbox credentials are refused, since the container is another machine.
func start(ctx context.Context, t *testing.T) aws.Config {
	t.Helper()
	container, err := testcontainers.Run(ctx, "writ",
		testcontainers.WithEnv(map[string]string{"WRIT_LISTEN": "0.0.0.0:4566"}),
		testcontainers.WithExposedPorts("4566/tcp"),
		testcontainers.WithWaitStrategy(wait.ForHTTP("/_writ/ready").WithPort("4566/tcp")))
	testcontainers.CleanupContainer(t, container)
	if err != nil {
		t.Fatal(err)
	}
	endpoint, err := container.PortEndpoint(ctx, "4566/tcp", "http")
	if err != nil {
		t.Fatal(err)
	}
	code, out, err := container.Exec(ctx, []string{"/usr/local/bin/writ", "account", "create", "--json", "test"}, exec.Multiplexed())
	if err != nil || code != 0 {
		t.Fatal(code, err)
	}
	text, err := io.ReadAll(out)
	if err != nil {
		t.Fatal(err)
	}
	var key struct{ AccessKeyID, SecretAccessKey string }
	if err := json.Unmarshal(text, &key); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return aws.Config{
		Region: "us-east-1", BaseEndpoint: &endpoint,
		Credentials: credentials.NewStaticCredentialsProvider(key.AccessKeyID, key.SecretAccessKey, ""),
	}
}

func TestWrit(t *testing.T) {
	client := sts.NewFromConfig(start(t.Context(), t))
	if _, err := client.GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{}); err != nil {
		t.Error(err)
	}
}
