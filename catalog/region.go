package catalog

import (
	"slices"
	"strings"
	"sync"
)

// Partition is a separate part of AWS with its own regions and namespace.
type Partition struct {
	Name      string // "aws": the second field of its ARNs
	DNSSuffix string // "amazonaws.com"
	Regions   []string
}

// Partitions returns all partitions. Source: the endpoint rules of the AWS SDKs as of 2026-09, which include
// opt-in regions.
func Partitions() []Partition { return partitions() }

var partitions = sync.OnceValue(func() (all []Partition) {
	for line := range strings.Lines(partitionText) {
		f := strings.Fields(line)
		all = append(all, Partition{f[0], f[1], f[2:]})
	}
	return all
})

// KnownRegion reports whether a partition has the region.
func KnownRegion(name string) bool {
	return slices.ContainsFunc(Partitions(), func(p Partition) bool { return slices.Contains(p.Regions, name) })
}

const partitionText = `aws amazonaws.com af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 ca-central-1 ca-west-1 eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 il-central-1 me-central-1 me-south-1 mx-central-1 sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2
aws-cn amazonaws.com.cn cn-north-1 cn-northwest-1
aws-eusc amazonaws.eu eusc-de-east-1
aws-iso c2s.ic.gov us-iso-east-1 us-iso-west-1
aws-iso-b sc2s.sgov.gov us-isob-east-1 us-isob-west-1
aws-iso-e cloud.adc-e.uk eu-isoe-west-1
aws-iso-f csp.hci.ic.gov us-isof-east-1 us-isof-south-1
aws-us-gov amazonaws.com us-gov-east-1 us-gov-west-1`

// ServicePrincipals returns the sorted service principals that AWS's managed policies name. The list is not
// complete.
func ServicePrincipals() []string { return readIndex().principals }
