package lint

import (
	"slices"
	"strings"

	"github.com/writdev/writ/catalog"
	"github.com/writdev/writ/policy"
)

// arnCodes lists the checks of ARN fields against the formats that AWS publishes.
var arnCodes = []code{
	{"INVALID_PARTITION", policy.Error},
	{"INVALID_SERVICE", policy.Error},
	{"INVALID_ARN_REGION", policy.Error},
	{"INVALID_ARN_RESOURCE", policy.Error},
	{"MISSING_ARN_REGION", policy.Error},
	{"MISSING_ARN_ACCOUNT", policy.Error},
	{"ARN_REGION_NOT_ALLOWED", policy.Error},
	{"ARN_ACCOUNT_NOT_ALLOWED", policy.Error},
}

func (l *linter) checkResources(s *statement) {
	if l.Kind == policy.Trust {
		return
	}
	for _, v := range s.resources.Values {
		if field := strings.SplitN(v.Text, ":", 6); len(field) == 6 && field[0] == "arn" {
			l.checkARN(v, field)
		}
	}
}

func (l *linter) checkARN(v policy.Value, field []string) {
	partition, service, region := field[1], field[2], field[3]
	if isFixed(partition) && !knownPartition(partition) {
		near := nearest(partition, partitionNames)
		l.add("INVALID_PARTITION", v.Node, "there is no partition %q%s", partition, didYouMean(near))
	}
	if isFixed(region) && region != "" && !catalog.KnownRegion(region) {
		near := nearest(region, regionNames)
		l.add("INVALID_ARN_REGION", v.Node, "there is no region %s%s", region, didYouMean(near)).Fix = l.fieldFix(v, field, 3, near)
	}
	switch {
	case !isFixed(service) || strings.ToLower(service) != service:
	case !catalog.KnownARNService(service) && catalog.Unlisted(service):
		l.add("UNLISTED_NAME", v.Node, "AWS no longer lists the service %s", service)
	case !catalog.KnownARNService(service):
		near := nearest(service, slices.Values(catalog.Prefixes()))
		l.add("INVALID_SERVICE", v.Node, "no ARN has the service %q%s", service, didYouMean(near)).Fix = l.fieldFix(v, field, 2, near)
	default:
		l.checkForm(v, field)
	}
}

// checkForm compares an ARN with the resource types that its last field can belong to. A service without
// types in the reference has no format to compare with.
func (l *linter) checkForm(v policy.Value, field []string) {
	region, account := field[3], field[4]
	types, fits := 0, 0
	withRegion, withoutRegion, withAccount, withoutAccount := 0, 0, 0, 0
	for t := range catalog.ResourceTypes(field[2]) {
		types++
		if !t.CanName(field[5]) {
			continue
		}
		fits++
		count(t.HasRegion(), &withRegion, &withoutRegion)
		count(t.HasAccount(), &withAccount, &withoutAccount)
	}
	switch {
	case types == 0:
		return
	case fits == 0 && spansFields(field, v.Text):
		return
	case fits == 0:
		l.add("INVALID_ARN_RESOURCE", v.Node, "no resource type of %s has an ARN that ends in %q", field[2], field[5])
		return
	}
	switch {
	case region == "" && withoutRegion == 0:
		l.add("MISSING_ARN_REGION", v.Node, "the ARN of this resource has a region; use * for any").Fix = l.fieldFix(v, field, 3, "*")
	case isFixed(region) && region != "" && withRegion == 0:
		l.add("ARN_REGION_NOT_ALLOWED", v.Node, "the ARN of this resource has no region").Fix = l.fieldFix(v, field, 3, "")
	}
	switch {
	case account == "" && withoutAccount == 0 && !ownedByAWS(field):
		l.add("MISSING_ARN_ACCOUNT", v.Node, "the ARN of this resource has an account; use * for any").Fix = l.fieldFix(v, field, 4, "*")
	case isFixed(account) && account != "" && account != "aws" && withAccount == 0:
		l.add("ARN_ACCOUNT_NOT_ALLOWED", v.Node, "the ARN of this resource has no account").Fix = l.fieldFix(v, field, 4, "")
	}
}

// spansFields reports whether a "*" before the last field, which also matches colons, makes the pattern match ARNs
// with a different last field.
func spansFields(field []string, pattern string) bool {
	for t := range catalog.ResourceTypes(field[2]) {
		if t.CanMatch(pattern) {
			return true
		}
	}
	return strings.HasSuffix(field[3], "*") || strings.HasSuffix(field[4], "*")
}

// ownedByAWS reports ARNs of resources that AWS provides in every account, for which the reference has no
// format: documents and public parameters of Systems Manager, views of Resource Explorer.
func ownedByAWS(field []string) bool {
	for _, own := range [][2]string{{"ssm", "document/"}, {"ssm", "automation-definition/"}, {"ssm", "parameter/aws/"}, {"resource-explorer-2", "view/AWSServiceView"}} {
		if field[2] == own[0] && strings.HasPrefix(field[5], own[1]) {
			return true
		}
	}
	return false
}

func count(yes bool, with, without *int) {
	if yes {
		*with++
	} else {
		*without++
	}
}

// fieldFix returns a fix that replaces one field of an ARN.
func (l *linter) fieldFix(v policy.Value, field []string, i int, text string) *Fix {
	if text == "" && i < 3 {
		return nil
	}
	changed := slices.Clone(field)
	changed[i] = text
	arn := strings.Join(changed, ":")
	return replaceText("Change the ARN to "+arn, v, arn)
}

func knownPartition(name string) bool {
	return slices.ContainsFunc(catalog.Partitions(), func(p catalog.Partition) bool { return p.Name == name })
}

func partitionNames(yield func(string) bool) {
	for _, p := range catalog.Partitions() {
		if !yield(p.Name) {
			return
		}
	}
}

func regionNames(yield func(string) bool) {
	for _, p := range catalog.Partitions() {
		for _, r := range p.Regions {
			if !yield(r) {
				return
			}
		}
	}
}
