package accessanalyzer

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/writdev/writ/catalog"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// generation is the stored state of a policy generation: the actions that the principal was allowed before
// its start.
type generation struct {
	ID, Principal string
	Actions       []string // sorted
	Trail         *CloudTrailProperties
	StartedAt     time.Time
}

// generationPrefix returns the prefix of the ARNs of an account's generations.
func generationPrefix(c *operation.Call) string {
	return "arn:" + c.Partition + ":" + api.Name + ":" + c.Region + ":" + c.Account() + ":policy-generation/"
}

const generationType = "policy-generation"

// startPolicyGeneration generates a policy from the recorded actions of the principal. It does not require a
// trail; with one, only actions within its times are included.
func (s *accessAnalyzer) startPolicyGeneration(c *operation.Call, in *StartPolicyGenerationInput) (*StartPolicyGenerationOutput, error) {
	if in.PolicyGenerationDetails == nil {
		return nil, notValid("policyGenerationDetails", "policyGenerationDetails is required.")
	}
	principal := in.PolicyGenerationDetails.PrincipalARN
	kind := identity.KindOf(principal)
	if accountOf(principal) != c.Account() {
		return nil, errAccessDenied("%s belongs to another account.", principal)
	}
	if kind != identity.RoleKind && kind != identity.UserKind {
		return nil, notValid("principalArn", "%s is not a role or user.", principal)
	}
	if _, err := c.Tx.Resource(principal); errors.Is(err, store.ErrNotFound) {
		return nil, notValid("principalArn", "%s does not exist.", principal)
	} else if err != nil {
		return nil, err
	}
	g := generation{ID: c.NewID(), Principal: principal, StartedAt: c.Now}
	from, to := time.Time{}, c.Now
	if t := in.CloudTrailDetails; t != nil {
		if err := c.PassRole(t.AccessRole, api.Name+".amazonaws.com"); err != nil {
			return nil, err
		}
		from = t.StartTime
		if t.EndTime != nil {
			to = *t.EndTime
		}
		g.Trail = &CloudTrailProperties{TrailProperties: []TrailProperties{}, StartTime: from, EndTime: to}
		for _, trail := range t.Trails {
			g.Trail.TrailProperties = append(g.Trail.TrailProperties, TrailProperties(trail))
		}
	}
	for action, use := range c.AccessUsage.Of(principal) {
		if !use.At.Before(from) && !use.At.After(to) {
			g.Actions = append(g.Actions, action)
		}
	}
	slices.Sort(g.Actions)
	r, err := operation.Record(c, store.Resource{
		ARN: generationPrefix(c) + g.ID, Service: api.Name, Type: generationType, Account: c.Account(), Region: c.Region, Name: g.ID,
	}, g)
	if err != nil {
		return nil, err
	}
	return &StartPolicyGenerationOutput{JobID: g.ID}, c.Tx.InsertResource(r)
}

func readGeneration(c *operation.Call, id string) (*generation, error) {
	r, err := c.Tx.Resource(generationPrefix(c) + id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, notValid("jobId", "There is no policy generation %s.", id)
	}
	if err != nil {
		return nil, err
	}
	return operation.Decode[generation](r)
}

func (s *accessAnalyzer) getGeneratedPolicy(c *operation.Call, in *GetGeneratedPolicyInput) (*GetGeneratedPolicyOutput, error) {
	g, err := readGeneration(c, in.JobID)
	if err != nil {
		return nil, err
	}
	placeholders := in.IncludeResourcePlaceholders != nil && *in.IncludeResourcePlaceholders
	out := &GetGeneratedPolicyOutput{
		JobDetails: &JobDetails{JobID: g.ID, Status: JobStatusSucceeded, StartedOn: g.StartedAt, CompletedOn: &g.StartedAt},
		GeneratedPolicyResult: &GeneratedPolicyResult{
			Properties:        &GeneratedPolicyProperties{IsComplete: new(true), PrincipalARN: g.Principal, CloudTrailProperties: g.Trail},
			GeneratedPolicies: []GeneratedPolicy{},
		},
	}
	if len(g.Actions) > 0 {
		document, err := leastPrivilege(g.Actions, placeholders)
		if err != nil {
			return nil, err
		}
		out.GeneratedPolicyResult.GeneratedPolicies = []GeneratedPolicy{{Policy: document}}
	}
	return out, nil
}

// leastPrivilege returns a document that allows the actions and no others. With placeholders, actions that
// support resource types have the types' ARN formats as resources, to be completed; without, they have every
// resource.
func leastPrivilege(actions []string, placeholders bool) (string, error) {
	type statement struct {
		Effect, Action, Resource any
	}
	byResource := map[string][]string{}
	for _, action := range actions {
		resource := "*"
		if a, ok := catalog.FindAction(action); ok && placeholders && len(a.Resources) > 0 {
			var forms []string
			for _, r := range a.Resources {
				forms = append(forms, r.Type.ARN)
			}
			resource = strings.Join(slices.Compact(slices.Sorted(slices.Values(forms))), "\n")
		}
		byResource[resource] = append(byResource[resource], action)
	}
	var statements []statement
	for _, resource := range sortedKeys(byResource) {
		statements = append(statements, statement{"Allow", byResource[resource], oneOrMany(strings.Split(resource, "\n"))})
	}
	text, err := json.Marshal(struct {
		Version   string
		Statement []statement
	}{"2012-10-17", statements})
	return string(text), err
}

func oneOrMany(list []string) any {
	if len(list) == 1 {
		return list[0]
	}
	return list
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func (s *accessAnalyzer) listPolicyGenerations(c *operation.Call, in *ListPolicyGenerationsInput) (*ListPolicyGenerationsOutput, error) {
	var list []PolicyGeneration
	for r, err := range c.Tx.Resources(store.Query{Prefix: generationPrefix(c)}) {
		if err != nil {
			return nil, err
		}
		g, err := operation.Decode[generation](r)
		if err != nil {
			return nil, err
		}
		if in.PrincipalARN == nil || *in.PrincipalARN == g.Principal {
			list = append(list, PolicyGeneration{JobID: g.ID, PrincipalARN: g.Principal, Status: JobStatusSucceeded, StartedOn: g.StartedAt, CompletedOn: &g.StartedAt})
		}
	}
	page, err := paginate("ListPolicyGenerations", in.MaxResults, in.NextToken, keyed(list, func(g PolicyGeneration) string { return g.JobID }))
	return &ListPolicyGenerationsOutput{PolicyGenerations: page.Items, NextToken: page.Next}, err
}

// cancelPolicyGeneration always fails: a generation is complete when it is started.
func (s *accessAnalyzer) cancelPolicyGeneration(c *operation.Call, in *CancelPolicyGenerationInput) (*CancelPolicyGenerationOutput, error) {
	_, err := readGeneration(c, in.JobID)
	return &CancelPolicyGenerationOutput{}, err
}
