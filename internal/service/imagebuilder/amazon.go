package imagebuilder

import (
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// What Amazon publishes, in every region, under the account field "aws": a
// selection of true names, each with one made-up version and build. They are
// rows like any other, but made when they are asked for and kept nowhere.

// publishedImages are the images, by the names that public recipes refer to.
var publishedImages = []struct {
	slug      string
	name      string
	platform  Platform
	osVersion string
}{
	{"amazon-linux-2-arm64", "Amazon Linux 2 arm64", PlatformLinux, "Amazon Linux 2"},
	{"amazon-linux-2-x86", "Amazon Linux 2 x86", PlatformLinux, "Amazon Linux 2"},
	{"amazon-linux-2023-arm64", "Amazon Linux 2023 arm64", PlatformLinux, "Amazon Linux 2023"},
	{"amazon-linux-2023-x86", "Amazon Linux 2023 x86", PlatformLinux, "Amazon Linux 2023"},
	{"ubuntu-server-20-lts-x86", "Ubuntu Server 20 LTS x86", PlatformLinux, "Ubuntu 20"},
	{"ubuntu-server-22-lts-x86", "Ubuntu Server 22 LTS x86", PlatformLinux, "Ubuntu 22"},
	{"ubuntu-server-24-lts-x86", "Ubuntu Server 24 LTS x86", PlatformLinux, "Ubuntu 24"},
	{"windows-server-2019-english-full-base-x86", "Windows Server 2019 English Full Base x86", PlatformWindows, "Microsoft Windows Server 2019"},
	{"windows-server-2022-english-full-base-x86", "Windows Server 2022 English Full Base x86", PlatformWindows, "Microsoft Windows Server 2022"},
}

// publishedComponents are the components, likewise.
var publishedComponents = []struct {
	slug     string
	platform Platform
	typ      ComponentType
}{
	{"amazon-cloudwatch-agent-linux", PlatformLinux, ComponentTypeBuild},
	{"amazon-cloudwatch-agent-windows", PlatformWindows, ComponentTypeBuild},
	{"aws-cli-version-2-linux", PlatformLinux, ComponentTypeBuild},
	{"aws-cli-version-2-windows", PlatformWindows, ComponentTypeBuild},
	{"aws-codedeploy-agent-linux", PlatformLinux, ComponentTypeBuild},
	{"docker-ce-ubuntu", PlatformLinux, ComponentTypeBuild},
	{"python-3-linux", PlatformLinux, ComponentTypeBuild},
	{"reboot-linux", PlatformLinux, ComponentTypeBuild},
	{"reboot-test-linux", PlatformLinux, ComponentTypeTest},
	{"simple-boot-test-linux", PlatformLinux, ComponentTypeTest},
	{"simple-boot-test-windows", PlatformWindows, ComponentTypeTest},
	{"update-linux", PlatformLinux, ComponentTypeBuild},
	{"update-windows", PlatformWindows, ComponentTypeBuild},
}

const (
	publishedImageVersion     = "2024.4.1"
	publishedComponentVersion = "1.0.0"

	// publisher is the owner that published resources show.
	publisher = "Amazon"
)

// publishedAt is when all of it was published.
var publishedAt = time.Date(2024, time.April, 1, 0, 0, 0, 0, time.UTC)

// amazonRows yields the rows of what Amazon publishes whose ARNs begin with
// prefix and sort after the given one, in their order.
func amazonRows(c *operation.Call, prefix, after string) iter.Seq2[store.Resource, error] {
	return func(yield func(store.Resource, error) bool) {
		rows, err := publishedRows(c)
		if err != nil {
			yield(store.Resource{}, err)
			return
		}
		for _, r := range rows {
			if strings.HasPrefix(r.ARN, prefix) && r.ARN > after && !yield(r, nil) {
				return
			}
		}
	}
}

func publishedRows(c *operation.Call) ([]store.Resource, error) {
	var rows []store.Resource
	add := func(n name, v any) error {
		data, err := json.Marshal(v)
		if err != nil {
			return fmt.Errorf("encode %s: %w", n, err)
		}
		rows = append(rows, store.Resource{
			ARN: n.String(), Service: api.Name, Type: n.Type, Account: n.Account, Region: n.Region, Data: data,
			CreatedAt: publishedAt, UpdatedAt: publishedAt,
		})
		return nil
	}
	n := name{Partition: c.Partition, Region: c.Region, Account: amazon, Build: 1}
	for _, image := range publishedImages {
		n.Type, n.Slug, n.Version = imageType, image.slug, publishedImageVersion
		if err := add(n, imageRecord{Image: Image{
			ARN:         new(n.String()),
			Type:        new(ImageTypeAmi),
			Name:        &image.name,
			Version:     versionAndBuild(n),
			Platform:    &image.platform,
			OsVersion:   &image.osVersion,
			DateCreated: timestamp(publishedAt),
			ImageSource: new(ImageSourceAmazonManaged),
		}}); err != nil {
			return nil, err
		}
	}
	for _, component := range publishedComponents {
		n.Type, n.Slug, n.Version = componentType, component.slug, publishedComponentVersion
		if err := add(n, Component{
			ARN:         new(n.String()),
			Name:        &component.slug,
			Version:     new(n.Version),
			Type:        &component.typ,
			Platform:    &component.platform,
			State:       &ComponentState{Status: new(ComponentStatusActive)},
			Owner:       new(publisher),
			Encrypted:   new(true),
			DateCreated: timestamp(publishedAt),
		}); err != nil {
			return nil, err
		}
	}
	records, err := publishedWorkflowRecords()
	if err != nil {
		return nil, err
	}
	for _, w := range publishedWorkflows {
		n.Type, n.Slug, n.Version = workflowTypeOf(w.typ), w.slug, publishedWorkflowVersion
		record := records[w.slug]
		record.ARN = new(n.String())
		if err := add(n, record); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(rows, func(a, b store.Resource) int { return strings.Compare(a.ARN, b.ARN) })
	return rows, nil
}

// ownerOf is the owner of an image as lists show it: an account id or Amazon.
func ownerOf(r store.Resource) *string {
	if r.Account == amazon {
		return new(publisher)
	}
	return &r.Account
}
