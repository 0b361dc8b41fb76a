package store

// sqlite is the engine of a store in SQLite.
func (s *Store) sqlite() *sqlite { return s.engine.(*sqlite) }

// sqlite is the transaction of SQLite that a Tx belongs to.
func (tx *Tx) sqlite() *sqliteTx { return (*sqliteTx)(tx.session.(*sqliteSession)) }
