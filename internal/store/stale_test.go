package store

import (
	"context"
	"sync"
)

// GoStale puts a memory into a store that keeps what it reads between transactions and
// drops only what the store writes itself, as if it saw every commit to its database.
// It is here to show which tests notice.
func (s *Store) GoStale() {
	s.engine = &staleEngine{engine: s.engine, rows: map[string]cacheRow{}, policies: map[string][]Policy{}}
}

type staleEngine struct {
	engine
	mu       sync.Mutex
	rows     map[string]cacheRow
	policies map[string][]Policy
}

func (e *staleEngine) view(ctx context.Context, fn func(*Tx) error) error {
	return e.engine.view(ctx, e.wrap(fn))
}

func (e *staleEngine) update(ctx context.Context, fn func(*Tx) error) error {
	return e.engine.update(ctx, e.wrap(fn))
}

func (e *staleEngine) wrap(fn func(*Tx) error) func(*Tx) error {
	return func(tx *Tx) error {
		tx.session = &staleSession{tx.session, e}
		return fn(tx)
	}
}

type staleSession struct {
	session
	e *staleEngine
}

func (s *staleSession) asksAhead() bool { return false }

func (s *staleSession) row(arn string) (cacheRow, bool) {
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	row, ok := s.e.rows[arn]
	return row, ok
}

func (s *staleSession) policiesOf(arn string) ([]Policy, bool) {
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	list, ok := s.e.policies[arn]
	return list, ok
}

func (s *staleSession) keepRow(arn string, row cacheRow) {
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	s.e.rows[arn] = row
}

func (s *staleSession) keepPolicies(arn string, list []Policy) {
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	s.e.policies[arn] = list
}

func (s *staleSession) forgetRow(arn string) {
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	delete(s.e.rows, arn)
}

func (s *staleSession) forgetPolicies(arn string) {
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	delete(s.e.policies, arn)
}
