package ssm

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
)

// A document is shared with accounts, or with all of them, but not through RAM or a policy:
// ModifyDocumentPermission defines who may read it. The gate treats this as a resource-based policy, so the
// other account's own policies must also allow it.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-ssm-sharing.html

// everyone means all accounts, in any case.
const everyone = "all"

// maxShares is the largest number of accounts that a document may be shared with.
const maxShares = 1000

// permissionType is the only permission type.
const permissionType = "Share"

// consumerKey is the key that maps an account to the documents that are shared with it.
func consumerKey(account string) string { return "ssm:document-share:" + strings.ToLower(account) }

// readActions lists the actions that a share allows another account.
var readActions = []string{
	"ssm:GetDocument", "ssm:DescribeDocument", "ssm:ListDocumentVersions",
}

// sharePolicies returns the shares as resource-based policies. They grant nothing to the owner's own
// principals.
func (d *document) sharePolicies() []identity.Document {
	var list []identity.Document
	for _, s := range d.Shares {
		principal, condition := `{"AWS":"`+s.Account+`"}`, ""
		if strings.EqualFold(s.Account, everyone) {
			principal, condition = `"*"`, `,"Condition":{"StringNotEquals":{"aws:PrincipalAccount":"`+d.row.Account+`"}}`
		}
		actions, err := json.Marshal(readActions)
		if err != nil {
			panic(err) // a list of strings always encodes
		}
		list = append(list, identity.Document{Name: permissionType + "/" + s.Account, Text: fmt.Sprintf(
			`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":%s,"Action":%s,"Resource":%q%s}}`, principal, actions, d.arn(), condition)})
	}
	return list
}

// sharedWith returns the share with an account, or nil if there is none.
func (d *document) sharedWith(account string) *documentShare {
	i := slices.IndexFunc(d.Shares, func(s documentShare) bool { return strings.EqualFold(s.Account, account) })
	if i < 0 {
		return nil
	}
	return &d.Shares[i]
}

// shows reports whether an account may read a version.
func (d *document) shows(account string, v *documentVersion) bool {
	if account == d.row.Account {
		return true
	}
	for _, s := range []*documentShare{d.sharedWith(account), d.sharedWith(everyone)} {
		switch {
		case s == nil:
		case s.Version == allVersions, s.Version == defaultVersion && v.Number == d.Default, s.Version == latestVersion && v.Number == d.latest().Number:
			return true
		}
	}
	return false
}

func checkPermissionType(typ string) error {
	if typ != permissionType {
		return errInvalidPermissionType("1 validation error detected: Value '%s' at 'permissionType' failed to satisfy constraint: "+
			"Member must satisfy enum value set: [%s]", typ, permissionType)
	}
	return nil
}

// modifyDocumentPermission adds and removes accounts.
func (s ssm) modifyDocumentPermission(c *operation.Call, in *ModifyDocumentPermissionInput) (*ModifyDocumentPermissionOutput, error) {
	if err := checkPermissionType(in.PermissionType); err != nil {
		return nil, err
	}
	isEveryone := func(account string) bool { return strings.EqualFold(account, everyone) }
	for _, list := range [][]string{in.AccountIDsToAdd, in.AccountIDsToRemove} {
		if len(list) > 1 && slices.ContainsFunc(list, isEveryone) {
			return nil, errDocumentPermissionLimit("Accounts can either be all or a group of AWS accounts")
		}
	}
	d, err := findDocument(c, in.Name)
	if err != nil {
		return nil, err
	}
	if err := checkPublic(c, slices.ContainsFunc(in.AccountIDsToAdd, isEveryone)); err != nil {
		return nil, err
	}
	version := defaultVersion
	set(&version, in.SharedDocumentVersion)
	for _, account := range in.AccountIDsToAdd {
		if known := d.sharedWith(account); known != nil {
			known.Version = version
			continue
		}
		d.Shares = append(d.Shares, documentShare{account, version})
	}
	d.Shares = slices.DeleteFunc(d.Shares, func(s documentShare) bool {
		return slices.ContainsFunc(in.AccountIDsToRemove, func(account string) bool { return strings.EqualFold(account, s.Account) })
	})
	if len(d.Shares) > maxShares {
		return nil, errDocumentPermissionLimit("The document can't be shared with more than %d accounts.", maxShares)
	}
	return &ModifyDocumentPermissionOutput{}, d.write(c)
}

// checkPublic returns an error for sharing with everyone if the account's setting forbids it.
func checkPublic(c *operation.Call, public bool) error {
	if !public {
		return nil
	}
	value, _, err := setting(c, publicSetting)
	if err == nil && value == settingDisable {
		err = errDocumentPermissionLimit("Public sharing of documents is blocked by the service setting %s.", publicSetting)
	}
	return err
}

func (s ssm) describeDocumentPermission(c *operation.Call, in *DescribeDocumentPermissionInput) (*DescribeDocumentPermissionOutput, error) {
	if err := checkPermissionType(in.PermissionType); err != nil {
		return nil, err
	}
	d, err := findDocument(c, in.Name)
	if err != nil {
		return nil, err
	}
	after, err := afterToken(apiDescribeDocumentPermission.Name, in.NextToken)
	if err != nil {
		return nil, err
	}
	limit := maxSharePage
	set(&limit, in.MaxResults)
	page, err := operation.Paginate(apiDescribeDocumentPermission.Name, limit, func(yield func(operation.Keyed[documentShare], error) bool) {
		passed := after == ""
		for _, s := range d.Shares {
			if passed && !yield(operation.Keyed[documentShare]{Key: s.Account, Item: s}, nil) {
				return
			}
			passed = passed || s.Account == after
		}
	})
	if err != nil {
		return nil, err
	}
	out := &DescribeDocumentPermissionOutput{AccountIDs: []string{}, AccountSharingInfoList: []AccountSharingInfo{}, NextToken: page.Next}
	for _, s := range page.Items {
		out.AccountIDs = append(out.AccountIDs, s.Account)
		out.AccountSharingInfoList = append(out.AccountSharingInfoList, AccountSharingInfo{AccountID: &s.Account, SharedDocumentVersion: &s.Version})
	}
	return out, nil
}

// maxSharePage is the largest number of accounts on a page of permissions.
const maxSharePage = 200
