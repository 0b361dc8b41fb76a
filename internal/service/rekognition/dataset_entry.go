package rekognition

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// entry is a JSON line of a manifest: an image and its labels.
// https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/md-create-manifest-file.html
type entry struct {
	Line      string
	SourceRef string
	Labels    []string // sorted, without duplicates
	Boxes     []string // labels of bounding boxes, in order
}

// parseEntry parses a JSON line. The fault of an invalid line is a sentence, else "".
func parseEntry(line string) (e entry, fault string) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal([]byte(line), &members); err != nil || members == nil {
		return e, "It is no JSON object."
	}
	e.Line = line
	if err := json.Unmarshal(members["source-ref"], &e.SourceRef); err != nil || e.SourceRef == "" {
		return e, "It has no source-ref."
	}
	labels := map[string]bool{}
	for key, text := range members {
		attribute, isMetadata := strings.CutSuffix(key, "-metadata")
		if !isMetadata {
			continue
		}
		var metadata struct {
			ClassName string            `json:"class-name"`
			ClassMap  map[string]string `json:"class-map"`
		}
		if err := json.Unmarshal(text, &metadata); err != nil {
			return e, fmt.Sprintf("Its %s cannot be read.", key)
		}
		if metadata.ClassName != "" {
			labels[metadata.ClassName] = true
		}
		var objects struct {
			Annotations []struct {
				Class json.Number `json:"class_id"`
			} `json:"annotations"`
		}
		if json.Unmarshal(members[attribute], &objects) != nil || objects.Annotations == nil {
			for _, label := range metadata.ClassMap { // an image has all of them
				labels[label] = true
			}
			continue
		}
		for _, a := range objects.Annotations {
			label, known := metadata.ClassMap[a.Class.String()]
			if !known {
				return e, fmt.Sprintf("Its %s does not name the class %s.", key, a.Class)
			}
			labels[label] = true
			e.Boxes = append(e.Boxes, label)
		}
	}
	e.Labels = slices.Sorted(maps.Keys(labels))
	return e, ""
}

// parseEntries parses the lines of a change. Blank lines are ignored.
func parseEntries(blob []byte) (list []entry, fault string) {
	number := 0
	for line := range strings.Lines(string(blob)) {
		number++
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		e, fault := parseEntry(line)
		if fault != "" {
			return nil, fmt.Sprintf("Line %d of GroundTruth is not valid. %s", number, fault)
		}
		list = append(list, e)
	}
	if list == nil {
		return nil, "GroundTruth has no entries."
	}
	return list, ""
}

// merge adds entries to those of a dataset. The line of an existing image is replaced.
func merge(lines []string, changes []entry) ([]string, error) {
	at := make(map[string]int, len(lines))
	for i, line := range lines {
		e, fault := parseEntry(line)
		if fault != "" {
			return nil, fmt.Errorf("entry %d of a dataset: %s", i, fault)
		}
		at[e.SourceRef] = i
	}
	for _, e := range changes {
		i, known := at[e.SourceRef]
		if !known {
			i = len(lines)
			lines = append(lines, "")
			at[e.SourceRef] = i
		}
		lines[i] = e.Line
	}
	return lines, nil
}

// labelCounts returns the labels of a dataset with their numbers of occurrences.
func labelCounts(lines []string) (counts map[string]*DatasetLabelStats, labeled int, err error) {
	counts = map[string]*DatasetLabelStats{}
	for i, line := range lines {
		e, fault := parseEntry(line)
		if fault != "" {
			return nil, 0, fmt.Errorf("entry %d of a dataset: %s", i, fault)
		}
		if len(e.Labels) > 0 {
			labeled++
		}
		for _, label := range e.Labels {
			if counts[label] == nil {
				counts[label] = &DatasetLabelStats{EntryCount: new(int), BoundingBoxCount: new(int)}
			}
			*counts[label].EntryCount++
		}
		for _, label := range slices.Compact(slices.Sorted(slices.Values(e.Boxes))) {
			*counts[label].BoundingBoxCount++ // counts images, not boxes
		}
	}
	return counts, labeled, nil
}
