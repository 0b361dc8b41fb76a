package keys

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/writdev/writ/internal/store"
)

// ErrWrongKey is returned for a store whose secrets are sealed with another key.
var ErrWrongKey = errors.New("sealing key: the secrets in this store are sealed with another key; use the store's original key file, or that of its other servers")

// sealingKeyARN is the row with an empty text that is sealed with the key of the store:
// it identifies the key.
const sealingKeyARN = "writ:sealing-key"

// CheckKey checks that the secrets of a store are sealed with this Sealer's key;
// ErrWrongKey if not. In a store without secrets it records the key.
func (s *Sealer) CheckKey(tx *store.Tx, now time.Time) error {
	r, err := tx.Resource(sealingKeyARN)
	if errors.Is(err, store.ErrNotFound) {
		data, err := json.Marshal(s.Seal(nil, sealingKeyARN))
		if err != nil {
			return err
		}
		return tx.InsertResource(store.Resource{ARN: sealingKeyARN, Service: "writ", Type: "sealing-key", Data: data, CreatedAt: now, UpdatedAt: now})
	}
	if err != nil {
		return err
	}
	var sealed []byte
	if err := json.Unmarshal(r.Data, &sealed); err != nil {
		return fmt.Errorf("%s: %w", sealingKeyARN, err)
	}
	if _, err := s.Open(sealed, sealingKeyARN); err != nil {
		return ErrWrongKey
	}
	return nil
}
