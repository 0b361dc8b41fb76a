package imagebuilder

import (
	"slices"
	"strings"
	"time"
)

// Which images the rules of a lifecycle policy act on: pure functions.
// https://docs.aws.amazon.com/imagebuilder/latest/userguide/image-lifecycle-rules.html

// candidate is an image as the rules see it.
type candidate struct {
	name   name
	typ    ImageType
	status ImageStatus
	made   time.Time
	tags   map[string]string
}

// selectionFault says why a policy may not select so; "" if it may.
func selectionFault(s *LifecyclePolicyResourceSelection) string {
	if (len(s.Recipes) == 0) == (len(s.TagMap) == 0) {
		return "Exactly one of recipes and tagMap must be given."
	}
	for _, r := range s.Recipes {
		if _, err := parseVersion(r.SemanticVersion); err != nil {
			return "The version '" + r.SemanticVersion + "' of the recipe " + r.Name + " is not valid."
		}
	}
	return ""
}

// detailFault says why a policy may not have a rule; "" if it may.
func detailFault(t LifecyclePolicyResourceType, d LifecyclePolicyDetail) string {
	f := d.Filter
	include := d.Action.IncludeResources
	switch {
	case t == LifecyclePolicyResourceTypeContainerImage && d.Action.Type != LifecyclePolicyDetailActionTypeDelete:
		return "Container images can only be deleted."
	case f.Type == LifecyclePolicyDetailFilterTypeAge && f.Unit == nil:
		return "A rule by age must have a unit."
	case f.Type == LifecyclePolicyDetailFilterTypeCount && (f.Unit != nil || f.RetainAtLeast != nil):
		return "A rule by count has neither unit nor retainAtLeast."
	case include == nil:
		return ""
	case t == LifecyclePolicyResourceTypeAmiImage && isTrue(include.Containers),
		t == LifecyclePolicyResourceTypeContainerImage && (isTrue(include.Amis) || isTrue(include.Snapshots)):
		return "The resources to include are not of the type of the policy."
	}
	return ""
}

func isTrue(b *bool) bool { return b != nil && *b }

// covers reports whether a policy selects an image.
func (v *LifecyclePolicy) covers(image candidate) bool {
	if (*v.ResourceType == LifecyclePolicyResourceTypeContainerImage) != (image.typ == ImageTypeDocker) {
		return false
	}
	if v.ResourceSelection.TagMap != nil {
		return hasTags(image.tags, v.ResourceSelection.TagMap)
	}
	w, err := parseVersion(image.name.Version)
	return err == nil && slices.ContainsFunc(v.ResourceSelection.Recipes, func(r LifecyclePolicyResourceSelectionRecipe) bool {
		version, err := parseVersion(r.SemanticVersion)
		return err == nil && slug(r.Name) == image.name.Slug && version.covers(w)
	})
}

// hasTags reports whether tags contain all that are wanted.
func hasTags(tags, wanted map[string]string) bool {
	for key, value := range wanted {
		if has, ok := tags[key]; !ok || has != value {
			return false
		}
	}
	return true
}

// lifecycleActions are the actions, the strongest first: an image gets the first that a rule
// of its policy demands.
var lifecycleActions = []LifecyclePolicyDetailActionType{
	LifecyclePolicyDetailActionTypeDelete, LifecyclePolicyDetailActionTypeDisable, LifecyclePolicyDetailActionTypeDeprecate,
}

// decide tells which rule of a policy acts on which image, by index; images that none acts
// on are left out. Images come in any order.
func (v *LifecyclePolicy) decide(images []candidate, now time.Time) map[int]*LifecyclePolicyDetail {
	var order []int // the newest first
	for i := range images {
		if v.covers(images[i]) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		if c := images[b].made.Compare(images[a].made); c != 0 {
			return c
		}
		return -compareNames(images[a].name, images[b].name)
	})
	acts := map[int]*LifecyclePolicyDetail{}
	for _, action := range lifecycleActions {
		for i := range v.PolicyDetails {
			if d := &v.PolicyDetails[i]; d.Action.Type == action {
				for rank, image := range order {
					if acts[image] == nil && d.demands(images[image], rank, now) {
						acts[image] = d
					}
				}
			}
		}
	}
	return acts
}

// demands reports whether a rule acts on an image, of which rank are newer.
func (d *LifecyclePolicyDetail) demands(image candidate, rank int, now time.Time) bool {
	if !applies(d.Action.Type, image.status) || d.excludes(image) {
		return false
	}
	f := d.Filter
	if f.Type == LifecyclePolicyDetailFilterTypeCount {
		return rank >= f.Value
	}
	retained := 0
	if f.RetainAtLeast != nil {
		retained = *f.RetainAtLeast
	}
	return rank >= retained && !ageLimit(image.made, f.Value, *f.Unit).After(now)
}

// applies reports whether an action changes an image in a state.
func applies(action LifecyclePolicyDetailActionType, status ImageStatus) bool {
	switch status {
	case ImageStatusAvailable:
		return true
	case ImageStatusDeprecated:
		return action != LifecyclePolicyDetailActionTypeDeprecate
	case ImageStatusDisabled:
		return action == LifecyclePolicyDetailActionTypeDelete
	}
	return false
}

// excludes reports whether a tag keeps the rule off the image: any of those that the rule
// names is enough.
func (d *LifecyclePolicyDetail) excludes(image candidate) bool {
	if d.ExclusionRules == nil {
		return false
	}
	for key, value := range d.ExclusionRules.TagMap {
		if has, ok := image.tags[key]; ok && has == value {
			return true
		}
	}
	return false
}

// ageLimit is when an image has an age.
func ageLimit(made time.Time, value int, unit LifecyclePolicyTimeUnit) time.Time {
	switch unit {
	case LifecyclePolicyTimeUnitYears:
		return made.AddDate(value, 0, 0)
	case LifecyclePolicyTimeUnitMonths:
		return made.AddDate(0, value, 0)
	case LifecyclePolicyTimeUnitWeeks:
		return made.AddDate(0, 0, 7*value)
	}
	return made.AddDate(0, 0, value)
}

// excludesAMI says why a rule is kept off a distributed AMI; "" if it is not. Who an AMI is
// shared with follows from the launch permissions of its distribution.
func excludesAMI(rules *LifecyclePolicyDetailExclusionRulesAmis, region string, config *AmiDistributionConfiguration) string {
	if rules == nil {
		return ""
	}
	if slices.Contains(rules.Regions, region) {
		return "The Region is excluded."
	}
	if config == nil {
		return ""
	}
	for key, value := range rules.TagMap {
		if has, ok := config.AmiTags[key]; ok && has == value {
			return "A tag of the AMI is excluded."
		}
	}
	launch := config.LaunchPermission
	if launch == nil {
		return ""
	}
	if isTrue(rules.IsPublic) && slices.ContainsFunc(launch.UserGroups, func(g string) bool { return strings.EqualFold(g, "all") }) {
		return "Public AMIs are excluded."
	}
	if slices.ContainsFunc(rules.SharedAccounts, func(a string) bool { return slices.Contains(launch.UserIDs, a) }) {
		return "An account that the AMI is shared with is excluded."
	}
	return ""
}
