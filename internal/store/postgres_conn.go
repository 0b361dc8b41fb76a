package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// answerTimeout limits one round trip to the server; connectTimeout limits connecting,
// unless the address has its own.
const (
	answerTimeout  = 15 * time.Second
	connectTimeout = 5 * time.Second
)

// pgSettings are set on every connection. Settings that a server does not know are
// skipped.
var pgSettings = []string{
	// An acknowledged write is durable, whatever the server's default is.
	`SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'`,
	// Releases the locks of a node that has vanished.
	`SET idle_in_transaction_session_timeout = 60000`,
	`SET statement_timeout = 12000`,
	// Every statement has an index. Read through it, a transaction conflicts only with
	// those that write the rows that it read; with a sequential scan, with all that write
	// to the table, even if it is small.
	`SET enable_seqscan = off`,
	`SET plan_cache_mode = force_generic_plan`,
	`SET jit = off`,
}

// pgConn is one connection to PostgreSQL, with each statement prepared on first use.
type pgConn struct {
	server   *pgconn.PgConn
	counts   *counts
	prepared map[string]*pgPrepared
	names    int // number of statement names used
}

type pgPrepared struct {
	name        string
	description *pgconn.StatementDescription // nil until the server has answered
}

// maxPrepared limits the prepared statements of one connection. There is one text for
// each number of values in a list.
const maxPrepared = 400

// pgStatement is a statement to send to the server.
type pgStatement struct {
	text string
	args []any
	each func(row) bool // for each row, until it returns false; nil for none
}

func connectPostgres(ctx context.Context, cfg *pgconn.Config, counts *counts) (*pgConn, error) {
	if cfg.ConnectTimeout == 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, connectTimeout)
		defer cancel()
	}
	server, err := pgconn.ConnectConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	c := &pgConn{server: server, counts: counts, prepared: make(map[string]*pgPrepared)}
	for _, text := range pgSettings {
		if err := c.script(text); err != nil && !isUnknownSetting(err) {
			return nil, errors.Join(fmt.Errorf("%s: %w", text, err), c.close())
		}
	}
	return c, nil
}

// isUnknownSetting reports whether the server does not know a setting.
func isUnknownSetting(err error) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (e.Code == "42704" || e.Code == "0A000" || e.Code == "22023")
}

// send sends statements together and reads their results: one round trip. It returns the
// number of rows that the last one affected. After an error no later statement has run.
func (c *pgConn) send(list ...pgStatement) (int64, error) {
	c.counts.roundTrips.Add(1)
	if err := c.server.Conn().SetDeadline(time.Now().Add(answerTimeout)); err != nil {
		return 0, err
	}
	p := c.server.StartPipeline(context.Background())
	preparing := make([]*pgPrepared, len(list))
	for i, st := range list {
		preparing[i] = c.queue(p, st)
	}
	err := p.Sync()
	var n int64
	for i, st := range list {
		if err == nil && preparing[i] != nil {
			err = preparing[i].receive(p)
		}
		if err == nil {
			n, err = receiveRows(p, st.each)
		}
	}
	err = cmp.Or(err, p.Close())
	if err != nil {
		for text, st := range c.prepared {
			if st.description == nil {
				delete(c.prepared, text)
			}
		}
	}
	return n, err
}

// queue queues a statement. It returns the statement to prepare before it; nil if it is
// prepared already.
func (c *pgConn) queue(p *pgconn.Pipeline, st pgStatement) (preparing *pgPrepared) {
	known, ok := c.prepared[st.text]
	if !ok {
		known = &pgPrepared{}
		if len(c.prepared) < maxPrepared {
			c.names++
			known.name = "writ" + strconv.Itoa(c.names)
			c.prepared[st.text] = known
		}
		p.SendPrepare(known.name, st.text, nil)
		preparing = known
	}
	values := pgValues(st.args)
	if known.description != nil {
		p.SendQueryStatement(known.description, values, nil, nil)
	} else {
		p.SendQueryPrepared(known.name, values, nil, nil)
	}
	return preparing
}

func (st *pgPrepared) receive(p *pgconn.Pipeline) error {
	result, err := p.GetResults()
	if err != nil {
		return err
	}
	description, ok := result.(*pgconn.StatementDescription)
	if !ok {
		return fmt.Errorf("unexpected %T instead of a description from the server", result)
	}
	description.Name = st.name
	st.description = description
	return nil
}

// receiveRows reads the answer to a statement.
func receiveRows(p *pgconn.Pipeline, each func(row) bool) (int64, error) {
	result, err := p.GetResults()
	if err != nil {
		return 0, err
	}
	rows, ok := result.(*pgconn.ResultReader)
	if !ok {
		return 0, fmt.Errorf("unexpected %T instead of rows from the server", result)
	}
	columns := rows.FieldDescriptions()
	r := make(row, len(columns))
	for more := each != nil; more && rows.NextRow(); {
		for i, value := range rows.Values() {
			if r[i], err = pgValue(columns[i].DataTypeOID, value); err != nil {
				return 0, err
			}
		}
		more = each(r)
	}
	tag, err := rows.Close()
	return tag.RowsAffected(), err
}

// The types of columns: https://github.com/postgres/postgres/blob/master/src/include/catalog/pg_type.dat
const (
	oidInt8 = 20
	oidInt4 = 23
)

// pgValue parses a value in the server's text format.
func pgValue(oid uint32, text []byte) (any, error) {
	if oid == oidInt8 || oid == oidInt4 {
		return strconv.ParseInt(string(text), 10, 64)
	}
	return string(text), nil
}

// pgValues encodes arguments in the server's text format.
func pgValues(args []any) [][]byte {
	values := make([][]byte, len(args))
	for i, arg := range args {
		switch arg := arg.(type) {
		case string:
			values[i] = []byte(arg)
		case int64:
			values[i] = strconv.AppendInt(nil, arg, 10)
		case int:
			values[i] = strconv.AppendInt(nil, int64(arg), 10)
		default:
			panic(fmt.Sprintf("argument %d is a %T", i+1, arg))
		}
		if values[i] == nil {
			values[i] = []byte{} // nil would be NULL
		}
	}
	return values
}

// script runs statements that are used once, or several statements in one text.
func (c *pgConn) script(text string) error {
	if err := c.server.Conn().SetDeadline(time.Now().Add(answerTimeout)); err != nil {
		return err
	}
	return c.server.Exec(context.Background(), text).Close()
}

func (c *pgConn) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	return c.server.Close(ctx)
}
