package keys

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/writdev/writ/internal/store"
)

// ErrOtherKey is returned for a state whose secrets are sealed with another key.
var ErrOtherKey = errors.New("sealing key: the secrets of this state are sealed with another one; use the key file that it had, or that its other servers have")

// claimARN is the row that tells which key seals the secrets of a state.
const claimARN = "writ:sealing-key"

// Claim checks that the secrets of a state are sealed with this Sealer's key:
// ErrOtherKey if they are not. A state that does not say gets to say so.
func (s *Sealer) Claim(tx *store.Tx, now time.Time) error {
	r, err := tx.Resource(claimARN)
	if errors.Is(err, store.ErrNotFound) {
		data, err := json.Marshal(s.Seal(nil, claimARN))
		if err != nil {
			return err
		}
		return tx.InsertResource(store.Resource{ARN: claimARN, Service: "writ", Type: "sealing-key", Data: data, CreatedAt: now, UpdatedAt: now})
	}
	if err != nil {
		return err
	}
	var sealed []byte
	if err := json.Unmarshal(r.Data, &sealed); err != nil {
		return fmt.Errorf("%s: %w", claimARN, err)
	}
	if _, err := s.Open(sealed, claimARN); err != nil {
		return ErrOtherKey
	}
	return nil
}
