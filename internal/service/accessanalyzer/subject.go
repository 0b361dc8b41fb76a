package accessanalyzer

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// subjectType is a type of resources that analyzers cover.
type subjectType struct {
	service, row string // of the rows in the store
	kind         ResourceType
	policyKind   policy.Kind
}

// subjectTypes lists the types, in the order in which findings are listed.
var subjectTypes = []subjectType{
	{"iam", "role", ResourceTypeAWSIAMRole, policy.Trust},
	{"imagebuilder", "component", ResourceTypeAWSImageBuilderComponent, policy.Resource},
	{"imagebuilder", "container-recipe", ResourceTypeAWSImageBuilderContainerRecipe, policy.Resource},
	{"imagebuilder", "image", ResourceTypeAWSImageBuilderImage, policy.Resource},
	{"imagebuilder", "image-recipe", ResourceTypeAWSImageBuilderImageRecipe, policy.Resource},
	{"kms", "key", ResourceTypeAWSKMSKey, policy.Resource},
	{"rekognition", "project", ResourceTypeAWSRekognitionProject, policy.Resource},
	{"secretsmanager", "secret", ResourceTypeAWSSecretsManagerSecret, policy.Resource},
	{"ssm", "parameter", ResourceTypeAWSSSMParameter, policy.Resource},
	{"ssm", "opsitemgroup", ResourceTypeAWSSSMOpsItemGroup, policy.Resource},
}

// subjects yields the resources that an analyzer covers, each with its sort key, starting after a key: those
// of its account or of all accounts of its organization, in its region or without a region.
func subjects(c *operation.Call, v *view, after string) iter.Seq2[operation.Keyed[*subject], error] {
	return func(yield func(operation.Keyed[*subject], error) bool) {
		for i, t := range subjectTypes {
			for _, account := range slices.Sorted(slices.Values(v.zone.Accounts)) {
				prefix := fmt.Sprintf("%02d/%s/", i, account)
				arn, here := strings.CutPrefix(after, prefix)
				if !here && prefix < after {
					continue
				}
				if !here {
					arn = ""
				}
				for s, err := range t.of(c, account, arn) {
					item := operation.Keyed[*subject]{Item: s}
					if err == nil {
						item.Key = prefix + s.arn
					}
					if !yield(item, err) || err != nil {
						return
					}
				}
			}
		}
	}
}

// of yields the resources of a type in an account, starting after an ARN.
func (t *subjectType) of(c *operation.Call, account, after string) iter.Seq2[*subject, error] {
	return func(yield func(*subject, error) bool) {
		if t.kind == ResourceTypeAWSSSMOpsItemGroup {
			if group := opsItemGroup(c, account); group.arn > after {
				yield(group, nil)
			}
			return
		}
		for r, err := range c.Tx.Resources(store.Query{Service: t.service, Type: t.row, Account: account, After: after}) {
			if err == nil && r.Region != "" && r.Region != c.Region {
				continue
			}
			if !yield(t.subject(r), err) || err != nil {
				return
			}
		}
	}
}

func (t *subjectType) subject(r store.Resource) *subject {
	return &subject{arn: r.ARN, owner: r.Account, kind: t.kind, policyKind: t.policyKind, createdAt: r.CreatedAt, updatedAt: r.UpdatedAt}
}

// opsItemGroup returns an account's OpsItem group, which has no row.
func opsItemGroup(c *operation.Call, account string) *subject {
	arn := "arn:" + c.Partition + ":ssm:" + c.Region + ":" + account + ":opsitemgroup/default"
	return &subject{arn: arn, owner: account, kind: ResourceTypeAWSSSMOpsItemGroup, policyKind: policy.Resource, createdAt: time.Unix(0, 0), updatedAt: time.Unix(0, 0)}
}

// findSubject returns a resource that the analyzer covers.
func findSubject(c *operation.Call, v *view, arn string) (*subject, error) {
	if owner := accountOf(arn); slices.Contains(v.zone.Accounts, owner) {
		if group := opsItemGroup(c, owner); group.arn == arn {
			return group, nil
		}
	}
	r, err := c.Tx.Resource(arn)
	if errors.Is(err, store.ErrNotFound) {
		return nil, notFound("Resource", arn)
	}
	if err != nil {
		return nil, err
	}
	for _, t := range subjectTypes {
		if t.service == r.Service && t.row == r.Type && slices.Contains(v.zone.Accounts, r.Account) && (r.Region == "" || r.Region == c.Region) {
			return t.subject(r), nil
		}
	}
	return nil, notFound("Resource", arn)
}
