package accessanalyzer

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

const recommendationType = "recommendation"

func recommendationARN(analyzer, finding string) string {
	return analyzer + "/recommendation/" + finding
}

// recommendation is the stored state of a recommendation: its steps are computed when they are read.
type recommendation struct{ StartedAt time.Time }

// generateFindingRecommendation records the request for a recommendation. Only findings of unused permissions
// have recommendations.
func (s *accessAnalyzer) generateFindingRecommendation(c *operation.Call, in *GenerateFindingRecommendationInput) (*GenerateFindingRecommendationOutput, error) {
	f, err := s.recommendable(c, in.AnalyzerARN, in.ID)
	if err != nil {
		return nil, err
	}
	r, err := operation.Record(c, store.Resource{
		ARN: recommendationARN(in.AnalyzerARN, f.id), Service: api.Name, Type: recommendationType, Account: accountOf(in.AnalyzerARN), Region: c.Region, Name: f.id,
	}, recommendation{StartedAt: c.Now})
	if err != nil {
		return nil, err
	}
	return &GenerateFindingRecommendationOutput{}, c.Tx.PutResource(r)
}

// recommendable returns a finding of unused permissions.
func (s *accessAnalyzer) recommendable(c *operation.Call, analyzer, id string) (*finding, error) {
	v, err := s.view(c, analyzer)
	if err != nil {
		return nil, err
	}
	f, err := s.find(c, v, id)
	if err == nil && f.kind != FindingTypeUnusedPermission {
		return nil, notValid("id", "Recommendations exist only for findings of unused permissions.")
	}
	return f, err
}

func (s *accessAnalyzer) getFindingRecommendation(c *operation.Call, in *GetFindingRecommendationInput) (*GetFindingRecommendationOutput, error) {
	f, err := s.recommendable(c, in.AnalyzerARN, in.ID)
	if err != nil {
		return nil, err
	}
	r, err := c.Tx.Resource(recommendationARN(in.AnalyzerARN, f.id))
	if errors.Is(err, store.ErrNotFound) {
		return nil, notFound("Recommendation", in.ID)
	}
	if err != nil {
		return nil, err
	}
	kept, err := operation.Decode[recommendation](r)
	if err != nil {
		return nil, err
	}
	steps, err := f.steps(c)
	if err != nil {
		return nil, err
	}
	page, err := paginate("GetFindingRecommendation", in.MaxResults, in.NextToken, keyed(steps, func(s RecommendedStep) string { return *s.UnusedPermissionsRecommendedStep.ExistingPolicyID }))
	return &GetFindingRecommendationOutput{
		StartedAt: kept.StartedAt, CompletedAt: &kept.StartedAt, NextToken: page.Next, ResourceARN: f.resource.arn, RecommendedSteps: page.Items,
		RecommendationType: RecommendationTypeUnusedPermissionRecommendation, Status: StatusSucceeded,
	}, err
}

// steps returns a step for each identity-based policy of the role or user that allows unused actions: detach
// it, or replace it.
func (f *finding) steps(c *operation.Call) (steps []RecommendedStep, err error) {
	own, err := identity.LoadPrincipalPolicies(c.Tx, f.resource.arn)
	if err != nil {
		return nil, err
	}
	for _, p := range own.Identity {
		doc, err := policy.Parse([]byte(p.Text))
		if err != nil {
			return nil, err
		}
		less, err := f.without(doc)
		if err != nil {
			return nil, err
		}
		step := UnusedPermissionsRecommendedStep{RecommendedAction: RecommendedRemediationActionDetachPolicy, ExistingPolicyID: &p.Name}
		switch {
		case less == p.Text:
			continue
		case less != "":
			step.RecommendedAction, step.RecommendedPolicy = RecommendedRemediationActionCreatePolicy, &less
		}
		steps = append(steps, RecommendedStep{UnusedPermissionsRecommendedStep: &step})
	}
	slices.SortFunc(steps, func(a, b RecommendedStep) int {
		return strings.Compare(*a.UnusedPermissionsRecommendedStep.ExistingPolicyID, *b.UnusedPermissionsRecommendedStep.ExistingPolicyID)
	})
	return steps, nil
}

// without returns the text of a document without the finding's unused actions, with its formatting, or "" if
// it then allows nothing.
func (f *finding) without(doc *policy.Document) (string, error) {
	for {
		text, found := f.withoutOne(doc)
		if !found || text == "" {
			return text, nil
		}
		next, err := policy.Parse([]byte(text))
		if err != nil {
			return "", err
		}
		doc = next
	}
}

// withoutOne removes the first unused action, or its statement if it has no others.
func (f *finding) withoutOne(doc *policy.Document) (text string, found bool) {
	allows := func(s policy.Statement) bool { return s.Effect.Text == "Allow" }
	for i, s := range doc.Statements() {
		if !allows(s) {
			continue
		}
		for j, a := range s.Action.Values {
			switch {
			case !f.isUnused(a.Text):
				continue
			case len(s.Action.Values) > 1:
				return doc.WithoutValue(s.Action, j), true
			case slices.ContainsFunc(slices.Delete(slices.Clone(doc.Statements()), i, i+1), allows):
				return doc.Without(i), true
			}
			return "", true
		}
	}
	return string(doc.Source()), false
}

// isUnused reports whether a value of Action is one of the finding's actions.
func (f *finding) isUnused(action string) bool {
	service, name, _ := strings.Cut(action, ":")
	return slices.ContainsFunc(f.details, func(d FindingDetails) bool {
		p := d.UnusedPermissionDetails
		return strings.EqualFold(p.ServiceNamespace, service) &&
			(p.Actions == nil || slices.ContainsFunc(p.Actions, func(a UnusedAction) bool { return strings.EqualFold(a.Action, name) }))
	})
}
