package rekognition_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/rekognition"
	"github.com/aws/aws-sdk-go-v2/service/rekognition/types"
	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/writtest"
)

func (c client) describe(in rekognition.DescribeProjectsInput) string {
	c.t.Helper()
	names := []string{}
	p := rekognition.NewDescribeProjectsPaginator(c, &in)
	for p.HasMorePages() {
		page, err := p.NextPage(ctx)
		ok(c.t, err)
		for _, d := range page.ProjectDescriptions {
			names = append(names, strings.Split(*d.ProjectArn, "/")[1])
		}
	}
	return strings.Join(names, " ")
}

func (c client) deleteVersion(arn string) error {
	_, err := c.DeleteProjectVersion(ctx, &rekognition.DeleteProjectVersionInput{ProjectVersionArn: &arn})
	return err
}

func (c client) deleteProject(arn string) (types.ProjectStatus, error) {
	out, err := c.DeleteProject(ctx, &rekognition.DeleteProjectInput{ProjectArn: &arn})
	if err != nil {
		return "", err
	}
	return out.Status, nil
}

func TestProject(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	create := func(in rekognition.CreateProjectInput) (string, error) {
		out, err := c.CreateProject(ctx, &in)
		if err != nil {
			return "", err
		}
		return *out.ProjectArn, nil
	}
	birds := c.project("birds")
	c.project("bird") // its name is a prefix of the other's
	_, err := create(rekognition.CreateProjectInput{
		ProjectName: new("moderation"), Feature: types.CustomizationFeatureContentModeration, AutoUpdate: types.ProjectAutoUpdateEnabled,
	})
	ok(t, err)
	newClient(t, s, bob).project("birds") // another account's

	for _, test := range []struct {
		in   rekognition.CreateProjectInput
		want string
	}{
		{rekognition.CreateProjectInput{ProjectName: new("birds")}, inUse},
		{rekognition.CreateProjectInput{ProjectName: new("my birds")}, badParameter},
		{rekognition.CreateProjectInput{ProjectName: new("a/b")}, badParameter},
		{rekognition.CreateProjectInput{ProjectName: new(strings.Repeat("a", 256))}, badParameter},
		{rekognition.CreateProjectInput{ProjectName: new("x"), Feature: "LABELS"}, badParameter},
		{rekognition.CreateProjectInput{ProjectName: new("x"), AutoUpdate: types.ProjectAutoUpdateEnabled}, badParameter},
		{rekognition.CreateProjectInput{ProjectName: new("x"), Feature: types.CustomizationFeatureContentModeration}, badParameter},
		{rekognition.CreateProjectInput{ProjectName: new("x"), Tags: map[string]string{"aws:team": "red"}}, badParameter},
	} {
		_, err := create(test.in)
		wantCode(t, err, test.want)
	}
	both := []types.CustomizationFeature{types.CustomizationFeatureCustomLabels, types.CustomizationFeatureContentModeration}
	for _, test := range []struct {
		in   rekognition.DescribeProjectsInput
		want string
	}{
		{rekognition.DescribeProjectsInput{}, "birds bird"},
		{rekognition.DescribeProjectsInput{MaxResults: new(int32(1))}, "birds bird"},
		{rekognition.DescribeProjectsInput{ProjectNames: []string{"bird", "moderation", "bees"}}, "bird"},
		{rekognition.DescribeProjectsInput{Features: both[1:]}, "moderation"},
		{rekognition.DescribeProjectsInput{Features: both, MaxResults: new(int32(2))}, "birds bird moderation"},
	} {
		if got := c.describe(test.in); got != test.want {
			t.Errorf("projects %q, want %q", got, test.want)
		}
	}
	_, err = c.DescribeProjects(ctx, &rekognition.DescribeProjectsInput{NextToken: new("made up")})
	wantCode(t, err, "InvalidPaginationTokenException")
	_, err = c.DescribeProjects(ctx, &rekognition.DescribeProjectsInput{MaxResults: new(int32(101))})
	wantCode(t, err, badParameter)

	out, err := c.DescribeProjects(ctx, &rekognition.DescribeProjectsInput{ProjectNames: []string{"birds"}})
	ok(t, err)
	d := out.ProjectDescriptions[0]
	if want := fmt.Sprintf("arn:aws:rekognition:us-east-1:%s:project/birds/%d", alice, d.CreationTimestamp.UnixMilli()); *d.ProjectArn != want || birds != want {
		t.Errorf("ARN %s, made as %s, want %s", *d.ProjectArn, birds, want)
	}
	if d.Status != types.ProjectStatusCreated || d.Feature != types.CustomizationFeatureCustomLabels || d.Datasets == nil {
		t.Errorf("description %+v", d)
	}
}

// TestDeleteProject deletes a project: only after its versions, and with its policies and datasets. A new
// project with the same name has none.
func TestDeleteProject(t *testing.T) {
	s := writtest.New(t)
	c, user := newClient(t, s, alice), newClient(t, s, bob)
	m, destination := c.model("birds"), user.project("copies")
	c.put(m.project, "copy", share(bob), nil)
	_, err := c.CreateDataset(ctx, &rekognition.CreateDatasetInput{ProjectArn: &m.project, DatasetType: types.DatasetTypeTrain})
	ok(t, err)

	_, err = c.deleteProject(m.project)
	wantCode(t, err, inUse)
	ok(t, c.deleteVersion(m.version))
	wantCode(t, c.deleteVersion(m.version), notFound)
	if status, err := c.deleteProject(m.project); err != nil || status != types.ProjectStatusDeleting {
		t.Errorf("%s, %v", status, err)
	}
	_, err = c.deleteProject(m.project)
	wantCode(t, err, notFound)
	_, err = c.ListProjectPolicies(ctx, &rekognition.ListProjectPoliciesInput{ProjectArn: &m.project})
	wantCode(t, err, notFound)

	again := c.model("birds")
	if list := c.policies(again.project); len(list) != 0 {
		t.Errorf("the new project has the policies %v", list)
	}
	_, err = user.copy(again, destination, "v1")
	wantCode(t, err, accessDenied)
	out, err := c.DescribeProjects(ctx, &rekognition.DescribeProjectsInput{})
	ok(t, err)
	if len(out.ProjectDescriptions) != 1 || len(out.ProjectDescriptions[0].Datasets) != 0 {
		t.Errorf("projects %+v", out.ProjectDescriptions)
	}
}

// TestVersions creates versions, lists them and tests their immediate states.
func TestVersions(t *testing.T) {
	c := newClient(t, writtest.New(t), alice)
	project, other := c.project("birds"), c.project("bees")
	for _, name := range []string{"v1", "v10", "v2"} {
		c.version(project, name)
	}
	c.version(other, "v1")
	_, err := c.CreateProjectVersion(ctx, &rekognition.CreateProjectVersionInput{ProjectArn: &project, VersionName: new("v1"), OutputConfig: output})
	wantCode(t, err, inUse)
	_, err = c.CreateProjectVersion(ctx, &rekognition.CreateProjectVersionInput{ProjectArn: new(project + "0"), VersionName: new("v1"), OutputConfig: output})
	wantCode(t, err, notFound)

	names := func(list []types.ProjectVersionDescription) (names []string) {
		for _, v := range list {
			names = append(names, strings.Split(*v.ProjectVersionArn, "/")[3])
		}
		return names
	}
	if diff := cmp.Diff([]string{"v2", "v10", "v1"}, names(c.versions(project))); diff != "" { // newest first
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"v1"}, names(c.versions(project, "v1", "v7"))); diff != "" {
		t.Error(diff)
	}
	var paged []string
	p := rekognition.NewDescribeProjectVersionsPaginator(c, &rekognition.DescribeProjectVersionsInput{ProjectArn: &project, MaxResults: new(int32(2))})
	for p.HasMorePages() {
		page, err := p.NextPage(ctx)
		ok(t, err)
		paged = append(paged, names(page.ProjectVersionDescriptions)...)
	}
	if diff := cmp.Diff([]string{"v2", "v10", "v1"}, paged); diff != "" {
		t.Error(diff)
	}

	v := c.versions(project, "v1")[0]
	if v.Status != types.ProjectVersionStatusTrainingCompleted || v.TrainingEndTimestamp == nil || v.SourceProjectVersionArn != nil {
		t.Errorf("version %+v", v)
	}
	start := func(most *int32) error {
		_, err := c.StartProjectVersion(ctx, &rekognition.StartProjectVersionInput{
			ProjectVersionArn: v.ProjectVersionArn, MinInferenceUnits: new(int32(2)), MaxInferenceUnits: most,
		})
		return err
	}
	stop := func() error {
		_, err := c.StopProjectVersion(ctx, &rekognition.StopProjectVersionInput{ProjectVersionArn: v.ProjectVersionArn})
		return err
	}
	wantCode(t, stop(), inUse)
	wantCode(t, start(new(int32(1))), badParameter)
	ok(t, start(new(int32(3))))
	wantCode(t, start(nil), inUse)
	wantCode(t, c.deleteVersion(*v.ProjectVersionArn), inUse)
	if running := c.versions(project, "v1")[0]; running.Status != types.ProjectVersionStatusRunning || *running.MinInferenceUnits != 2 || *running.MaxInferenceUnits != 3 {
		t.Errorf("started %+v", running)
	}
	ok(t, stop())
	ok(t, start(nil))
	ok(t, stop())
	ok(t, c.deleteVersion(*v.ProjectVersionArn))
}

// TestVersionLifecycle follows a version through its states with a test clock.
func TestVersionLifecycle(t *testing.T) {
	s, clock := realistic(t)
	c := newClient(t, s, alice)
	m := c.model("birds")
	status := func(want types.ProjectVersionStatus) types.ProjectVersionDescription {
		t.Helper()
		v := c.versions(m.project)[0]
		if v.Status != want {
			t.Errorf("status %s, want %s", v.Status, want)
		}
		return v
	}
	start := func() error {
		_, err := c.StartProjectVersion(ctx, &rekognition.StartProjectVersionInput{ProjectVersionArn: &m.version, MinInferenceUnits: new(int32(1))})
		return err
	}
	stop := func() error {
		_, err := c.StopProjectVersion(ctx, &rekognition.StopProjectVersionInput{ProjectVersionArn: &m.version})
		return err
	}
	if v := status(types.ProjectVersionStatusTrainingInProgress); v.TrainingEndTimestamp != nil {
		t.Errorf("in training %+v", v)
	}
	wantCode(t, start(), inUse)
	wantCode(t, c.deleteVersion(m.version), inUse)
	clock.Add(int64(6 * time.Minute))
	if v := status(types.ProjectVersionStatusTrainingCompleted); *v.BillableTrainingTimeInSeconds != 300 || v.TrainingEndTimestamp.Sub(*v.CreationTimestamp) != 5*time.Minute {
		t.Errorf("trained %+v", v)
	}
	ok(t, start())
	status(types.ProjectVersionStatusStarting)
	wantCode(t, stop(), inUse)
	clock.Add(int64(3 * time.Minute))
	status(types.ProjectVersionStatusRunning)
	ok(t, stop())
	status(types.ProjectVersionStatusStopping)
	wantCode(t, start(), inUse)
	wantCode(t, c.deleteVersion(m.version), inUse)
	clock.Add(int64(time.Minute))
	status(types.ProjectVersionStatusStopped)
	ok(t, start())
	status(types.ProjectVersionStatusStarting)
}

func TestDatasets(t *testing.T) {
	s, clock := realistic(t)
	c, stranger := newClient(t, s, alice), newClient(t, s, bob)
	project, other, foreign := c.project("birds"), c.project("bees"), stranger.project("birds")
	create := func(c client, project string, typ types.DatasetType, source *types.DatasetSource) (string, error) {
		out, err := c.CreateDataset(ctx, &rekognition.CreateDatasetInput{ProjectArn: &project, DatasetType: typ, DatasetSource: source})
		if err != nil {
			return "", err
		}
		return *out.DatasetArn, nil
	}
	arn, err := create(c, project, types.DatasetTypeTrain, &types.DatasetSource{
		GroundTruthManifest: &types.GroundTruthManifest{S3Object: &types.S3Object{Bucket: new("images"), Name: new("manifest")}},
	})
	ok(t, err)
	if !strings.Contains(arn, ":project/birds/dataset/train/") {
		t.Errorf("ARN %s", arn)
	}
	_, err = create(c, project, types.DatasetTypeTrain, nil)
	wantCode(t, err, exists)
	_, err = create(c, project, types.DatasetTypeTest, nil)
	ok(t, err)
	_, err = create(c, other, types.DatasetTypeTrain, &types.DatasetSource{DatasetArn: &arn})
	ok(t, err)
	_, err = create(stranger, foreign, types.DatasetTypeTrain, &types.DatasetSource{DatasetArn: &arn})
	wantCode(t, err, accessDenied)
	_, err = create(stranger, project, types.DatasetTypeTrain, nil)
	wantCode(t, err, accessDenied)

	entries := func() error {
		_, err := c.ListDatasetEntries(ctx, &rekognition.ListDatasetEntriesInput{DatasetArn: &arn})
		return err
	}
	remove := func() error {
		_, err := c.DeleteDataset(ctx, &rekognition.DeleteDatasetInput{DatasetArn: &arn})
		return err
	}
	describe := func() types.DatasetDescription {
		t.Helper()
		out, err := c.DescribeDataset(ctx, &rekognition.DescribeDatasetInput{DatasetArn: &arn})
		ok(t, err)
		return *out.DatasetDescription
	}
	if d := describe(); d.Status != types.DatasetStatusCreateInProgress {
		t.Errorf("at first %s", d.Status)
	}
	wantCode(t, entries(), "ResourceNotReadyException")
	wantCode(t, remove(), inUse)
	clock.Add(int64(2 * time.Minute))
	if d := describe(); d.Status != types.DatasetStatusCreateComplete || *d.DatasetStats.TotalEntries != 0 {
		t.Errorf("in the end %+v", d)
	}
	ok(t, entries())
	out, err := c.DescribeProjects(ctx, &rekognition.DescribeProjectsInput{ProjectNames: []string{"birds"}})
	ok(t, err)
	if list := out.ProjectDescriptions[0].Datasets; len(list) != 2 || list[1].DatasetType != types.DatasetTypeTrain || *list[1].DatasetArn != arn {
		t.Errorf("datasets %+v", list)
	}
	ok(t, remove())
	wantCode(t, remove(), notFound)
	wantCode(t, entries(), notFound)
}

// TestTags tags the three types, and tests conditions on tags.
func TestTags(t *testing.T) {
	s := writtest.New(t)
	c, stranger := newClient(t, s, alice), newClient(t, s, bob)
	out, err := c.CreateProject(ctx, &rekognition.CreateProjectInput{ProjectName: new("birds"), Tags: map[string]string{"team": "red"}})
	ok(t, err)
	project := *out.ProjectArn
	version := c.version(project, "v1")
	dataset, err := c.CreateDataset(ctx, &rekognition.CreateDatasetInput{ProjectArn: &project, DatasetType: types.DatasetTypeTrain})
	ok(t, err)
	tags := func(arn string) map[string]string {
		t.Helper()
		out, err := c.ListTagsForResource(ctx, &rekognition.ListTagsForResourceInput{ResourceArn: &arn})
		ok(t, err)
		return out.Tags
	}
	if diff := cmp.Diff(map[string]string{"team": "red"}, tags(project)); diff != "" {
		t.Error(diff)
	}
	for _, arn := range []string{project, version, *dataset.DatasetArn} {
		_, err := c.TagResource(ctx, &rekognition.TagResourceInput{ResourceArn: &arn, Tags: map[string]string{"team": "blue", "env": "test"}})
		ok(t, err)
		_, err = c.UntagResource(ctx, &rekognition.UntagResourceInput{ResourceArn: &arn, TagKeys: []string{"env", "none"}})
		ok(t, err)
		if diff := cmp.Diff(map[string]string{"team": "blue"}, tags(arn)); diff != "" {
			t.Error(diff)
		}
		_, err = stranger.TagResource(ctx, &rekognition.TagResourceInput{ResourceArn: &arn, Tags: map[string]string{"team": "green"}})
		wantCode(t, err, accessDenied)
		_, err = c.TagResource(ctx, &rekognition.TagResourceInput{ResourceArn: new(arn + "0"), Tags: map[string]string{"team": "green"}})
		wantCode(t, err, notFound)
	}
	many := map[string]string{}
	for i := range 200 {
		many[fmt.Sprint("key", i)] = ""
	}
	_, err = c.TagResource(ctx, &rekognition.TagResourceInput{ResourceArn: &project, Tags: many})
	wantCode(t, err, "ServiceQuotaExceededException")
	if n := len(tags(project)); n != 1 {
		t.Errorf("%d tags", n)
	}

	tagged := `{"Effect":"Allow","Action":"rekognition:*","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"blue"}}}`
	user := as(t, s, alice, "blue", tagged)
	_, err = user.DescribeProjectVersions(ctx, &rekognition.DescribeProjectVersionsInput{ProjectArn: &project})
	ok(t, err)
	_, err = user.DescribeProjectVersions(ctx, &rekognition.DescribeProjectVersionsInput{ProjectArn: new(c.project("bees"))})
	wantCode(t, err, accessDenied)
	requested := as(t, s, alice, "red", `{"Effect":"Allow","Action":"rekognition:CreateProject","Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/team":"red"}}}`)
	_, err = requested.CreateProject(ctx, &rekognition.CreateProjectInput{ProjectName: new("ants")})
	wantCode(t, err, accessDenied)
	_, err = requested.CreateProject(ctx, &rekognition.CreateProjectInput{ProjectName: new("ants"), Tags: map[string]string{"team": "red"}})
	ok(t, err)
}
