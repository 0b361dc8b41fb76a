package ssm_test

import (
	"encoding/json"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ"
	"github.com/writdev/writ/writtest"
)

// summaries lists the OpsItems that match the filters.
func (c client) summaries(filters ...types.OpsItemFilter) []types.OpsItemSummary {
	c.t.Helper()
	out, err := c.DescribeOpsItems(ctx, &ssm.DescribeOpsItemsInput{OpsItemFilters: filters})
	ok(c.t, err)
	return out.OpsItemSummaries
}

func filter(key types.OpsItemFilterKey, operator types.OpsItemFilterOperator, values ...string) types.OpsItemFilter {
	return types.OpsItemFilter{Key: key, Operator: operator, Values: values}
}

// TestOpsItemFilters finds two OpsItems by each key, and checks values that a key rejects.
func TestOpsItemFilters(t *testing.T) {
	var ahead atomic.Int64
	began := time.Now().Truncate(time.Second)
	s := writtest.NewFromConfig(t, writ.Config{Now: func() time.Time { return began.Add(time.Duration(ahead.Load())) }})
	c := newClient(t, s, alice)
	clock := func(minutes int) string {
		return began.Add(time.Duration(minutes) * time.Minute).UTC().Format(time.RFC3339)
	}
	planned := time.Date(2026, time.November, 22, 8, 0, 0, 0, time.UTC)
	long := strings.Repeat("long ", 30)
	disk := c.open("Disk nearly full", func(in *ssm.CreateOpsItemInput) {
		in.Category, in.Severity, in.Priority = new("Performance"), new("1"), new(int32(2))
		in.PlannedStartTime, in.PlannedEndTime, in.ActualStartTime, in.ActualEndTime = &planned, &planned, &planned, &planned
	}, noting("log", "no space left", "SearchableString"), noting("secret", "hush", "String"),
		noting("/aws/resources", `[{"arn":"arn:aws:ec2:us-east-1:111122223333:instance/i-0ab1"}]`, "SearchableString"),
		noting("/aws/automations", `[{"automationId":"AWS-Restart","automationType":"AWS::SSM::Automation"}]`, "String"))
	ahead.Store(int64(5 * time.Minute))
	fan := as(t, s, alice, "ann", identity("Allow", "ssm:CreateOpsItem", "*")).open(long, func(in *ssm.CreateOpsItemInput) { in.Source = new("fans") })
	newClient(t, s, bob).open("Disk nearly full")
	ahead.Store(int64(10 * time.Minute))
	ok(t, c.setStatus(disk, types.OpsItemStatusInProgress))

	const equal, contains, less, greater = types.OpsItemFilterOperatorEqual, types.OpsItemFilterOperatorContains, types.OpsItemFilterOperatorLessThan, types.OpsItemFilterOperatorGreaterThan
	for _, test := range []struct {
		want    string // "disk", "fan", "disk fan" or ""
		filters []types.OpsItemFilter
	}{
		{"disk fan", nil},
		{"disk", []types.OpsItemFilter{filter("Status", equal, "InProgress")}},
		{"disk fan", []types.OpsItemFilter{filter("Status", equal, "Open", "InProgress")}},
		{"", []types.OpsItemFilter{filter("Status", equal, "Resolved")}},
		{"fan", []types.OpsItemFilter{filter("CreatedBy", equal, "arn:aws:iam::"+alice+":user/ann")}},
		{"disk", []types.OpsItemFilter{filter("CreatedBy", contains, ":root")}},
		{"fan", []types.OpsItemFilter{filter("Source", equal, "fans")}},
		{"disk", []types.OpsItemFilter{filter("Source", contains, "isk")}},
		{"disk", []types.OpsItemFilter{filter("Priority", equal, "2")}},
		{"disk", []types.OpsItemFilter{filter("Title", equal, "Disk nearly full")}},
		{"", []types.OpsItemFilter{filter("Title", equal, "Disk")}},
		{"disk", []types.OpsItemFilter{filter("Title", contains, "nearly")}},
		{"fan", []types.OpsItemFilter{filter("Title", equal, long[:100])}},
		{"", []types.OpsItemFilter{filter("Title", equal, long[:99])}},
		{"fan", []types.OpsItemFilter{filter("OpsItemId", equal, fan)}},
		{"disk", []types.OpsItemFilter{filter("CreatedTime", less, clock(3))}},
		{"fan", []types.OpsItemFilter{filter("CreatedTime", greater, clock(3)), filter("CreatedTime", less, clock(7))}},
		{"disk", []types.OpsItemFilter{filter("LastModifiedTime", greater, clock(7))}},
		{"disk fan", []types.OpsItemFilter{filter("LastModifiedTime", greater, "1500000000")}},
		{"disk", []types.OpsItemFilter{filter("PlannedStartTime", less, "2026-11-22T08:00:01Z")}},
		{"", []types.OpsItemFilter{filter("PlannedEndTime", less, "2026-11-22T08:00:00Z")}},
		{"disk", []types.OpsItemFilter{filter("ActualStartTime", greater, "2026-11-22T08:59:59+01:00")}},
		{"disk", []types.OpsItemFilter{filter("ActualEndTime", greater, "2026-11-22T07:59:59Z")}},
		{"disk", []types.OpsItemFilter{filter("OperationalData", equal, `{"key":"log","value":"no space left"}`)}},
		{"", []types.OpsItemFilter{filter("OperationalData", equal, `{"key":"secret","value":"hush"}`)}},
		{"disk", []types.OpsItemFilter{filter("OperationalDataKey", equal, "log")}},
		{"", []types.OpsItemFilter{filter("OperationalDataKey", equal, "secret")}},
		{"disk", []types.OpsItemFilter{filter("OperationalDataValue", contains, "space")}},
		{"", []types.OpsItemFilter{filter("OperationalDataValue", equal, "hush")}},
		{"disk", []types.OpsItemFilter{filter("ResourceId", contains, "i-0ab1")}},
		{"disk", []types.OpsItemFilter{filter("AutomationId", equal, "AWS-Restart")}},
		{"disk", []types.OpsItemFilter{filter("Category", equal, "Performance")}},
		{"disk", []types.OpsItemFilter{filter("Severity", equal, "1")}},
		{"disk fan", []types.OpsItemFilter{filter("OpsItemType", equal, "/aws/issue")}},
		{"disk fan", []types.OpsItemFilter{filter("AccountId", equal, alice)}},
		{"", []types.OpsItemFilter{filter("AccountId", equal, bob)}},
		{"", []types.OpsItemFilter{filter("ChangeRequestByTemplate", equal, "x")}},
		{"", []types.OpsItemFilter{filter("Source", equal, "fans"), filter("Status", equal, "InProgress")}},
	} {
		found := map[string]bool{}
		for _, o := range c.summaries(test.filters...) {
			found[*o.OpsItemId] = true
		}
		if len(found) != len(strings.Fields(test.want)) || found[disk] != strings.Contains(test.want, "disk") || found[fan] != strings.Contains(test.want, "fan") {
			t.Errorf("%v: found disk %v, fan %v, want %q", test.filters, found[disk], found[fan], test.want)
		}
	}
	for _, f := range []types.OpsItemFilter{
		filter("Status", contains, "Open"), filter("Title", greater, "x"), filter("CreatedTime", equal, clock(0)),
		filter("ResourceId", equal, "i-0ab1"), filter("CreatedTime", less, "yesterday"), filter("OperationalData", equal, "log"),
		filter("Title", equal, long[:101]), {Key: "Status", Operator: equal, Values: []string{}},
	} {
		_, err := c.DescribeOpsItems(ctx, &ssm.DescribeOpsItemsInput{OpsItemFilters: []types.OpsItemFilter{f}})
		wantNames(t, err, "OpsItemFilters")
	}
	_, err := c.DescribeOpsItems(ctx, &ssm.DescribeOpsItemsInput{OpsItemFilters: []types.OpsItemFilter{filter("Weather", equal, "x")}})
	wantCode(t, err, validation)

	// Values that are not searchable are not shown.
	got := c.summaries(filter("OpsItemId", equal, disk))[0]
	root := "arn:aws:iam::" + alice + ":root"
	want := types.OpsItemSummary{
		OpsItemId: &disk, OpsItemType: new("/aws/issue"), Status: types.OpsItemStatusInProgress, Title: new("Disk nearly full"), Source: new("disks"),
		Category: new("Performance"), Severity: new("1"), Priority: new(int32(2)), CreatedBy: &root, LastModifiedBy: &root,
		CreatedTime: new(began.UTC()), LastModifiedTime: new(began.Add(10 * time.Minute).UTC()),
		PlannedStartTime: &planned, PlannedEndTime: &planned, ActualStartTime: &planned, ActualEndTime: &planned,
		OperationalData: map[string]types.OpsItemDataValue{
			"log":            {Value: new("no space left"), Type: types.OpsItemDataTypeSearchableString},
			"/aws/resources": {Value: new(`[{"arn":"arn:aws:ec2:us-east-1:111122223333:instance/i-0ab1"}]`), Type: types.OpsItemDataTypeSearchableString},
		},
	}
	if diff := cmp.Diff(want, got, ignoreOpsItems); diff != "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
}

// TestOpsItemPages reads the three lists of OpsCenter page by page.
func TestOpsItemPages(t *testing.T) {
	c := newClient(t, writtest.New(t), alice)
	var last string
	for range 5 {
		last = c.open("Disk nearly full")
		c.relate(last, incident("1"))
	}
	const match = types.OpsItemFilterOperatorEqual
	walk := func(name string, want int, next func(token *string) (n int, token2 *string, err error)) {
		t.Helper()
		pages, items := 0, 0
		for token := (*string)(nil); pages == 0 || token != nil; pages++ {
			n, after, err := next(token)
			ok(t, err)
			if items, token = items+n, after; n > 2 {
				t.Errorf("%s: a page of %d", name, n)
			}
		}
		if items != want || pages != (want+1)/2 {
			t.Errorf("%s: %d items on %d pages, want %d", name, items, pages, want)
		}
		for _, token := range []string{"", "made up", "UHV0UmVzb3VyY2VQb2xpY3kKYQ"} {
			_, _, err := next(&token)
			wantNames(t, err, "NextToken")
		}
	}
	size := new(int32(2))
	walk("OpsItems", 5, func(token *string) (int, *string, error) {
		out, err := c.DescribeOpsItems(ctx, &ssm.DescribeOpsItemsInput{MaxResults: size, NextToken: token,
			OpsItemFilters: []types.OpsItemFilter{filter("Source", match, "disks")}})
		if err != nil {
			return 0, nil, err
		}
		return len(out.OpsItemSummaries), out.NextToken, nil
	})
	walk("events", 10, func(token *string) (int, *string, error) {
		out, err := c.ListOpsItemEvents(ctx, &ssm.ListOpsItemEventsInput{MaxResults: size, NextToken: token})
		if err != nil {
			return 0, nil, err
		}
		return len(out.Summaries), out.NextToken, nil
	})
	walk("related items", 5, func(token *string) (int, *string, error) {
		out, err := c.ListOpsItemRelatedItems(ctx, &ssm.ListOpsItemRelatedItemsInput{MaxResults: size, NextToken: token})
		if err != nil {
			return 0, nil, err
		}
		return len(out.Summaries), out.NextToken, nil
	})
	for _, size := range []int32{0, 51} {
		_, err := c.DescribeOpsItems(ctx, &ssm.DescribeOpsItemsInput{MaxResults: &size})
		wantCode(t, err, validation)
	}
}

// events lists the events of some OpsItems, or of all.
func (c client) events(ids ...string) []types.OpsItemEventSummary {
	c.t.Helper()
	in := &ssm.ListOpsItemEventsInput{}
	if ids != nil {
		in.Filters = []types.OpsItemEventFilter{{Key: types.OpsItemEventFilterKeyOpsitemId, Operator: types.OpsItemEventFilterOperatorEqual, Values: ids}}
	}
	out, err := c.ListOpsItemEvents(ctx, in)
	ok(c.t, err)
	return out.Summaries
}

// TestOpsItemEvents checks that changes of an OpsItem are recorded, and deleted with it.
func TestOpsItemEvents(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	if list := c.events(); list == nil || len(list) != 0 {
		t.Errorf("at first %v", list)
	}
	first, second := c.open("first"), c.open("second")
	ok(t, c.setStatus(first, types.OpsItemStatusResolved))
	newClient(t, s, bob).open("another account's")
	kinds := func(list []types.OpsItemEventSummary) (kinds []string) {
		for _, e := range list {
			kinds = append(kinds, *e.OpsItemId+" "+*e.DetailType)
		}
		return kinds
	}
	created, updated, other := first+" OpsItem Create", first+" OpsItem Update", second+" OpsItem Create"
	if diff := cmp.Diff([]string{created, updated}, kinds(c.events(first, first))); diff != "" {
		t.Errorf("of one (-want +got):\n%s", diff)
	}
	if got := kinds(c.events(first, second)); len(got) != 3 || len(kinds(c.events())) != 3 {
		t.Errorf("of both %v, of all %v", got, kinds(c.events()))
	}
	e := c.events(first)[1]
	if *e.Source != "aws.ssm" || *e.CreatedBy.Arn != "arn:aws:iam::"+alice+":root" || !idForm.MatchString(*e.EventId) || e.CreatedTime.IsZero() {
		t.Errorf("event %+v", e)
	}
	var detail map[string]any
	ok(t, json.Unmarshal([]byte(*e.Detail), &detail))
	for key, want := range map[string]string{
		"ops-item-id": first, "status": "Resolved", "title": "first", "source": "disks", "ops-item-type": "/aws/issue",
		"created-by": "arn:aws:iam::" + alice + ":root", "description": "The disk is nearly full.",
	} {
		if detail[key] != want {
			t.Errorf("detail %s: %v, want %s", key, detail[key], want)
		}
	}
	for key, want := range map[string]time.Time{"created-time": *c.opsItem(first).CreatedTime, "modified-time": *c.opsItem(first).LastModifiedTime} {
		text, _ := detail[key].(string)
		if at, err := time.Parse("2006-01-02T15:04:05.999999Z", text); err != nil || !at.Truncate(time.Millisecond).Equal(want) {
			t.Errorf("detail %s: %s, want %v", key, text, want)
		}
	}
	_, err := c.DeleteOpsItem(ctx, &ssm.DeleteOpsItemInput{OpsItemId: &first})
	ok(t, err)
	if diff := cmp.Diff([]string{other}, kinds(c.events())); diff != "" {
		t.Errorf("after deletion (-want +got):\n%s", diff)
	}
	try := func(ids ...string) error {
		_, err = c.ListOpsItemEvents(ctx, &ssm.ListOpsItemEventsInput{Filters: []types.OpsItemEventFilter{
			{Key: types.OpsItemEventFilterKeyOpsitemId, Operator: types.OpsItemEventFilterOperatorEqual, Values: ids},
		}})
		return err
	}
	wantNames(t, try([]string{}...), "Filters") // an empty list, not none
	wantCode(t, try(second, first), opsItemMissing)
}

func incident(id string) string {
	return "arn:aws:ssm-incidents::" + alice + ":incident-record/plan/" + id
}

// relate associates an OpsItem with an incident and returns the association's id.
func (c client) relate(id, uri string) string {
	c.t.Helper()
	out, err := c.tryRelate(id, "RelatesTo", "AWS::SSMIncidents::IncidentRecord", uri)
	ok(c.t, err)
	return *out.AssociationId
}

func (c client) tryRelate(id, association, typ, uri string) (*ssm.AssociateOpsItemRelatedItemOutput, error) {
	return c.AssociateOpsItemRelatedItem(ctx, &ssm.AssociateOpsItemRelatedItemInput{
		OpsItemId: &id, AssociationType: &association, ResourceType: &typ, ResourceUri: &uri,
	})
}

// related lists the related items of an OpsItem that match the filters.
func (c client) related(id *string, filters ...types.OpsItemRelatedItemsFilter) []types.OpsItemRelatedItemSummary {
	c.t.Helper()
	out, err := c.ListOpsItemRelatedItems(ctx, &ssm.ListOpsItemRelatedItemsInput{OpsItemId: id, Filters: filters})
	ok(c.t, err)
	return out.Summaries
}

// TestRelatedItems associates OpsItems with incidents and documents.
func TestRelatedItems(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	id, other := c.open("first"), c.open("second")
	if list := c.related(&id); list == nil || len(list) != 0 {
		t.Errorf("at first %v", list)
	}
	association := c.relate(id, incident("1"))
	_, err := c.tryRelate(id, "IsParentOf", "AWS::SSM::Document", "arn:aws:ssm:us-east-1::document/AWS-Restart")
	ok(t, err)
	c.relate(other, incident("1"))

	got := c.related(&id, types.OpsItemRelatedItemsFilter{Key: "AssociationId", Operator: "Equal", Values: []string{association}})
	if len(got) != 1 {
		t.Fatalf("%d items", len(got))
	}
	if r := got[0]; *r.OpsItemId != id || *r.ResourceUri != incident("1") || *r.AssociationType != "RelatesTo" || *r.ResourceType != "AWS::SSMIncidents::IncidentRecord" ||
		*r.CreatedBy.Arn != "arn:aws:iam::"+alice+":root" || r.CreatedTime.IsZero() || *r.LastModifiedBy.Arn != *r.CreatedBy.Arn || r.LastModifiedTime.IsZero() {
		t.Errorf("item %+v", r)
	}
	for _, test := range []struct {
		of     *string
		key    types.OpsItemRelatedItemsFilterKey
		values []string
		want   int
	}{
		{&id, "ResourceUri", []string{incident("1"), incident("2")}, 1}, {nil, "ResourceUri", []string{incident("1")}, 2},
		{nil, "ResourceType", []string{"AWS::SSM::Document"}, 1}, {&other, "ResourceType", []string{"AWS::SSM::Document"}, 0},
	} {
		if got := c.related(test.of, types.OpsItemRelatedItemsFilter{Key: test.key, Operator: "Equal", Values: test.values}); len(got) != test.want {
			t.Errorf("%s %v: %d items, want %d", test.key, test.values, len(got), test.want)
		}
	}
	if all, of := len(c.related(nil)), len(c.related(&id)); all != 3 || of != 2 || len(newClient(t, s, bob).related(nil)) != 0 {
		t.Errorf("%d items in all, %d of one", all, of)
	}

	_, err = c.tryRelate(id, "RelatesTo", "AWS::SSMIncidents::IncidentRecord", incident("1"))
	e, is := errors.AsType[*types.OpsItemRelatedItemAlreadyExistsException](err)
	if !is || *e.ResourceUri != incident("1") || *e.OpsItemId != id {
		t.Errorf("again: %v", err)
	}
	for _, test := range []struct{ association, typ, uri, want string }{
		{"Likes", "AWS::SSM::Document", "arn:aws:ssm:us-east-1::document/x", "AssociationType"},
		{"RelatesTo", "AWS::EC2::Instance", "arn:aws:ec2:us-east-1:" + alice + ":instance/i-1", "ResourceType"},
		{"RelatesTo", "AWS::SSM::Document", incident("3"), "ResourceUri"},
		{"RelatesTo", "AWS::SSM::Document", "AWS-Restart", "ResourceUri"},
	} {
		_, err := c.tryRelate(id, test.association, test.typ, test.uri)
		wantNames(t, err, test.want)
	}
	_, err = c.tryRelate("oi-000000000000", "RelatesTo", "AWS::SSM::Document", "arn:aws:ssm:us-east-1::document/x")
	wantCode(t, err, opsItemMissing)

	part := func(id, association string) error {
		_, err := c.DisassociateOpsItemRelatedItem(ctx, &ssm.DisassociateOpsItemRelatedItemInput{OpsItemId: &id, AssociationId: &association})
		return err
	}
	wantCode(t, part(other, association), "OpsItemRelatedItemAssociationNotFoundException")
	wantCode(t, part("oi-000000000000", association), opsItemMissing)
	ok(t, part(id, association))
	wantCode(t, part(id, association), "OpsItemRelatedItemAssociationNotFoundException")
	c.relate(id, incident("1"))
	_, err = c.DeleteOpsItem(ctx, &ssm.DeleteOpsItemInput{OpsItemId: &id})
	ok(t, err)
	if got := len(c.related(nil)); got != 1 {
		t.Errorf("%d items after deletion", got)
	}

	for i := range 99 {
		c.relate(other, incident("n"+string(rune('a'+i%26))+string(rune('a'+i/26))))
	}
	_, err = c.tryRelate(other, "RelatesTo", "AWS::SSMIncidents::IncidentRecord", incident("101"))
	wantOpsItemLimit(t, err, "RelatedItems", 100)
}
