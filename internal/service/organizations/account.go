package organizations

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
	"github.com/writdev/writ/internal/store"
)

// creationTime is how long the creation of an account takes.
func creationTime(l operation.Lifecycle) time.Duration {
	if l == operation.Instant {
		return 0
	}
	return time.Minute
}

// creation is the stored state of a CreateAccount. Whether it has finished follows from
// the clock.
type creation struct {
	ID, Name, AccountID  string
	Failure              CreateAccountFailureReason
	Requested, Completed time.Time
}

// creationARN is the key of the row of a creation, which has no ARN in AWS.
func (c *call) creationARN(id string) string { return c.org.TypeARN("create-account-status") + id }

// newAccount is the target of CreateAccount.
func (o *organizations) newAccount(_ *call, in *CreateAccountInput) (authz.Target, error) {
	return authz.Target{ARN: "*", RequestTags: tagMap(in.Tags)}, nil
}

// createAccount creates an account in the organization. As in AWS, failures are reported
// later, in the status of the creation.
func (o *organizations) createAccount(c *call, in *CreateAccountInput) (*CreateAccountOutput, error) {
	role := "OrganizationAccountAccessRole"
	if in.RoleName != nil {
		role = *in.RoleName
	}
	if strings.HasPrefix(role, "AWSServiceRoleFor") {
		return nil, badInput("INVALID_ROLE_NAME", "You specified a role name that begins with the reserved prefix AWSServiceRoleFor.")
	}
	if err := c.checkAccountQuota(); err != nil {
		return nil, err
	}
	done := creation{
		ID: c.id("car-", 32), Name: in.AccountName, Requested: c.Now, Completed: c.Now.Add(creationTime(o.lifecycle)),
	}
	account, err := identity.CreateAccount(c.Tx, in.AccountName, in.Email, c.Now)
	switch {
	case errors.Is(err, identity.ErrAccountEmail):
		done.Failure = CreateAccountFailureReasonEmailAlreadyExists
	case err != nil:
		return nil, err
	default:
		done.AccountID = account.ID
		if err := c.join(account, AccountJoinedMethodCreated, done.Completed); err != nil {
			return nil, err
		}
		if err := c.tagNew(c.org.NodeARN(account.ID), in.Tags); err != nil {
			return nil, err
		}
		if err := c.createAccessRole(account.ID, role); err != nil {
			return nil, err
		}
		if err := c.makeServiceRole(account.ID, byOrganizations); err != nil {
			return nil, err
		}
	}
	data, err := json.Marshal(done)
	if err != nil {
		return nil, fmt.Errorf("create account %s: %w", in.AccountName, err)
	}
	err = c.Tx.InsertResource(store.Resource{
		ARN: c.creationARN(done.ID), Service: api.Name, Type: "create-account-status", Account: c.org.Management, Name: done.Name,
		Data: data, CreatedAt: c.Now, UpdatedAt: c.Now,
	})
	return &CreateAccountOutput{CreateAccountStatus: new(done.output(c.Now))}, err
}

// createAccessRole creates the role in a new account that principals of the management
// account can assume.
func (c *call) createAccessRole(account, name string) error {
	role := identity.NewRole(c.Partition, account, "/", name)
	trust, err := identity.ResolveTrust(c.Tx, c.Partition, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"`+
		identity.RootARN(c.Partition, c.org.Management)+`"},"Action":"sts:AssumeRole"}]}`)
	if err != nil {
		return err
	}
	role.TrustPolicy = trust
	role.Attached = []string{"arn:" + c.Partition + ":iam::aws:policy/AdministratorAccess"}
	return identity.PutRole(c.Tx, role, c.Now)
}

// maxAccounts is the default quota of accounts in an organization.
const maxAccounts = 5000

// checkAccountQuota returns an error if the quota of accounts is reached.
func (c *call) checkAccountQuota() error {
	n := 0
	for _, err := range c.every(identity.AccountNode)("") {
		if err != nil {
			return err
		}
		if n++; n == maxAccounts {
			return violated("ACCOUNT_NUMBER_LIMIT_EXCEEDED", "You have exceeded the number of accounts that an organization may have.")
		}
	}
	return nil
}

// output is the creation in outputs, as of now.
func (v creation) output(now time.Time) CreateAccountStatus {
	s := CreateAccountStatus{ID: &v.ID, AccountName: &v.Name, RequestedTimestamp: &v.Requested, State: new(CreateAccountStateInProgress)}
	switch {
	case v.Completed.After(now):
	case v.Failure != "":
		s.State, s.FailureReason, s.CompletedTimestamp = new(CreateAccountStateFailed), &v.Failure, &v.Completed
	default:
		s.State, s.AccountID, s.CompletedTimestamp = new(CreateAccountStateSucceeded), &v.AccountID, &v.Completed
	}
	return s
}

func readCreation(r store.Resource) (creation, error) {
	var v creation
	if err := json.Unmarshal(r.Data, &v); err != nil {
		return v, fmt.Errorf("read %s: %w", r.ARN, err)
	}
	return v, nil
}

func (o *organizations) describeCreateAccountStatus(c *call, in *DescribeCreateAccountStatusInput) (*DescribeCreateAccountStatusOutput, error) {
	r, err := c.Tx.Resource(c.creationARN(in.CreateAccountRequestID))
	if errors.Is(err, store.ErrNotFound) {
		return nil, errCreateAccountStatusNotFound("You specified a request that doesn't exist.")
	}
	if err != nil {
		return nil, err
	}
	v, err := readCreation(r)
	return &DescribeCreateAccountStatusOutput{CreateAccountStatus: new(v.output(c.Now))}, err
}

func (o *organizations) listCreateAccountStatus(c *call, in *ListCreateAccountStatusInput) (*ListCreateAccountStatusOutput, error) {
	rows := func(after string) iter.Seq2[operation.Keyed[CreateAccountStatus], error] {
		return func(yield func(operation.Keyed[CreateAccountStatus], error) bool) {
			for r, err := range c.Tx.Resources(store.Query{Prefix: c.creationARN(""), After: after}) {
				var v creation
				if err == nil {
					v, err = readCreation(r)
				}
				s := v.output(c.Now)
				if err == nil && len(in.States) > 0 && !slices.Contains(in.States, *s.State) {
					continue
				}
				if !yield(operation.Keyed[CreateAccountStatus]{Key: r.ARN, Item: s}, err) || err != nil {
					return
				}
			}
		}
	}
	p, err := page(apiListCreateAccountStatus.Name, in.MaxResults, in.NextToken, rows)
	return &ListCreateAccountStatusOutput{CreateAccountStatuses: p.Items, NextToken: p.Next}, err
}

func errNoAccount() error { return errAccountNotFound("You specified an account that doesn't exist.") }

func accountShape(n identity.Node) Account {
	return Account{
		ID: &n.ID, ARN: new(n.ARN()), Email: &n.Account.Email, Name: &n.Name,
		Status: new(AccountStatus(n.Account.Status)), State: new(AccountState(n.Account.Status)),
		JoinedMethod: new(AccountJoinedMethod(n.Account.JoinedMethod)), JoinedTimestamp: &n.Account.Joined,
		Paths: []string{n.Path()},
	}
}

func (o *organizations) describeAccount(c *call, in *DescribeAccountInput) (*DescribeAccountOutput, error) {
	n, err := c.node(in.AccountID, errNoAccount())
	if err != nil {
		return nil, err
	}
	return &DescribeAccountOutput{Account: new(accountShape(n))}, nil
}

func (o *organizations) listAccounts(c *call, in *ListAccountsInput) (*ListAccountsOutput, error) {
	p, err := page(apiListAccounts.Name, in.MaxResults, in.NextToken, c.every(identity.AccountNode))
	return &ListAccountsOutput{Accounts: shown(p, accountShape), NextToken: p.Next}, err
}

func (o *organizations) listAccountsForParent(c *call, in *ListAccountsForParentInput) (*ListAccountsForParentOutput, error) {
	parent, err := c.parent(in.ParentID, errNoParent())
	if err != nil {
		return nil, err
	}
	accounts, err := c.children(parent, identity.AccountNode)
	if err != nil {
		return nil, err
	}
	p, err := page(apiListAccountsForParent.Name, in.MaxResults, in.NextToken, accounts)
	return &ListAccountsForParentOutput{Accounts: shown(p, accountShape), NextToken: p.Next}, err
}

// moveAccount authorizes all three: the account, its parent and its new parent.
func (o *organizations) moveAccount(c *call, in *MoveAccountInput) (*MoveAccountOutput, error) {
	for _, id := range []string{in.SourceParentID, in.DestinationParentID} {
		if err := c.also(management, apiMoveAccount.Name, authz.Target{ARN: c.org.NodeARN(id)}); err != nil {
			return nil, err
		}
	}
	n, err := c.node(in.AccountID, errNoAccount())
	if err != nil {
		return nil, err
	}
	if _, err := c.parent(in.SourceParentID, errNoSource()); err != nil {
		return nil, err
	}
	if n.Parent() != in.SourceParentID {
		return nil, errNoSource()
	}
	to, err := c.parent(in.DestinationParentID, errDestinationParentNotFound("You specified a destination parent that doesn't exist."))
	if err != nil {
		return nil, err
	}
	if to.ID == in.SourceParentID {
		return nil, errDuplicateAccount("The account is already present in the specified destination.")
	}
	n.Parents = append(to.Parents, to.ID)
	return &MoveAccountOutput{}, c.put(n)
}

func errNoSource() error {
	return errSourceParentNotFound("You specified a source parent that doesn't exist or does not hold the account.")
}

// closeAccount suspends an account immediately; in AWS it takes minutes.
func (o *organizations) closeAccount(c *call, in *CloseAccountInput) (*CloseAccountOutput, error) {
	n, err := c.node(in.AccountID, errNoAccount())
	if err != nil {
		return nil, err
	}
	if err := c.needAllFeatures(); err != nil {
		return nil, err
	}
	switch {
	case n.ID == c.org.Management:
		return nil, violated("CANNOT_CLOSE_MANAGEMENT_ACCOUNT", "You cannot close the management account of the organization.")
	case n.Account.Status != string(AccountStatusActive):
		return nil, errAccountAlreadyClosed("The provided account is already closed.")
	case len(c.org.Delegates[n.ID]) > 0:
		return nil, errAdministers()
	}
	n.Account.Status = string(AccountStatusSuspended)
	return &CloseAccountOutput{}, c.put(n)
}

func errAdministers() error {
	return violated("CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG", "The account is a delegated administrator of the organization. Deregister it first.")
}

func (o *organizations) removeAccount(c *call, in *RemoveAccountFromOrganizationInput) (*RemoveAccountFromOrganizationOutput, error) {
	return &RemoveAccountFromOrganizationOutput{}, c.removeMember(in.AccountID)
}

func (o *organizations) leaveOrganization(c *call, _ *LeaveOrganizationInput) (*LeaveOrganizationOutput, error) {
	return &LeaveOrganizationOutput{}, c.removeMember(c.Account())
}

// removeMember removes an account from the organization. Its policies no longer apply to
// it, and its shares with the organization end.
func (c *call) removeMember(id string) error {
	n, err := c.node(id, errNoAccount())
	if err != nil {
		return err
	}
	switch {
	case id == c.org.Management:
		return errMasterCannotLeaveOrganization("You cannot remove the management account from its organization. Delete the organization instead.")
	case len(c.org.Delegates[id]) > 0:
		return errAdministers()
	}
	if err := identity.DeleteNode(c.Tx, n); err != nil {
		return err
	}
	return sharing.AccountLeft(c.Call, id, c.org.ID)
}
