package ram

import (
	"iter"
	"slices"
	"strconv"
	"time"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
	"github.com/writdev/writ/internal/store"
)

// AWS replaces permissions in the background, and ListReplacePermissionAssociationsWork
// tells how far it is. Here the shares have the new permission with the request
// that asks for it; what takes time is that the work says so.
// https://docs.aws.amazon.com/ram/latest/APIReference/API_ReplacePermissionAssociations.html

// workType is the store's word for replacements, which have no ARNs in AWS.
const workType = "replace-permission-associations-work"

// work is what is kept of a replacement.
type work struct {
	ID       string
	From, To string // ARNs
	Version  *int   // of From; nil for all of them
	Default  int    // the version of To
}

// replacing are the states of a replacement.
var replacing = []operation.Stage[ReplacePermissionAssociationsWorkStatus]{
	{After: 0, Status: ReplacePermissionAssociationsWorkStatusInProgress},
	{After: replacement, Status: ReplacePermissionAssociationsWorkStatusCompleted},
}

// replacement is how long a replacement takes.
const replacement = 30 * time.Second

// replacePermissionAssociations attaches a permission, at its default version, to
// all shares of the caller's that have another one, or an older version of it.
func (s *ram) replacePermissionAssociations(c *operation.Call, in *ReplacePermissionAssociationsInput) (*ReplacePermissionAssociationsOutput, error) {
	return once(c, apiReplacePermissionAssociations.Name, in.ClientToken, in, func() (*ReplacePermissionAssociationsOutput, error) {
		from, err := attachable(c, in.FromPermissionARN)
		if err != nil {
			return nil, err
		}
		if in.FromPermissionVersion != nil {
			if _, err := versionOf(from, *in.FromPermissionVersion); err != nil {
				return nil, err
			}
		}
		to, err := namedPermission(c, apiReplacePermissionAssociations.Name, in.ToPermissionARN)
		if err != nil {
			return nil, err
		}
		if from.ResourceType != to.ResourceType {
			return nil, errInvalidParameter("The permission %s is for %s, and %s is for %s. A permission can be replaced only by one for the same resource type.",
				from.ARN, from.ResourceType, to.ARN, to.ResourceType)
		}
		if err := replaceAll(c, from, in.FromPermissionVersion, to); err != nil {
			return nil, err
		}
		w := work{ID: c.NewID(), From: from.ARN, To: to.ARN, Version: in.FromPermissionVersion, Default: to.Default}
		row, err := operation.Record(c, store.Resource{
			ARN: newName(c, workType, w.ID).String(), Service: api.Name, Type: workType, Account: c.Account(), Region: c.Region, Name: w.ID,
		}, w)
		if err != nil {
			return nil, err
		}
		item := s.describeWork(c, w, row.CreatedAt)
		return &ReplacePermissionAssociationsOutput{ReplacePermissionAssociationsWork: &item, ClientToken: in.ClientToken}, c.Tx.InsertResource(row)
	})
}

// replaceAll attaches a permission to the shares that have another one, at a
// version or at any. Shares that follow a policy stay as that policy is.
func replaceAll(c *operation.Call, from *sharing.Permission, version *int, to *sharing.Permission) error {
	var shares []*sharing.Share // first, since what is written moves in the index that is walked
	for share, err := range usersOf(c, from, "") {
		if err != nil {
			return err
		}
		if share.FeatureSet == sharing.Standard && (version == nil || share.Permissions[from.ResourceType].Version == *version) {
			shares = append(shares, share)
		}
	}
	for _, share := range shares {
		if err := permit(c, share, to); err != nil {
			return err
		}
	}
	return nil
}

func (s *ram) listReplacePermissionAssociationsWork(c *operation.Call, in *ListReplacePermissionAssociationsWorkInput) (*ListReplacePermissionAssociationsWorkOutput, error) {
	page, err := page(apiListReplacePermissionAssociationsWork.Name, in.MaxResults, in.NextToken, func(after string) iter.Seq2[operation.Keyed[ReplacePermissionAssociationsWork], error] {
		rows := c.Tx.Resources(store.Query{Service: api.Name, Type: workType, Account: c.Account(), Region: c.Region, After: after})
		return view(rows, func(r store.Resource) (operation.Keyed[ReplacePermissionAssociationsWork], bool, error) {
			w, err := operation.Decode[work](r)
			if err != nil {
				return operation.Keyed[ReplacePermissionAssociationsWork]{}, false, err
			}
			item := s.describeWork(c, *w, r.CreatedAt)
			listed := (in.WorkIDs == nil || slices.Contains(in.WorkIDs, w.ID)) && (in.Status == nil || *in.Status == *item.Status)
			return operation.Keyed[ReplacePermissionAssociationsWork]{Key: r.ARN, Item: item}, listed, nil
		})
	})
	return &ListReplacePermissionAssociationsWorkOutput{ReplacePermissionAssociationsWorks: page.Items, NextToken: page.Next}, err
}

// describeWork is a replacement as answers show it, that began at a time.
func (s *ram) describeWork(c *operation.Call, w work, began time.Time) ReplacePermissionAssociationsWork {
	status := operation.StatusAt(s.lifecycle, replacing, began, c.Now)
	updated := began
	if s.lifecycle == operation.Realistic && status == ReplacePermissionAssociationsWorkStatusCompleted {
		updated = began.Add(replacement)
	}
	item := ReplacePermissionAssociationsWork{
		ID: &w.ID, FromPermissionARN: &w.From, ToPermissionARN: &w.To, ToPermissionVersion: new(strconv.Itoa(w.Default)),
		Status: &status, CreationTime: moment(began), LastUpdatedTime: moment(updated),
	}
	if w.Version != nil {
		item.FromPermissionVersion = new(strconv.Itoa(*w.Version))
	}
	return item
}
