package store

import (
	"fmt"
	"sync"
	"testing"
	"time"
)

// benchStore opens a store in a directory with n resources, each with a policy.
func benchStore(b *testing.B, n int) *Store {
	b.Helper()
	s, err := OpenSQLite(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	err = s.Update(b.Context(), func(tx *Tx) error {
		for i := range n {
			if err := tx.InsertResource(benchResource(i)); err != nil {
				return err
			}
			if err := tx.PutPolicy(benchPolicy(i, 0)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return s
}

func benchARN(i int) string {
	return fmt.Sprintf("arn:aws:ssm:eu-central-1:111122223333:parameter/app/%06d", i)
}

func benchResource(i int) Resource {
	return Resource{
		ARN: benchARN(i), Service: "ssm", Type: "parameter", Account: "111122223333", Region: "eu-central-1",
		Name: fmt.Sprint("/app/", i), Data: []byte(`{"Type":"String","Value":"one","Version":3,"Tier":"Advanced"}`),
		CreatedAt: time.UnixMicro(1), UpdatedAt: time.UnixMicro(1),
	}
}

// benchPolicy is a policy on resource i in one of its versions. No two are
// equal, because SQLite does not write what it has already.
func benchPolicy(i, version int) Policy {
	return Policy{
		ARN: benchARN(i), Source: "user", Name: "one", Revision: fmt.Sprintf("%09d", version),
		Document:  `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"ssm:GetParameter","Resource":"*"}]}`,
		CreatedAt: time.UnixMicro(1), UpdatedAt: time.UnixMicro(1),
	}
}

// readOne is what the gate and a handler read: the resource and its policies, twice.
func readOne(tx *Tx, i int) error {
	arn := benchARN(i)
	for range 2 {
		if _, err := tx.Resource(arn); err != nil {
			return err
		}
		if _, err := tx.Policies(arn); err != nil {
			return err
		}
	}
	return nil
}

func BenchmarkView(b *testing.B) {
	s := benchStore(b, 1000)
	b.Run("empty", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := s.View(b.Context(), func(*Tx) error { return nil }); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("one", func(b *testing.B) {
		b.ReportAllocs()
		i := 0
		for b.Loop() {
			i++
			if err := s.View(b.Context(), func(tx *Tx) error { return readOne(tx, i%1000) }); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("parallel", func(b *testing.B) {
		b.RunParallel(func(pb *testing.PB) {
			for i := 0; pb.Next(); i++ {
				if err := s.View(b.Context(), func(tx *Tx) error { return readOne(tx, i%1000) }); err != nil {
					b.Error(err)
				}
			}
		})
	})
}

// BenchmarkUpdate has 1 or 64 callers at a time, each of which reads a resource
// and upserts a policy. One op is one Update.
func BenchmarkUpdate(b *testing.B) {
	for _, callers := range []int{1, 64} {
		b.Run(fmt.Sprint("callers=", callers), func(b *testing.B) {
			s := benchStore(b, 1000)
			b.ReportAllocs()
			b.ResetTimer()
			var wg sync.WaitGroup
			for caller := range callers {
				wg.Go(func() {
					for i := caller; i < b.N; i += callers {
						err := s.Update(b.Context(), func(tx *Tx) error {
							if _, err := tx.Resource(benchARN(i % 1000)); err != nil {
								return err
							}
							return tx.PutPolicy(benchPolicy(i%1000, i+1))
						})
						if err != nil {
							b.Error(err)
						}
					}
				})
			}
			wg.Wait()
		})
	}
}

// BenchmarkGroup is a group of 64 as the writer sees it, without the callers.
// One op is the group: 64 reads, 64 upserts and one fsync.
func BenchmarkGroup(b *testing.B) {
	s := benchStore(b, 1000)
	n := 0
	for b.Loop() {
		group := make([]*request, 64)
		for i := range group {
			n++
			version, k := n, n%1000
			group[i] = &request{ctx: b.Context(), fn: func(tx *Tx) error {
				if _, err := tx.Resource(benchARN(k)); err != nil {
					return err
				}
				return tx.PutPolicy(benchPolicy(k, version))
			}}
		}
		if _, _, err := s.sqlite().commitGroup(&group, false); err != nil {
			b.Fatal(err)
		}
		if err := s.sqlite().flusher.flushAttempts(s.sqlite().attempts.Load()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkList(b *testing.B) {
	s := benchStore(b, 1000)
	for b.Loop() {
		err := s.View(b.Context(), func(tx *Tx) error {
			n := 0
			for _, err := range tx.Resources(Query{Service: "ssm", Type: "parameter", Account: "111122223333", Region: "eu-central-1", Limit: 50}) {
				if err != nil {
					return err
				}
				n++
			}
			if n != 50 {
				return fmt.Errorf("listed %d", n)
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReset(b *testing.B) {
	s := benchStore(b, 100)
	for b.Loop() {
		if err := s.Reset(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
