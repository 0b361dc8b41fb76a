package ssm

import (
	"errors"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// An OpsItem belongs to its account. Another account can access it if it manages OpsItems centrally: it is
// the management account of the organization or its delegated administrator for Systems Manager, and trusted
// access is enabled for Systems Manager. It requires permission by its own policies and by the policy on the
// member's OpsItemGroup, which the gate checks first: a policy denial is an AccessDeniedException, and only a
// caller who passes the policies without being central gets an OpsItemAccessDeniedException. Neither reveals
// whether an OpsItem exists.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/OpsCenter-getting-started-multiple-accounts.html

// opsItemType is the type of OpsItems in the store and in their ARNs.
const opsItemType = "opsitem"

// servicePrincipal is the service principal that organizations trust for Systems Manager.
const servicePrincipal = "ssm.amazonaws.com"

// opsItemARN returns the ARN of an account's OpsItem in the region of the call.
func opsItemARN(c *operation.Call, account, id string) string {
	return arn.ARN{Partition: c.Partition, Service: api.Name, Region: c.Region, Account: account, Resource: opsItemType + "/" + id}.String()
}

// groupARN returns the ARN of the group that an account's OpsItems are in.
func groupARN(c *operation.Call, account string) string {
	return arn.ARN{Partition: c.Partition, Service: api.Name, Region: c.Region, Account: account, Resource: groupResource}.String()
}

// opsItemTarget returns an OpsItem as the gate's target: the policy of its group applies to it.
func opsItemTarget(c *operation.Call, account, id string) authz.Target {
	return authz.Target{ARN: opsItemARN(c, account, id), PolicyARN: groupARN(c, account)}
}

// onOpsItem returns the target of operations whose member is the id of an OpsItem of the caller.
func onOpsItem[In any](member func(In) string) func(*operation.Call, In) (authz.Target, error) {
	return func(c *operation.Call, in In) (authz.Target, error) {
		return opsItemTarget(c, c.Account(), member(in)), nil
	}
}

// onAnyOpsItem is onOpsItem for operations that also accept OpsItems of other accounts, which a second member
// identifies by ARN.
func onAnyOpsItem[In any](members func(In) (id string, arn *string)) func(*operation.Call, In) (authz.Target, error) {
	return func(c *operation.Call, in In) (authz.Target, error) {
		id, arn := members(in)
		account, err := accountOf(c, id, arn)
		return opsItemTarget(c, account, id), err
	}
}

// accountOf returns the account of the OpsItem that an id and, for another account, an ARN identify.
func accountOf(c *operation.Call, id string, text *string) (string, error) {
	if text == nil {
		return c.Account(), nil
	}
	a, err := arn.Parse(*text)
	if err != nil || *text != opsItemARN(c, a.Account, id) {
		return "", opsItemParameter("OpsItemArn", "OpsItemArn must be the ARN of the OpsItem that OpsItemId names, in the region that is called, "+c.Region+".")
	}
	return a.Account, nil
}

// checkDelegatedAdministrator rejects a caller who accesses the OpsItems of another account, unless the
// caller's account manages them centrally.
func checkDelegatedAdministrator(c *operation.Call, account string) error {
	if account == c.Account() {
		return nil
	}
	denied := errOpsItemAccessDenied(textOpsItemAccessDenied)
	org, err := identity.ReadOrganization(c.Tx, account)
	if errors.Is(err, store.ErrNotFound) {
		return denied
	}
	if err != nil {
		return err
	}
	_, trusted := org.Services[servicePrincipal]
	_, delegate := org.Delegates[c.Account()][servicePrincipal]
	if !trusted || !delegate && org.Management != c.Account() {
		return denied
	}
	return nil
}

// readOpsItem reads the row of an OpsItem. Rows related to an OpsItem are below its ARN and are not OpsItems.
func readOpsItem(c *operation.Call, account, id string) (store.Resource, error) {
	r, err := c.Tx.Resource(opsItemARN(c, account, id))
	if errors.Is(err, store.ErrNotFound) || err == nil && r.Type != opsItemType {
		err = errOpsItemNotFound(textOpsItemNotFound)
	}
	return r, err
}
