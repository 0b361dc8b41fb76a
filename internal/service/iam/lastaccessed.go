package iam

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// Access advisor says which of the services that policies grant were used, and when. A
// report is a row that its job's id names; it is complete as soon as it is asked for.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html

const accessReportType = "access-report"

// accessReport is the result of a job.
type accessReport struct {
	CreatedAt time.Time
	Actions   bool // not only services
	Services  []serviceAccess
	// Path is the path in the organization that a report is about; "" for one about a
	// user, a group, a role or a policy.
	Path string `json:",omitempty"`
}

// serviceAccess is what a report says of one service.
type serviceAccess struct {
	Namespace string
	Entities  []entityAccess          // those that may use it; LastUsed is zero for never
	Actions   map[string]entityAccess // the last use of each action
}

// entityAccess is the last use by a user, a role, or an account of an organization.
type entityAccess struct {
	ARN      string
	LastUsed time.Time
	Region   string
}

// last is the latest use by an entity, and how many entities there are with any.
func (s *serviceAccess) last() (last entityAccess, used int) {
	for _, e := range s.Entities {
		if e.LastUsed.IsZero() {
			continue
		}
		used++
		if e.LastUsed.After(last.LastUsed) {
			last = e
		}
	}
	return last, used
}

// serviceTitles are the names of services; others are named by their namespace.
var serviceTitles = map[string]string{
	"access-analyzer": "AWS IAM Access Analyzer",
	"iam":             "AWS Identity and Access Management",
	"imagebuilder":    "Amazon EC2 Image Builder",
	"kms":             "AWS Key Management Service",
	"organizations":   "AWS Organizations",
	"ram":             "AWS Resource Access Manager",
	"rekognition":     "Amazon Rekognition",
	"secretsmanager":  "AWS Secrets Manager",
	"ssm":             "AWS Systems Manager",
	"sts":             "AWS Security Token Service",
}

func titleOf(namespace string) string { return cmp.Or(serviceTitles[namespace], namespace) }

// onReported is the target of GenerateServiceLastAccessedDetails: what it is about.
func onReported(c *operation.Call, in *GenerateServiceLastAccessedDetailsInput) (authz.Target, error) {
	return target(c, in.ARN, in, nil)
}

func generateServiceLastAccessedDetails(c *operation.Call, in *GenerateServiceLastAccessedDetailsInput) (*GenerateServiceLastAccessedDetailsOutput, error) {
	documents, users, err := reported(c, in.ARN)
	if err != nil {
		return nil, err
	}
	r := accessReport{CreatedAt: c.Now, Actions: in.Granularity != nil && *in.Granularity == AccessAdvisorUsageGranularityTypeActionLevel}
	for _, namespace := range grantedServices(documents) {
		r.Services = append(r.Services, accessOf(c, namespace, users))
	}
	id, err := putReport(c, r)
	return &GenerateServiceLastAccessedDetailsOutput{JobID: &id}, err
}

// reported are the policies of a user, a group, a role or of a managed policy itself, and
// the users and roles that use them.
func reported(c *operation.Call, about string) (documents []identity.Document, users []string, err error) {
	if a, err := arn.Parse(about); err != nil || a.Service != "iam" || a.Account != c.Account() && a.Account != "aws" {
		return nil, nil, errInvalidInput("ARN %s is not valid.", about)
	}
	kind := identity.KindOf(about)
	if kind == identity.PolicyKind {
		p, err := findPolicy(c, about)
		if err != nil {
			return nil, nil, err
		}
		v, _ := p.Version(p.Default)
		using, err := entitiesUsing(c, about)
		for _, e := range using.attached {
			if e.kind != identity.GroupKind {
				users = append(users, e.ARN)
			} else if err == nil {
				var members []string
				members, err = identity.GroupMembers(c.Tx, e.ARN)
				users = append(users, members...)
			}
		}
		return []identity.Document{{Name: about, Text: v.Document}}, distinctInOrder(users), err
	}
	own, _, err := principalPolicies(c, about)
	if err != nil {
		return nil, nil, err
	}
	users = []string{about}
	if kind == identity.GroupKind {
		users, err = identity.GroupMembers(c.Tx, about)
	}
	return own.Identity, users, err
}

// accessOf is what users and roles did with a service.
func accessOf(c *operation.Call, namespace string, users []string) serviceAccess {
	s := serviceAccess{Namespace: namespace, Actions: map[string]entityAccess{}}
	for _, user := range users {
		e := entityAccess{ARN: user}
		for action, use := range c.AccessUsage.Of(user) {
			vendor, name, _ := strings.Cut(action, ":")
			if vendor != namespace {
				continue
			}
			if use.At.After(e.LastUsed) {
				e.LastUsed, e.Region = use.At, use.Region
			}
			if use.At.After(s.Actions[name].LastUsed) {
				s.Actions[name] = entityAccess{user, use.At, use.Region}
			}
		}
		s.Entities = append(s.Entities, e)
	}
	return s
}

func putReport(c *operation.Call, r accessReport) (id string, err error) {
	id = c.NewID()
	data, err := json.Marshal(r)
	if err != nil {
		return "", fmt.Errorf("put access report: %w", err)
	}
	return id, c.Tx.PutResource(store.Resource{
		ARN: accessReportARN(c, id), Service: api.Name, Type: accessReportType, Account: c.Account(), Name: id,
		Data: data, CreatedAt: c.Now, UpdatedAt: c.Now,
	})
}

// accessReportARN is where a report is stored; it is no ARN of AWS.
func accessReportARN(c *operation.Call, id string) string {
	return "arn:" + c.Partition + ":iam::" + c.Account() + ":" + accessReportType + "-job/" + id
}

func findReport(c *operation.Call, id string, ofOrganization bool) (accessReport, error) {
	r, err := c.Tx.Resource(accessReportARN(c, id))
	var report accessReport
	if err == nil {
		report, err = decoded(r, same[accessReport])
	}
	if isNotFound(err) || err == nil && (report.Path != "") != ofOrganization {
		return report, errNoSuchEntity("Job %s was not found.", id)
	}
	return report, err
}

func getServiceLastAccessedDetails(c *operation.Call, in *GetServiceLastAccessedDetailsInput) (*GetServiceLastAccessedDetailsOutput, error) {
	r, err := findReport(c, in.JobID, false)
	if err != nil {
		return nil, err
	}
	p, err := inOrder(apiGetServiceLastAccessedDetails.Name, in.Marker, in.MaxItems, r.Services,
		func(s serviceAccess) (ServiceLastAccessed, error) { return accessView(s, r.Actions), nil })
	if err != nil {
		return nil, err
	}
	granularity := AccessAdvisorUsageGranularityTypeServiceLevel
	if r.Actions {
		granularity = AccessAdvisorUsageGranularityTypeActionLevel
	}
	return &GetServiceLastAccessedDetailsOutput{
		JobStatus: JobStatusTypeCompleted, JobType: &granularity, JobCreationDate: r.CreatedAt, JobCompletionDate: r.CreatedAt,
		ServicesLastAccessed: p.items, IsTruncated: p.truncated, Marker: p.marker,
	}, nil
}

func accessView(s serviceAccess, actions bool) ServiceLastAccessed {
	last, used := s.last()
	v := ServiceLastAccessed{ServiceName: titleOf(s.Namespace), ServiceNamespace: s.Namespace, TotalAuthenticatedEntities: &used}
	if used > 0 {
		v.LastAuthenticated, v.LastAuthenticatedEntity, v.LastAuthenticatedRegion = new(seconds(last.LastUsed)), &last.ARN, &last.Region
	}
	if actions {
		v.TrackedActionsLastAccessed = []TrackedActionLastAccessed{}
		for _, name := range slices.Sorted(maps.Keys(s.Actions)) {
			e := s.Actions[name]
			v.TrackedActionsLastAccessed = append(v.TrackedActionsLastAccessed, TrackedActionLastAccessed{
				ActionName: &name, LastAccessedEntity: &e.ARN, LastAccessedTime: new(seconds(e.LastUsed)), LastAccessedRegion: &e.Region,
			})
		}
	}
	return v
}

func getServiceLastAccessedDetailsWithEntities(c *operation.Call, in *GetServiceLastAccessedDetailsWithEntitiesInput) (*GetServiceLastAccessedDetailsWithEntitiesOutput, error) {
	r, err := findReport(c, in.JobID, false)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(r.Services, func(s serviceAccess) bool { return s.Namespace == in.ServiceNamespace })
	if i < 0 {
		return nil, errNoSuchEntity("The service namespace %s was not found in the report.", in.ServiceNamespace)
	}
	// An entity that was deleted since the report is left out.
	entities := slices.DeleteFunc(r.Services[i].Entities, func(e entityAccess) bool {
		_, err := c.Tx.Resource(e.ARN)
		return isNotFound(err)
	})
	p, err := inOrder(apiGetServiceLastAccessedDetailsWithEntities.Name, in.Marker, in.MaxItems, entities,
		func(e entityAccess) (EntityDetails, error) { return entityView(c, e) })
	if err != nil {
		return nil, err
	}
	return &GetServiceLastAccessedDetailsWithEntitiesOutput{
		JobStatus: JobStatusTypeCompleted, JobCreationDate: r.CreatedAt, JobCompletionDate: r.CreatedAt,
		EntityDetailsList: p.items, IsTruncated: p.truncated, Marker: p.marker,
	}, nil
}

func entityView(c *operation.Call, used entityAccess) (EntityDetails, error) {
	e, err := readEntity(c, used.ARN)
	if err != nil {
		return EntityDetails{}, err
	}
	return EntityDetails{
		EntityInfo:        &EntityInfo{ARN: e.ARN, Name: e.Name, Type: PolicyOwnerEntityType(strings.ToUpper(string(e.kind))), ID: e.ID, Path: &e.Path},
		LastAuthenticated: expiry(used.LastUsed),
	}, nil
}
