package server

import (
	"context"
	"fmt"
	"time"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/decision"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/internal/trail"
)

// Operator calls API operations inside one transaction, as the root users of accounts and
// without authorization. It loads a world file into a state, and exports a state as a world
// file: services check their inputs, but policies of the state do not apply.
type Operator struct {
	Tx *store.Tx

	server *Server
	ctx    context.Context
	gate   *authz.Gate
}

// OperatorCall is one call of an Operator.
type OperatorCall struct {
	Account, Region    string
	Service, Operation string        // "ssm", "PutParameter"
	Input              []byte        // a JSON object of the operation's members
	Now                time.Time     // zero for the time by the server's clock
	NewID              func() string // source of ids in the operation; nil for random ones
	NewARN             string        // of the resource that is made, see operation.Call
}

// Operate runs fn with an Operator that may write. What it wrote is kept if fn returns nil.
func (s *Server) Operate(ctx context.Context, fn func(*Operator) error) error {
	return s.cfg.Store.Update(ctx, func(tx *store.Tx) error { return fn(s.operator(ctx, tx)) })
}

// Observe runs fn with an Operator that reads a snapshot of the state.
func (s *Server) Observe(ctx context.Context, fn func(*Operator) error) error {
	return s.cfg.Store.View(ctx, func(tx *store.Tx) error { return fn(s.operator(ctx, tx)) })
}

func (s *Server) operator(ctx context.Context, tx *store.Tx) *Operator {
	return &Operator{Tx: tx, server: s, ctx: ctx, gate: &authz.Gate{Mode: authz.Off}}
}

// Now returns the time by the server's clock.
func (o *Operator) Now() time.Time { return o.server.now() }

// Call calls an operation and returns its output, a JSON object. The error is that of the
// service.
func (o *Operator) Call(in OperatorCall) ([]byte, error) {
	served, err := o.server.served(in.Service, in.Operation)
	if err != nil {
		return nil, err
	}
	row := served.row
	input := row.Wire.NewInput()
	if err := row.Wire.DecodeMembers(in.Input, input); err != nil {
		return nil, err
	}
	call := o.call(in)
	if row.Prepare != nil {
		call.Prepared = row.Prepare(call, input)
	}
	call.Tx = o.Tx
	target, err := row.Target(call, input)
	if err != nil {
		return nil, err
	}
	if row.Access == operation.OwnerWrite && !call.Caller.OwnsARN(target.ARN) {
		return nil, served.service.NotOwner
	}
	output, err := row.Handle(call, input)
	if err != nil {
		return nil, err
	}
	return row.Wire.EncodeMembers(output)
}

func (o *Operator) call(in OperatorCall) *operation.Call {
	partition := identity.PartitionOf(in.Region)
	now := in.Now
	if now.IsZero() {
		now = o.server.now()
	}
	ids, ordered := in.NewID, (func(time.Time) string)(nil)
	if ids == nil {
		ids, ordered = newID, newOrderedID
	}
	return &operation.Call{
		Context:   o.ctx,
		Now:       now,
		RequestID: newID(),
		Partition: partition,
		Region:    in.Region,
		Caller:    identity.Root(partition, in.Account),
		Directory: o.server.cfg.Directory,
		KeyUsage:  &o.server.keyUsage,

		AccessUsage:  &o.server.accessUsage,
		Issuers:      o.server.cfg.Issuers,
		NewID:        ids,
		NewOrderedID: ordered,
		NewARN:       in.NewARN,
		Gate:         o.gate,
		Keys:         &authz.RequestKeys{Time: now, Region: in.Region, RemoteAddr: "127.0.0.1:0"},
	}
}

// served finds an operation by its service and name.
func (s *Server) served(service, name string) (servedOperation, error) {
	for _, svc := range s.cfg.Services {
		for i := range svc.Operations {
			if row := &svc.Operations[i]; svc.API.Name == service && row.Wire.Name == name {
				return servedOperation{svc, row}, nil
			}
		}
	}
	return servedOperation{}, fmt.Errorf("there is no operation %s:%s", service, name)
}

// Decide decides a hypothetical request against the state that the Operator sees.
func (o *Operator) Decide(q Question) (decision.Record, error) {
	d, err := o.server.hypothetical(o.Tx, q)
	if err != nil {
		return decision.Record{}, err
	}
	entry := &trail.Entry{Time: o.server.now(), Decisions: []*authz.Decision{d}}
	return entry.Record()
}
