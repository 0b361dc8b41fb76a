package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/writdev/writ/internal/store/castest"
)

// restarts is how often each round kills and restarts the server.
const restarts = 4

// TestLinearizableOverRestarts has 16 clients replace policies on a server that is killed with SIGKILL and
// started again with the same directory: all responses, those of before and after a restart, are consistent
// with one order of all requests. RESTARTS is the number of restarts.
func TestLinearizableOverRestarts(t *testing.T) {
	rounds := 2
	if text := os.Getenv("RESTARTS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		rounds = (n + restarts - 1) / restarts
	}
	address, err := freeAddress()
	if err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(t.TempDir(), "data")
	p := startWritAt(t, address, data)
	server := aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String("http://" + address), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider(castest.Owner, "test", ""),
	}
	total, unknown := 0, 0
	for round := range rounds {
		objects := castest.New(t, []aws.Config{server}, fmt.Sprint("round", round))
		var history *castest.History
		var clients sync.WaitGroup
		clients.Go(func() { history = objects.Run(t, 16, 60) })
		for n := range restarts {
			time.Sleep(time.Duration(20+13*n) * time.Millisecond)
			p.kill()
			p = startWritAt(t, address, data)
		}
		clients.Wait()
		total, unknown = total+history.Requests(), unknown+history.Unknown
		history.Check(t)
	}
	t.Logf("%d restarts, %d requests, %d of unknown outcome", rounds*restarts, total, unknown)
	if total < rounds*100 || unknown == 0 {
		t.Errorf("%d requests, %d of unknown outcome in %d rounds: the test shows nothing", total, unknown, rounds)
	}
}
