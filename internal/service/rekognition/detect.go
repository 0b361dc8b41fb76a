package rekognition

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"slices"

	"github.com/writdev/writ/internal/operation"
)

// Images are not analyzed. The output of DetectCustomLabels is derived deterministically from the image and
// the model's training labels, and each label is marked.

// sampleMark is the prefix of label names that were not detected.
const sampleMark = "writ-sample:"

// unlabeled is the label of models that were trained without labels.
const unlabeled = "label"

// minConfidence is the default minimum confidence of a result.
const minConfidence = 50

// maxImage is the largest size of an image, in bytes.
// https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/limits.html
const maxImage = 4 << 20

// The first bytes of the two image formats.
var (
	pngMagic  = []byte("\x89PNG\r\n\x1a\n")
	jpegMagic = []byte{0xff, 0xd8, 0xff}
)

func (s *rekognition) detectCustomLabels(c *operation.Call, in *DetectCustomLabelsInput) (*DetectCustomLabelsOutput, error) {
	_, r, v, err := load[versionRecord](c, in.ProjectVersionARN)
	if err != nil {
		return nil, err
	}
	if err := checkCustomLabels(*v.Feature); err != nil {
		return nil, err
	}
	if status := v.status(s.lifecycle, r.CreatedAt, c.Now); status != ProjectVersionStatusRunning {
		return nil, errResourceNotReady("The model is not running: it is %s.", status)
	}
	image, err := imageKey(in.Image)
	if err != nil {
		return nil, err
	}
	least := float64(minConfidence)
	if in.MinConfidence != nil {
		least = float64(*in.MinConfidence)
	}
	out := &DetectCustomLabelsOutput{CustomLabels: detect(v.Labels, image, least)}
	if in.MaxResults != nil && len(out.CustomLabels) > *in.MaxResults {
		out.CustomLabels = out.CustomLabels[:*in.MaxResults]
	}
	return out, nil
}

// imageKey returns an identifier of an image: its bytes, or the name of its object.
func imageKey(image *Image) ([]byte, error) {
	object := image.S3Object
	switch {
	case (image.Bytes == nil) == (object == nil):
		return nil, notValid("Image must have one of Bytes and S3Object.")
	case object != nil && (object.Bucket == nil || object.Name == nil):
		return nil, errInvalidS3Object("Unable to get object metadata from S3. Check object key, region and/or access permissions.")
	case object != nil:
		return []byte(*object.Bucket + "/" + *object.Name), nil
	case len(image.Bytes) > maxImage:
		return nil, errImageTooLarge("Image size is too large: at most %d bytes.", maxImage)
	case !bytes.HasPrefix(image.Bytes, pngMagic) && !bytes.HasPrefix(image.Bytes, jpegMagic):
		return nil, errInvalidImageFormat("Request has invalid image format: it must be PNG or JPEG.")
	}
	return image.Bytes, nil
}

// detect derives a confidence for each label, and omits those below the minimum.
func detect(labels []string, image []byte, least float64) []CustomLabel {
	if len(labels) == 0 {
		labels = []string{unlabeled}
	}
	found := []CustomLabel{}
	for _, label := range labels {
		sum := sha256.Sum256(append([]byte(label+"\x00"), image...))
		confidence := float64(binary.BigEndian.Uint32(sum[:])%10000) / 100
		if confidence >= least {
			found = append(found, CustomLabel{Name: new(sampleMark + label), Confidence: &confidence})
		}
	}
	slices.SortFunc(found, func(a, b CustomLabel) int {
		return cmp.Or(cmp.Compare(*b.Confidence, *a.Confidence), cmp.Compare(*a.Name, *b.Name))
	})
	return found
}

// trainedLabels returns the labels of a project's training dataset, which a version learns, or none if it has
// no dataset.
func trainedLabels(c *operation.Call, project name) ([]string, error) {
	r, found, err := find(c, project.newPart(datasetType, "train", c.Now))
	if err != nil || !found {
		return nil, err
	}
	v, err := operation.Decode[datasetRecord](r)
	if err != nil {
		return nil, err
	}
	counts, _, err := labelCounts(v.Entries)
	return slices.Sorted(maps.Keys(counts)), err
}
