package server

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/internal/trail"
)

// maxDue limits the timers that are processed before one request: if the clock was moved
// by years, later requests process the rest.
const maxDue = 1000

// doDue processes due timers before a request reads the state. There is no background
// work, and clients see no difference.
func (x *exchange) doDue() error {
	ctx := x.http.Context()
	x.server.saveUsageAtTimes(ctx)
	for range maxDue {
		due, err := x.server.cfg.Store.IsDue(ctx, x.now)
		if err != nil || !due {
			return err
		}
		if err := x.server.doFirst(ctx, x.now); err != nil {
			return err
		}
	}
	return nil
}

// doFirst processes the first due timer in its own transaction. A failed timer is not
// retried.
func (s *Server) doFirst(ctx context.Context, now time.Time) error {
	var (
		timer store.Timer
		entry *trail.Entry
	)
	run := func(work func(*operation.Call, store.Timer) error) error {
		return s.cfg.Store.Update(ctx, func(tx *store.Tx) (err error) {
			entry = nil
			timer, err = tx.FirstTimer()
			if errors.Is(err, store.ErrNotFound) || err == nil && timer.Due.After(now) {
				return nil // another request has processed it
			}
			if err != nil {
				return err
			}
			if err := tx.DeleteTimer(timer.ARN); err != nil {
				return err
			}
			c, err := s.dueCall(ctx, tx, timer)
			if err != nil {
				return err
			}
			err = work(c, timer)
			if len(c.Decisions) > 0 {
				entry = &trail.Entry{
					ID: c.RequestID, Time: c.Now, Operation: c.Decisions[0].Action,
					Audit: s.cfg.Gate.Mode == authz.Audit, Decisions: c.Decisions,
				}
			}
			return err
		})
	}
	err := run(func(c *operation.Call, t store.Timer) error {
		a, err := arn.Parse(t.ARN)
		if err != nil {
			return err
		}
		do := s.due[a.Service]
		if do == nil {
			return fmt.Errorf("no service has work for %s", t.ARN)
		}
		return do(c, t.ARN)
	})
	if err != nil && ctx.Err() == nil {
		s.cfg.Log.Error("what was due failed", "resource", timer.ARN, "due", timer.Due, "error", err)
		err = run(func(*operation.Call, store.Timer) error { return nil })
	}
	if err != nil || entry == nil {
		return err
	}
	s.cfg.Ring.Add(entry)
	if s.cfg.Audit != nil {
		return s.cfg.Audit.Add(entry)
	}
	return nil
}

// dueCall is a call of the root user of the account that a timer's resource belongs to.
func (s *Server) dueCall(ctx context.Context, tx *store.Tx, t store.Timer) (*operation.Call, error) {
	a, err := arn.Parse(t.ARN)
	if err != nil {
		return nil, err
	}
	caller, err := identity.FindCaller(tx, identity.RootARN(a.Partition, a.Account), t.Due)
	if err != nil {
		return nil, err
	}
	return &operation.Call{
		Context:      ctx,
		Tx:           tx,
		Now:          t.Due,
		RequestID:    newID(),
		Partition:    a.Partition,
		Region:       a.Region,
		Caller:       caller,
		Directory:    s.cfg.Directory,
		KeyUsage:     &s.keyUsage,
		AccessUsage:  &s.accessUsage,
		Issuers:      s.cfg.Issuers,
		NewID:        newID,
		NewOrderedID: newOrderedID,
		Gate:         s.cfg.Gate,
		Keys:         &authz.RequestKeys{Time: t.Due, Region: a.Region, Secure: true, UserAgent: a.Service + ".amazonaws.com"},
	}, nil
}
