package ram

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/internal/sharing"
)

// TestPlanAssociations tests which associations a request adds to a share.
func TestPlanAssociations(t *testing.T) {
	now := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	early := now.Add(-24 * time.Hour)
	association := func(entity string, status sharing.AssociationStatus, created time.Time) sharing.Association {
		return sharing.Association{Type: sharing.Principal, Entity: entity, Status: status, Created: created, Updated: created}
	}
	recreated := association("1", sharing.Associating, now)
	recreated.Created = early
	for _, test := range []struct {
		name                string
		present, wanted     []sharing.Association
		wantList, wantAdded []sharing.Association
	}{
		{name: "nothing"},
		{
			name:     "new",
			wanted:   []sharing.Association{association("1", sharing.Associated, now)},
			wantList: []sharing.Association{association("1", sharing.Associated, now)}, wantAdded: []sharing.Association{association("1", sharing.Associated, now)},
		},
		{
			name:     "present",
			present:  []sharing.Association{association("1", sharing.Associated, early), association("2", sharing.Associated, early)},
			wanted:   []sharing.Association{association("1", sharing.Associating, now)},
			wantList: []sharing.Association{association("1", sharing.Associated, early)},
		},
		{
			name:     "pending",
			present:  []sharing.Association{association("1", sharing.Associating, now.Add(-time.Hour))},
			wanted:   []sharing.Association{association("1", sharing.Associating, now)},
			wantList: []sharing.Association{association("1", sharing.Associating, now.Add(-time.Hour))},
		},
		{
			name:     "rejected",
			present:  []sharing.Association{association("1", sharing.Failed, early)},
			wanted:   []sharing.Association{association("1", sharing.Associating, now)},
			wantList: []sharing.Association{recreated}, wantAdded: []sharing.Association{recreated},
		},
		{
			name:     "expired",
			present:  []sharing.Association{association("1", sharing.Associating, early)},
			wanted:   []sharing.Association{association("1", sharing.Associating, now)},
			wantList: []sharing.Association{recreated}, wantAdded: []sharing.Association{recreated},
		},
		{
			name:     "another type",
			present:  []sharing.Association{{Type: sharing.Source, Entity: "1", Status: sharing.Associated, Created: early}},
			wanted:   []sharing.Association{association("1", sharing.Associated, now)},
			wantList: []sharing.Association{association("1", sharing.Associated, now)}, wantAdded: []sharing.Association{association("1", sharing.Associated, now)},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			list, added := planAssociations(&sharing.Share{}, test.present, test.wanted, now)
			if diff := cmp.Diff(test.wantList, list); diff != "" {
				t.Errorf("list (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.wantAdded, added); diff != "" {
				t.Errorf("added (-want +got):\n%s", diff)
			}
		})
	}
}
