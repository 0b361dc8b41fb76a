package imagebuilder_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/imagebuilder"
	"github.com/aws/aws-sdk-go-v2/service/imagebuilder/types"
	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/writtest"
)

func TestImports(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	vm := func(c client, name string) (string, error) {
		out, err := c.ImportVmImage(ctx, &imagebuilder.ImportVmImageInput{
			Name: &name, SemanticVersion: new("1.0.0"), Platform: types.PlatformLinux, OsVersion: new("Debian 13"),
			VmImportTaskId: new("import-ami-0123456789abcdef0"), Tags: map[string]string{"from": "vm"},
		})
		if err != nil {
			return "", err
		}
		return *out.ImageArn, nil
	}
	arn, err := vm(c, "My VM")
	ok(t, err)
	got, err := c.GetImage(ctx, &imagebuilder.GetImageInput{ImageBuildVersionArn: &arn})
	ok(t, err)
	if v := got.Image; arn != c.arn("image/my-vm/1.0.0/1") || v.BuildType != types.BuildTypeImport || v.ImageSource != types.ImageSourceImported ||
		v.State.Status != types.ImageStatusAvailable || *v.OsVersion != "Debian 13" || v.Tags["from"] != "vm" || len(v.OutputResources.Amis) != 1 {
		t.Errorf("%s %+v", arn, v)
	}
	_, err = vm(c, "my/vm")
	wantCode(t, err, "InvalidParameterValueException")

	// An import is authorized on the version.
	_, err = vm(as(t, s, alice, "version", allow("imagebuilder:ImportVmImage", c.arn("image/mine/1.0.0"))), "mine")
	ok(t, err)
	_, err = vm(as(t, s, alice, "build", allow("imagebuilder:ImportVmImage", c.arn("image/mine/1.0.0/*"))), "mine")
	wantCode(t, err, "AccessDeniedException")

	iso := func(change func(*imagebuilder.ImportDiskImageInput)) (string, error) {
		in := &imagebuilder.ImportDiskImageInput{
			Name: new("Windows"), SemanticVersion: new("1.0.0"), Platform: new("Windows"), OsVersion: new("Microsoft Windows 11"), Uri: new("s3://bucket/windows.iso"),
			InfrastructureConfigurationArn: new(c.arn("infrastructure-configuration/basic")), ExecutionRole: new("importer"),
		}
		if change != nil {
			change(in)
		}
		out, err := c.ImportDiskImage(ctx, in)
		if err != nil {
			return "", err
		}
		return *out.ImageBuildVersionArn, nil
	}
	_, err = iso(nil)
	wantCode(t, err, "InvalidParameterValueException") // no such configuration
	c.infrastructure("basic")
	for name, change := range map[string]func(*imagebuilder.ImportDiskImageInput){
		"platform": func(in *imagebuilder.ImportDiskImageInput) { in.Platform = new("Linux") },
		"version":  func(in *imagebuilder.ImportDiskImageInput) { in.OsVersion = new("Microsoft Windows 10") },
		"uri":      func(in *imagebuilder.ImportDiskImageInput) { in.Uri = new("https://example.com/windows.iso") },
	} {
		_, err := iso(change)
		if wantCode(t, err, "InvalidParameterValueException"); t.Failed() {
			t.Fatal(name)
		}
	}
	_, err = iso(func(in *imagebuilder.ImportDiskImageInput) {
		in.RegisterImageOptions = &types.RegisterImageOptions{SecureBootEnabled: new(false), UefiData: new("AAAA")}
	})
	wantCode(t, err, "InvalidParameterCombinationException")
	_, err = iso(func(in *imagebuilder.ImportDiskImageInput) { in.ExecutionRole = new("arn:aws:iam::" + bob + ":role/x") })
	wantCode(t, err, "AccessDeniedException")
	arn, err = iso(nil)
	ok(t, err)
	runs, err := c.ListWorkflowExecutions(ctx, &imagebuilder.ListWorkflowExecutionsInput{ImageBuildVersionArn: &arn})
	ok(t, err)
	if len(runs.WorkflowExecutions) != 3 {
		t.Errorf("%+v", runs.WorkflowExecutions)
	}
}

func TestDistributeImage(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	image := c.anImage("web")
	distribution, err := c.CreateDistributionConfiguration(ctx, &imagebuilder.CreateDistributionConfigurationInput{
		Name: new("far"), Distributions: []types.Distribution{{Region: new("eu-west-1")}}})
	ok(t, err)
	distribute := func(c client, source string) (string, error) {
		out, err := c.DistributeImage(ctx, &imagebuilder.DistributeImageInput{
			SourceImage: &source, DistributionConfigurationArn: distribution.DistributionConfigurationArn, ExecutionRole: new("sender"), Tags: map[string]string{"is": "far"}})
		if err != nil {
			return "", err
		}
		return *out.ImageBuildVersionArn, nil
	}
	for source, want := range map[string]string{
		image:                   "image/web/1.0.0/2",
		"ami-0123456789abcdef0": "image/ami-0123456789abcdef0/1.0.0/1",
		"ssm:/golden/ami":       "image/golden-ami/1.0.0/1",
	} {
		arn, err := distribute(c, source)
		ok(t, err)
		got, err := c.GetImage(ctx, &imagebuilder.GetImageInput{ImageBuildVersionArn: &arn})
		ok(t, err)
		if v := got.Image; arn != c.arn(want) || *v.OutputResources.Amis[0].Region != "eu-west-1" || v.Tags["is"] != "far" {
			t.Errorf("%s: %s %+v", source, arn, v)
		}
		runs, err := c.ListWorkflowExecutions(ctx, &imagebuilder.ListWorkflowExecutionsInput{ImageBuildVersionArn: &arn})
		ok(t, err)
		if len(runs.WorkflowExecutions) != 1 || runs.WorkflowExecutions[0].Type != types.WorkflowTypeDistribution {
			t.Errorf("%s: %+v", source, runs.WorkflowExecutions)
		}
	}
	for source, code := range map[string]string{
		"":                              "InvalidParameterValueException",
		"a b?":                          "InvalidParameterValueException",
		c.arn("image/none/1.0.0/1"):     "InvalidParameterValueException",
		c.arn("component/none/1.0.0/1"): "InvalidParameterValueException",
	} {
		_, err := distribute(c, source)
		wantCode(t, err, code)
	}
	_, err = distribute(as(t, s, alice, "limited", allow("imagebuilder:*", "*")), image)
	wantCode(t, err, "AccessDeniedException") // to pass the role
	stranger := newClient(t, s, bob)
	_, err = stranger.DistributeImage(ctx, &imagebuilder.DistributeImageInput{
		SourceImage: &image, DistributionConfigurationArn: new(stranger.arn("distribution-configuration/far")), ExecutionRole: new("sender")})
	wantCode(t, err, "AccessDeniedException") // to read the image

	waits := c.gated("slow", c.workflow("gate", "1.0.0"))
	_, err = distribute(c, waits)
	wantCode(t, err, "InvalidRequestException")
	retry := func(arn string) error {
		_, err := c.RetryImage(ctx, &imagebuilder.RetryImageInput{ImageBuildVersionArn: &arn})
		return err
	}
	wantCode(t, retry(image), "InvalidRequestException")
	wantCode(t, retry(c.arn("image/none/1.0.0/1")), "ResourceNotFoundException")

	// A distribution that was stopped is tried again.
	out, err := c.CreateWorkflow(ctx, &imagebuilder.CreateWorkflowInput{
		Name: new("gate"), SemanticVersion: new("1.0.0"), Type: types.WorkflowTypeDistribution, Data: new(gate)})
	ok(t, err)
	stopped := c.gated("late", *out.WorkflowBuildVersionArn)
	answer := func(action types.WorkflowStepActionType) {
		t.Helper()
		waiting, err := c.ListWaitingWorkflowSteps(ctx, &imagebuilder.ListWaitingWorkflowStepsInput{})
		ok(t, err)
		for _, step := range waiting.Steps {
			if *step.ImageBuildVersionArn == stopped {
				_, err := c.SendWorkflowStepAction(ctx, &imagebuilder.SendWorkflowStepActionInput{
					StepExecutionId: step.StepExecutionId, ImageBuildVersionArn: &stopped, Action: action})
				ok(t, err)
				return
			}
		}
		t.Fatal("nothing waits")
	}
	answer(types.WorkflowStepActionTypeStop)
	ok(t, retry(stopped))
	answer(types.WorkflowStepActionTypeResume)
	if got := c.states("late/1.0.0"); got != "1 AVAILABLE" {
		t.Error(got)
	}
	runs, err := c.ListWorkflowExecutions(ctx, &imagebuilder.ListWorkflowExecutionsInput{ImageBuildVersionArn: &stopped})
	ok(t, err)
	if r := runs.WorkflowExecutions; len(r) != 2 || !*r[0].Retried || r[0].Status != types.WorkflowExecutionStatusFailed || r[1].Status != types.WorkflowExecutionStatusCompleted {
		t.Errorf("%+v", r)
	}
}

func TestScanFindings(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	component := c.component("agent", "1.2.0")
	recipe, infrastructure := c.recipe("web", "1.0.0", "ami-0123456789abcdef0", component), c.infrastructure("basic")
	c.image(recipe, infrastructure) // not scanned
	arn := c.pipeline(imagebuilder.CreateImagePipelineInput{
		Name: new("scanned"), ImageRecipeArn: &recipe, InfrastructureConfigurationArn: &infrastructure,
		ImageScanningConfiguration: &types.ImageScanningConfiguration{ImageScanningEnabled: new(true)},
	})
	var scanned []string
	for range 2 {
		run, err := c.StartImagePipelineExecution(ctx, &imagebuilder.StartImagePipelineExecutionInput{ImagePipelineArn: &arn})
		ok(t, err)
		scanned = append(scanned, *run.ImageBuildVersionArn)
	}
	find := func(name, value string) (got []string) {
		t.Helper()
		in := &imagebuilder.ListImageScanFindingsInput{MaxResults: new(int32(1))}
		if name != "" {
			in.Filters = []types.ImageScanFindingsFilter{{Name: &name, Values: []string{value}}}
		}
		pages := imagebuilder.NewListImageScanFindingsPaginator(c, in)
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			ok(t, err)
			for _, f := range page.Findings {
				if !strings.HasPrefix(*f.Title, "Sample of Writ") {
					t.Errorf("no sample: %s", *f.Title)
				}
				got = append(got, (*f.ImageBuildVersionArn)[len(c.arn("image/web/")):]+" "+*f.Severity)
			}
		}
		return got
	}
	all := []string{"1.0.0/2 HIGH", "1.0.0/2 MEDIUM", "1.0.0/3 HIGH", "1.0.0/3 MEDIUM"}
	for _, test := range []struct {
		name, value string
		want        []string
	}{
		{"", "", all}, {"imagePipelineArn", arn, all}, {"imageBuildVersionArn", scanned[1], all[2:]},
		{"severity", "HIGH", []string{all[0], all[2]}}, {"vulnerabilityId", "WRIT-SAMPLE-0002", []string{all[1], all[3]}}, {"severity", "LOW", nil},
	} {
		if diff := cmp.Diff(test.want, find(test.name, test.value)); diff != "" {
			t.Errorf("%s %s: %s", test.name, test.value, diff)
		}
	}
	_, err := c.ListImageScanFindings(ctx, &imagebuilder.ListImageScanFindingsInput{Filters: []types.ImageScanFindingsFilter{{Name: new("accountId"), Values: []string{alice}}}})
	wantCode(t, err, "InvalidParameterValueException")

	count := func(filter *types.Filter) *imagebuilder.ListImageScanFindingAggregationsOutput {
		t.Helper()
		out, err := c.ListImageScanFindingAggregations(ctx, &imagebuilder.ListImageScanFindingAggregationsInput{Filter: filter})
		ok(t, err)
		return out
	}
	if out := count(nil); *out.AggregationType != "accountId" || *out.Responses[0].AccountAggregation.AccountId != alice ||
		*out.Responses[0].AccountAggregation.SeverityCounts.All != 4 || *out.Responses[0].AccountAggregation.SeverityCounts.High != 2 {
		t.Errorf("%+v", out)
	}
	if out := count(&types.Filter{Name: new("imageBuildVersionArn"), Values: scanned}); len(out.Responses) != 2 || *out.Responses[1].ImageAggregation.SeverityCounts.Medium != 1 {
		t.Errorf("%+v", out)
	}
	if out := count(&types.Filter{Name: new("vulnerabilityId"), Values: []string{"WRIT-SAMPLE-0001"}}); len(out.Responses) != 1 || *out.Responses[0].VulnerabilityIdAggregation.SeverityCounts.All != 2 {
		t.Errorf("%+v", out)
	}
	one := as(t, s, alice, "one", allow("imagebuilder:ListImageScanFindings", scanned[0]))
	_, err = one.ListImageScanFindings(ctx, &imagebuilder.ListImageScanFindingsInput{})
	wantCode(t, err, "AccessDeniedException")
	_, err = one.ListImageScanFindings(ctx, &imagebuilder.ListImageScanFindingsInput{
		Filters: []types.ImageScanFindingsFilter{{Name: new("imageBuildVersionArn"), Values: scanned[:1]}}})
	ok(t, err)

	packages, err := c.ListImagePackages(ctx, &imagebuilder.ListImagePackagesInput{ImageBuildVersionArn: &scanned[0]})
	ok(t, err)
	if list := packages.ImagePackageList; len(list) != 1 || *list[0].PackageName != "agent" || *list[0].PackageVersion != "1.2.0" {
		t.Errorf("%+v", list)
	}
	_, err = c.GetMarketplaceResource(ctx, &imagebuilder.GetMarketplaceResourceInput{ResourceType: "COMPONENT_DATA", ResourceArn: &component})
	wantCode(t, err, "InvalidRequestException")
	_, err = c.GetMarketplaceResource(ctx, &imagebuilder.GetMarketplaceResourceInput{ResourceType: "COMPONENT_DATA", ResourceArn: new(c.arn("component/none/1.0.0/1"))})
	wantCode(t, err, "ResourceNotFoundException")
}
