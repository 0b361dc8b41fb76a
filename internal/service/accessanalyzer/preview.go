package accessanalyzer

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// preview is the stored state of an access preview. Its findings are computed when they are read.
type preview struct {
	ID             string
	Configurations map[string]Configuration
	CreatedAt      time.Time
	Failed         bool // a configuration contains an invalid policy
}

// proposal is the proposed configuration of a resource.
type proposal struct {
	kind       ResourceType
	policyKind policy.Kind
	documents  []string
	grants     []KMSGrantConfiguration
}

// proposalOf reads a configuration, which is a union. It returns false for types that Writ does not support,
// such as snapshots.
func proposalOf(c Configuration) (p proposal, ok bool) {
	p.policyKind = policy.Resource
	text := func(kind ResourceType, document *string) (proposal, bool) {
		p.kind = kind
		if document != nil && *document != "" {
			p.documents = []string{*document}
		}
		return p, true
	}
	switch {
	case c.IamRole != nil:
		p.policyKind = policy.Trust
		return text(ResourceTypeAWSIAMRole, c.IamRole.TrustPolicy)
	case c.KMSKey != nil:
		p.kind, p.grants = ResourceTypeAWSKMSKey, c.KMSKey.Grants
		for _, document := range c.KMSKey.KeyPolicies {
			p.documents = append(p.documents, document)
		}
		return p, true
	case c.S3Bucket != nil:
		return text(ResourceTypeAWSS3Bucket, c.S3Bucket.BucketPolicy)
	case c.SecretsManagerSecret != nil:
		return text(ResourceTypeAWSSecretsManagerSecret, c.SecretsManagerSecret.SecretPolicy)
	case c.SqsQueue != nil:
		return text(ResourceTypeAWSSQSQueue, c.SqsQueue.QueuePolicy)
	case c.SnsTopic != nil:
		return text(ResourceTypeAWSSNSTopic, c.SnsTopic.TopicPolicy)
	case c.EcrRepository != nil:
		return text(ResourceTypeAWSECRRepository, c.EcrRepository.RepositoryPolicy)
	case c.EfsFileSystem != nil:
		return text(ResourceTypeAWSEFSFileSystem, c.EfsFileSystem.FileSystemPolicy)
	case c.DynamodbTable != nil:
		return text(ResourceTypeAWSDynamoDBTable, c.DynamodbTable.TablePolicy)
	case c.DynamodbStream != nil:
		return text(ResourceTypeAWSDynamoDBStream, c.DynamodbStream.StreamPolicy)
	case c.S3ExpressDirectoryBucket != nil:
		return text(ResourceTypeAWSS3ExpressDirectoryBucket, c.S3ExpressDirectoryBucket.BucketPolicy)
	}
	return p, false
}

func (s *accessAnalyzer) createAccessPreview(c *operation.Call, in *CreateAccessPreviewInput) (*CreateAccessPreviewOutput, error) {
	a, err := readAnalyzer(c, in.AnalyzerARN)
	if err != nil {
		return nil, err
	}
	if len(in.Configurations) != 1 {
		return nil, notValid("configurations", "An access preview covers one resource.")
	}
	v := preview{ID: c.NewID(), Configurations: in.Configurations, CreatedAt: c.Now}
	for arn, configuration := range in.Configurations {
		p, ok := proposalOf(configuration)
		if !ok {
			return nil, notValid("configurations", "The configuration of %s has an unsupported type.", arn)
		}
		for _, document := range p.documents {
			if _, err := policy.Parse([]byte(document)); err != nil {
				v.Failed = true
			}
		}
	}
	r, err := operation.Record(c, store.Resource{
		ARN: previewARN(a.ARN, v.ID), Service: api.Name, Type: previewType, Account: accountOf(a.ARN), Region: c.Region, Name: v.ID,
	}, v)
	if err != nil {
		return nil, err
	}
	return &CreateAccessPreviewOutput{ID: v.ID}, c.Tx.InsertResource(r)
}

func readPreview(c *operation.Call, analyzer, id string) (*preview, error) {
	if _, err := readAnalyzer(c, analyzer); err != nil {
		return nil, err
	}
	r, err := c.Tx.Resource(previewARN(analyzer, id))
	if errors.Is(err, store.ErrNotFound) {
		return nil, notFound("AccessPreview", id)
	}
	if err != nil {
		return nil, err
	}
	return operation.Decode[preview](r)
}

// status returns the status of a preview: its findings are available immediately.
func (p *preview) status() (AccessPreviewStatus, *AccessPreviewStatusReason) {
	if p.Failed {
		return AccessPreviewStatusFailed, &AccessPreviewStatusReason{Code: AccessPreviewStatusReasonCodeInvalidConfiguration}
	}
	return AccessPreviewStatusCompleted, nil
}

func (s *accessAnalyzer) getAccessPreview(c *operation.Call, in *GetAccessPreviewInput) (*GetAccessPreviewOutput, error) {
	p, err := readPreview(c, in.AnalyzerARN, in.AccessPreviewID)
	if err != nil {
		return nil, err
	}
	status, reason := p.status()
	return &GetAccessPreviewOutput{AccessPreview: &AccessPreview{
		ID: p.ID, AnalyzerARN: in.AnalyzerARN, Configurations: p.Configurations, CreatedAt: p.CreatedAt, Status: status, StatusReason: reason,
	}}, nil
}

func (s *accessAnalyzer) listAccessPreviews(c *operation.Call, in *ListAccessPreviewsInput) (*ListAccessPreviewsOutput, error) {
	if _, err := readAnalyzer(c, in.AnalyzerARN); err != nil {
		return nil, err
	}
	var list []AccessPreviewSummary
	for r, err := range c.Tx.Resources(store.Query{Prefix: previewARN(in.AnalyzerARN, "")}) {
		if err != nil {
			return nil, err
		}
		p, err := operation.Decode[preview](r)
		if err != nil {
			return nil, err
		}
		status, reason := p.status()
		list = append(list, AccessPreviewSummary{ID: p.ID, AnalyzerARN: in.AnalyzerARN, CreatedAt: p.CreatedAt, Status: status, StatusReason: reason})
	}
	page, err := paginate("ListAccessPreviews", in.MaxResults, in.NextToken, keyed(list, func(p AccessPreviewSummary) string { return p.ID }))
	return &ListAccessPreviewsOutput{AccessPreviews: page.Items, NextToken: page.Next}, err
}

func (s *accessAnalyzer) listAccessPreviewFindings(c *operation.Call, in *ListAccessPreviewFindingsInput) (*ListAccessPreviewFindingsOutput, error) {
	if err := checkFilter(in.Filter); err != nil {
		return nil, err
	}
	p, err := readPreview(c, in.AnalyzerARN, in.AccessPreviewID)
	if err != nil {
		return nil, err
	}
	if p.Failed {
		return nil, errConflict("The access preview %s has failed.", p.ID).With("resourceId", p.ID).With("resourceType", "AccessPreview")
	}
	v, err := s.externalView(c, in.AnalyzerARN)
	if err != nil {
		return nil, err
	}
	list := []AccessPreviewFinding{}
	for arn, configuration := range p.Configurations {
		found, err := s.proposed(c, v, p, arn, configuration, in.Filter)
		if err != nil {
			return nil, err
		}
		list = append(list, found...)
	}
	slices.SortFunc(list, func(a, b AccessPreviewFinding) int { return strings.Compare(a.ID, b.ID) })
	page, err := paginate("ListAccessPreviewFindings", in.MaxResults, in.NextToken, keyed(list, func(f AccessPreviewFinding) string { return f.ID }))
	return &ListAccessPreviewFindingsOutput{Findings: page.Items, NextToken: page.Next}, err
}

// proposed compares the findings for a proposed configuration with the existing ones.
func (s *accessAnalyzer) proposed(c *operation.Call, v *view, p *preview, arn string, configuration Configuration, filter map[string]Criterion) ([]AccessPreviewFinding, error) {
	proposal, _ := proposalOf(configuration)
	r := &subject{arn: arn, owner: accountOf(arn), kind: proposal.kind, policyKind: proposal.policyKind}
	if r.owner == "" {
		r.owner = accountOf(v.analyzer.ARN)
	}
	var would []*finding
	for _, document := range proposal.documents {
		doc, err := c.Gate.Parse(document)
		if err != nil {
			return nil, err
		}
		for _, a := range s.external.of(document, doc, r.policyKind, v.zone) {
			would = append(would, &finding{resource: r, access: a, createdAt: p.CreatedAt, updatedAt: p.CreatedAt})
		}
	}
	for _, g := range proposal.grants {
		if slices.Contains(v.zone.Accounts, accountOfPrincipal(g.GranteePrincipal)) {
			continue
		}
		a := access{Principal: [2]string{"AWS", principalName(g.GranteePrincipal)}, Condition: map[string]string{}}
		for _, operation := range g.Operations {
			a.Actions = append(a.Actions, "kms:"+string(operation))
		}
		would = append(would, &finding{resource: r, access: a, createdAt: p.CreatedAt, updatedAt: p.CreatedAt})
	}
	would = v.setStatuses(would)
	existing, err := s.existing(c, v, arn)
	if err != nil {
		return nil, err
	}
	var out []AccessPreviewFinding
	for _, f := range would {
		shown := f.preview(existing)
		if f.matches(filter) {
			out = append(out, shown)
		}
	}
	return out, nil
}

// existing returns the findings about the existing resource, or none if it does not exist.
func (s *accessAnalyzer) existing(c *operation.Call, v *view, arn string) ([]*finding, error) {
	r, err := findSubject(c, v, arn)
	if e, ok := errors.AsType[*awserr.Error](err); ok && e.Code == "ResourceNotFoundException" {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return s.findingsOf(c, v, r)
}

// preview returns the finding as part of a preview. If a finding about the same principal has other actions
// or conditions, its status is CHANGED.
func (f *finding) preview(existing []*finding) AccessPreviewFinding {
	out := AccessPreviewFinding{
		ID: f.id, Principal: map[string]string{f.access.Principal[0]: f.access.Principal[1]}, Action: f.access.Actions, Condition: f.access.Condition,
		Resource: &f.resource.arn, IsPublic: &f.access.Public, ResourceType: f.resource.kind, CreatedAt: f.createdAt, ChangeType: FindingChangeTypeNew,
		Status: f.status, ResourceOwnerAccount: f.resource.owner, Error: f.errorMember(),
	}
	for _, e := range existing {
		switch {
		case e.id == f.id:
			out.ChangeType = FindingChangeTypeUnchanged
		case e.access.Principal == f.access.Principal && out.ChangeType == FindingChangeTypeNew:
			out.ChangeType = FindingChangeTypeChanged
		default:
			continue
		}
		out.ExistingFindingID, out.ExistingFindingStatus = &e.id, &e.status
	}
	return out
}
