package authz

import (
	"fmt"
	"testing"
	"time"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// BenchmarkCheck measures one decision on an image of the caller's account that has a
// resource-based policy, in an account of an organization: by the root user, and by a
// session of a role with three managed policies and a permissions boundary.
func BenchmarkCheck(b *testing.B) {
	st, err := store.OpenSQLite(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer st.Close()
	const account, image = "111122223333", "arn:aws:imagebuilder:us-east-1:111122223333:image/web/1.0.0/1"
	now := time.Date(2026, time.November, 27, 8, 0, 0, 0, time.UTC)
	role := identity.NewRole("aws", account, "/", "builder")
	role.TrustPolicy = `{"Version":"2012-10-17","Statement":[]}`
	err = st.Update(b.Context(), func(tx *store.Tx) error {
		for i := range 4 {
			p := identity.NewPolicy("aws", account, "/", fmt.Sprint("p", i), `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"imagebuilder:Get*","Resource":"*"}}`, now)
			if err := identity.PutPolicy(tx, p, now); err != nil {
				return err
			}
			if i < 3 {
				role.Attached = append(role.Attached, p.ARN)
			} else {
				role.Boundary = p.ARN
			}
		}
		org := identity.Organization{Partition: "aws", ID: "o-1234567890", Management: "444455556666"}
		attached := map[string][]string{identity.ServiceControlPolicy: {"p-FullAWSAccess"}}
		root := identity.Node{Organization: org, ID: "r-1234", Attached: attached, PolicyTypes: []string{identity.ServiceControlPolicy}}
		unit := identity.Node{Organization: org, ID: "ou-1234-00000001", Parents: []string{root.ID}, Attached: attached}
		member := identity.Node{Organization: org, ID: account, Parents: []string{root.ID, unit.ID}, Attached: attached, Account: &identity.MemberAccount{}}
		for _, n := range []identity.Node{root, unit, member} {
			if err := identity.PutNode(tx, n, now); err != nil {
				return err
			}
		}
		if err := tx.PutPolicy(store.Policy{ARN: image, Source: store.SourceUser, Document: `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"imagebuilder:GetImage","Resource":"` + image + `"}}`, CreatedAt: now, UpdatedAt: now}); err != nil {
			return err
		}
		return identity.PutRole(tx, role, now)
	})
	if err != nil {
		b.Fatal(err)
	}
	session := policy.Principal{Kind: policy.RoleSession, ARN: "arn:aws:sts::" + account + ":assumed-role/builder/s", Account: account, Issuer: role.ARN}
	for name, caller := range map[string]identity.Caller{
		"root": {Principal: policy.Principal{Kind: policy.Root, ARN: identity.RootARN("aws", account), Account: account}, UserID: account},
		"role": {Principal: session, UserID: role.ID + ":s", Session: &identity.Session{Principal: session, IssuerID: role.ID}},
	} {
		b.Run(name, func(b *testing.B) {
			gate := new(Gate)
			q := Question{Caller: caller, Action: "imagebuilder:GetImage", Target: Target{ARN: image}}
			b.ReportAllocs()
			for b.Loop() {
				err := st.View(b.Context(), func(tx *store.Tx) error {
					_, err := gate.Check(tx, q)
					return err
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
