package store

import (
	"context"
	"errors"
	"slices"
)

// The statements that begin and end transactions in PostgreSQL. Its SERIALIZABLE runs
// transactions concurrently and fails one of those whose result no serial order can
// explain: https://www.postgresql.org/docs/current/transaction-iso.html#XACT-SERIALIZABLE
const (
	pgBeginRead  = `BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY`
	pgBeginWrite = `BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE`
)

// pgTx is a transaction of PostgreSQL: a Tx with its session. Statements without a
// result, such as BEGIN and writes, are queued and sent with the next one that has a
// result.
type pgTx struct {
	Tx
	pgSession
}

type pgSession struct {
	keepsNothing
	conn       *pgConn
	begin      string
	queued     []pgStatement
	firstWrite int  // index of the first write in the queue; -1 if there is none
	begun      bool // BEGIN was sent
	saved      bool // a savepoint was sent before the first write
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

// flush sends the queue: one round trip, or none. A savepoint precedes the first write,
// so that the writes of a function that fails later can be rolled back.
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

// commit commits, and keeps the writes or rolls them back to the savepoint. A transaction
// whose function failed is committed too, because only that proves that the data it read,
// which is the reason of its error, was consistent. unknown reports that it is unknown
// whether the commit took place.
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
		return false, errors.New("the server still has an open transaction")
	}
	return false, nil
}
