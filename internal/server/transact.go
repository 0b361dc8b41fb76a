package server

import (
	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// transact runs the stages authorize and handle in one transaction and commits it. The
// store may run them more than once, each time with a Call of its own.
func (x *exchange) transact() (err error) {
	end := x.startSpan("transaction")
	defer func() { end(err) }()
	run := x.server.cfg.Store.View
	if x.op.row.Writes(x.input) {
		run = x.server.cfg.Store.Update
	}
	var prepared any
	if x.op.row.Prepare != nil {
		prepared = x.op.row.Prepare(x.newCall(), x.input)
	}
	return run(x.requestContext(), func(tx *store.Tx) error {
		x.call = x.newCall()
		x.call.Tx, x.call.Prepared = tx, prepared
		if err := x.run(inTransaction); err != nil {
			return err
		}
		return x.auditBeforeCommit()
	})
}

// authorize authorizes the operation on its target.
func (x *exchange) authorize() error {
	row := x.op.row
	target, err := row.Target(x.call, x.input)
	if err != nil {
		return err
	}
	err = x.call.Authorize(row.Action, target)
	x.notOwner = row.Access == operation.OwnerWrite && !x.caller.OwnsARN(target.ARN)
	if x.notOwner {
		return x.op.service.NotOwner // independent of policies; the gate was called for the record
	}
	if err == nil {
		x.server.accessUsage.Record(x.call.Caller, row.Action, identity.Access{At: x.now, Region: x.region})
	}
	return err
}

// handle runs the operation's handler.
func (x *exchange) handle() (err error) {
	x.output, err = x.op.row.Handle(x.call, x.input)
	return err
}

// newCall returns the request as a Call without a transaction.
func (x *exchange) newCall() *operation.Call {
	return &operation.Call{
		Context:   x.requestContext(),
		Now:       x.now,
		RequestID: x.id,
		Partition: identity.PartitionOf(x.region),
		Region:    x.region,
		Caller:    x.caller,
		Directory: x.server.cfg.Directory,
		KeyUsage:  &x.server.keyUsage,

		AccessUsage:  &x.server.accessUsage,
		Issuers:      x.server.cfg.Issuers,
		NewID:        newID,
		NewOrderedID: newOrderedID,
		Gate:         x.server.cfg.Gate,
		Keys:         x.requestKeys(),
	}
}

// requestKeys returns the condition keys that every request has.
func (x *exchange) requestKeys() *authz.RequestKeys {
	return &authz.RequestKeys{
		Time: x.now, Region: x.requestedRegion(), Secure: x.http.TLS != nil,
		UserAgent: x.http.UserAgent(), RemoteAddr: x.http.RemoteAddr,
	}
}

// requestedRegion returns the value of aws:RequestedRegion: for a global service the region
// of its one endpoint, whatever the signature says.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-requestedregion
func (x *exchange) requestedRegion() string {
	if !x.op.service.Global {
		return x.region
	}
	switch identity.PartitionOf(x.region) {
	case "aws":
		return "us-east-1"
	case "aws-cn":
		return "cn-north-1"
	case "aws-us-gov":
		return "us-gov-west-1"
	}
	return x.region
}
