package store

// writeSet is the set of rows that a group of Updates wrote, including those that were
// rolled back.
type writeSet struct {
	rows     writes[cacheRow]
	policies writes[cachePolicies]
	tags     writes[cacheTags]
	some     bool // not empty
	all      bool // any row may have been written
}

// writes are the writes of one kind.
type writes[T any] struct {
	arns   map[string]bool // of what was written
	values map[string]T    // after the write, if known
}

// forget records that the value of an ARN will be written.
func (w *writes[T]) forget(arn string) {
	if w.arns == nil {
		w.arns = map[string]bool{}
	}
	w.arns[arn] = true
	delete(w.values, arn)
}

// set records the value of an ARN after a write.
func (w *writes[T]) set(arn string, value T) {
	if w.values == nil {
		w.values = make(map[string]T)
	}
	w.values[arn] = value
}

// forgetAll records that any row may be written.
func (w *writeSet) forgetAll() {
	w.all = true
	w.forgetValues()
}

// forgetValues removes the values after some writes were rolled back.
func (w *writeSet) forgetValues() {
	clear(w.rows.values)
	clear(w.policies.values)
	clear(w.tags.values)
}
