package organizations_test

import (
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ"
	"github.com/writdev/writ/writtest"
)

func TestAccounts(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, boss)
	o := c.organization()
	root := c.root()
	dev := c.newAccount("dev")
	got, err := c.DescribeAccount(ctx, &organizations.DescribeAccountInput{AccountId: &dev})
	ok(t, err)
	a := got.Account
	if *a.Arn != "arn:aws:organizations::"+boss+":account/"+*o.Id+"/"+dev || *a.Name != "dev" || *a.Email != "dev@writ.example" ||
		a.Status != types.AccountStatusActive || a.State != types.AccountStateActive || a.JoinedMethod != types.AccountJoinedMethodCreated ||
		!slices.Equal(a.Paths, []string{*o.Id + "/" + root + "/" + dev + "/"}) {
		t.Errorf("account %+v", a)
	}
	want := []string{boss, dev}
	slices.Sort(want)
	if diff := cmp.Diff(want, c.accounts()); diff != "" {
		t.Error(diff)
	}
	_, err = c.DescribeAccount(ctx, &organizations.DescribeAccountInput{AccountId: aws.String(carol)})
	wantCode(t, err, "AccountNotFoundException")
	_, err = c.DescribeAccount(ctx, &organizations.DescribeAccountInput{AccountId: aws.String("12")})
	wantInvalid(t, err, types.InvalidInputExceptionReasonInvalidPattern)

	// An address makes one account; that it fails is told later.
	again, err := c.CreateAccount(ctx, &organizations.CreateAccountInput{AccountName: aws.String("dev2"), Email: aws.String("DEV@writ.example")})
	ok(t, err)
	status, err := c.DescribeCreateAccountStatus(ctx, &organizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: again.CreateAccountStatus.Id})
	ok(t, err)
	if st := status.CreateAccountStatus; st.State != types.CreateAccountStateFailed || st.FailureReason != types.CreateAccountFailureReasonEmailAlreadyExists {
		t.Errorf("status %+v", st)
	}
	failed, err := c.ListCreateAccountStatus(ctx, &organizations.ListCreateAccountStatusInput{States: []types.CreateAccountState{types.CreateAccountStateFailed}})
	ok(t, err)
	if len(failed.CreateAccountStatuses) != 1 || *failed.CreateAccountStatuses[0].AccountName != "dev2" {
		t.Errorf("failed: %+v", failed.CreateAccountStatuses)
	}
	_, err = c.DescribeCreateAccountStatus(ctx, &organizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: aws.String("car-00000000")})
	wantCode(t, err, "CreateAccountStatusNotFoundException")
	_, err = c.CreateAccount(ctx, &organizations.CreateAccountInput{AccountName: aws.String("x"), Email: aws.String("x@writ.example"), RoleName: aws.String("AWSServiceRoleForX")})
	wantInvalid(t, err, types.InvalidInputExceptionReasonInvalidRoleName)
}

// TestAccountOnTheClock makes an account as slowly as AWS does.
func TestAccountOnTheClock(t *testing.T) {
	s, clock := serveAt(t, writ.Config{Lifecycle: writ.LifecycleRealistic})
	c := clock.client(t, s, boss)
	c.organization()
	out, err := c.CreateAccount(ctx, &organizations.CreateAccountInput{AccountName: aws.String("dev"), Email: aws.String("dev@writ.example")})
	ok(t, err)
	if st := out.CreateAccountStatus; st.State != types.CreateAccountStateInProgress || st.AccountId != nil || st.CompletedTimestamp != nil {
		t.Errorf("at first %+v", st)
	}
	under, err := c.ListAccountsForParent(ctx, &organizations.ListAccountsForParentInput{ParentId: aws.String(c.root())})
	ok(t, err)
	if got := c.accounts(); len(got) != 1 || len(under.Accounts) != 1 {
		t.Errorf("accounts before it is made: %v, %v", got, under.Accounts)
	}
	clock.now = clock.now.Add(time.Minute)
	status, err := c.DescribeCreateAccountStatus(ctx, &organizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: out.CreateAccountStatus.Id})
	ok(t, err)
	if st := status.CreateAccountStatus; st.State != types.CreateAccountStateSucceeded || !slices.Contains(c.accounts(), *st.AccountId) {
		t.Errorf("a minute later %+v", st)
	}
}

func TestMoveAccount(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, boss)
	o := c.organization()
	root, dev := c.root(), c.newAccount("dev")
	prod, test := c.unit(root, "prod"), c.unit(root, "test")
	move := func(account, from, to string) error {
		_, err := c.MoveAccount(ctx, &organizations.MoveAccountInput{AccountId: &account, SourceParentId: &from, DestinationParentId: &to})
		return err
	}
	ok(t, move(dev, root, prod))
	wantCode(t, move(dev, root, test), "SourceParentNotFoundException")
	wantCode(t, move(dev, prod, prod), "DuplicateAccountException")
	wantCode(t, move(dev, prod, "ou-0000-00000000"), "DestinationParentNotFoundException")
	wantCode(t, move(carol, prod, test), "AccountNotFoundException")
	parents, err := c.ListParents(ctx, &organizations.ListParentsInput{ChildId: &dev})
	ok(t, err)
	if len(parents.Parents) != 1 || *parents.Parents[0].Id != prod || parents.Parents[0].Type != types.ParentTypeOrganizationalUnit {
		t.Errorf("parents %+v", parents.Parents)
	}
	in := func(parent string) []types.Account {
		out, err := c.ListAccountsForParent(ctx, &organizations.ListAccountsForParentInput{ParentId: &parent})
		ok(t, err)
		return out.Accounts
	}
	if list := in(prod); len(list) != 1 || list[0].Paths[0] != *o.Id+"/"+root+"/"+prod+"/"+dev+"/" {
		t.Errorf("accounts in prod: %+v", list)
	}
	if list := in(test); len(list) != 0 {
		t.Errorf("accounts in test: %+v", list)
	}

	// Each of the three is asked for.
	users := 0
	for _, denied := range []string{"account/" + *o.Id + "/" + dev, "ou/" + *o.Id + "/" + prod, "ou/" + *o.Id + "/" + test} {
		users++
		u := as(t, s, boss, "mover"+string(rune('0'+users)), `{"Version":"2012-10-17","Statement":[
			{"Effect":"Allow","Action":"*","Resource":"*"},
			{"Effect":"Deny","Action":"organizations:MoveAccount","Resource":"arn:aws:organizations::`+boss+`:`+denied+`"}]}`)
		_, err := u.MoveAccount(ctx, &organizations.MoveAccountInput{AccountId: &dev, SourceParentId: &prod, DestinationParentId: &test})
		wantCode(t, err, "AccessDeniedException")
	}
}

func TestLeave(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, boss)
	c.organization()
	_, err := c.LeaveOrganization(ctx, &organizations.LeaveOrganizationInput{})
	wantCode(t, err, "MasterCannotLeaveOrganizationException")
	_, err = c.RemoveAccountFromOrganization(ctx, &organizations.RemoveAccountFromOrganizationInput{AccountId: aws.String(boss)})
	wantCode(t, err, "MasterCannotLeaveOrganizationException")
	_, err = c.RemoveAccountFromOrganization(ctx, &organizations.RemoveAccountFromOrganizationInput{AccountId: aws.String(carol)})
	wantCode(t, err, "AccountNotFoundException")

	member := newClient(t, s, bob)
	member.accept(c.invite(bob))
	deny := c.policy(types.PolicyTypeServiceControlPolicy, "stay", `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"organizations:LeaveOrganization","Resource":"*"}}`)
	c.attach(deny, bob)
	_, err = member.LeaveOrganization(ctx, &organizations.LeaveOrganizationInput{})
	wantCode(t, err, "AccessDeniedException")
	c.detach(deny, bob)
	_, err = member.LeaveOrganization(ctx, &organizations.LeaveOrganizationInput{})
	ok(t, err)
	if diff := cmp.Diff([]string{boss}, c.accounts()); diff != "" {
		t.Error(diff)
	}
	member.organization() // it is free to have its own
}

func TestCloseAccount(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, boss)
	c.organization()
	dev := c.newAccount("dev")
	inside := as(t, s, dev, "ann", everything)
	describe := func() error {
		_, err := inside.DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
		return err
	}
	ok(t, describe())
	closeAccount := func(id string) error {
		_, err := c.CloseAccount(ctx, &organizations.CloseAccountInput{AccountId: &id})
		return err
	}
	wantViolation(t, closeAccount(boss), types.ConstraintViolationExceptionReasonCannotCloseManagementAccount)
	ok(t, closeAccount(dev))
	wantCode(t, describe(), "UnrecognizedClientException") // nobody of it can come in
	wantCode(t, closeAccount(dev), "AccountAlreadyClosedException")
	got, err := c.DescribeAccount(ctx, &organizations.DescribeAccountInput{AccountId: &dev})
	ok(t, err)
	if got.Account.Status != types.AccountStatusSuspended {
		t.Errorf("status %s", got.Account.Status)
	}
}

// TestAccessRole comes into a new account by the role that trusts the
// management account.
func TestAccessRole(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, boss)
	c.organization()
	dev := c.newAccount("dev")
	role := aws.String("arn:aws:iam::" + dev + ":role/OrganizationAccountAccessRole")
	_, err := sts.NewFromConfig(s.User(boss, "admin", everything)).AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: role, RoleSessionName: aws.String("boss")})
	ok(t, err)
	_, err = sts.NewFromConfig(s.User(carol, "admin", everything)).AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: role, RoleSessionName: aws.String("carol")})
	wantCode(t, err, "AccessDenied")
}
