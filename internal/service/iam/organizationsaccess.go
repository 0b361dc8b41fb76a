package iam

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
)

// onAccessReport is the target of GenerateOrganizationsAccessReport.
func onAccessReport(c *operation.Call, in *GenerateOrganizationsAccessReportInput) (authz.Target, error) {
	t, err := target(c, newARN(c, accessReportType, "/", in.EntityPath), in, nil)
	if in.OrganizationsPolicyID != nil {
		t.Keys["iam:OrganizationsPolicyId"] = []string{*in.OrganizationsPolicyID}
	}
	return t, err
}

// generateOrganizationsAccessReport reports what the accounts below a path of the
// organization used, of all services or of those that a service control policy allows.
func generateOrganizationsAccessReport(c *operation.Call, in *GenerateOrganizationsAccessReportInput) (*GenerateOrganizationsAccessReportOutput, error) {
	org, err := identity.ReadOrganization(c.Tx, c.Account())
	if err != nil && !isNotFound(err) {
		return nil, err
	}
	if isNotFound(err) || org.Management != c.Account() {
		return nil, errInvalidInput("Only the management account of an organization can report what its accounts access.")
	}
	accounts, err := accountsBelow(c, org.Organization, in.EntityPath)
	if err != nil {
		return nil, err
	}
	documents := []identity.Document{{Text: `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`}}
	if in.OrganizationsPolicyID != nil {
		p, err := identity.ReadOrganizationPolicy(c.Tx, org.Organization, identity.ServiceControlPolicy, *in.OrganizationsPolicyID)
		if isNotFound(err) {
			return nil, errInvalidInput("The policy %s was not found.", *in.OrganizationsPolicyID)
		}
		if err != nil {
			return nil, err
		}
		documents[0].Text = p.Content
	}
	r := accessReport{CreatedAt: c.Now, Path: in.EntityPath}
	for _, namespace := range grantedServices(documents) {
		s := serviceAccess{Namespace: namespace}
		for _, node := range accounts {
			e := entityAccess{ARN: node.Path()}
			for action, use := range c.AccessUsage.OfAccount(node.ID) {
				if vendor, _, _ := strings.Cut(action, ":"); vendor == namespace && use.At.After(e.LastUsed) {
					e.LastUsed, e.Region = use.At, use.Region
				}
			}
			s.Entities = append(s.Entities, e)
		}
		r.Services = append(r.Services, s)
	}
	id, err := putReport(c, r)
	return &GenerateOrganizationsAccessReportOutput{JobID: &id}, err
}

// accountsBelow are the accounts at or below a path: "o-.../r-.../ou-...".
func accountsBelow(c *operation.Call, org identity.Organization, path string) (list []identity.Node, err error) {
	prefix := strings.TrimSuffix(path, "/") + "/"
	for node, err := range identity.Nodes(c.Tx, org, identity.AccountNode, "") {
		if err != nil {
			return nil, err
		}
		if strings.HasPrefix(node.Path(), prefix) {
			list = append(list, node)
		}
	}
	if len(list) == 0 && prefix != org.ID+"/" {
		return nil, errInvalidInput("The entity path %s has no accounts.", path)
	}
	return list, nil
}

func getOrganizationsAccessReport(c *operation.Call, in *GetOrganizationsAccessReportInput) (*GetOrganizationsAccessReportOutput, error) {
	r, err := findReport(c, in.JobID, true)
	if err != nil {
		return nil, err
	}
	sortAccess(r.Services, in.SortKey)
	unused := 0
	for _, s := range r.Services {
		if _, used := s.last(); used == 0 {
			unused++
		}
	}
	p, err := inOrder(apiGetOrganizationsAccessReport.Name, in.Marker, in.MaxItems, r.Services, func(s serviceAccess) (AccessDetail, error) {
		last, used := s.last()
		v := AccessDetail{ServiceName: titleOf(s.Namespace), ServiceNamespace: s.Namespace, TotalAuthenticatedEntities: &used}
		if used > 0 {
			v.Region, v.EntityPath, v.LastAuthenticatedTime = &last.Region, &last.ARN, new(seconds(last.LastUsed))
		}
		return v, nil
	})
	if err != nil {
		return nil, err
	}
	return &GetOrganizationsAccessReportOutput{
		JobStatus: JobStatusTypeCompleted, JobCreationDate: r.CreatedAt, JobCompletionDate: &r.CreatedAt,
		NumberOfServicesAccessible: new(len(r.Services)), NumberOfServicesNotAccessed: &unused,
		AccessDetails: p.items, IsTruncated: p.truncated, Marker: p.marker,
	}, nil
}

// sortAccess sorts services, which are in the order of their namespaces.
func sortAccess(services []serviceAccess, key *SortKeyType) {
	if key == nil {
		return
	}
	at := func(s serviceAccess) time.Time {
		last, _ := s.last()
		return last.LastUsed
	}
	slices.SortStableFunc(services, func(a, b serviceAccess) int {
		switch *key {
		case SortKeyTypeServiceNamespaceDescending:
			return cmp.Compare(b.Namespace, a.Namespace)
		case SortKeyTypeLastAuthenticatedTimeAscending:
			return at(a).Compare(at(b))
		case SortKeyTypeLastAuthenticatedTimeDescending:
			return at(b).Compare(at(a))
		}
		return 0
	})
}
