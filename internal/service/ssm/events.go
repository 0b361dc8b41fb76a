package ssm

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// eventType is the type of event rows. Their ARNs are below their OpsItem's ARN, ordered by time, and they
// are deleted with it.
const eventType = "opsitem-event"

// The kinds of events, in the form in which EventBridge receives them.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/monitoring-systems-manager-event-examples.html
const (
	eventCreate = "OpsItem Create"
	eventUpdate = "OpsItem Update"
)

// eventRecord is the stored state of an event.
type eventRecord struct {
	ID     string
	Kind   string
	By     string // ARN
	Detail string // JSON
}

// eventDetail is the part of an OpsItem that an event contains.
type eventDetail struct {
	CreatedBy    string        `json:"created-by"`
	CreatedTime  time.Time     `json:"created-time"`
	ModifiedBy   string        `json:"modified-by,omitempty"`
	ModifiedTime time.Time     `json:"modified-time,omitzero"`
	Source       string        `json:"source"`
	Status       OpsItemStatus `json:"status"`
	OpsItemID    string        `json:"ops-item-id"`
	Title        string        `json:"title"`
	OpsItemType  string        `json:"ops-item-type"`
	Description  string        `json:"description"`
}

// addEvent records an event for the present state of an OpsItem.
func addEvent(c *operation.Call, r store.Resource, v *opsItemRecord, kind string) error {
	d := eventDetail{
		CreatedBy: *v.CreatedBy, CreatedTime: r.CreatedAt.UTC().Truncate(time.Microsecond), Source: *v.Source, Status: *v.Status,
		OpsItemID: r.Name, Title: *v.Title, OpsItemType: *v.OpsItemType, Description: *v.Description,
	}
	if kind == eventUpdate {
		d.ModifiedBy, d.ModifiedTime = *v.LastModifiedBy, r.UpdatedAt.UTC().Truncate(time.Microsecond)
	}
	detail, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("event of %s: %w", r.ARN, err)
	}
	e := eventRecord{ID: c.NewID(), Kind: kind, By: c.Caller.ARN(), Detail: string(detail)}
	row, err := operation.Record(c, store.Resource{
		ARN:     r.ARN + "/event/" + fmt.Sprintf("%016d", c.Now.UnixMicro()) + "/" + e.ID,
		Service: api.Name, Type: eventType, Account: r.Account, Region: r.Region, Name: r.Name,
	}, e)
	if err != nil {
		return err
	}
	return c.Tx.InsertResource(row)
}

func (s ssm) listOpsItemEvents(c *operation.Call, in *ListOpsItemEventsInput) (*ListOpsItemEventsOutput, error) {
	ids, err := eventFilters(c, in.Filters)
	if err != nil {
		return nil, err
	}
	page, err := pageOfRows(apiListOpsItemEvents.Name, in.MaxResults, in.NextToken, func(after string) iter.Seq2[store.Resource, error] {
		return opsItemRows(c, eventType, ids, after)
	}, describeEvent)
	return &ListOpsItemEventsOutput{Summaries: page.Items, NextToken: page.Next}, err
}

// eventFilters returns the ids of the OpsItems that the filters select, all of which must exist; nil without
// a filter.
func eventFilters(c *operation.Call, filters []OpsItemEventFilter) (ids []string, err error) {
	for i, f := range filters {
		if len(f.Values) == 0 {
			return nil, opsItemParameter("Filters", "A filter needs a value.")
		}
		for _, id := range f.Values {
			if _, err := readOpsItem(c, c.Account(), id); err != nil {
				return nil, err
			}
		}
		if i == 0 {
			ids = slices.Clone(f.Values)
		}
		ids = slices.DeleteFunc(ids, func(id string) bool { return !slices.Contains(f.Values, id) })
	}
	return ids, nil
}

func describeEvent(r store.Resource) (OpsItemEventSummary, bool, error) {
	e, err := operation.Decode[eventRecord](r)
	if err != nil {
		return OpsItemEventSummary{}, false, err
	}
	return OpsItemEventSummary{
		OpsItemID: &r.Name, EventID: &e.ID, Source: new("aws.ssm"), DetailType: &e.Kind, Detail: &e.Detail,
		CreatedBy: &OpsItemIdentity{ARN: &e.By}, CreatedTime: timestamp(r.CreatedAt),
	}, true, nil
}

// opsItemRows yields the rows of a type below the given OpsItems of the caller, or below all of them if ids
// is nil, ordered by ARN, starting after the given ARN.
func opsItemRows(c *operation.Call, typ string, ids []string, after string) iter.Seq2[store.Resource, error] {
	prefixes := []string{opsItemARN(c, c.Account(), "")}
	if ids != nil {
		prefixes = nil
		for _, id := range slices.Compact(slices.Sorted(slices.Values(ids))) {
			prefixes = append(prefixes, opsItemARN(c, c.Account(), id)+"/")
		}
	}
	return func(yield func(store.Resource, error) bool) {
		for _, prefix := range prefixes {
			q := store.Query{Service: api.Name, Type: typ, Account: c.Account(), Region: c.Region, Prefix: prefix, After: after}
			for r, err := range c.Tx.Resources(q) {
				if !yield(r, err) || err != nil {
					return
				}
			}
		}
	}
}

// maxOpsItemPage is the default and largest page size for OpsItems and their related rows.
const maxOpsItemPage = 50

// pageOfRows returns a page of the results of describe, without those that describe excludes.
func pageOfRows[T any](op string, maxResults *int, token *string,
	rows func(after string) iter.Seq2[store.Resource, error], describe func(store.Resource) (T, bool, error)) (operation.Page[T], error) {
	after, err := operation.AfterToken(op, token)
	if errors.Is(err, operation.ErrPageToken) {
		err = opsItemParameter("NextToken", "NextToken is not one that "+op+" gave.")
	}
	if err != nil {
		return operation.Page[T]{}, err
	}
	limit := maxOpsItemPage
	if maxResults != nil {
		limit = *maxResults
	}
	return operation.Paginate(op, limit, func(yield func(operation.Keyed[T], error) bool) {
		for r, err := range rows(after) {
			var item T
			wanted := true
			if err == nil {
				item, wanted, err = describe(r)
			}
			if (wanted || err != nil) && !yield(operation.Keyed[T]{Key: r.ARN, Item: item}, err) {
				return
			}
		}
	})
}
