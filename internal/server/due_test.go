package server_test

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/imagebuilder"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/keys"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/server"
	"github.com/writdev/writ/internal/store"
)

// TestDue: what is due is done before the next request, in the order and at the times that
// it was due; what fails is not kept, not tried again, and in nobody's way.
func TestDue(t *testing.T) {
	st, err := store.OpenSQLite(":memory:")
	if err != nil {
		t.Fatal(err)
	}
	sealer, err := keys.NewSealer()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().UTC().Truncate(time.Second)
	const prefix = "arn:aws:imagebuilder:eu-west-1:" + alice + ":image-pipeline/"
	var done []string
	services := server.Services(operation.Instant)
	for _, svc := range services {
		if svc.API.Name == "imagebuilder" {
			svc.Due = func(c *operation.Call, arn string) error {
				done = append(done, strings.TrimPrefix(arn, prefix)+" "+c.Now.Sub(now).String()+" "+c.Region+" "+c.Caller.ARN())
				if err := c.Tx.PutResource(store.Resource{ARN: arn, Service: "imagebuilder", Data: []byte("{}"), CreatedAt: c.Now, UpdatedAt: c.Now}); err != nil {
					return err
				}
				if strings.HasSuffix(arn, "/fails") {
					return errors.New("broken")
				}
				if strings.HasSuffix(arn, "/hourly") && c.Now.Before(now) {
					return c.Tx.SetTimer(store.Timer{ARN: arn, Due: c.Now.Add(time.Hour)})
				}
				return nil
			}
		}
	}
	var log bytes.Buffer
	s, err := server.New(server.Config{
		Store: st, Directory: &identity.Directory{Sandbox: true, Sealer: sealer}, Gate: &authz.Gate{},
		Services: services, Log: slog.New(slog.NewTextHandler(&log, nil)), Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(s)
	t.Cleanup(func() {
		h.Close()
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	err = st.Update(t.Context(), func(tx *store.Tx) error {
		return errors.Join(
			tx.SetTimer(store.Timer{ARN: prefix + "hourly", Due: now.Add(-2 * time.Hour)}),
			tx.SetTimer(store.Timer{ARN: prefix + "fails", Due: now.Add(-90 * time.Minute)}),
			tx.SetTimer(store.Timer{ARN: prefix + "later", Due: now.Add(time.Hour)}),
			tx.SetTimer(store.Timer{ARN: "arn:aws:kms:eu-west-1:" + alice + ":key/none", Due: now}),
		)
	})
	if err != nil {
		t.Fatal(err)
	}
	client := imagebuilder.NewFromConfig(countedServer{st, h.URL, sealer}.config(alice, nil))
	for range 2 {
		if _, err := client.ListImages(t.Context(), &imagebuilder.ListImagesInput{}); err != nil {
			t.Fatal(err)
		}
	}
	done = slices.Compact(done) // the store may run a transaction twice
	const root = " eu-west-1 arn:aws:iam::" + alice + ":root"
	want := []string{"hourly -2h0m0s" + root, "fails -1h30m0s" + root, "hourly -1h0m0s" + root, "hourly 0s" + root}
	if strings.Join(done, "\n") != strings.Join(want, "\n") {
		t.Errorf("done:\n%s\nwant:\n%s", strings.Join(done, "\n"), strings.Join(want, "\n"))
	}
	for _, part := range []string{"broken", "no service has work for arn:aws:kms"} {
		if strings.Count(log.String(), part) != 1 {
			t.Errorf("the log tells of %q %d times:\n%s", part, strings.Count(log.String(), part), log.String())
		}
	}
	err = st.View(t.Context(), func(tx *store.Tx) error {
		if _, err := tx.Resource(prefix + "fails"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("of what failed something was kept: %v", err)
		}
		first, err := tx.FirstTimer()
		if first.ARN != prefix+"later" {
			t.Errorf("what is left: %+v", first)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
