package ssm_test

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/writdev/writ"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/writtest"
)

// The error codes that most OpsItem tests expect.
const (
	opsItemMissing   = "OpsItemNotFoundException"
	opsItemParameter = "OpsItemInvalidParameterException"
)

// open makes an OpsItem and returns its id.
func (c client) open(title string, change ...func(*ssm.CreateOpsItemInput)) string {
	c.t.Helper()
	out, err := c.tryOpen(title, change...)
	ok(c.t, err)
	return *out.OpsItemId
}

func (c client) tryOpen(title string, change ...func(*ssm.CreateOpsItemInput)) (*ssm.CreateOpsItemOutput, error) {
	in := &ssm.CreateOpsItemInput{Title: &title, Source: new("disks"), Description: new("The disk is nearly full.")}
	for _, f := range change {
		f(in)
	}
	return c.CreateOpsItem(ctx, in)
}

// noting sets operational data of an OpsItem.
func noting(key, value string, typ types.OpsItemDataType) func(*ssm.CreateOpsItemInput) {
	return func(in *ssm.CreateOpsItemInput) {
		if in.OperationalData == nil {
			in.OperationalData = map[string]types.OpsItemDataValue{}
		}
		in.OperationalData[key] = types.OpsItemDataValue{Value: &value, Type: typ}
	}
}

func (c client) opsItem(id string) *types.OpsItem {
	c.t.Helper()
	out, err := c.GetOpsItem(ctx, &ssm.GetOpsItemInput{OpsItemId: &id})
	ok(c.t, err)
	return out.OpsItem
}

func (c client) setStatus(id string, status types.OpsItemStatus) error {
	_, err := c.UpdateOpsItem(ctx, &ssm.UpdateOpsItemInput{OpsItemId: &id, Status: status})
	return err
}

// wantNames checks that an error is about the named parameters of an OpsItem.
func wantNames(t *testing.T, err error, names ...string) {
	t.Helper()
	e, is := errors.AsType[*types.OpsItemInvalidParameterException](err)
	if !is {
		t.Fatalf("error %v, want %s", err, opsItemParameter)
	}
	if diff := cmp.Diff(names, e.ParameterNames); diff != "" {
		t.Errorf("ParameterNames (-want +got):\n%s", diff)
	}
}

var ignoreOpsItems = cmpopts.IgnoreUnexported(types.OpsItem{}, types.OpsItemDataValue{}, types.OpsItemNotification{},
	types.RelatedOpsItem{}, types.OpsItemSummary{})

// TestOpsItemLife follows an OpsItem from creation to deletion.
func TestOpsItemLife(t *testing.T) {
	var ahead atomic.Int64
	began := time.Now().Truncate(time.Second)
	s := writtest.NewFromConfig(t, writ.Config{Now: func() time.Time { return began.Add(time.Duration(ahead.Load())) }})
	c := newClient(t, s, alice)
	related := c.open("related")
	planned := time.Date(2026, time.November, 22, 8, 0, 0, 0, time.UTC)
	out, err := c.CreateOpsItem(ctx, &ssm.CreateOpsItemInput{
		Title: new("Disk nearly full"), Description: new("# Facts\n90 % of it"), Source: new("disks"), OpsItemType: new("/aws/issue"),
		Category: new("Availability"), Severity: new("2"), Priority: new(int32(3)), PlannedStartTime: &planned,
		Notifications:   []types.OpsItemNotification{{Arn: new("arn:aws:sns:us-east-1:" + alice + ":ops")}},
		RelatedOpsItems: []types.RelatedOpsItem{{OpsItemId: &related}},
		OperationalData: map[string]types.OpsItemDataValue{
			"log": {Value: new("full"), Type: types.OpsItemDataTypeSearchableString}, "hint": {Value: new("grow it"), Type: types.OpsItemDataTypeString},
		},
		Tags: []types.Tag{{Key: new("team"), Value: new("red")}},
	})
	ok(t, err)
	id := *out.OpsItemId
	if !regexp.MustCompile(`^oi-[0-9a-f]{12}$`).MatchString(id) || *out.OpsItemArn != arnOf(alice, "opsitem/"+id) {
		t.Errorf("made %s at %s", id, *out.OpsItemArn)
	}
	root := "arn:aws:iam::" + alice + ":root"
	want := &types.OpsItem{
		OpsItemId: &id, OpsItemArn: out.OpsItemArn, OpsItemType: new("/aws/issue"), Status: types.OpsItemStatusOpen, Version: new("1"),
		Title: new("Disk nearly full"), Description: new("# Facts\n90 % of it"), Source: new("disks"),
		Category: new("Availability"), Severity: new("2"), Priority: new(int32(3)), PlannedStartTime: &planned,
		Notifications:   []types.OpsItemNotification{{Arn: new("arn:aws:sns:us-east-1:" + alice + ":ops")}},
		RelatedOpsItems: []types.RelatedOpsItem{{OpsItemId: &related}},
		OperationalData: map[string]types.OpsItemDataValue{
			"log": {Value: new("full"), Type: types.OpsItemDataTypeSearchableString}, "hint": {Value: new("grow it"), Type: types.OpsItemDataTypeString},
		},
		CreatedBy: &root, LastModifiedBy: &root, CreatedTime: new(began.UTC()), LastModifiedTime: new(began.UTC()),
	}
	if diff := cmp.Diff(want, c.opsItem(id), ignoreOpsItems); diff != "" {
		t.Errorf("created (-want +got):\n%s", diff)
	}
	tags, err := c.ListTagsForResource(ctx, &ssm.ListTagsForResourceInput{ResourceType: types.ResourceTypeForTaggingOpsItem, ResourceId: &id})
	ok(t, err)
	if len(tags.TagList) != 1 || *tags.TagList[0].Key != "team" {
		t.Errorf("tags %v", tags.TagList)
	}

	ahead.Store(int64(time.Minute))
	editor := as(t, s, alice, "editor", identity("Allow", "ssm:UpdateOpsItem", *out.OpsItemArn))
	_, err = editor.UpdateOpsItem(ctx, &ssm.UpdateOpsItemInput{
		OpsItemId: &id, Status: types.OpsItemStatusInProgress, Priority: new(int32(1)), RelatedOpsItems: []types.RelatedOpsItem{},
		OperationalData:         map[string]types.OpsItemDataValue{"log": {Value: new("fuller"), Type: types.OpsItemDataTypeString}, "new": {Value: new("x")}},
		OperationalDataToDelete: []string{"hint", "never there"},
	})
	ok(t, err)
	want.Status, want.Priority, want.RelatedOpsItems, want.Version = types.OpsItemStatusInProgress, new(int32(1)), nil, new("2")
	want.OperationalData = map[string]types.OpsItemDataValue{"log": {Value: new("fuller"), Type: types.OpsItemDataTypeString}, "new": {Value: new("x")}}
	want.LastModifiedBy, want.LastModifiedTime = new("arn:aws:iam::"+alice+":user/editor"), new(began.Add(time.Minute).UTC())
	if diff := cmp.Diff(want, c.opsItem(id), ignoreOpsItems, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("updated (-want +got):\n%s", diff)
	}
	_, err = editor.GetOpsItem(ctx, &ssm.GetOpsItemInput{OpsItemId: &id})
	wantCode(t, err, accessDenied)

	for _, status := range []types.OpsItemStatus{"Resolved", "Open", "Resolved", "InProgress", "InProgress"} {
		ok(t, c.setStatus(id, status))
		if got := c.opsItem(id).Status; got != status {
			t.Errorf("status %s, want %s", got, status)
		}
	}
	for _, status := range []types.OpsItemStatus{"Approved", "Closed", "Scheduled"} {
		wantNames(t, c.setStatus(id, status), "Status")
	}
	wantCode(t, c.setStatus(id, "Gone"), validation)

	for range 2 { // deleting twice is not an error
		_, err = c.DeleteOpsItem(ctx, &ssm.DeleteOpsItemInput{OpsItemId: &id})
		ok(t, err)
	}
	_, err = c.GetOpsItem(ctx, &ssm.GetOpsItemInput{OpsItemId: &id})
	if got := wantCode(t, err, opsItemMissing); got != "The specified OpsItem ID doesn't exist. Verify the ID and try again." {
		t.Errorf("message %q", got)
	}
	wantCode(t, c.setStatus(id, "Open"), opsItemMissing)
	c.opsItem(related)
}

// TestOpsItemMembers checks valid and invalid members of an OpsItem.
func TestOpsItemMembers(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	id := c.open("to be changed", noting("/aws/dedup", `{"dedupString":"d"}`, "SearchableString"))
	type change = func(*ssm.CreateOpsItemInput)
	data := func(key, value string) change { return noting(key, value, types.OpsItemDataTypeString) }
	resources := func(n int) change {
		var list []string
		for i := range n {
			list = append(list, `{"arn":"arn:aws:ec2:us-east-1:`+alice+`:instance/i-`+strconv.Itoa(i)+`"}`)
		}
		return data("/aws/resources", "["+strings.Join(list, ",")+"]")
	}
	for _, test := range []struct {
		name, want string // the invalid parameter
		change     change
	}{
		{"a key of AWS's", "OperationalData", data("/aws/secret", "x")},
		{"a key like AWS's", "OperationalData", data("AWSome", "x")},
		{"a key of Amazon's", "OperationalData", data("/amazon", "x")},
		{"a key of Amazon's, short", "OperationalData", data("amzn-x", "x")},
		{"a key of Systems Manager's", "OperationalData", data("/SSM/x", "x")},
		{"a key with aws inside", "", data("laws", "x")},
		{"no value", "OperationalData", func(in *ssm.CreateOpsItemInput) {
			in.OperationalData = map[string]types.OpsItemDataValue{"k": {Type: types.OpsItemDataTypeString}}
		}},
		{"20 KB", "", data("k", strings.Repeat("x", 20<<10))},
		{"more than 20 KB", "OperationalData", data("k", strings.Repeat("x", 20<<10+1))},
		{"resources", "", resources(100)},
		{"resources that are no list", "OperationalData", data("/aws/resources", `{"arn":"arn:aws:ec2:us-east-1::instance/i"}`)},
		{"resources that are no ARNs", "OperationalData", data("/aws/resources", `[{"arn":"i-1"}]`)},
		{"automations", "", data("/aws/automations", `[{"automationId":"AWS-Restart","automationType":"AWS::SSM::Automation"}]`)},
		{"automations without an id", "OperationalData", data("/aws/automations", `[{"automationType":"AWS::SSM::Automation"}]`)},
		{"deduplication without a string", "OperationalData", data("/aws/dedup", `{"dedup":"x"}`)},
		{"a source of AWS's", "Source", func(in *ssm.CreateOpsItemInput) { in.Source = new("My AWS") }},
		{"a source of Amazon's", "Source", func(in *ssm.CreateOpsItemInput) { in.Source = new("amazon") }},
		{"a change request", "OpsItemType", func(in *ssm.CreateOpsItemInput) { in.OpsItemType = new("/aws/changerequest") }},
		{"severity 4", "", func(in *ssm.CreateOpsItemInput) { in.Severity = new("4") }},
		{"severity 5", "Severity", func(in *ssm.CreateOpsItemInput) { in.Severity = new("5") }},
		{"another category", "Category", func(in *ssm.CreateOpsItemInput) { in.Category = new("Weather") }},
		{"a notification to no topic", "Notifications", func(in *ssm.CreateOpsItemInput) {
			in.Notifications = []types.OpsItemNotification{{Arn: new("arn:aws:sqs:us-east-1:" + alice + ":ops")}}
		}},
		{"a notification to nobody", "Notifications", func(in *ssm.CreateOpsItemInput) { in.Notifications = []types.OpsItemNotification{{}} }},
		{"related to none", "RelatedOpsItems", func(in *ssm.CreateOpsItemInput) {
			in.RelatedOpsItems = []types.RelatedOpsItem{{OpsItemId: new("oi-1")}}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := c.tryOpen("made", test.change)
			in := &ssm.CreateOpsItemInput{}
			test.change(in)
			_, changed := c.UpdateOpsItem(ctx, &ssm.UpdateOpsItemInput{
				OpsItemId: &id, OperationalData: in.OperationalData, Severity: in.Severity, Category: in.Category,
				Notifications: in.Notifications, RelatedOpsItems: in.RelatedOpsItems,
			})
			if test.want == "" {
				ok(t, errors.Join(err, changed))
				return
			}
			wantNames(t, err, test.want)
			if test.want != "Source" && test.want != "OpsItemType" { // members that cannot change
				wantNames(t, changed, test.want)
			}
		})
	}
	_, err := c.tryOpen("made", resources(101))
	wantOpsItemLimit(t, err, "RelatedResources", 100)
	_, err = c.tryOpen("made", tagged(51))
	wantOpsItemLimit(t, err, "Tags", 50)
	c.open("made", tagged(50))
	for name, change := range map[string]change{
		"no title": func(in *ssm.CreateOpsItemInput) { in.Title = new(" ") }, "priority 6": func(in *ssm.CreateOpsItemInput) { in.Priority = new(int32(6)) },
		"an account that is none":     func(in *ssm.CreateOpsItemInput) { in.AccountId = new("me") },
		"a type of data that is none": noting("k", "x", "Number"),
	} {
		if _, err := c.tryOpen("made", change); err == nil {
			t.Errorf("%s: made", name)
		} else {
			wantCode(t, err, validation)
		}
	}
	for _, in := range []*ssm.UpdateOpsItemInput{
		{OperationalDataToDelete: []string{"/aws/dedup"}},
		{OperationalDataToDelete: []string{"k"}, OperationalData: map[string]types.OpsItemDataValue{"k": {Value: new("x")}}},
	} {
		in.OpsItemId = &id
		_, err := c.UpdateOpsItem(ctx, in)
		wantNames(t, err, "OperationalDataToDelete")
	}
}

func tagged(n int) func(*ssm.CreateOpsItemInput) {
	return func(in *ssm.CreateOpsItemInput) {
		for i := range n {
			in.Tags = append(in.Tags, types.Tag{Key: new("k" + strconv.Itoa(i)), Value: new("v")})
		}
	}
}

func wantOpsItemLimit(t *testing.T, err error, kind string, limit int32) {
	t.Helper()
	e, is := errors.AsType[*types.OpsItemLimitExceededException](err)
	if !is || e.Limit != limit || aws.ToString(e.LimitType) != kind || !slices.Equal(e.ResourceTypes, []string{"OpsItem"}) {
		t.Fatalf("error %#v, want %s of %d", err, kind, limit)
	}
}

// TestTagsOfOpsItems checks that creating an OpsItem with tags requires the permission to tag.
func TestTagsOfOpsItems(t *testing.T) {
	s := writtest.New(t)
	maker := as(t, s, alice, "maker", identity("Allow", "ssm:CreateOpsItem", "*"))
	maker.open("untagged")
	_, err := maker.tryOpen("tagged", tagged(1))
	if text := wantCode(t, err, accessDenied); !strings.Contains(text, "ssm:AddTagsToResource on resource: "+arnOf(alice, "opsitem/oi-")) {
		t.Errorf("message %q", text)
	}
	tagger := as(t, s, alice, "tagger", identity("Allow", "ssm:CreateOpsItem", "*"), identity("Allow", "ssm:AddTagsToResource", arnOf(alice, "opsitem/*")))
	tagger.open("tagged", tagged(1))
	if got := len(newClient(t, s, alice).summaries()); got != 2 {
		t.Errorf("%d OpsItems", got)
	}
}

// TestTaggingOpsItems checks that the policy of the group applies, and that rows related to an OpsItem cannot
// be tagged.
func TestTaggingOpsItems(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	id := c.open("Disk nearly full")
	tag := func(id string) error {
		_, err := c.AddTagsToResource(ctx, &ssm.AddTagsToResourceInput{
			ResourceType: types.ResourceTypeForTaggingOpsItem, ResourceId: &id, Tags: []types.Tag{{Key: new("team"), Value: new("red")}},
		})
		return err
	}
	ok(t, tag(id))
	wantCode(t, tag(id+"/related/"+c.relate(id, incident("1"))), "InvalidResourceId")
	_, err := c.putPolicy(groupOf(alice), document(`{"Effect":"Deny","Principal":{"AWS":"`+alice+`"},"Action":"ssm:AddTagsToResource","Resource":"`+arnOf(alice, "opsitem/*")+`"}`))
	ok(t, err)
	wantCode(t, tag(id), accessDenied)
}

// TestQuotaOfOpsItems fills an account up to one below the quota.
func TestQuotaOfOpsItems(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	st, err := store.OpenSQLite(dir)
	ok(t, err)
	ok(t, st.Update(ctx, func(tx *store.Tx) error {
		return tx.PutResource(store.Resource{
			ARN: groupOf(alice) + "/count", Service: "ssm", Type: "opsitem-count", Account: alice, Region: writtest.Region, Name: "opsitem-count",
			Data: []byte(`{"Total":499999,"Month":"1999-12","OfMonth":10000}`), CreatedAt: now, UpdatedAt: now,
		})
	}))
	ok(t, st.Close())
	c := newClient(t, writtest.NewFromConfig(t, writ.Config{Data: dir}), alice)
	id := c.open("the last")
	_, err = c.tryOpen("one too many")
	wantOpsItemLimit(t, err, "OpsItems", 500_000)
	_, err = c.DeleteOpsItem(ctx, &ssm.DeleteOpsItemInput{OpsItemId: &id})
	ok(t, err)
	c.open("again the last")
}

// TestDeduplication checks that an open OpsItem blocks a duplicate.
func TestDeduplication(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	const on1, on2 = `[{"arn":"arn:aws:ec2:us-east-1:111122223333:instance/i-1"}]`, `[{"arn":"arn:aws:ec2:us-east-1:111122223333:instance/i-2"}]`
	like := func(dedup, resources string) func(*ssm.CreateOpsItemInput) {
		return func(in *ssm.CreateOpsItemInput) {
			noting("/aws/dedup", `{"dedupString":"`+dedup+`"}`, types.OpsItemDataTypeSearchableString)(in)
			noting("/aws/resources", resources, types.OpsItemDataTypeSearchableString)(in)
		}
	}
	wantSame := func(err error, id string) {
		t.Helper()
		e, is := errors.AsType[*types.OpsItemAlreadyExistsException](err)
		if !is || aws.ToString(e.OpsItemId) != id || e.ErrorMessage() != "The OpsItem already exists." {
			t.Errorf("error %v, want that %s exists", err, id)
		}
	}
	first := c.open("Disk nearly full", like("Disk full", on1))
	_, err := c.tryOpen("Disk full", like("DISK full", on1))
	wantSame(err, first)
	ok(t, c.setStatus(first, types.OpsItemStatusInProgress))
	_, err = c.tryOpen("Disk full", like("disk full", on1))
	wantSame(err, first)
	c.open("another string", like("disk empty", on1))
	c.open("another resource", like("disk full", on2))
	c.open("another source", like("disk full", on1), func(in *ssm.CreateOpsItemInput) { in.Source = new("sensors") })
	newClient(t, s, bob).open("another account", like("disk full", on1))
	for range 2 {
		c.open("no string", like("", on1))
	}

	ok(t, c.setStatus(first, types.OpsItemStatusResolved))
	second := c.open("Disk full", like("disk full", on1))
	wantSame(c.setStatus(first, types.OpsItemStatusOpen), second) // it would be a duplicate
	if got := c.opsItem(first).Status; got != types.OpsItemStatusResolved {
		t.Errorf("status %s", got)
	}
	ok(t, c.setStatus(second, types.OpsItemStatusOpen)) // it is not a duplicate of itself
	_, err = c.DeleteOpsItem(ctx, &ssm.DeleteOpsItemInput{OpsItemId: &second})
	ok(t, err)
	ok(t, c.setStatus(first, types.OpsItemStatusOpen))
	_, err = c.tryOpen("Disk full", like("disk full", on1))
	wantSame(err, first)

	// The string cannot change, but may be repeated.
	edit := func(dedup string) error {
		in := &ssm.CreateOpsItemInput{}
		like(dedup, on1)(in)
		_, err := c.UpdateOpsItem(ctx, &ssm.UpdateOpsItemInput{OpsItemId: &first, OperationalData: in.OperationalData})
		return err
	}
	ok(t, edit("Disk full"))
	wantNames(t, edit("disk empty"), "OperationalData")
}
