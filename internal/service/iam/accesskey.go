package iam

import (
	"strings"

	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// keyOwner is the owner of the access keys of a request: the user it names, or the caller.
func keyOwner(c *operation.Call, name *string) (arn string, err error) {
	if name == nil {
		return callerUser(c)
	}
	u, err := findUser(c, *name)
	return u.ARN, err
}

// ownerName is the user name of the owner of a key in outputs.
func ownerName(arn string) string {
	return arn[strings.LastIndexAny(arn, "/:")+1:]
}

func createAccessKey(c *operation.Call, in *CreateAccessKeyInput) (*CreateAccessKeyOutput, error) {
	owner, err := keyOwner(c, in.UserName)
	if err != nil {
		return nil, err
	}
	keys, err := c.Tx.AccessKeys(owner)
	if err != nil {
		return nil, err
	}
	if len(keys) >= maxAccessKeys {
		return nil, exceeds("AccessKeysPerUser", maxAccessKeys)
	}
	key, err := c.Directory.CreateAccessKey(c.Tx, owner, c.Account(), c.Now)
	if err != nil {
		return nil, err
	}
	return &CreateAccessKeyOutput{AccessKey: &AccessKey{
		UserName: ownerName(owner), AccessKeyID: key.ID, SecretAccessKey: key.Secret,
		Status: StatusTypeActive, CreateDate: new(seconds(c.Now)),
	}}, nil
}

func listAccessKeys(c *operation.Call, in *ListAccessKeysInput) (*ListAccessKeysOutput, error) {
	owner, err := keyOwner(c, in.UserName)
	if err != nil {
		return nil, err
	}
	keys, err := c.Tx.AccessKeys(owner)
	if err != nil {
		return nil, err
	}
	p, err := listed(apiListAccessKeys.Name, in.Marker, in.MaxItems, keys, func(k store.AccessKey) string { return k.ID },
		func(k store.AccessKey) (AccessKeyMetadata, error) {
			return AccessKeyMetadata{
				UserName: new(ownerName(owner)), AccessKeyID: &k.ID, Status: new(StatusType(k.Status)), CreateDate: new(seconds(k.CreatedAt)),
			}, nil
		})
	if err != nil {
		return nil, err
	}
	return &ListAccessKeysOutput{AccessKeyMetadata: p.items, IsTruncated: p.truncated, Marker: p.marker}, nil
}

// findKey reads an access key of an owner.
func findKey(c *operation.Call, owner, id string) (store.AccessKey, error) {
	key, err := c.Tx.AccessKey(id)
	if isNotFound(err) || err == nil && key.Principal != owner {
		return store.AccessKey{}, errNoSuchEntity("The Access Key with id %s cannot be found.", id)
	}
	return key, err
}

func updateAccessKey(c *operation.Call, in *UpdateAccessKeyInput) (*UpdateAccessKeyOutput, error) {
	owner, err := keyOwner(c, in.UserName)
	if err != nil {
		return nil, err
	}
	key, err := findKey(c, owner, in.AccessKeyID)
	if err != nil {
		return nil, err
	}
	if in.Status == StatusTypeExpired {
		return nil, errInvalidInput("An access key can be set to Active or Inactive.")
	}
	key.Status = string(in.Status)
	return &UpdateAccessKeyOutput{}, c.Tx.PutAccessKey(key)
}

func deleteAccessKey(c *operation.Call, in *DeleteAccessKeyInput) (*DeleteAccessKeyOutput, error) {
	owner, err := keyOwner(c, in.UserName)
	if err != nil {
		return nil, err
	}
	if _, err := findKey(c, owner, in.AccessKeyID); err != nil {
		return nil, err
	}
	return &DeleteAccessKeyOutput{}, c.Tx.DeleteAccessKey(in.AccessKeyID)
}

// getAccessKeyLastUsed returns the last use since the start of this process: uses are
// recorded in memory, so that a read does not need a write.
func getAccessKeyLastUsed(c *operation.Call, in *GetAccessKeyLastUsedInput) (*GetAccessKeyLastUsedOutput, error) {
	key, err := c.Tx.AccessKey(in.AccessKeyID)
	if isNotFound(err) || err == nil && key.Account != c.Account() {
		return nil, awserr.New("AccessDenied", 403, "User: %s is not authorized to perform iam:GetAccessKeyLastUsed on resource: access key %s", c.Caller.ARN(), in.AccessKeyID)
	}
	if err != nil {
		return nil, err
	}
	last := &AccessKeyLastUsed{ServiceName: "N/A", Region: "N/A"}
	if use, ok := c.KeyUsage.Last(key.ID); ok {
		last = &AccessKeyLastUsed{LastUsedDate: new(seconds(use.At)), ServiceName: use.Service, Region: use.Region}
	}
	return &GetAccessKeyLastUsedOutput{UserName: new(ownerName(key.Principal)), AccessKeyLastUsed: last}, nil
}
