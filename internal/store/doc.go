// Package store keeps Writ's durable state: resources, the policies on them,
// their tags and dependencies, client tokens and access keys.
//
// Everything is read and written inside a transaction. [Store.View] gives a
// snapshot to read; [Store.Update] gives serializable reads and writes, and its
// nil means that the writes survive a crash and a loss of power:
//
//	err := s.Update(ctx, func(tx *store.Tx) error {
//		r, err := tx.Resource(arn)
//		if err != nil {
//			return err
//		}
//		r.Data, r.UpdatedAt = data, now
//		return tx.UpdateResource(r)
//	})
//
// The store holds rows and does not interpret them: it parses no ARN, no policy and no
// resource, it decides nothing about access, and it has no clock (instants come
// from the caller and are kept to the microsecond, in UTC).
//
// There are two engines, behind the seam in engine.go: SQLite, embedded, for one process,
// and PostgreSQL for any number of them. The statements are the same for both.
//
// Start reading at store.go (the contract) and tx.go (what a transaction is). Of SQLite,
// sqlite_tx.go has the transactions;
// writer.go tells how concurrent Updates share one commit, flusher.go how that becomes
// durable, cache.go what stays in memory between transactions, and checkpoint.go how
// the log is kept short. read.go reads resources, list.go lists them, and each kind of
// row has a file for its writes: resources.go, policies.go,
// tags.go, references.go, tokens.go, accesskeys.go, associations.go and
// discoverable.go. Of PostgreSQL, postgres_run.go runs transactions and repeats them,
// postgres_tx.go queues statements, and postgres_conn.go sends them.
// docs/design/0002-store.md and 0010-two-engines.md have the reasons.
package store
