package store

import "strings"

// table is a table of the schema, for operations on all tables.
type table struct {
	name    string
	key     []string // the primary key, the first columns
	columns []string // the others
	json    string   // a column that always contains JSON; "" for none
}

// tables are all tables; a test compares them with the schema.
var tables = []table{
	{"resources", columns("arn"), columns("service type account region name data created_at updated_at"), "data"},
	{"policies", columns("arn source name"), columns("document revision created_at updated_at"), "document"},
	{"tags", columns("arn key"), columns("value"), ""},
	{"dependencies", columns("from_arn to_arn"), nil, ""},
	{"client_tokens", columns("account region operation token"), columns("fingerprint output created_at"), "output"},
	{"timers", columns("arn"), columns("due_at"), ""},
	{"access_keys", columns("id"), columns("principal account status sealed_secret created_at"), ""},
	{"share_associations", columns("share kind entity"), columns("consumer account region status data created_at updated_at"), "data"},
	{"discoverable", columns("consumer region type arn share"), nil, ""},
}

func columns(names string) []string { return strings.Fields(names) }

// all are the columns of a table, the key first.
func (t table) all() []string { return append(t.key[:len(t.key):len(t.key)], t.columns...) }

// page selects the rows after a key, in order. Its parameters are the key and the limit.
func (t table) page() string {
	keys := strings.Join(t.key, ", ")
	n := len(t.key)
	return `SELECT ` + strings.Join(t.all(), ", ") + ` FROM ` + t.name + ` WHERE (` + keys + `) > (` + placeholders(1, n) +
		`) ORDER BY ` + keys + ` LIMIT ` + placeholders(n+1, 1)
}

// insert adds a row, unless one with its key exists.
func (t table) insert() string {
	all := t.all()
	return `INSERT INTO ` + t.name + ` (` + strings.Join(all, ", ") + `) VALUES (` + placeholders(1, len(all)) +
		`) ON CONFLICT (` + strings.Join(t.key, ", ") + `) DO NOTHING`
}
