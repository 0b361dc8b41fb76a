package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Targets of Writ on PostgreSQL.
const (
	targetOfPlain = 0.7 // rate of reads and writes relative to a program that runs only the same SQL
	targetOfOne   = 1.5 // rate of reads over two servers relative to one, with enough processors
)

// measurePostgres compares one and two servers on a database with a program that runs the
// same SQL on it, and with a server on a data directory.
func (p plan) measurePostgres(ctx context.Context, r, targets *report, directory *process) error {
	if p.postgres == "" {
		r.line("PostgreSQL was not measured: -postgres is not set.\n")
		return nil
	}
	key := filepath.Join(p.directory, "sealing.key")
	if err := os.WriteFile(key, []byte("0123456789abcdef0123456789abcdef"), 0o600); err != nil {
		return err
	}
	if output, err := exec.CommandContext(ctx, p.writ, "migrate", "--data", p.postgres).CombinedOutput(); err != nil {
		return fmt.Errorf("migrate: %w: %s", err, output)
	}
	var nodes []*process
	for n := range 2 {
		address, err := freeAddress()
		if err != nil {
			return err
		}
		node, _, err := start(ctx, p.directory, fmt.Sprint("node-", n), address, get("/_writ/health"),
			p.writ, "serve", "--listen", address, "--data", p.postgres, "--key-file", key)
		if err != nil {
			return err
		}
		defer node.stop()
		nodes = append(nodes, node)
	}
	if _, err := fill(nodes[0].address, few); err != nil {
		return fmt.Errorf("fill: %w", err)
	}
	root := rootOf(account)
	for _, workload := range []struct{ name, title string }{
		{"get", "Signed GetImagePolicy on PostgreSQL"}, {"put", "Durable PutImagePolicy on PostgreSQL"},
	} {
		medians, err := p.contests(ctx, r, workload.title, []contender{
			plainSQL(p.postgres, workload.name),
			server("Writ, one server", nodes[0], root, workload.name, few),
			twoServers(nodes, root, workload.name),
			server("Writ on a data directory", directory, root, workload.name, few),
			fsyncs(p.directory),
		})
		if err != nil {
			return err
		}
		for i, n := range p.connections {
			m := medians[i]
			targets.goal(fmt.Sprintf("%s, connections: %d, relative to the same SQL", workload.title, n), "≥ "+ratio(targetOfPlain), ratio(m[1].rate/m[0].rate), m[1].rate >= targetOfPlain*m[0].rate)
			if workload.name == "get" && n > 1 {
				targets.goal(fmt.Sprintf("two servers, connections: %d, relative to one", n), "≥ "+ratio(targetOfOne), ratio(m[2].rate/m[1].rate), m[2].rate >= targetOfOne*m[1].rate)
			}
		}
	}
	return nil
}

// twoServers returns the contender that divides the connections between two servers.
func twoServers(nodes []*process, as credentials, workload string) contender {
	return contender{name: "Writ, two servers", run: func(ctx context.Context, connections int, duration time.Duration) (outcome, error) {
		outcomes, errs := make([]outcome, len(nodes)), make([]error, len(nodes))
		var wg sync.WaitGroup
		for i, node := range nodes {
			share := (connections + i) / len(nodes)
			if share == 0 {
				continue
			}
			wg.Go(func() {
				outcomes[i], errs[i] = server("", node, as, workload, few).run(ctx, share, duration)
			})
		}
		wg.Wait()
		sum := outcomes[len(outcomes)-1]
		sum.rate = 0
		for _, o := range outcomes {
			sum.rate += o.rate
		}
		return sum, errors.Join(errs...)
	}}
}

// plainSQL returns the contender that runs the SQL of a request on each connection and
// does nothing else: no HTTP, no signature, no policy. It batches the same statements as
// Writ.
func plainSQL(address, workload string) contender {
	return contender{name: "the same SQL, plain pgx", run: func(ctx context.Context, connections int, duration time.Duration) (outcome, error) {
		var wg sync.WaitGroup
		latencies, errs := make([][]time.Duration, connections), make([]error, connections)
		ctx, cancel := context.WithTimeout(ctx, duration+10*time.Second)
		defer cancel()
		var ready sync.WaitGroup
		ready.Add(connections)
		began := make(chan time.Time)
		for n := range connections {
			wg.Go(func() {
				c, err := pgx.Connect(ctx, address)
				if err == nil {
					defer c.Close(ctx)
					_, err = c.Exec(ctx, `SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan; SET jit = off`)
				}
				ready.Done()
				start := <-began
				errs[n] = err
				for edition := 0; errs[n] == nil && time.Since(start) < duration; edition++ {
					one := time.Now()
					i := (n*7919 + edition) % few
					for {
						errs[n] = plainRequest(ctx, c, workload, i, 1000*edition+n)
						if e, ok := errors.AsType[*pgconn.PgError](errs[n]); !ok || e.Code != "40001" {
							break
						}
						_, _ = c.Exec(ctx, `ROLLBACK`)
					}
					latencies[n] = append(latencies[n], time.Since(one))
				}
			})
		}
		ready.Wait()
		start := time.Now()
		for range connections {
			began <- start
		}
		wg.Wait()
		elapsed := time.Since(start)
		all := slices.Concat(latencies...)
		slices.Sort(all)
		if err := errors.Join(errs...); err != nil || len(all) == 0 {
			return outcome{}, fmt.Errorf("plain SQL: %w", err)
		}
		return outcome{rate: float64(len(all)) / elapsed.Seconds(), p50: all[len(all)/2], p99: all[len(all)*99/100]}, nil
	}}
}

// The statements of a request: the policies and tags of the target, the rows that
// determine the caller's policies, and the resource.
const (
	plainAttached = `SELECT 1, arn, source, name, document, revision, created_at, updated_at FROM policies WHERE arn = $1
		UNION ALL SELECT 2, arn, key, value, '', '', 0, 0 FROM tags WHERE arn IN ($2, $3)`
	plainReachable = `WITH RECURSIVE reachable (arn) AS (
			SELECT arn FROM resources WHERE arn IN ($1, $2)
			UNION
			SELECT included.arn FROM reachable JOIN dependencies ON dependencies.from_arn = reachable.arn
			JOIN resources AS included ON included.arn = dependencies.to_arn WHERE included.type NOT IN ('user', 'role')
		) SELECT r.arn, r.service, r.type, r.account, r.region, r.name, r.data, r.created_at, r.updated_at
		FROM reachable JOIN resources AS r ON r.arn = reachable.arn`
	plainResource = `SELECT service, type, account, region, name, data, created_at, updated_at FROM resources WHERE arn = $1`
	plainPut      = `INSERT INTO policies (arn, source, name, document, revision, created_at, updated_at)
		VALUES ($1, 'user', '', $2, '', 1, $3) ON CONFLICT (arn, source, name) DO UPDATE SET document = excluded.document,
		revision = excluded.revision, updated_at = excluded.updated_at`
)

// plainRequest runs one transaction in three round trips.
func plainRequest(ctx context.Context, c *pgx.Conn, workload string, i, edition int) error {
	arn, mode := imageARN(i), "READ ONLY"
	if workload == "put" {
		mode = "READ WRITE"
	}
	var inputs, resource, end pgx.Batch
	inputs.Queue(`BEGIN ISOLATION LEVEL SERIALIZABLE ` + mode)
	inputs.Queue(plainAttached, arn, arn, "")
	inputs.Queue(plainReachable, "writ:membership/"+account, "writ:membership/"+consumer)
	resource.Queue(plainResource, arn)
	if workload == "put" {
		end.Queue(plainPut, arn, policy(arn, edition), time.Now().UnixMicro())
	}
	end.Queue(`COMMIT`)
	for _, batch := range []*pgx.Batch{&inputs, &resource, &end} {
		if err := c.SendBatch(ctx, batch).Close(); err != nil {
			return err
		}
	}
	return nil
}
