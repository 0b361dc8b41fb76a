package store

import "context"

// sqliteTx is a transaction of SQLite: a Tx with its session.
type sqliteTx struct {
	Tx
	engine  *sqlite
	conn    *conn
	begun   bool   // BEGIN was executed
	commits uint64 // number of commits when it began
	careful bool   // a savepoint must precede the first write
	wrote   bool   // it wrote, or tried to
}

// newTx returns a transaction on a connection, without a snapshot.
func (s *sqlite) newTx(ctx context.Context, c *conn) *sqliteTx {
	tx := &sqliteTx{Tx: Tx{ctx: ctx, counts: &s.counts}, engine: s, conn: c, commits: s.commits.Load()}
	tx.session = (*sqliteSession)(tx)
	return tx
}

// sqliteSession is the session of a sqliteTx.
type sqliteSession sqliteTx

// query reads. A View begins with its first read.
func (s *sqliteSession) query(each func(row) bool, text string, args ...any) error {
	if s.begun {
		return s.engine.noteDamage(s.conn.query(each, text, args...))
	}
	if err := s.conn.begin(beginRead); err != nil {
		return err
	}
	s.begun = true
	s.conn.snapshot, s.conn.as = true, s.commits
	// The first statement opens the snapshot. The number of commits read after it is an
	// upper bound of those that the snapshot includes.
	err := s.conn.query(each, text, args...)
	s.conn.seen = s.engine.attempts.Load()
	return s.engine.noteDamage(err)
}

// exec writes. A careful Update opens its savepoint with its first write, so an Update
// that only reads or fails before it writes has none.
func (s *sqliteSession) exec(text string, args ...any) (int64, error) {
	if s.careful && !s.wrote {
		if _, err := s.conn.exec(savepoint); err != nil {
			return 0, err
		}
	}
	s.wrote, s.conn.written.some = true, true
	n, err := s.conn.exec(text, args...)
	return n, s.engine.noteDamage(err)
}

func (s *sqliteSession) write(text string, args ...any) error {
	_, err := s.exec(text, args...)
	return err
}

func (s *sqliteSession) asksAhead() bool                    { return false }
func (s *sqliteSession) ask(func(row) bool, string, ...any) {}
func (s *sqliteSession) receive() error                     { return nil }

func (s *sqliteSession) opensWithRead() bool { return !s.begun }
