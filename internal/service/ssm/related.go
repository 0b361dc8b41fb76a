package ssm

import (
	"errors"
	"iter"
	"slices"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// relatedType is the row type of the items that an OpsItem is associated with. Their ARNs are below its ARN,
// and they are deleted with it.
const relatedType = "opsitem-related"

// maxRelatedItems is the largest number of items that an OpsItem can be associated with.
const maxRelatedItems = 100

// The messages that the model defines for its exceptions.
const (
	textRelatedExists       = "The Amazon Resource Name (ARN) is already associated with the OpsItem."
	textAssociationNotFound = "The association wasn't found using the parameters you specified in the call. Verify the information and try again."
)

// The resources that OpsCenter associates with an OpsItem, and the types of association.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_AssociateOpsItemRelatedItem.html
var (
	associationTypes = []string{"IsParentOf", "RelatesTo"}
	relatedServices  = map[string]string{ // the service in the ARN, by resource type
		"AWS::SSMIncidents::IncidentRecord": "ssm-incidents",
		"AWS::SSM::Document":                "ssm",
	}
)

// relatedRecord is the stored state of a related item; its row's name is the association id.
type relatedRecord struct {
	OpsItemID    string
	Type         string
	ResourceType string
	URI          string
	By           string // ARN
}

func (s ssm) associateOpsItemRelatedItem(c *operation.Call, in *AssociateOpsItemRelatedItemInput) (*AssociateOpsItemRelatedItemOutput, error) {
	r, v, err := loadOpsItem(c, in.OpsItemID, nil)
	if err != nil {
		return nil, err
	}
	if err := checkAssociation(in); err != nil {
		return nil, err
	}
	count := 0
	for row, err := range opsItemRows(c, relatedType, []string{in.OpsItemID}, "") {
		if err != nil {
			return nil, err
		}
		known, err := operation.Decode[relatedRecord](row)
		if err != nil {
			return nil, err
		}
		if known.URI == in.ResourceURI {
			return nil, errOpsItemRelatedItemAlreadyExists(textRelatedExists).
				With("ResourceUri", in.ResourceURI).With("OpsItemId", in.OpsItemID)
		}
		count++
	}
	if count >= maxRelatedItems {
		return nil, opsItemLimit("RelatedItems", maxRelatedItems)
	}
	id := c.NewID()
	row, err := operation.Record(c, store.Resource{
		ARN: relatedARN(r.ARN, id), Service: api.Name, Type: relatedType, Account: r.Account, Region: r.Region, Name: id,
	}, relatedRecord{in.OpsItemID, in.AssociationType, in.ResourceType, in.ResourceURI, c.Caller.ARN()})
	if err != nil {
		return nil, err
	}
	if err := c.Tx.InsertResource(row); err != nil {
		return nil, err
	}
	return &AssociateOpsItemRelatedItemOutput{AssociationID: &id}, addEvent(c, r, v, eventUpdate)
}

func relatedARN(opsItem, id string) string { return opsItem + "/related/" + id }

func checkAssociation(in *AssociateOpsItemRelatedItemInput) error {
	if !slices.Contains(associationTypes, in.AssociationType) {
		return opsItemParameter("AssociationType", "AssociationType can be IsParentOf or RelatesTo.")
	}
	owner, ok := relatedServices[in.ResourceType]
	if !ok {
		return opsItemParameter("ResourceType", "ResourceType can be AWS::SSMIncidents::IncidentRecord or AWS::SSM::Document.")
	}
	if a, err := arn.Parse(in.ResourceURI); err != nil || a.Service != owner {
		return opsItemParameter("ResourceUri", "ResourceUri must be the ARN of a resource of the type "+in.ResourceType+".")
	}
	return nil
}

func (s ssm) disassociateOpsItemRelatedItem(c *operation.Call, in *DisassociateOpsItemRelatedItemInput) (*DisassociateOpsItemRelatedItemOutput, error) {
	r, v, err := loadOpsItem(c, in.OpsItemID, nil)
	if err != nil {
		return nil, err
	}
	err = c.Tx.DeleteResource(relatedARN(r.ARN, in.AssociationID))
	if errors.Is(err, store.ErrNotFound) {
		err = errOpsItemRelatedItemAssociationNotFound(textAssociationNotFound)
	}
	if err != nil {
		return nil, err
	}
	return &DisassociateOpsItemRelatedItemOutput{}, addEvent(c, r, v, eventUpdate)
}

func (s ssm) listOpsItemRelatedItems(c *operation.Call, in *ListOpsItemRelatedItemsInput) (*ListOpsItemRelatedItemsOutput, error) {
	for _, f := range in.Filters {
		if len(f.Values) == 0 {
			return nil, opsItemParameter("Filters", "A filter needs a value.")
		}
	}
	var ids []string // nil means all
	if in.OpsItemID != nil {
		ids = []string{*in.OpsItemID}
	}
	page, err := pageOfRows(apiListOpsItemRelatedItems.Name, in.MaxResults, in.NextToken, func(after string) iter.Seq2[store.Resource, error] {
		return opsItemRows(c, relatedType, ids, after)
	}, func(r store.Resource) (OpsItemRelatedItemSummary, bool, error) { return describeRelated(r, in.Filters) })
	return &ListOpsItemRelatedItemsOutput{Summaries: page.Items, NextToken: page.Next}, err
}

// describeRelated describes a related item. It returns false if a filter excludes it.
func describeRelated(r store.Resource, filters []OpsItemRelatedItemsFilter) (OpsItemRelatedItemSummary, bool, error) {
	v, err := operation.Decode[relatedRecord](r)
	if err != nil {
		return OpsItemRelatedItemSummary{}, false, err
	}
	by, at := &OpsItemIdentity{ARN: &v.By}, timestamp(r.CreatedAt)
	summary := OpsItemRelatedItemSummary{
		OpsItemID: &v.OpsItemID, AssociationID: &r.Name, ResourceType: &v.ResourceType, AssociationType: &v.Type, ResourceURI: &v.URI,
		CreatedBy: by, CreatedTime: at, LastModifiedBy: by, LastModifiedTime: at,
	}
	has := map[OpsItemRelatedItemsFilterKey]string{
		OpsItemRelatedItemsFilterKeyResourceType:  v.ResourceType,
		OpsItemRelatedItemsFilterKeyAssociationId: r.Name,
		OpsItemRelatedItemsFilterKeyResourceUri:   v.URI,
	}
	for _, f := range filters {
		if !slices.Contains(f.Values, has[f.Key]) {
			return summary, false, nil
		}
	}
	return summary, true, nil
}
