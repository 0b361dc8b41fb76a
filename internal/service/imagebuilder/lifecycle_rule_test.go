package imagebuilder

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func images(now time.Time, ages ...int) []candidate {
	var list []candidate
	for i, days := range ages {
		list = append(list, candidate{
			name: name{Type: imageType, Slug: "web", Version: "1.0.0", Build: len(ages) - i}, typ: ImageTypeAmi, status: ImageStatusAvailable,
			made: now.AddDate(0, 0, -days), tags: map[string]string{"team": "web"},
		})
	}
	return list
}

func rule(action LifecyclePolicyDetailActionType, filter LifecyclePolicyDetailFilter) LifecyclePolicyDetail {
	return LifecyclePolicyDetail{Action: &LifecyclePolicyDetailAction{Type: action}, Filter: &filter}
}

func byAge(value int, unit LifecyclePolicyTimeUnit) LifecyclePolicyDetailFilter {
	return LifecyclePolicyDetailFilter{Type: LifecyclePolicyDetailFilterTypeAge, Value: value, Unit: &unit}
}

func byCount(value int) LifecyclePolicyDetailFilter {
	return LifecyclePolicyDetailFilter{Type: LifecyclePolicyDetailFilterTypeCount, Value: value}
}

func policyOf(details ...LifecyclePolicyDetail) *LifecyclePolicy {
	return &LifecyclePolicy{
		ResourceType: new(LifecyclePolicyResourceTypeAmiImage), PolicyDetails: details,
		ResourceSelection: &LifecyclePolicyResourceSelection{Recipes: []LifecyclePolicyResourceSelectionRecipe{{Name: "Web", SemanticVersion: "1.x.x"}}},
	}
}

func TestLifecycleDecide(t *testing.T) {
	now := time.Date(2026, time.November, 22, 8, 0, 0, 0, time.UTC)
	retain := byAge(30, LifecyclePolicyTimeUnitDays)
	retain.RetainAtLeast = new(2)
	excluded := rule(LifecyclePolicyDetailActionTypeDelete, byAge(30, LifecyclePolicyTimeUnitDays))
	excluded.ExclusionRules = &LifecyclePolicyDetailExclusionRules{TagMap: map[string]string{"keep": "yes", "team": "web"}}
	del, dep, dis := LifecyclePolicyDetailActionTypeDelete, LifecyclePolicyDetailActionTypeDeprecate, LifecyclePolicyDetailActionTypeDisable
	for _, test := range []struct {
		name   string
		policy *LifecyclePolicy
		change func([]candidate)
		want   string // an action for each of the images of 5, 35, 70 and 400 days
	}{
		{"by age in days", policyOf(rule(del, byAge(30, LifecyclePolicyTimeUnitDays))), nil, "- DELETE DELETE DELETE"},
		{"by age in weeks", policyOf(rule(del, byAge(6, LifecyclePolicyTimeUnitWeeks))), nil, "- - DELETE DELETE"},
		{"by age in months", policyOf(rule(dep, byAge(2, LifecyclePolicyTimeUnitMonths))), nil, "- - DEPRECATE DEPRECATE"},
		{"by age in years", policyOf(rule(dis, byAge(1, LifecyclePolicyTimeUnitYears))), nil, "- - - DISABLE"},
		{"at the very time", policyOf(rule(del, byAge(35, LifecyclePolicyTimeUnitDays))), nil, "- DELETE DELETE DELETE"},
		{"some are retained", policyOf(rule(del, retain)), nil, "- - DELETE DELETE"},
		{"by count", policyOf(rule(del, byCount(1))), nil, "- DELETE DELETE DELETE"},
		{"fewer than the count", policyOf(rule(del, byCount(9))), nil, "- - - -"},
		{"the strongest action", policyOf(rule(dep, byAge(1, LifecyclePolicyTimeUnitDays)), rule(dis, byCount(2)), rule(del, byAge(1, LifecyclePolicyTimeUnitYears))), nil,
			"DEPRECATE DEPRECATE DISABLE DELETE"},
		{"a tag excludes", policyOf(excluded), nil, "- - - -"},
		{"another tag does not", policyOf(excluded), func(list []candidate) { list[3].tags = map[string]string{"keep": "no"} }, "- - - DELETE"},
		{"deprecated already", policyOf(rule(dep, byCount(1))), func(list []candidate) { list[2].status = ImageStatusDeprecated }, "- DEPRECATE - DEPRECATE"},
		{"deprecated ones are deleted", policyOf(rule(del, byCount(1))), func(list []candidate) { list[2].status = ImageStatusDeprecated }, "- DELETE DELETE DELETE"},
		{"still being made", policyOf(rule(del, byCount(1))), func(list []candidate) { list[1].status = ImageStatusBuilding }, "- - DELETE DELETE"},
		{"of another recipe", policyOf(rule(del, byCount(1))), func(list []candidate) { list[1].name.Slug = "db" }, "- - DELETE DELETE"},
		{"of another version", policyOf(rule(del, byCount(1))), func(list []candidate) { list[1].name.Version = "2.0.0" }, "- - DELETE DELETE"},
		{"containers", policyOf(rule(del, byCount(1))), func(list []candidate) { list[1].typ = ImageTypeDocker }, "- - DELETE DELETE"},
	} {
		t.Run(test.name, func(t *testing.T) {
			list := images(now, 5, 35, 70, 400)
			if test.change != nil {
				test.change(list)
			}
			acts := test.policy.decide(list, now)
			var got []string
			for i := range list {
				if d := acts[i]; d != nil {
					got = append(got, string(d.Action.Type))
				} else {
					got = append(got, "-")
				}
			}
			if text := strings.Join(got, " "); text != test.want {
				t.Errorf("%s, want %s", text, test.want)
			}
		})
	}
}

// TestLifecycleLaws: the order of images never matters, and what a rule retains stays.
func TestLifecycleLaws(t *testing.T) {
	now := time.Date(2026, time.November, 22, 8, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		list := images(now, rapid.SliceOfN(rapid.IntRange(0, 60), 1, 20).Draw(t, "ages")...)
		keep := rapid.IntRange(1, 10).Draw(t, "keep")
		filter := byCount(keep)
		if rapid.Bool().Draw(t, "by age") {
			filter = byAge(rapid.IntRange(1, 40).Draw(t, "days"), LifecyclePolicyTimeUnitDays)
			filter.RetainAtLeast = &keep
		}
		policy := policyOf(rule(LifecyclePolicyDetailActionTypeDelete, filter))
		gone := func(list []candidate) []string {
			var names []string
			for i := range policy.decide(list, now) {
				names = append(names, fmt.Sprint(list[i].name.Build))
			}
			slices.Sort(names)
			return names
		}
		want := gone(list)
		if len(list)-len(want) < min(keep, len(list)) {
			t.Fatalf("of %d images %d go, want %d kept", len(list), len(want), keep)
		}
		shuffled := rapid.Permutation(list).Draw(t, "order")
		if got := gone(shuffled); !slices.Equal(got, want) {
			t.Fatalf("in another order %v go, not %v", got, want)
		}
	})
}

func TestExcludesAMI(t *testing.T) {
	launch := &AmiDistributionConfiguration{
		AmiTags:          map[string]string{"keep": "yes"},
		LaunchPermission: &LaunchPermissionConfiguration{UserGroups: []string{"all"}, UserIDs: []string{"444455556666"}},
	}
	for name, test := range map[string]struct {
		rules *LifecyclePolicyDetailExclusionRulesAmis
		want  bool
	}{
		"no rules":        {nil, false},
		"another region":  {&LifecyclePolicyDetailExclusionRulesAmis{Regions: []string{"eu-west-1"}}, false},
		"its region":      {&LifecyclePolicyDetailExclusionRulesAmis{Regions: []string{"us-east-1"}}, true},
		"public":          {&LifecyclePolicyDetailExclusionRulesAmis{IsPublic: new(true)}, true},
		"shared":          {&LifecyclePolicyDetailExclusionRulesAmis{SharedAccounts: []string{"444455556666"}}, true},
		"shared with one": {&LifecyclePolicyDetailExclusionRulesAmis{SharedAccounts: []string{"777788889999"}}, false},
		"a tag":           {&LifecyclePolicyDetailExclusionRulesAmis{TagMap: map[string]string{"keep": "yes"}}, true},
		"another tag":     {&LifecyclePolicyDetailExclusionRulesAmis{TagMap: map[string]string{"keep": "no"}}, false},
	} {
		if got := excludesAMI(test.rules, "us-east-1", launch) != ""; got != test.want {
			t.Errorf("%s: excluded is %v", name, got)
		}
	}
}
