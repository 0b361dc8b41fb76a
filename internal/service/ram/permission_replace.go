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

// AWS replaces permissions asynchronously, and ListReplacePermissionAssociationsWork
// shows the progress. Writ replaces them in the transaction of the request; only the
// status of the work changes later.
// https://docs.aws.amazon.com/ram/latest/APIReference/API_ReplacePermissionAssociations.html

// replaceWorkType is the stored type of replacements. They have no ARNs in AWS.
const replaceWorkType = "replace-permission-associations-work"

// replaceWork is the record of a replacement.
type replaceWork struct {
	ID       string
	From, To string // ARNs
	Version  *int   // of From; nil for all of them
	Default  int    // the version of To
}

// replaceStages holds the statuses of a replacement.
var replaceStages = []operation.Stage[ReplacePermissionAssociationsWorkStatus]{
	{After: 0, Status: ReplacePermissionAssociationsWorkStatusInProgress},
	{After: replaceDuration, Status: ReplacePermissionAssociationsWorkStatusCompleted},
}

// replaceDuration is the time until a replacement is completed.
const replaceDuration = 30 * time.Second

// replacePermissionAssociations attaches the default version of a permission to all
// shares of the caller's account that have another permission, or an older version of
// the same.
func (s *ram) replacePermissionAssociations(c *operation.Call, in *ReplacePermissionAssociationsInput) (*ReplacePermissionAssociationsOutput, error) {
	return idempotent(c, apiReplacePermissionAssociations.Name, in.ClientToken, in, func() (*ReplacePermissionAssociationsOutput, error) {
		from, err := readStandardPermission(c, in.FromPermissionARN)
		if err != nil {
			return nil, err
		}
		if in.FromPermissionVersion != nil {
			if _, err := findVersion(from, *in.FromPermissionVersion); err != nil {
				return nil, err
			}
		}
		to, err := authorizePermission(c, apiReplacePermissionAssociations.Name, in.ToPermissionARN)
		if err != nil {
			return nil, err
		}
		if from.ResourceType != to.ResourceType {
			return nil, errInvalidParameter("The permission %s is for %s, and %s is for %s. A permission can be replaced only by one for the same resource type.",
				from.ARN, from.ResourceType, to.ARN, to.ResourceType)
		}
		if err := replacePermission(c, from, in.FromPermissionVersion, to); err != nil {
			return nil, err
		}
		w := replaceWork{ID: c.NewID(), From: from.ARN, To: to.ARN, Version: in.FromPermissionVersion, Default: to.Default}
		row, err := operation.Record(c, store.Resource{
			ARN: newName(c, replaceWorkType, w.ID).String(), Service: api.Name, Type: replaceWorkType, Account: c.Account(), Region: c.Region, Name: w.ID,
		}, w)
		if err != nil {
			return nil, err
		}
		item := s.workOutput(c, w, row.CreatedAt)
		return &ReplacePermissionAssociationsOutput{ReplacePermissionAssociationsWork: &item, ClientToken: in.ClientToken}, c.Tx.InsertResource(row)
	})
}

// replacePermission attaches a permission to the shares that have another one in a
// version or, if version is nil, in any. It skips shares created from policies.
func replacePermission(c *operation.Call, from *sharing.Permission, version *int, to *sharing.Permission) error {
	var shares []*sharing.Share // collected first, because the writes change the index
	for share, err := range sharesUsing(c, from, "") {
		if err != nil {
			return err
		}
		if share.FeatureSet == sharing.Standard && (version == nil || share.Permissions[from.ResourceType].Version == *version) {
			shares = append(shares, share)
		}
	}
	for _, share := range shares {
		if err := attachPermission(c, share, to); err != nil {
			return err
		}
	}
	return nil
}

func (s *ram) listReplacePermissionAssociationsWork(c *operation.Call, in *ListReplacePermissionAssociationsWorkInput) (*ListReplacePermissionAssociationsWorkOutput, error) {
	page, err := paginate(apiListReplacePermissionAssociationsWork.Name, in.MaxResults, in.NextToken, func(after string) iter.Seq2[operation.Keyed[ReplacePermissionAssociationsWork], error] {
		rows := c.Tx.Resources(store.Query{Service: api.Name, Type: replaceWorkType, Account: c.Account(), Region: c.Region, After: after})
		return convertItems(rows, func(r store.Resource) (operation.Keyed[ReplacePermissionAssociationsWork], bool, error) {
			w, err := operation.Decode[replaceWork](r)
			if err != nil {
				return operation.Keyed[ReplacePermissionAssociationsWork]{}, false, err
			}
			item := s.workOutput(c, *w, r.CreatedAt)
			listed := (in.WorkIDs == nil || slices.Contains(in.WorkIDs, w.ID)) && (in.Status == nil || *in.Status == *item.Status)
			return operation.Keyed[ReplacePermissionAssociationsWork]{Key: r.ARN, Item: item}, listed, nil
		})
	})
	return &ListReplacePermissionAssociationsWorkOutput{ReplacePermissionAssociationsWorks: page.Items, NextToken: page.Next}, err
}

// workOutput returns a replacement as responses show it. It started at a time.
func (s *ram) workOutput(c *operation.Call, w replaceWork, started time.Time) ReplacePermissionAssociationsWork {
	status := operation.StatusAt(s.lifecycle, replaceStages, started, c.Now)
	updated := started
	if s.lifecycle == operation.Realistic && status == ReplacePermissionAssociationsWorkStatusCompleted {
		updated = started.Add(replaceDuration)
	}
	item := ReplacePermissionAssociationsWork{
		ID: &w.ID, FromPermissionARN: &w.From, ToPermissionARN: &w.To, ToPermissionVersion: new(strconv.Itoa(w.Default)),
		Status: &status, CreationTime: timestamp(started), LastUpdatedTime: timestamp(updated),
	}
	if w.Version != nil {
		item.FromPermissionVersion = new(strconv.Itoa(*w.Version))
	}
	return item
}
