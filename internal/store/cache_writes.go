package store

// writeSet is what a group of Updates wrote, whether or not it was rolled back.
type writeSet struct {
	rows     writes[cacheRow]
	policies writes[cachePolicies]
	tags     writes[cacheTags]
	some     bool // anything at all
	all      bool // any row may be
}

// writes are those of one kind.
type writes[T any] struct {
	arns   map[string]bool // of what was written
	values map[string]T    // after the write, where they are known
}

// forget notes that what an ARN has is about to be written.
func (w *writes[T]) forget(arn string) {
	if w.arns == nil {
		w.arns = map[string]bool{}
	}
	w.arns[arn] = true
	delete(w.values, arn)
}

// set notes what an ARN has after a write.
func (w *writes[T]) set(arn string, value T) {
	if w.values == nil {
		w.values = make(map[string]T)
	}
	w.values[arn] = value
}

// forgetAll notes that any row is about to be written.
func (w *writeSet) forgetAll() {
	w.all = true
	w.forgetValues()
}

// forgetValues drops the values, after some writes were rolled back.
func (w *writeSet) forgetValues() {
	clear(w.rows.values)
	clear(w.policies.values)
	clear(w.tags.values)
}
