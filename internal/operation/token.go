package operation

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/writdev/writ/internal/store"
)

// ErrTokenMismatch is returned by Once for a client token that was used with
// other parameters.
var ErrTokenMismatch = errors.New("client token was used with other parameters")

// TokenLife is how long a client token is remembered.
const TokenLife = 24 * time.Hour

// Once makes a create call idempotent under its client token: the first call with a
// token runs make and stores its output, a repeated one with equal parameters returns
// that output, and one with other parameters returns ErrTokenMismatch. A token that is
// older than TokenLife is as good as new. Out, a pointer to an output, must survive a round trip through
// encoding/json.
func Once[In, Out any](c *Call, operation, token string, in In, make func() (Out, error)) (out Out, err error) {
	params, err := json.Marshal(in)
	if err != nil {
		return out, fmt.Errorf("client token of %s: %w", operation, err)
	}
	sum := sha256.Sum256(params)
	fingerprint := hex.EncodeToString(sum[:])
	key := store.TokenKey{Account: c.Account(), Region: c.Region, Operation: operation, Token: token}
	known, err := c.Tx.Token(key)
	switch {
	case err == nil && c.Now.Sub(known.CreatedAt) >= TokenLife:
	case err == nil && known.Fingerprint != fingerprint:
		return out, ErrTokenMismatch
	case err == nil:
		if err := json.Unmarshal(known.Output, &out); err != nil {
			return out, fmt.Errorf("client token of %s: %w", operation, err)
		}
		return out, nil
	case !errors.Is(err, store.ErrNotFound):
		return out, err
	}
	out, err = make()
	if err != nil {
		return out, err
	}
	answer, err := json.Marshal(out)
	if err != nil {
		return out, fmt.Errorf("client token of %s: %w", operation, err)
	}
	if sum[0] == 0 { // one call of 256 cleans up
		if err := c.Tx.DeleteTokens(c.Now.Add(-TokenLife)); err != nil {
			return out, err
		}
	}
	return out, c.Tx.PutToken(store.Token{TokenKey: key, Fingerprint: fingerprint, Output: answer, CreatedAt: c.Now})
}
