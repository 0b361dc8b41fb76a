package ssm

import (
	"cmp"
	"errors"
	"maps"
	"strconv"
	"strings"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// opsItemRecord is the stored state of an OpsItem; the rest of its description is derived from its row.
type opsItemRecord struct {
	OpsItem
	Edits int // number of changes
}

// issueType is the type of OpsItems that callers create.
const issueType = "/aws/issue"

// createOpsItemTarget returns the target of CreateOpsItem. It has no resource unless the OpsItem is created
// in another account: then the policy of that account's group decides about any OpsItem.
func (s ssm) createOpsItemTarget(c *operation.Call, in *CreateOpsItemInput) (authz.Target, error) {
	t := authz.Target{ARN: "*"}
	if in.AccountID != nil && *in.AccountID != c.Account() {
		t = opsItemTarget(c, *in.AccountID, "*")
	}
	t.RequestTags = tagMap(in.Tags)
	return t, nil
}

func (s ssm) createOpsItem(c *operation.Call, in *CreateOpsItemInput) (*CreateOpsItemOutput, error) {
	account := c.Account()
	if in.AccountID != nil {
		account = *in.AccountID
	}
	if err := checkDelegatedAdministrator(c, account); err != nil {
		return nil, err
	}
	if err := checkNewOpsItem(in); err != nil {
		return nil, err
	}
	id := newOpsItemID(c)
	tags, err := tagsOfOpsItem(c, account, id, in.Tags)
	if err != nil {
		return nil, err
	}
	v := &opsItemRecord{OpsItem: OpsItem{
		CreatedBy: new(c.Caller.ARN()), LastModifiedBy: new(c.Caller.ARN()),
		OpsItemType: new(issueType), Status: new(OpsItemStatusOpen),
		Title: &in.Title, Description: &in.Description, Source: &in.Source,
		Category: in.Category, Severity: in.Severity, Priority: in.Priority,
		Notifications: in.Notifications, RelatedOpsItems: in.RelatedOpsItems, OperationalData: in.OperationalData,
		ActualStartTime: in.ActualStartTime, ActualEndTime: in.ActualEndTime,
		PlannedStartTime: in.PlannedStartTime, PlannedEndTime: in.PlannedEndTime,
	}}
	r := store.Resource{
		ARN: opsItemARN(c, account, id), Service: api.Name, Type: opsItemType, Account: account, Region: c.Region, Name: id,
	}
	if err := deduplicate(c, r, v); err != nil {
		return nil, err
	}
	if err := countOpsItem(c, account, c.Now, 1); err != nil {
		return nil, err
	}
	if r, err = operation.Record(c, r, v); err != nil {
		return nil, err
	}
	if err := c.Tx.InsertResource(r); err != nil {
		return nil, err
	}
	if err := operation.SetTags(c, r.ARN, tags, notValid); err != nil {
		return nil, err
	}
	return &CreateOpsItemOutput{OpsItemID: &r.Name, OpsItemARN: &r.ARN}, addEvent(c, r, v, eventCreate)
}

// newOpsItemID returns an id: 12 hexadecimal digits.
func newOpsItemID(c *operation.Call) string {
	digits := strings.ReplaceAll(c.NewID(), "-", "")
	return "oi-" + digits[len(digits)-12:]
}

// tagsOfOpsItem checks the tags of a new OpsItem, which require a separate permission.
func tagsOfOpsItem(c *operation.Call, account, id string, list []Tag) (map[string]string, error) {
	if len(list) == 0 {
		return nil, nil
	}
	if len(list) > maxTags {
		return nil, opsItemLimit("Tags", maxTags)
	}
	tags, err := newTags(list)
	if err != nil {
		return nil, err
	}
	t := opsItemTarget(c, account, id)
	t.RequestTags = tags
	return tags, c.Authorize(api.Name+":"+apiAddTagsToResource.Name, t)
}

func (s ssm) getOpsItem(c *operation.Call, in *GetOpsItemInput) (*GetOpsItemOutput, error) {
	r, v, err := loadOpsItem(c, in.OpsItemID, in.OpsItemARN)
	if err != nil {
		return nil, err
	}
	return &GetOpsItemOutput{OpsItem: v.describe(r)}, nil
}

// loadOpsItem reads the OpsItem that an id and optionally an ARN identify.
func loadOpsItem(c *operation.Call, id string, arn *string) (store.Resource, *opsItemRecord, error) {
	account, err := accountOf(c, id, arn)
	if err != nil {
		return store.Resource{}, nil, err
	}
	if err := checkDelegatedAdministrator(c, account); err != nil {
		return store.Resource{}, nil, err
	}
	r, err := readOpsItem(c, account, id)
	if err != nil {
		return r, nil, err
	}
	v, err := operation.Decode[opsItemRecord](r)
	return r, v, err
}

// describe returns the description of an OpsItem from its record and its row. Lists of
// notifications and related OpsItems are there even if they are empty.
// https://docs.aws.amazon.com/cli/latest/reference/ssm/get-ops-item.html
func (v *opsItemRecord) describe(r store.Resource) *OpsItem {
	o := v.OpsItem
	if o.Notifications == nil {
		o.Notifications = []OpsItemNotification{}
	}
	if o.RelatedOpsItems == nil {
		o.RelatedOpsItems = []RelatedOpsItem{}
	}
	o.OpsItemID, o.OpsItemARN = &r.Name, &r.ARN
	o.CreatedTime, o.LastModifiedTime = timestamp(r.CreatedAt), timestamp(r.UpdatedAt)
	o.Version = new(strconv.Itoa(1 + v.Edits))
	return &o
}

func (s ssm) updateOpsItem(c *operation.Call, in *UpdateOpsItemInput) (*UpdateOpsItemOutput, error) {
	r, v, err := loadOpsItem(c, in.OpsItemID, in.OpsItemARN)
	if err != nil {
		return nil, err
	}
	if err := checkChange(v, in); err != nil {
		return nil, err
	}
	v.Title = cmp.Or(in.Title, v.Title)
	v.Description = cmp.Or(in.Description, v.Description)
	v.Category = cmp.Or(in.Category, v.Category)
	v.Severity = cmp.Or(in.Severity, v.Severity)
	v.Priority = cmp.Or(in.Priority, v.Priority)
	v.Status = cmp.Or(in.Status, v.Status)
	v.ActualStartTime = cmp.Or(in.ActualStartTime, v.ActualStartTime)
	v.ActualEndTime = cmp.Or(in.ActualEndTime, v.ActualEndTime)
	v.PlannedStartTime = cmp.Or(in.PlannedStartTime, v.PlannedStartTime)
	v.PlannedEndTime = cmp.Or(in.PlannedEndTime, v.PlannedEndTime)
	if in.Notifications != nil {
		v.Notifications = in.Notifications
	}
	if in.RelatedOpsItems != nil {
		v.RelatedOpsItems = in.RelatedOpsItems
	}
	v.OperationalData = mergeData(v.OperationalData, in.OperationalData, in.OperationalDataToDelete)
	if err := checkData(v.OperationalData); err != nil { // the old data together with the change
		return nil, err
	}
	v.LastModifiedBy = new(c.Caller.ARN())
	v.Edits++
	if err := deduplicate(c, r, v); err != nil {
		return nil, err
	}
	if r, err = operation.Record(c, r, v); err != nil {
		return nil, err
	}
	if err := c.Tx.UpdateResource(r); err != nil {
		return nil, err
	}
	return &UpdateOpsItemOutput{}, addEvent(c, r, v, eventUpdate)
}

// mergeData returns operational data after a change.
func mergeData(old, changed map[string]OpsItemDataValue, gone []string) map[string]OpsItemDataValue {
	merged := make(map[string]OpsItemDataValue, len(old)+len(changed))
	maps.Copy(merged, old)
	for _, key := range gone {
		delete(merged, key)
	}
	maps.Copy(merged, changed)
	return merged
}

// deleteOpsItem deletes an OpsItem of the caller with all its related rows. A missing OpsItem is not an
// error.
func (s ssm) deleteOpsItem(c *operation.Call, in *DeleteOpsItemInput) (*DeleteOpsItemOutput, error) {
	r, err := c.Tx.Resource(opsItemARN(c, c.Account(), in.OpsItemID))
	if errors.Is(err, store.ErrNotFound) {
		return &DeleteOpsItemOutput{}, nil
	}
	if err != nil {
		return nil, err
	}
	for part, err := range c.Tx.Resources(store.Query{Prefix: r.ARN + "/"}) {
		if err != nil {
			return nil, err
		}
		if err := c.Tx.DeleteResource(part.ARN); err != nil {
			return nil, err
		}
	}
	if err := countOpsItem(c, r.Account, r.CreatedAt, -1); err != nil {
		return nil, err
	}
	return &DeleteOpsItemOutput{}, c.Tx.DeleteResource(r.ARN)
}
