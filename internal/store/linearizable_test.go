package store_test

import (
	"fmt"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/writdev/writ/internal/keys"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/internal/store/castest"
	"github.com/writdev/writ/internal/store/pgtest"
)

// TestLinearizableOverNodes has 16 clients replace policies over two nodes while connections
// to PostgreSQL are ended, PostgreSQL is killed, and the connections to a node are cut off:
// one order of all requests that agrees with the clock explains every answer. FAILOVERS is
// in how many rounds, one kill of PostgreSQL each.
func TestLinearizableOverNodes(t *testing.T) {
	rounds := 2
	if text := os.Getenv("FAILOVERS"); text != "" {
		var err error
		if rounds, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	cluster := pgtest.Start(t)
	if err := store.Migrate(t.Context(), cluster.Address, func(int, int) {}); err != nil {
		t.Fatal(err)
	}
	sealer, err := keys.NewSealer()
	if err != nil {
		t.Fatal(err)
	}
	nodes := []*node{newNode(t, cluster.Address, sealer), newNode(t, cluster.Address, sealer)}
	configs := configsOf(nodes)
	total, unknown := 0, 0
	for round := range rounds {
		objects := castest.New(t, configs, fmt.Sprint("round", round))
		stop := make(chan struct{})
		var faults sync.WaitGroup
		faults.Go(func() { disturb(t, cluster, nodes, stop) })
		history := objects.Run(t, 16, 20)
		close(stop)
		faults.Wait()
		total, unknown = total+history.Requests(), unknown+history.Unknown
		history.Check(t)
	}
	t.Logf("%d rounds with a kill of PostgreSQL each, %d requests, %d of unknown outcome, %d transactions ran again",
		rounds, total, unknown, nodes[0].store.Statements().Retries+nodes[1].store.Statements().Retries)
	if total < rounds*100 {
		t.Errorf("%d requests in %d rounds", total, rounds)
	}
}

// disturb ends connections and kills PostgreSQL once, while clients work.
func disturb(t *testing.T, cluster *pgtest.Cluster, nodes []*node, stop chan struct{}) {
	for n := 0; ; n++ {
		select {
		case <-stop:
			return
		case <-time.After(60 * time.Millisecond):
		}
		switch n {
		case 0:
			pgtest.Exec(t, cluster.Address, terminateOthers)
		case 1:
			nodes[0].http.CloseClientConnections()
		case 2:
			if err := cluster.Crash(); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestLinearizableNoticesStaleMemory: with a node whose policies are those that it read
// last, the compare of compare-and-swap is broken, and the test above fails.
func TestLinearizableNoticesStaleMemory(t *testing.T) {
	sealer, err := keys.NewSealer()
	if err != nil {
		t.Fatal(err)
	}
	address := pgtest.Address(t)
	nodes := []*node{newNode(t, address, sealer), newNode(t, address, sealer)}
	nodes[1].store.GoStale()
	history := castest.New(t, configsOf(nodes), "stale").Run(t, 8, 10)
	if history.Linearizable() {
		t.Error("the history of a node with a stale memory is linearizable")
	}
}

func configsOf(nodes []*node) (configs []aws.Config) {
	for _, n := range nodes {
		configs = append(configs, n.config(castest.Owner, "test"))
	}
	return configs
}
