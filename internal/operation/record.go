package operation

import (
	"fmt"
	"time"

	json "github.com/go-json-experiment/json/v1" // compatible with encoding/json, and decodes twice as fast

	"github.com/writdev/writ/internal/store"
)

// Record returns the row r with the JSON of v as its data, to be inserted or updated
// now. Tags and policies have tables of their own and are not part of v.
func Record(c *Call, r store.Resource, v any) (store.Resource, error) { return RecordAt(c.Now, r, v) }

// RecordAt is Record for a function that has no call.
func RecordAt(now time.Time, r store.Resource, v any) (store.Resource, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return store.Resource{}, fmt.Errorf("encode %s: %w", r.ARN, err)
	}
	if r.CreatedAt.IsZero() {
		r.CreatedAt = now
	}
	r.Data, r.UpdatedAt = data, now
	return r, nil
}

// Decode decodes the data of a row that Record returned.
func Decode[T any](r store.Resource) (*T, error) {
	v := new(T)
	if err := json.Unmarshal(r.Data, v); err != nil {
		return nil, fmt.Errorf("decode %s: %w", r.ARN, err)
	}
	return v, nil
}
