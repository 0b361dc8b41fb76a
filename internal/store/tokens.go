package store

import (
	"fmt"
	"time"
)

// TokenKey identifies a use of a client token: the caller's account, the region, the
// operation ("imagebuilder:CreateImage") and the token.
type TokenKey struct {
	Account, Region, Operation, Token string
}

// Token is the stored output of a create operation, which is returned again when it is
// repeated with the same client token.
type Token struct {
	TokenKey
	Fingerprint string // of the call's parameters: equal ones have equal fingerprints
	Output      []byte // the output as JSON
	CreatedAt   time.Time
}

// Token returns the stored output of a client token; ErrNotFound if there is none.
func (tx *Tx) Token(key TokenKey) (Token, error) {
	t := Token{TokenKey: key}
	var created int64
	err := tx.queryOne([]any{&t.Fingerprint, &t.Output, &created},
		`SELECT fingerprint, output, created_at FROM client_tokens
		WHERE account = $1 AND region = $2 AND operation = $3 AND token = $4`,
		key.Account, key.Region, key.Operation, key.Token)
	if err != nil {
		return Token{}, fmt.Errorf("read client token of %s: %w", key.Operation, err)
	}
	t.CreatedAt = fromMicros(created)
	return t, nil
}

// expiredTokens is how many tokens DeleteTokens deletes at most.
const expiredTokens = 1000

// DeleteTokens deletes tokens that were stored before a time, the oldest first, a thousand
// at most.
func (tx *Tx) DeleteTokens(before time.Time) error {
	err := tx.write(`DELETE FROM client_tokens WHERE (account, region, operation, token) IN
		(SELECT account, region, operation, token FROM client_tokens WHERE created_at < $1 ORDER BY created_at LIMIT $2)`,
		toMicros(before), expiredTokens)
	if err != nil {
		return fmt.Errorf("delete expired client tokens: %w", err)
	}
	return nil
}

// PutToken stores t and replaces the output stored for its key.
func (tx *Tx) PutToken(t Token) error {
	err := tx.write(
		`INSERT INTO client_tokens (account, region, operation, token, fingerprint, output, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (account, region, operation, token) DO UPDATE SET fingerprint = excluded.fingerprint,
			output = excluded.output, created_at = excluded.created_at`,
		t.Account, t.Region, t.Operation, t.Token, t.Fingerprint, string(t.Output), toMicros(t.CreatedAt))
	if err != nil {
		return fmt.Errorf("put client token of %s: %w", t.Operation, err)
	}
	return nil
}
