// Package store keeps Writ's durable state: resources, the policies on them,
// their tags and dependencies, client tokens and access keys.
//
// Everything is read and written in transactions. [Store.View] provides a snapshot to
// read; [Store.Update] provides serializable reads and writes, and a nil result means
// that the writes survive a crash and a loss of power:
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
// The store holds rows and does not interpret them: it parses no ARN, policy or resource,
// it decides nothing about access, and it has no clock (times come from the caller and
// are stored in UTC, in microseconds).
//
// There are two engines behind the interface in engine.go: SQLite, embedded, for one
// process, and PostgreSQL for any number of them. Both use the same statements.
//
// Start reading at store.go (the contract) and tx.go (transactions). For SQLite,
// sqlite_tx.go has the transactions, writer.go groups concurrent Updates into one commit,
// flusher.go makes commits durable, cache.go caches data between transactions, and
// checkpoint.go limits the log. read.go reads resources, list.go lists them, and each
// kind of row has a file for its writes: resources.go, policies.go, tags.go,
// references.go, tokens.go, accesskeys.go, associations.go and discoverable.go. For
// PostgreSQL, postgres_run.go runs and repeats transactions, postgres_tx.go queues
// statements, and postgres_conn.go sends them. docs/design/0002-store.md and
// 0010-two-engines.md have the reasons.
package store
