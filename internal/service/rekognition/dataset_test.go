package rekognition_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/rekognition"
	"github.com/aws/aws-sdk-go-v2/service/rekognition/types"
	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/writtest"
)

// Lines of manifests: an image with a label, one with boxes, one without labels.
func labeled(image, label string) string {
	return `{"source-ref":"s3://birds/` + image + `.png","bird":1,"bird-metadata":{"class-name":"` + label + `","confidence":1,"type":"groundtruth/image-classification"}}`
}

const boxes = `{"source-ref":"s3://birds/flock.png","boxes":{"image_size":[{"width":9,"height":9,"depth":3}],"annotations":[{"class_id":0,"left":1,"top":1,"width":1,"height":1},{"class_id":0,"left":2,"top":2,"width":1,"height":1},{"class_id":1,"left":3,"top":3,"width":1,"height":1}]},"boxes-metadata":{"class-map":{"0":"owl","1":"heron"},"type":"groundtruth/object-detection"}}`

const unlabeled = `{"source-ref":"s3://birds/fog.png"}`

func (c client) dataset(project string, typ types.DatasetType) string {
	c.t.Helper()
	out, err := c.CreateDataset(ctx, &rekognition.CreateDatasetInput{ProjectArn: &project, DatasetType: typ})
	ok(c.t, err)
	return *out.DatasetArn
}

func (c client) change(dataset string, lines ...string) error {
	_, err := c.UpdateDatasetEntries(ctx, &rekognition.UpdateDatasetEntriesInput{
		DatasetArn: &dataset, Changes: &types.DatasetChanges{GroundTruth: []byte(strings.Join(lines, "\n"))}})
	return err
}

// entries returns the images of the entries of a dataset.
func (c client) entries(in rekognition.ListDatasetEntriesInput) string {
	c.t.Helper()
	var images []string
	in.MaxResults = new(int32(2))
	pages := rekognition.NewListDatasetEntriesPaginator(c, &in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		ok(c.t, err)
		for _, line := range page.DatasetEntries {
			_, rest, _ := strings.Cut(line, "s3://birds/")
			image, _, _ := strings.Cut(rest, ".png")
			images = append(images, image)
		}
	}
	return strings.Join(images, " ")
}

func TestDatasetEntries(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	project := c.project("birds")
	train := c.dataset(project, types.DatasetTypeTrain)
	ok(t, c.change(train, labeled("one", "owl"), boxes, "", unlabeled, labeled("two", "heron")))
	ok(t, c.change(train, labeled("two", "owl"), labeled("three", "stork"))) // the second image gets another label
	list := func(change func(*rekognition.ListDatasetEntriesInput)) string {
		t.Helper()
		in := rekognition.ListDatasetEntriesInput{DatasetArn: &train}
		change(&in)
		return c.entries(in)
	}
	for _, test := range []struct {
		name   string
		change func(*rekognition.ListDatasetEntriesInput)
		want   string
	}{
		{"all", func(*rekognition.ListDatasetEntriesInput) {}, "one flock fog two three"},
		{"with labels", func(in *rekognition.ListDatasetEntriesInput) { in.Labeled = new(true) }, "one flock two three"},
		{"without labels", func(in *rekognition.ListDatasetEntriesInput) { in.Labeled = new(false) }, "fog"},
		{"with one of some labels", func(in *rekognition.ListDatasetEntriesInput) { in.ContainsLabels = []string{"heron", "stork"} }, "flock three"},
		{"by their place", func(in *rekognition.ListDatasetEntriesInput) { in.SourceRefContains = new("birds/t") }, "two three"},
		{"with errors", func(in *rekognition.ListDatasetEntriesInput) { in.HasErrors = new(true) }, ""},
	} {
		if got := list(test.change); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
	described, err := c.DescribeDataset(ctx, &rekognition.DescribeDatasetInput{DatasetArn: &train})
	ok(t, err)
	if d := described.DatasetDescription; d.Status != types.DatasetStatusUpdateComplete || *d.StatusMessage != "The dataset was updated successfully." ||
		*d.DatasetStats.TotalEntries != 5 || *d.DatasetStats.LabeledEntries != 4 || *d.DatasetStats.TotalLabels != 3 || *d.DatasetStats.ErrorEntries != 0 {
		t.Errorf("%+v %+v", d, d.DatasetStats)
	}
	labels := func(dataset string) string {
		t.Helper()
		out, err := c.ListDatasetLabels(ctx, &rekognition.ListDatasetLabelsInput{DatasetArn: &dataset})
		ok(t, err)
		var list []string
		for _, l := range out.DatasetLabelDescriptions {
			list = append(list, fmt.Sprint(*l.LabelName, " ", *l.LabelStats.EntryCount, " ", *l.LabelStats.BoundingBoxCount))
		}
		return strings.Join(list, ", ")
	}
	if got := labels(train); got != "heron 1 1, owl 3 1, stork 1 0" {
		t.Error(got)
	}

	test := c.dataset(project, types.DatasetTypeTest)
	distribute := func(c client, a, b string) error {
		_, err := c.DistributeDatasetEntries(ctx, &rekognition.DistributeDatasetEntriesInput{Datasets: []types.DistributeDataset{{Arn: &a}, {Arn: &b}}})
		return err
	}
	other := c.dataset(c.project("fish"), types.DatasetTypeTest)
	wantCode(t, distribute(c, train, other), badParameter)
	wantCode(t, distribute(c, train, train), badParameter)
	wantCode(t, distribute(c, train, strings.Replace(test, "test/", "test/9", 1)), notFound)
	// Both datasets are authorized.
	wantCode(t, distribute(as(t, s, alice, "one", identity("Allow", "rekognition:DistributeDatasetEntries", train)), train, test), accessDenied)
	ok(t, distribute(c, test, train))
	if kept, moved := list(func(*rekognition.ListDatasetEntriesInput) {}), c.entries(rekognition.ListDatasetEntriesInput{DatasetArn: &test}); kept != "one flock fog two" || moved != "three" {
		t.Errorf("kept %s, moved %s", kept, moved)
	}
	wantCode(t, distribute(c, train, test), badParameter) // it is no longer empty

	out, err := c.CreateDataset(ctx, &rekognition.CreateDatasetInput{
		ProjectArn: new(c.project("copies")), DatasetType: types.DatasetTypeTrain, DatasetSource: &types.DatasetSource{DatasetArn: &train}})
	ok(t, err)
	if got := c.entries(rekognition.ListDatasetEntriesInput{DatasetArn: out.DatasetArn}); got != "one flock fog two" {
		t.Errorf("a copy has %s", got)
	}
	wantCode(t, newClient(t, s, bob).change(train, unlabeled), accessDenied)
}

func TestDatasetEntriesRefused(t *testing.T) {
	c := newClient(t, writtest.New(t), alice)
	dataset := c.dataset(c.project("birds"), types.DatasetTypeTrain)
	for name, line := range map[string]string{
		"blank": " \n ", "text": "owl", "a list": "[]", "null": "null", "no image": `{"bird":1}`, "an image that is no text": `{"source-ref":1}`,
		"metadata":     `{"source-ref":"s3://b/i.png","bird-metadata":1}`,
		"a class":      strings.Replace(boxes, `"class_id":1`, `"class_id":7`, 1),
		"a second one": unlabeled + "\n{",
	} {
		t.Run(name, func(t *testing.T) { wantCode(t, c.change(dataset, line), badParameter) })
	}
	if got := c.entries(rekognition.ListDatasetEntriesInput{DatasetArn: &dataset}); got != "" {
		t.Errorf("of what was refused there is %s", got)
	}
	_, err := c.ListDatasetLabels(ctx, &rekognition.ListDatasetLabelsInput{DatasetArn: &dataset, NextToken: new("made-up")})
	wantCode(t, err, "InvalidPaginationTokenException")
}

const png = "\x89PNG\r\n\x1a\nowl"

// TestDetect checks that a running model returns its training labels, marked, and deterministically; so does
// a copy of it, only in its own account.
func TestDetect(t *testing.T) {
	s := writtest.New(t)
	c, stranger := newClient(t, s, alice), newClient(t, s, bob)
	project := c.project("birds")
	ok(t, c.change(c.dataset(project, types.DatasetTypeTrain), labeled("one", "owl"), labeled("two", "heron"), labeled("three", "stork")))
	version := c.version(project, "v1")
	detect := func(c client, version string, image *types.Image, change func(*rekognition.DetectCustomLabelsInput)) ([]string, error) {
		in := &rekognition.DetectCustomLabelsInput{ProjectVersionArn: &version, Image: image, MinConfidence: new(float32(0))}
		if change != nil {
			change(in)
		}
		out, err := c.DetectCustomLabels(ctx, in)
		if err != nil {
			return nil, err
		}
		var list []string
		for i, l := range out.CustomLabels {
			if i > 0 && *l.Confidence > *out.CustomLabels[i-1].Confidence {
				t.Errorf("not by confidence: %v", list)
			}
			list = append(list, *l.Name)
		}
		return list, nil
	}
	image := &types.Image{Bytes: []byte(png)}
	_, err := detect(c, version, image, nil)
	wantCode(t, err, "ResourceNotReadyException")
	start := func(c client, version string) {
		t.Helper()
		_, err := c.StartProjectVersion(ctx, &rekognition.StartProjectVersionInput{ProjectVersionArn: &version, MinInferenceUnits: new(int32(1))})
		ok(t, err)
	}
	start(c, version)
	first, err := detect(c, version, image, nil)
	ok(t, err)
	if len(first) != 3 || !strings.HasPrefix(first[0], "writ-sample:") {
		t.Errorf("%v", first)
	}
	again, err := detect(c, version, image, nil)
	ok(t, err)
	if diff := cmp.Diff(first, again); diff != "" {
		t.Error(diff)
	}
	one, err := detect(c, version, image, func(in *rekognition.DetectCustomLabelsInput) { in.MaxResults = new(int32(1)) })
	ok(t, err)
	if diff := cmp.Diff(first[:1], one); diff != "" {
		t.Error(diff)
	}
	none, err := detect(c, version, image, func(in *rekognition.DetectCustomLabelsInput) { in.MinConfidence = new(float32(100)) })
	ok(t, err)
	if len(none) != 0 {
		t.Errorf("with certainty %v", none)
	}
	for name, test := range map[string]struct {
		image *types.Image
		code  string
	}{
		"nothing":        {&types.Image{}, badParameter},
		"both":           {&types.Image{Bytes: []byte(png), S3Object: &types.S3Object{Bucket: new("birds"), Name: new("a")}}, badParameter},
		"half an object": {&types.Image{S3Object: &types.S3Object{Bucket: new("birds")}}, "InvalidS3ObjectException"},
		"no image":       {&types.Image{Bytes: []byte("GIF89a")}, "InvalidImageFormatException"},
	} {
		_, err := detect(c, version, test.image, nil)
		if wantCode(t, err, test.code); t.Failed() {
			t.Fatal(name)
		}
	}
	_, err = detect(stranger, version, image, nil)
	wantCode(t, err, accessDenied)

	// A project policy allows bob to copy the model, not to use it.
	c.put(project, "copy", document(`{"Effect":"Allow","Principal":{"AWS":"`+bob+`"},"Action":"rekognition:CopyProjectVersion","Resource":"*"}`), nil)
	_, err = detect(stranger, version, image, nil)
	wantCode(t, err, accessDenied)
	out, err := stranger.CopyProjectVersion(ctx, &rekognition.CopyProjectVersionInput{
		SourceProjectArn: &project, SourceProjectVersionArn: &version, DestinationProjectArn: new(stranger.project("copies")), VersionName: new("v1"), OutputConfig: output})
	ok(t, err)
	start(stranger, *out.ProjectVersionArn)
	copied, err := detect(stranger, *out.ProjectVersionArn, image, nil)
	ok(t, err)
	if diff := cmp.Diff(first, copied); diff != "" {
		t.Error(diff)
	}
	_, err = c.StopProjectVersion(ctx, &rekognition.StopProjectVersionInput{ProjectVersionArn: &version})
	ok(t, err)
	_, err = detect(c, version, image, nil)
	wantCode(t, err, "ResourceNotReadyException")
}
