package rekognition

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// A project has up to five named policies. Every change of a policy gives it a new revision; an update or
// deletion may specify the revision, which must be the latest.
// https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/md-create-project-policy-tutorial.html

// maxPolicies is the largest number of policies of a project, and of a page.
const maxPolicies = 5

func (s *rekognition) putProjectPolicy(c *operation.Call, in *PutProjectPolicyInput) (*PutProjectPolicyOutput, error) {
	_, r, project, err := load[projectRecord](c, in.ProjectARN)
	if err != nil {
		return nil, err
	}
	if err := checkCustomLabels(project.Feature); err != nil {
		return nil, err
	}
	if reason := documentError(in.PolicyDocument); reason != "" {
		return nil, errMalformedPolicyDocument("%s %s", textMalformedPolicy, reason)
	}
	known, others, err := findPolicy(c, r.ARN, in.PolicyName)
	switch {
	case err != nil:
		return nil, err
	case known == nil && in.PolicyRevisionID != nil, known != nil && in.PolicyRevisionID != nil && *in.PolicyRevisionID != known.Revision:
		return nil, errInvalidPolicyRevisionID(textRevision)
	case known != nil && in.PolicyRevisionID == nil:
		return nil, errResourceAlreadyExists(textAlreadyExists)
	case known == nil && others >= maxPolicies:
		return nil, errLimitExceeded("A project may have at most %d project policies.", maxPolicies)
	}
	revision := strings.ReplaceAll(c.NewID(), "-", "")
	return &PutProjectPolicyOutput{PolicyRevisionID: &revision}, c.Tx.PutPolicy(store.Policy{
		ARN: r.ARN, Source: store.SourceUser, Name: in.PolicyName, Document: in.PolicyDocument, Revision: revision,
		CreatedAt: c.Now, UpdatedAt: c.Now,
	})
}

// findPolicy reads the policy with a name, or nil if there is none, and counts the project's other policies.
func findPolicy(c *operation.Call, project, name string) (p *store.Policy, others int, err error) {
	policies, err := c.Tx.Policies(project)
	if err != nil {
		return nil, 0, err
	}
	i := slices.IndexFunc(policies, func(p store.Policy) bool { return p.Name == name })
	if i < 0 {
		return nil, len(policies), nil
	}
	return &policies[i], len(policies) - 1, nil
}

// documentError returns the reason why a document is not a valid project policy, or "" if it is.
func documentError(document string) string {
	doc, err := policy.Parse([]byte(document))
	if err != nil {
		return err.Error() // contains line and column
	}
	findings := policy.Validate(doc, policy.Resource, &policy.Rules{
		ForbidEmpty:        true,
		Actions:            []string{api.Name + ":" + apiCopyProjectVersion.Name},
		ForbidNotAction:    true,
		RequireResource:    true,
		ForbidNotResource:  true,
		ForbidNotPrincipal: true,
	})
	if f, found := policy.FirstRefused(findings); found {
		return f.String()
	}
	for i := range doc.Statements() {
		for _, resource := range doc.Statements()[i].Resource.Values {
			if resource.Text != "*" && !versionPattern.MatchString(resource.Text) {
				return resource.Path().String() + ": Resource is \"*\" or the ARN of a model version"
			}
		}
	}
	return ""
}

// versionPattern matches the ARNs of model versions, also those with wildcards.
var versionPattern = regexp.MustCompile(`^arn:[^:]+:rekognition:[^:]+:[^:]+:project/[^/]+/version/.+$`)

func (s *rekognition) listProjectPolicies(c *operation.Call, in *ListProjectPoliciesInput) (*ListProjectPoliciesOutput, error) {
	_, r, err := read(c, in.ProjectARN)
	if err != nil {
		return nil, err
	}
	policies, err := c.Tx.Policies(r.ARN)
	if err != nil {
		return nil, err
	}
	after, err := operation.AfterToken(apiListProjectPolicies.Name, in.NextToken)
	if errors.Is(err, operation.ErrPageToken) {
		err = errInvalidPaginationToken(textPaginationToken)
	}
	if err != nil {
		return nil, err
	}
	limit := maxPolicies
	if in.MaxResults != nil {
		limit = *in.MaxResults
	}
	page, err := operation.Paginate(apiListProjectPolicies.Name, limit, func(yield func(operation.Keyed[ProjectPolicy], error) bool) {
		for _, p := range policies {
			if p.Name > after && !yield(operation.Keyed[ProjectPolicy]{Key: p.Name, Item: describePolicy(p)}, nil) {
				return
			}
		}
	})
	return &ListProjectPoliciesOutput{ProjectPolicies: page.Items, NextToken: page.Next}, err
}

func describePolicy(p store.Policy) ProjectPolicy {
	return ProjectPolicy{
		ProjectARN:           &p.ARN,
		PolicyName:           &p.Name,
		PolicyRevisionID:     &p.Revision,
		PolicyDocument:       &p.Document,
		CreationTimestamp:    timestamp(p.CreatedAt),
		LastUpdatedTimestamp: timestamp(p.UpdatedAt),
	}
}

// deleteProjectPolicy deletes the latest revision of a policy, unless the caller specifies another one.
func (s *rekognition) deleteProjectPolicy(c *operation.Call, in *DeleteProjectPolicyInput) (*DeleteProjectPolicyOutput, error) {
	_, r, err := read(c, in.ProjectARN)
	if err != nil {
		return nil, err
	}
	known, _, err := findPolicy(c, r.ARN, in.PolicyName)
	switch {
	case err != nil:
		return nil, err
	case in.PolicyRevisionID != nil && (known == nil || *in.PolicyRevisionID != known.Revision):
		return nil, errInvalidPolicyRevisionID(textRevision)
	case known == nil:
		return nil, errResourceNotFound(textNotFound)
	}
	return &DeleteProjectPolicyOutput{}, c.Tx.DeletePolicy(r.ARN, store.SourceUser, in.PolicyName)
}
