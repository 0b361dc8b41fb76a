package ssm

import (
	"errors"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// A parameter that expires is gone for every read at once. What is left of it, and its place
// in the lists of RAM, goes when its timer is due.

// setTimer sets the timer of a parameter to its expiry, or deletes the one that it had
// before; old is nil for a new parameter.
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
		return nil // deleted since
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
