package ssm

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// OpsMetadata is metadata of an application in Application Manager: up to five entries, under the ARN
// opsmetadata/<application>.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_CreateOpsMetadata.html

const (
	opsMetadataType = "opsmetadata"

	maxOpsMetadata     = 200 // of an account in a region
	maxOpsMetadataKeys = 5
)

// opsMetadata is the stored state of an OpsMetadata object.
type opsMetadata struct {
	Metadata   map[string]string
	ModifiedBy string // ARN
}

func opsMetadataARN(c *operation.Call, resource string) string {
	return arnPrefix(c) + opsMetadataType + "/" + strings.TrimPrefix(resource, "/")
}

// onOpsMetadata returns the target of operations that name an OpsMetadata object by ARN.
func onOpsMetadata[In any](member func(In) string) func(*operation.Call, In) (authz.Target, error) {
	return operation.On(member)
}

// createOpsMetadataTarget returns the target of CreateOpsMetadata, which has no resource.
func (s ssm) createOpsMetadataTarget(_ *operation.Call, in *CreateOpsMetadataInput) (authz.Target, error) {
	return authz.Target{ARN: "*", RequestTags: tagMap(in.Tags)}, nil
}

func (s ssm) createOpsMetadata(c *operation.Call, in *CreateOpsMetadataInput) (*CreateOpsMetadataOutput, error) {
	tags, err := newTags(in.Tags)
	if err != nil {
		return nil, err
	}
	row := store.Resource{
		ARN: opsMetadataARN(c, in.ResourceID), Service: api.Name, Type: opsMetadataType, Account: c.Account(), Region: c.Region, Name: in.ResourceID,
	}
	if len(tags) > 0 {
		if err := c.Authorize("ssm:AddTagsToResource", authz.Target{ARN: row.ARN, RequestTags: tags}); err != nil {
			return nil, err
		}
	}
	n := 0
	for r, err := range listOpsMetadata(c, "") {
		switch {
		case err != nil:
			return nil, err
		case r.ARN == row.ARN:
			return nil, errOpsMetadataAlreadyExists("An OpsMetadata object already exists for the selected resource.")
		}
		n++
	}
	if n >= maxOpsMetadata {
		return nil, errOpsMetadataLimitExceeded("Your account reached the maximum number of OpsMetadata objects allowed by Application Manager. The maximum is %d OpsMetadata objects.", maxOpsMetadata)
	}
	r, err := operation.Record(c, row, opsMetadata{plainMetadata(in.Metadata), c.Caller.Principal.ARN})
	if err != nil {
		return nil, err
	}
	if err := c.Tx.PutResource(r); err != nil {
		return nil, err
	}
	return &CreateOpsMetadataOutput{OpsMetadataARN: &r.ARN}, operation.SetTags(c, r.ARN, tags, notValid)
}

func plainMetadata(in map[string]MetadataValue) map[string]string {
	m := map[string]string{}
	for key, value := range in {
		text := ""
		set(&text, value.Value)
		m[key] = text
	}
	return m
}

// findOpsMetadata reads an OpsMetadata object. It returns an OpsMetadataNotFoundException if there is none in
// the caller's account and region.
func findOpsMetadata(c *operation.Call, arn string) (store.Resource, *opsMetadata, error) {
	r, err := c.Tx.Resource(arn)
	if errors.Is(err, store.ErrNotFound) || err == nil && (r.Type != opsMetadataType || r.Account != c.Account() || r.Region != c.Region) {
		return r, nil, errOpsMetadataNotFound("The OpsMetadata object doesn't exist.")
	}
	if err != nil {
		return r, nil, err
	}
	m, err := operation.Decode[opsMetadata](r)
	return r, m, err
}

func (s ssm) getOpsMetadata(c *operation.Call, in *GetOpsMetadataInput) (*GetOpsMetadataOutput, error) {
	r, m, err := findOpsMetadata(c, in.OpsMetadataARN)
	if err != nil {
		return nil, err
	}
	out := &GetOpsMetadataOutput{ResourceID: &r.Name, Metadata: map[string]MetadataValue{}}
	for key, value := range m.Metadata {
		out.Metadata[key] = MetadataValue{Value: &value}
	}
	return out, nil
}

func (s ssm) updateOpsMetadata(c *operation.Call, in *UpdateOpsMetadataInput) (*UpdateOpsMetadataOutput, error) {
	row, m, err := findOpsMetadata(c, in.OpsMetadataARN)
	if err != nil {
		return nil, err
	}
	for _, key := range in.KeysToDelete {
		delete(m.Metadata, key)
	}
	maps.Copy(m.Metadata, plainMetadata(in.MetadataToUpdate))
	if len(m.Metadata) > maxOpsMetadataKeys {
		return nil, errOpsMetadataKeyLimitExceeded("The OpsMetadata object exceeds the maximum number of OpsMetadata keys that you can assign to an application in Application Manager.")
	}
	m.ModifiedBy = c.Caller.Principal.ARN
	r, err := operation.Record(c, row, m)
	if err != nil {
		return nil, err
	}
	return &UpdateOpsMetadataOutput{OpsMetadataARN: &r.ARN}, c.Tx.PutResource(r)
}

func (s ssm) deleteOpsMetadata(c *operation.Call, in *DeleteOpsMetadataInput) (*DeleteOpsMetadataOutput, error) {
	r, _, err := findOpsMetadata(c, in.OpsMetadataARN)
	if err != nil {
		return nil, err
	}
	return &DeleteOpsMetadataOutput{}, c.Tx.DeleteResource(r.ARN)
}

// listOpsMetadata yields the rows of the caller's OpsMetadata, ordered by ARN.
func listOpsMetadata(c *operation.Call, after string) func(func(store.Resource, error) bool) {
	return c.Tx.Resources(store.Query{Service: api.Name, Type: opsMetadataType, Account: c.Account(), Prefix: arnPrefix(c) + opsMetadataType + "/", After: after})
}

// listAllOpsMetadata lists OpsMetadata. The only filter is by resource.
func (s ssm) listAllOpsMetadata(c *operation.Call, in *ListOpsMetadataInput) (*ListOpsMetadataOutput, error) {
	for _, f := range in.Filters {
		if f.Key != "ResourceId" {
			return nil, errOpsMetadataInvalidArgument("The filter key %s isn't valid. The valid one is ResourceId.", f.Key)
		}
	}
	after, err := operation.AfterToken(apiListOpsMetadata.Name, in.NextToken)
	if err != nil {
		return nil, errOpsMetadataInvalidArgument("%s", textNextToken)
	}
	limit := maxHistory
	set(&limit, in.MaxResults)
	page, err := operation.Paginate(apiListOpsMetadata.Name, limit, func(yield func(operation.Keyed[store.Resource], error) bool) {
		for r, err := range listOpsMetadata(c, after) {
			selected := !slices.ContainsFunc(in.Filters, func(f OpsMetadataFilter) bool { return !slices.Contains(f.Values, r.Name) })
			if (err != nil || selected) && !yield(operation.Keyed[store.Resource]{Key: r.ARN, Item: r}, err) {
				return
			}
		}
	})
	if err != nil {
		return nil, err
	}
	out := &ListOpsMetadataOutput{OpsMetadataList: []OpsMetadata{}, NextToken: page.Next}
	for _, r := range page.Items {
		m, err := operation.Decode[opsMetadata](r)
		if err != nil {
			return nil, err
		}
		out.OpsMetadataList = append(out.OpsMetadataList, OpsMetadata{
			ResourceID: &r.Name, OpsMetadataARN: &r.ARN, CreationDate: timestamp(r.CreatedAt), LastModifiedDate: timestamp(r.UpdatedAt), LastModifiedUser: &m.ModifiedBy,
		})
	}
	return out, nil
}
