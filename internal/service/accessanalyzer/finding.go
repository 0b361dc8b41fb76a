package accessanalyzer

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/writdev/writ/internal/keys"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
	"github.com/writdev/writ/policy/analyze"
)

// finding is one finding in its present state.
type finding struct {
	id       string
	kind     FindingType // "" for external access
	resource *subject
	access   access // for external access
	// For unused access: the details, which also identify the finding among those of the resource.
	details   []FindingDetails
	detailKey string

	status               FindingStatus
	createdAt, updatedAt time.Time
}

// subject is a resource that an analyzer covers.
type subject struct {
	arn, owner           string
	kind                 ResourceType
	policyKind           policy.Kind
	createdAt, updatedAt time.Time
}

// view holds the inputs of an analyzer's findings other than the policies.
type view struct {
	analyzer *analyzer
	zone     *analyze.Zone
	rules    []*rule
	given    map[string]*givenStatus // by the id of the finding
}

// externalView returns the view for operations that support external access only.
func (s *accessAnalyzer) externalView(c *operation.Call, arn string) (*view, error) {
	v, err := s.view(c, arn)
	if err == nil && v.analyzer.isUnused() {
		return nil, notValid("analyzerArn", "This operation does not support analyzers of unused access.")
	}
	return v, err
}

func (s *accessAnalyzer) view(c *operation.Call, arn string) (*view, error) {
	a, err := readAnalyzer(c, arn)
	if err != nil {
		return nil, err
	}
	v := &view{analyzer: a}
	if v.zone, err = a.zone(c); err != nil {
		return nil, err
	}
	if v.rules, err = rulesOf(c, arn); err != nil {
		return nil, err
	}
	v.given, err = givenStatuses(c, arn)
	return v, err
}

// findingsOf computes the findings about one resource.
func (s *accessAnalyzer) findingsOf(c *operation.Call, v *view, r *subject) ([]*finding, error) {
	policies, err := c.Tx.Policies(r.arn)
	if err != nil {
		return nil, err
	}
	var found []*finding
	for _, p := range policies {
		doc, err := c.Gate.Parse(p.Document)
		if err != nil {
			return nil, err
		}
		for _, a := range s.external.of(p.Document, doc, r.policyKind, v.zone) {
			found = append(found, &finding{resource: r, access: a, createdAt: p.UpdatedAt, updatedAt: p.UpdatedAt})
		}
	}
	if r.kind == ResourceTypeAWSKMSKey {
		granted, err := grantedAccess(c, v, r)
		if err != nil {
			return nil, err
		}
		found = append(found, granted...)
	}
	return v.setStatuses(found), nil
}

// grantedAccess returns the findings about the grants of a key.
func grantedAccess(c *operation.Call, v *view, r *subject) (found []*finding, err error) {
	key, err := keys.Read(c.Tx, r.arn, c.Now)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	grants, err := key.Grants(c.Tx)
	if err != nil {
		return nil, err
	}
	for _, g := range grants {
		account := accountOfPrincipal(g.Grantee)
		if slices.Contains(v.zone.Accounts, account) || strings.HasSuffix(account, ".amazonaws.com") {
			continue
		}
		a := access{Principal: [2]string{"AWS", principalName(g.Grantee)}, Condition: map[string]string{}}
		for _, operation := range g.Operations {
			a.Actions = append(a.Actions, "kms:"+operation)
		}
		for key, value := range g.Equals {
			a.Condition["kms:EncryptionContext:"+key] = value
		}
		for key, value := range g.Subset {
			a.Condition["kms:EncryptionContext:"+key] = value
		}
		found = append(found, &finding{resource: r, access: a, createdAt: g.CreatedAt, updatedAt: g.CreatedAt})
	}
	return found, nil
}

// setStatuses sets the ids and the statuses of findings: the status set by a user, else that of the archive
// rules.
func (v *view) setStatuses(found []*finding) []*finding {
	var distinct []*finding
	for _, f := range found {
		f.id = findingID(v.analyzer.ARN, f.resource.arn, f.key())
		if slices.ContainsFunc(distinct, func(g *finding) bool { return g.id == f.id }) {
			continue
		}
		distinct = append(distinct, f)
		f.status = FindingStatusActive
		switch given := v.given[f.id]; {
		case given != nil && !given.UpdatedAt.Before(f.createdAt):
			f.status, f.updatedAt = given.Status, given.UpdatedAt
		case slices.ContainsFunc(v.rules, func(r *rule) bool { return r.archives(f) }):
			f.status = FindingStatusArchived
		}
	}
	slices.SortFunc(distinct, func(a, b *finding) int { return strings.Compare(a.id, b.id) })
	return distinct
}

// key returns an identifier of the finding among those of the resource.
func (f *finding) key() string {
	if f.kind == "" {
		return f.access.key()
	}
	return string(f.kind) + "\x00" + f.detailKey
}

// findingType returns AWS's term for the type of the finding.
func (f *finding) findingType() FindingType {
	return cmp.Or(f.kind, FindingTypeExternalAccess)
}

// givenStatus is the status that a user set on a finding.
type givenStatus struct {
	Status    FindingStatus
	UpdatedAt time.Time
}

// givenStatuses returns the statuses that users set on the findings of an analyzer.
func givenStatuses(c *operation.Call, analyzer string) (map[string]*givenStatus, error) {
	given := map[string]*givenStatus{}
	for r, err := range c.Tx.Resources(store.Query{Prefix: statusARN(analyzer, "")}) {
		if err != nil {
			return nil, err
		}
		status, err := operation.Decode[givenStatus](r)
		if err != nil {
			return nil, err
		}
		given[r.Name] = status
	}
	return given, nil
}

// matches reports whether the finding satisfies all criteria of a filter.
func (f *finding) matches(filter map[string]Criterion) bool {
	for key, criterion := range filter {
		value, exists := f.attribute(key)
		if !criterion.holds(value, exists) {
			return false
		}
	}
	return true
}

// attribute returns the value for a filter key.
func (f *finding) attribute(key string) (value string, exists bool) {
	if name, ok := strings.CutPrefix(key, "condition."); ok {
		for k, v := range f.access.Condition {
			if strings.EqualFold(k, name) {
				return v, true
			}
		}
		return "", false
	}
	if kind, ok := strings.CutPrefix(key, "principal."); ok {
		return f.access.Principal[1], f.access.Principal[0] == kind
	}
	value = map[string]string{
		"resource": f.resource.arn, "resourceType": string(f.resource.kind), "resourceOwnerAccount": f.resource.owner,
		"isPublic": strconv.FormatBool(f.access.Public), "id": f.id, "status": string(f.status),
		"findingType": string(f.findingType()), "error": f.errorText(),
	}[key]
	return value, value != ""
}

// holds reports whether a criterion holds for a value.
func (c *Criterion) holds(value string, exists bool) bool {
	contains := func(part string) bool { return strings.Contains(value, part) }
	return (c.Exists == nil || *c.Exists == exists) &&
		(c.Eq == nil || exists && slices.Contains(c.Eq, value)) &&
		(c.Neq == nil || !slices.Contains(c.Neq, value)) &&
		(c.Contains == nil || exists && slices.ContainsFunc(c.Contains, contains))
}

// errorText returns AWS's error for a finding that could not be computed.
func (f *finding) errorText() string {
	if f.access.Unknown != "" {
		return "INTERNAL_ERROR"
	}
	return ""
}

func (f *finding) errorMember() *string {
	if text := f.errorText(); text != "" {
		return &text
	}
	return nil
}
