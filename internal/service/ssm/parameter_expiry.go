package ssm

import (
	"errors"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// An expired parameter is invisible to every read at once. Its rows, and its entries in the lists of RAM, are
// deleted when its timer fires.

// setTimer sets the timer of a parameter to its expiration, or deletes its previous timer; old is nil for a
// new parameter.
func (p *parameter) setTimer(c *operation.Call, old *parameter) error {
	switch {
	case !p.Expires.IsZero():
		return c.Tx.SetTimer(store.Timer{ARN: p.arn(), Due: p.Expires})
	case old != nil && !old.Expires.IsZero():
		return c.Tx.DeleteTimer(p.arn())
	}
	return nil
}

// due deletes a parameter that has expired.
func (s ssm) due(c *operation.Call, arn string) error {
	r, err := c.Tx.Resource(arn)
	if errors.Is(err, store.ErrNotFound) {
		return nil // deleted in the meantime
	}
	if err != nil {
		return err
	}
	p, err := decodeParameter(r)
	if err != nil || !p.expired(c.Now) {
		return err
	}
	return p.remove(c)
}
