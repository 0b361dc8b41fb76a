package identity

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/internal/store"
)

// TestMembershipOf checks accounts at the root and in a unit of a small organization.
func TestMembershipOf(t *testing.T) {
	const boss, member, outsider = "111122223333", "444455556666", "777788889999"
	org := Organization{Partition: "aws", ID: "o-1234567890", Management: boss}
	scp := func(ids ...string) map[string][]string { return map[string][]string{ServiceControlPolicy: ids} }
	text := func(id string) Document {
		if p, ok := fullAccess[id]; ok {
			return Document{org.PolicyARN(ServiceControlPolicy, id), p.Content}
		}
		return Document{org.PolicyARN(ServiceControlPolicy, id), "content of " + id}
	}
	root := Node{Organization: org, ID: "r-1234", Attached: scp("p-FullAWSAccess"), PolicyTypes: []string{ServiceControlPolicy}}
	unit := Node{Organization: org, ID: "ou-1234-00000001", Parents: []string{root.ID}, Attached: scp("p-FullAWSAccess", "p-00000001")}
	place := func(id string, parents ...string) Node {
		return Node{Organization: org, ID: id, Parents: parents, Attached: scp("p-FullAWSAccess"), Account: &MemberAccount{Status: "ACTIVE"}}
	}
	all := text("p-FullAWSAccess")

	for _, c := range []struct {
		name, account string
		change        func(root, unit, member *Node)
		want          Membership
	}{
		{"outside", outsider, nil, Membership{}},
		{"management", boss, nil, Membership{OrganizationID: org.ID, ManagementAccount: boss, Path: "o-1234567890/r-1234/"}},
		{"member", member, nil, Membership{
			OrganizationID: org.ID, ManagementAccount: boss, Path: "o-1234567890/r-1234/ou-1234-00000001/",
			ServiceControl: [][]Document{{all}, {all, text("p-00000001")}, {all}},
		}},
		{"type not enabled", member, func(root, _, _ *Node) { root.PolicyTypes = nil }, Membership{
			OrganizationID: org.ID, ManagementAccount: boss, Path: "o-1234567890/r-1234/ou-1234-00000001/",
		}},
		{"a level with nothing", member, func(_, unit, _ *Node) { unit.Attached = nil }, Membership{
			OrganizationID: org.ID, ManagementAccount: boss, Path: "o-1234567890/r-1234/ou-1234-00000001/",
			ServiceControl: [][]Document{{all}, {}, {all}},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			st, err := store.OpenSQLite(":memory:")
			if err != nil {
				t.Fatal(err)
			}
			defer st.Close()
			now := time.Date(2026, time.November, 22, 8, 0, 0, 0, time.UTC)
			root, unit, in := root, unit, place(member, root.ID, unit.ID)
			if c.change != nil {
				c.change(&root, &unit, &in)
			}
			err = st.Update(t.Context(), func(tx *store.Tx) error {
				for _, n := range []Node{root, unit, in, place(boss, root.ID)} {
					if err := PutNode(tx, n, now); err != nil {
						return err
					}
				}
				return PutOrganizationPolicy(tx, org, OrganizationPolicy{ID: "p-00000001", Type: ServiceControlPolicy, Content: "content of p-00000001"}, now)
			})
			if err != nil {
				t.Fatal(err)
			}
			check := func(when string, want Membership) {
				t.Helper()
				err := st.View(t.Context(), func(tx *store.Tx) error {
					got, err := MembershipOf(tx, c.account)
					if diff := cmp.Diff(want, got); diff != "" {
						t.Errorf("%s: %s", when, diff)
					}
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			check("in it", c.want)
			if c.account != member {
				return
			}
			if err := st.Update(t.Context(), func(tx *store.Tx) error { return DeleteNode(tx, in) }); err != nil {
				t.Fatal(err)
			}
			check("gone", Membership{})
		})
	}
}
