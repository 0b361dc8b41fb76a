package store

import (
	"slices"
	"strings"
	"testing"
)

// TestAssociationsAreReadFromAnIndex asks SQLite how it goes about the lists of
// shares, so that none of them sorts or reads what it does not show.
func TestAssociationsAreReadFromAnIndex(t *testing.T) {
	s := openMemory(t)
	after := AssociationKey{"PRINCIPAL", "e", "s"}
	plans := map[string]string{
		`SELECT DISTINCT share FROM share_associations WHERE consumer = $1 AND status = $2 AND share > $3 ORDER BY share LIMIT $4`: "share_associations_by_consumer (consumer=? AND status=? AND share>?)",

		`SELECT DISTINCT arn FROM discoverable WHERE consumer = $1 AND region = $2 AND type = $3 AND arn > $4 ORDER BY arn LIMIT $5`: "(consumer=? AND region=? AND type=? AND arn>?)",

		`SELECT from_arn FROM dependencies WHERE to_arn = $1 AND from_arn > $2 ORDER BY from_arn LIMIT $3`: "dependencies_by_target (to_arn=? AND from_arn>?)",
	}
	for text := range plans {
		if !slices.Contains(statements(t), text) {
			t.Errorf("nobody runs %s", text)
		}
	}
	for _, c := range []struct {
		query AssociationQuery
		plan  string
	}{
		{AssociationQuery{Share: "s"}, "(share=? AND (kind,entity)>(?,?))"},
		{AssociationQuery{Share: "s", After: after}, "(share=? AND (kind,entity)>(?,?))"},
		{AssociationQuery{Share: "s", Account: "1", Region: "r"}, "(share=? AND (kind,entity)>(?,?))"},
		{AssociationQuery{Share: "s", Kind: "PRINCIPAL"}, "(share=? AND kind=?)"},
		{AssociationQuery{Share: "s", Kind: "PRINCIPAL", After: after}, "(share=? AND kind=? AND entity>?)"},
		{AssociationQuery{Share: "s", Kind: "PRINCIPAL", Account: "1", Region: "r", After: after}, "(share=? AND kind=? AND entity>?)"},
		{AssociationQuery{Kind: "PRINCIPAL", Entity: "e", After: after}, "share_associations_by_entity (kind=? AND entity=? AND share>?)"},
		{AssociationQuery{Account: "1", Region: "r"}, "share_associations_by_owner (account=? AND region=? AND (kind,entity,share)>(?,?,?))"},
		{AssociationQuery{Account: "1", Region: "r", After: after}, "share_associations_by_owner (account=? AND region=? AND (kind,entity,share)>(?,?,?))"},
		{AssociationQuery{Account: "1", Region: "r", Kind: "PRINCIPAL", After: after}, "share_associations_by_owner (account=? AND region=? AND kind=? AND (entity,share)>(?,?))"},
	} {
		text, _, some := c.query.statement(1)
		if !some {
			t.Errorf("%+v selects nothing", c.query)
			continue
		}
		if p := outOfOrder(text); p != "" {
			t.Errorf("%s is out of order in: %s", p, text)
		}
		plans[text] = c.plan
	}
	c := lend(t, s)
	for text, want := range plans {
		var args []any
		for range strings.Count(text, "$") {
			args = append(args, "")
		}
		rows, err := c.pinned.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+text, args...)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var id, parent, unused int
			var detail string
			if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(detail, "SEARCH ") || !strings.HasSuffix(detail, want) {
				t.Errorf("%s\n\tgoes by %s\n\twant %s", text, detail, want)
			}
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
}
