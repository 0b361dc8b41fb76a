package store

import (
	"context"
	"errors"
	"slices"
)

// What frames the statements of a transaction in PostgreSQL. Its SERIALIZABLE lets
// transactions run side by side and fails one of those whose outcome no order of them
// explains: https://www.postgresql.org/docs/current/transaction-iso.html#XACT-SERIALIZABLE
const (
	pgBeginRead  = `BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY`
	pgBeginWrite = `BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE`
)

// pgTx is a transaction of PostgreSQL: a Tx with its session. What a statement need not
// wait for, as BEGIN and writes, is queued and travels with the next that waits.
type pgTx struct {
	Tx
	pgSession
}

type pgSession struct {
	keepsNothing
	conn       *pgConn
	begin      string
	queued     []pgStatement
	firstWrite int  // among the queued; -1 if none writes
	begun      bool // BEGIN was sent
	saved      bool // a savepoint stands before all writes that were sent
}

func newPgTx(ctx context.Context, c *pgConn, writable bool) *pgTx {
	tx := &pgTx{Tx: Tx{ctx: ctx, counts: c.counts, writable: writable}, pgSession: pgSession{conn: c, begin: pgBeginRead, firstWrite: -1}}
	if writable {
		tx.begin = pgBeginWrite
	}
	tx.session = &tx.pgSession
	return tx
}

func (s *pgSession) query(each func(row) bool, text string, args ...any) error {
	s.enqueue(pgStatement{text, args, each})
	_, err := s.flush()
	return err
}

func (s *pgSession) exec(text string, args ...any) (int64, error) {
	s.enqueueWrite(pgStatement{text, args, nil})
	return s.flush()
}

func (s *pgSession) write(text string, args ...any) error {
	s.enqueueWrite(pgStatement{text, args, nil})
	return nil
}

func (s *pgSession) asksAhead() bool { return true }

func (s *pgSession) ask(each func(row) bool, text string, args ...any) {
	s.enqueue(pgStatement{text, args, each})
}

func (s *pgSession) receive() error {
	_, err := s.flush()
	return err
}

func (s *pgSession) enqueue(st pgStatement) {
	if !s.begun && len(s.queued) == 0 {
		s.queued = append(s.queued, pgStatement{text: s.begin})
	}
	s.queued = append(s.queued, st)
}

func (s *pgSession) enqueueWrite(st pgStatement) {
	s.enqueue(st)
	if s.firstWrite < 0 {
		s.firstWrite = len(s.queued) - 1
	}
}

// flush sends what is queued: one round trip, or none. The first write gets a savepoint
// before it, to which a function that fails later goes back.
func (s *pgSession) flush() (int64, error) {
	if len(s.queued) == 0 {
		return 0, nil
	}
	if s.firstWrite >= 0 && !s.saved {
		s.queued = slices.Insert(s.queued, s.firstWrite, pgStatement{text: savepoint})
		s.saved = true
	}
	return s.send()
}

func (s *pgSession) send() (int64, error) {
	n, err := s.conn.send(s.queued...)
	s.queued, s.firstWrite, s.begun = s.queued[:0], -1, true
	return n, err
}

// commit commits, and keeps what was written or not. A transaction that failed is
// committed too, since only that proves that what it saw, and gave as its reason, was
// true at one moment. unknown reports that nobody can tell whether it took place.
func (s *pgSession) commit(keep bool) (unknown bool, err error) {
	wrote := keep && (s.saved || s.firstWrite >= 0)
	if !keep {
		s.queued = s.queued[:0]
		if s.saved {
			s.enqueue(pgStatement{text: rollbackToSavepoint})
		}
	}
	if !s.begun && len(s.queued) == 0 {
		return false, nil
	}
	s.enqueue(pgStatement{text: commit})
	if _, err = s.send(); err != nil {
		return wrote && !isRefusal(err), err
	}
	if s.conn.server.TxStatus() != 'I' {
		return false, errors.New("the server still has a transaction")
	}
	return false, nil
}
