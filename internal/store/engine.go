package store

import "context"

// engine runs transactions on a database. Its view, update and close keep the
// promises of View, Update and Close.
type engine interface {
	name() string
	location() string // where the state is, without a password
	shared() bool     // other processes may have it open, too
	view(ctx context.Context, fn func(*Tx) error) error
	update(ctx context.Context, fn func(*Tx) error) error
	ready(ctx context.Context) error // why the database cannot be used now, or nil
	load() Load
	close() error
}

// session is the engine's side of a Tx. Its errors are failures of the engine, after
// which nothing may run in the transaction.
type session interface {
	// query calls each with every row of a result until it returns false.
	query(each func(row) bool, text string, args ...any) error
	// exec writes, and returns how many rows the statement touched.
	exec(text string, args ...any) (int64, error)
	// write is exec without an answer: the statement may be sent together with those
	// that follow it, and fail with them.
	write(text string, args ...any) error

	// asksAhead reports whether statements travel to a server, so that it pays to ask
	// before the answer is needed: ask sends a query together with the next statement,
	// at the latest when receive is called.
	asksAhead() bool
	ask(each func(row) bool, text string, args ...any)
	receive() error

	memory
}

// memory is what a transaction knows without reading it, from the transactions before
// it, and what it leaves to those after it. What it returns is what reading would give
// now. Only an engine that sees every commit to its database can promise that; one
// that shares the database with others has keepsNothing in its place.
type memory interface {
	// row, policiesOf and tagsOf return what is known of an ARN.
	row(arn string) (cacheRow, bool)
	policiesOf(arn string) ([]Policy, bool)
	tagsOf(arn string) (map[string]string, bool)
	// opensWithRead reports whether nothing may be taken from memory until the
	// transaction has read something.
	opensWithRead() bool

	// keepRow, keepPolicies and keepTags take what the transaction has read.
	keepRow(arn string, row cacheRow)
	keepPolicies(arn string, list []Policy)
	keepTags(arn string, tags map[string]string)

	// derived returns what keepDerived took under a key, if nothing was committed since.
	derived(key string) (any, bool)
	keepDerived(key string, value any)

	// A write tells before it happens what is no longer known, and after it what is
	// true now, if it can.
	forgetRow(arn string)
	forgetPolicies(arn string)
	forgetTags(arn string)
	forgetAll()
	setRow(arn string, row cacheRow)
	setPolicies(arn string, list []Policy)
}

// keepsNothing is the memory of an engine that shares its database.
type keepsNothing struct{}

func (keepsNothing) tagsOf(string) (map[string]string, bool) { return nil, false }
func (keepsNothing) keepTags(string, map[string]string)      {}
func (keepsNothing) forgetTags(string)                       {}
func (keepsNothing) row(string) (cacheRow, bool)             { return cacheRow{}, false }
func (keepsNothing) policiesOf(string) ([]Policy, bool)      { return nil, false }
func (keepsNothing) opensWithRead() bool                     { return false }
func (keepsNothing) keepRow(string, cacheRow)                {}
func (keepsNothing) keepPolicies(string, []Policy)           {}
func (keepsNothing) derived(string) (any, bool)              { return nil, false }
func (keepsNothing) keepDerived(string, any)                 {}
func (keepsNothing) forgetRow(string)                        {}
func (keepsNothing) forgetPolicies(string)                   {}
func (keepsNothing) forgetAll()                              {}
func (keepsNothing) setRow(string, cacheRow)                 {}
func (keepsNothing) setPolicies(string, []Policy)            {}
