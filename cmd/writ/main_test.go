package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/writdev/writ/internal/store/pgtest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"writ": main})
}

func TestScripts(t *testing.T) {
	postgres := pgtest.Installed()
	testscript.Run(t, testscript.Params{
		Dir:           filepath.Join("testdata", "script"),
		UpdateScripts: os.Getenv("UPDATE_SCRIPTS") != "",
		Setup: func(env *testscript.Env) error {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				return err
			}
			defer l.Close()
			env.Setenv("ADDR", l.Addr().String())
			if postgres {
				env.Setenv("POSTGRES", pgtest.Empty(t))
			}
			return nil
		},
		Condition: func(condition string) (bool, error) { return condition == "postgres" && postgres, nil },
		Cmds:      map[string]func(*testscript.TestScript, bool, []string){"health": health},
	})
}

// health waits until the server at $ADDR answers its health path, and keeps
// the answer in the file health.json.
func health(ts *testscript.TestScript, neg bool, _ []string) {
	if neg {
		ts.Fatalf("unsupported: ! health")
	}
	for range 1000 {
		resp, err := http.Get("http://" + ts.Getenv("ADDR") + "/_writ/health")
		if err != nil {
			time.Sleep(5 * time.Millisecond)
			continue
		}
		defer resp.Body.Close()
		body := make([]byte, resp.ContentLength)
		if _, err := resp.Body.Read(body); err != nil && resp.StatusCode != http.StatusOK {
			ts.Fatalf("health: status %d, %v", resp.StatusCode, err)
		}
		if err := os.WriteFile(ts.MkAbs("health.json"), body, 0o600); err != nil {
			ts.Fatalf("health: %v", err)
		}
		return
	}
	ts.Fatalf("%s", fmt.Sprintf("nothing answers on %s", ts.Getenv("ADDR")))
}
