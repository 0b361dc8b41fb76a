package ssm

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// Public parameters belong to AWS: everyone can read them, under names below /aws/service and ARNs without an
// account. Writ has a sample. Its information about regions is real; the image ids are invented, and begin
// with ami-00000000 to make this visible.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-public-parameters.html

const (
	publicPath   = "/aws/service/"
	exampleImage = "ami-00000000"
)

// isPublic reports whether a name, or a path, is one below which only public parameters exist.
func isPublic(name string) bool {
	return strings.HasPrefix(name, publicPath) || name == publicPath[:len(publicPath)-1]
}

// publicARN returns the ARN of a public parameter in the region.
func publicARN(c *operation.Call, name string) string {
	return "arn:" + c.Partition + ":" + api.Name + ":" + c.Region + "::" + parameterType + "/" + strings.TrimPrefix(strings.TrimSuffix(name, "/"), "/")
}

// publicImages lists names of images below /aws/service.
var publicImages = []string{
	"ami-amazon-linux-latest/al2023-ami-kernel-6.1-arm64",
	"ami-amazon-linux-latest/al2023-ami-kernel-6.1-x86_64",
	"ami-amazon-linux-latest/al2023-ami-kernel-default-arm64",
	"ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
	"ami-amazon-linux-latest/al2023-ami-minimal-kernel-6.1-arm64",
	"ami-amazon-linux-latest/al2023-ami-minimal-kernel-6.1-x86_64",
	"ami-amazon-linux-latest/al2023-ami-minimal-kernel-default-arm64",
	"ami-amazon-linux-latest/al2023-ami-minimal-kernel-default-x86_64",
	"ami-amazon-linux-latest/amzn-ami-hvm-x86_64-ebs",
	"ami-amazon-linux-latest/amzn-ami-hvm-x86_64-gp2",
	"ami-amazon-linux-latest/amzn2-ami-hvm-arm64-gp2",
	"ami-amazon-linux-latest/amzn2-ami-hvm-x86_64-ebs",
	"ami-amazon-linux-latest/amzn2-ami-hvm-x86_64-gp2",
	"ami-amazon-linux-latest/amzn2-ami-kernel-5.10-hvm-arm64-gp2",
	"ami-amazon-linux-latest/amzn2-ami-kernel-5.10-hvm-x86_64-ebs",
	"ami-amazon-linux-latest/amzn2-ami-kernel-5.10-hvm-x86_64-gp2",
	"ami-windows-latest/Windows_Server-2019-English-Full-Base",
	"ami-windows-latest/Windows_Server-2022-English-Core-Base",
	"ami-windows-latest/Windows_Server-2022-English-Full-Base",
	"ecs/optimized-ami/amazon-linux-2/recommended/image_id",
	"ecs/optimized-ami/amazon-linux-2023/recommended/image_id",
}

// publicRegions lists regions with AWS's names for them and their countries.
var publicRegions = []struct{ code, name, country string }{
	{"af-south-1", "Africa (Cape Town)", "ZA"},
	{"ap-east-1", "Asia Pacific (Hong Kong)", "HK"},
	{"ap-northeast-1", "Asia Pacific (Tokyo)", "JP"},
	{"ap-northeast-2", "Asia Pacific (Seoul)", "KR"},
	{"ap-northeast-3", "Asia Pacific (Osaka)", "JP"},
	{"ap-south-1", "Asia Pacific (Mumbai)", "IN"},
	{"ap-south-2", "Asia Pacific (Hyderabad)", "IN"},
	{"ap-southeast-1", "Asia Pacific (Singapore)", "SG"},
	{"ap-southeast-2", "Asia Pacific (Sydney)", "AU"},
	{"ap-southeast-3", "Asia Pacific (Jakarta)", "ID"},
	{"ap-southeast-4", "Asia Pacific (Melbourne)", "AU"},
	{"ca-central-1", "Canada (Central)", "CA"},
	{"ca-west-1", "Canada West (Calgary)", "CA"},
	{"eu-central-1", "Europe (Frankfurt)", "DE"},
	{"eu-central-2", "Europe (Zurich)", "CH"},
	{"eu-north-1", "Europe (Stockholm)", "SE"},
	{"eu-south-1", "Europe (Milan)", "IT"},
	{"eu-south-2", "Europe (Spain)", "ES"},
	{"eu-west-1", "Europe (Ireland)", "IE"},
	{"eu-west-2", "Europe (London)", "GB"},
	{"eu-west-3", "Europe (Paris)", "FR"},
	{"il-central-1", "Israel (Tel Aviv)", "IL"},
	{"me-central-1", "Middle East (UAE)", "AE"},
	{"me-south-1", "Middle East (Bahrain)", "BH"},
	{"sa-east-1", "South America (Sao Paulo)", "BR"},
	{"us-east-1", "US East (N. Virginia)", "US"},
	{"us-east-2", "US East (Ohio)", "US"},
	{"us-west-1", "US West (N. California)", "US"},
	{"us-west-2", "US West (Oregon)", "US"},
}

// publicInfrastructure returns the public parameters that are the same in every region, by name.
var publicInfrastructure = sync.OnceValue(func() map[string]string {
	m := map[string]string{}
	for _, r := range publicRegions {
		name := publicPath + "global-infrastructure/regions/" + r.code
		m[name], m[name+"/longName"], m[name+"/geolocationCountry"] = r.code, r.name, r.country
		m[name+"/domain"], m[name+"/partition"] = "amazonaws.com", "aws"
	}
	return m
})

// recommendedID is the suffix of the names of image ids in ECS recommendations.
const recommendedID = "/image_id"

// publicSystems holds the operating systems of the images that ECS recommends, by the names of the
// recommendations.
var publicSystems = map[string]string{
	publicPath + "ecs/optimized-ami/amazon-linux-2/recommended":    "Amazon Linux 2",
	publicPath + "ecs/optimized-ami/amazon-linux-2023/recommended": "Amazon Linux 2023",
}

// exampleID returns the invented id of an image.
func exampleID(region, name string) string {
	sum := sha256.Sum256([]byte(region + name))
	return exampleImage + hex.EncodeToString(sum[:])[:17-8]
}

// publicNames returns the sorted names of all public parameters.
var publicNames = sync.OnceValue(func() []string {
	var names []string
	for _, image := range publicImages {
		names = append(names, publicPath+image)
	}
	for name := range publicInfrastructure() {
		names = append(names, name)
	}
	for name := range publicSystems {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
})

// publicSince is the modification time of all of them. It is not from AWS.
var publicSince = time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC)

// readPublic returns the public parameter at an ARN of the region; found is false if there is none.
func readPublic(c *operation.Call, arn string) (p *parameter, found bool) {
	_, name, found := strings.Cut(arn, "::"+parameterType)
	if !found || publicARN(c, name) != arn {
		return nil, false
	}
	return publicParameter(c, name)
}

func publicParameter(c *operation.Call, name string) (*parameter, bool) {
	v := version{Number: 1, Type: ParameterTypeString, DataType: "text", Tier: ParameterTierStandard, ModifiedAt: publicSince}
	value, found := publicInfrastructure()[name]
	system, isRecommended := publicSystems[name]
	switch {
	case found:
		v.Value = value
	case slices.Contains(publicImages, strings.TrimPrefix(name, publicPath)):
		v.Value = exampleID(c.Region, name)
	case isRecommended:
		v.Value = fmt.Sprintf(`{"image_id":"%s","os":%q,"schema_version":1}`, exampleID(c.Region, name+recommendedID), system)
	default:
		return nil, false
	}
	return &parameter{version: v, Oldest: 1, row: store.Resource{
		ARN: publicARN(c, name), Service: api.Name, Type: parameterType, Region: c.Region, Name: name,
	}}, true
}

// publicParameters yields the public parameters, ordered by ARN, starting after the given one.
func publicParameters(c *operation.Call, after string) iter.Seq2[*parameter, error] {
	return func(yield func(*parameter, error) bool) {
		for _, name := range publicNames() {
			if publicARN(c, name) <= after {
				continue
			}
			if p, found := publicParameter(c, name); found && !yield(p, nil) {
				return
			}
		}
	}
}
