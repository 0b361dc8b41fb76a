package store

import "context"

// engine runs transactions on a database. Its view, update and close fulfil the contracts
// of View, Update and Close.
type engine interface {
	name() string
	location() string // address of the state, without a password
	shared() bool     // other processes may have it open
	view(ctx context.Context, fn func(*Tx) error) error
	update(ctx context.Context, fn func(*Tx) error) error
	ready(ctx context.Context) error // an error if the database cannot be used now
	load() Load
	close() error
}

// session is the engine's side of a Tx. After one of its errors the transaction cannot
// continue.
type session interface {
	// query calls each with every row of a result until it returns false.
	query(each func(row) bool, text string, args ...any) error
	// exec writes, and returns the number of affected rows.
	exec(text string, args ...any) (int64, error)
	// write is exec without a result: the statement may be sent together with later ones,
	// and fail with them.
	write(text string, args ...any) error

	// asksAhead reports whether statements are sent to a server, so that it saves a round
	// trip to send a query early: ask sends it together with the next statement, at the
	// latest when receive is called.
	asksAhead() bool
	ask(each func(row) bool, text string, args ...any)
	receive() error

	memory
}

// memory is data that a transaction need not read: cached by earlier transactions, and
// cached for later ones. It returns what reading would return now. Only an engine that
// sees every commit to its database can guarantee that; one that shares the database uses
// keepsNothing.
type memory interface {
	// row, policiesOf and tagsOf return the known data of an ARN.
	row(arn string) (cacheRow, bool)
	policiesOf(arn string) ([]Policy, bool)
	tagsOf(arn string) (map[string]string, bool)
	// opensWithRead reports whether memory must not be used before the transaction has
	// read something.
	opensWithRead() bool

	// keepRow, keepPolicies and keepTags cache what the transaction has read.
	keepRow(arn string, row cacheRow)
	keepPolicies(arn string, list []Policy)
	keepTags(arn string, tags map[string]string)

	// derived returns the value that keepDerived cached under a key, if nothing was
	// committed since.
	derived(key string) (any, bool)
	keepDerived(key string, value any)

	// Before a write the forget methods invalidate data; after it the set methods record
	// the new data, if it is known.
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
