package rekognition

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/operation"
)

// The resource types in ARNs and in the store.
const (
	projectType = "project"
	versionType = "projectversion"
	datasetType = "dataset"

	collectionType = "collection"
)

// infixes lists the parts of the ARNs of a project's resources.
var infixes = map[string]string{"version": versionType, "dataset": datasetType}

// name is a parsed ARN of this service: project/PROJECT/STAMP, project/PROJECT/version/PART/STAMP,
// project/PROJECT/dataset/PART/STAMP or collection/PROJECT, where PROJECT is the collection id.
type name struct {
	Partition string
	Region    string
	Account   string
	Type      string
	Project   string
	Part      string // the version's name, or "train" or "test"; "" of a project
	Stamp     string // its creation time in milliseconds since 1970
}

// parseName is the inverse of name.String.
func parseName(text string) (name, error) {
	a, err := arn.Parse(text)
	if err != nil {
		return name{}, err
	}
	n := name{Partition: a.Partition, Region: a.Region, Account: a.Account, Type: projectType}
	part := strings.Split(a.Resource, "/")
	if a.Service == api.Name && len(part) == 2 && part[0] == collectionType {
		n.Type, n.Project = collectionType, part[1]
		return n, nil
	}
	if len(part) == 5 && infixes[part[2]] != "" {
		n.Type, n.Part = infixes[part[2]], part[3]
	} else if len(part) != 3 {
		part = nil
	}
	if a.Service != api.Name || part == nil || part[0] != "project" {
		return name{}, fmt.Errorf("%q names no resource of Custom Labels", text)
	}
	n.Project, n.Stamp = part[1], part[len(part)-1]
	return n, nil
}

// newProjectName returns the name of a new project of the caller.
func newProjectName(c *operation.Call, project string) name {
	return name{
		Partition: c.Partition, Region: c.Region, Account: c.Account(),
		Type: projectType, Project: project, Stamp: stamp(c.Now),
	}
}

// newPart returns the name of a new part of project n.
func (n name) newPart(typ, part string, now time.Time) name {
	n.Type, n.Part, n.Stamp = typ, part, stamp(now)
	return n
}

// project returns the name of the project that n is part of, without its stamp, which the ARNs of its parts
// do not contain.
func (n name) project() name {
	n.Type, n.Part, n.Stamp = projectType, "", ""
	return n
}

func stamp(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }

func (n name) String() string {
	if n.Type == collectionType {
		return n.typePrefix(collectionType) + n.Project
	}
	return n.prefix() + n.Stamp
}

// prefix returns the prefix of the ARNs of all resources with the name, whatever their creation time.
func (n name) prefix() string {
	text := n.accountPrefix() + n.Project + "/"
	for infix, typ := range infixes {
		if typ == n.Type {
			text += infix + "/" + n.Part + "/"
		}
	}
	return text
}

// accountPrefix returns the prefix of the ARNs of the account's projects in the region, and their parts.
func (n name) accountPrefix() string { return n.typePrefix(projectType) }

// typePrefix returns the prefix of the account's ARNs in the region that begin with a word.
func (n name) typePrefix(word string) string {
	return "arn:" + n.Partition + ":" + api.Name + ":" + n.Region + ":" + n.Account + ":" + word + "/"
}

// partsPrefix returns the prefix of the ARNs of a project's parts of one type.
func (n name) partsPrefix(typ string) string {
	return strings.TrimSuffix(n.newPart(typ, "", time.Time{}).prefix(), "/")
}
