package store_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/writdev/writ/internal/store"
)

const (
	crashDir   = "WRIT_STORE_CRASH_DIR" // set in the child: the directory to write to
	crashRound = "WRIT_STORE_CRASH_ROUND"
)

// TestCrash kills a process that writes, in the middle of it and several times,
// and expects every Update that it acknowledged, whole, and of the others all
// or nothing. The child is this test again.
func TestCrash(t *testing.T) {
	if dir := os.Getenv(crashDir); dir != "" {
		writeUntilKilled(dir, os.Getenv(crashRound))
	}
	dir := t.TempDir()
	var acknowledged []string
	for round := range 5 {
		child := exec.Command(os.Args[0], "-test.run=^TestCrash$")
		child.Env = append(os.Environ(), crashDir+"="+dir, fmt.Sprint(crashRound, "=", round))
		child.Stderr = os.Stderr
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := 0; lines.Scan(); n++ {
			acknowledged = append(acknowledged, lines.Text())
			if n == 50*(round+1) {
				if err := child.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := child.Wait(); err == nil || lines.Err() != nil {
			t.Fatalf("the child ended with %v, its output with %v", err, lines.Err())
		}
		s := open(t, dir)
		err = s.View(t.Context(), func(tx *store.Tx) error {
			for _, arn := range acknowledged {
				if _, err := tx.Resource(arn); err != nil {
					t.Errorf("round %d, acknowledged: %v", round, err)
				}
			}
			for r, err := range tx.Resources(store.Query{}) {
				if err != nil {
					return err
				}
				if policies, err := tx.Policies(r.ARN); err != nil || len(policies) != 1 {
					t.Errorf("round %d: %s has %d policies (%v), every one has 1", round, r.ARN, len(policies), err)
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if len(acknowledged) < 5*50 {
		t.Errorf("only %d Updates were acknowledged", len(acknowledged))
	}
}

// writeUntilKilled writes resources from several goroutines and prints the ARN
// of each once it is acknowledged.
func writeUntilKilled(dir, round string) {
	s, err := store.OpenSQLite(dir)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var wg sync.WaitGroup
	for writer := range 8 {
		wg.Go(func() {
			for i := 0; ; i++ {
				arn := fmt.Sprintf("arn:%s:%d:%d", round, writer, i)
				err := s.Update(context.Background(), func(tx *store.Tx) error {
					if err := tx.InsertResource(store.Resource{ARN: arn}); err != nil {
						return err
					}
					return tx.PutPolicy(store.Policy{ARN: arn})
				})
				if err != nil {
					fmt.Fprintln(os.Stderr, err)
					os.Exit(1)
				}
				fmt.Println(arn) // one write each
			}
		})
	}
	wg.Wait()
}
