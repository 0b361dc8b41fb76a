package analyze

import "github.com/writdev/writ/policy"

// Escalation is a method by which a caller can obtain permissions that its policies do not grant.
type Escalation struct {
	Method  string     // a short name: "attach a policy to a user"
	Actions []string   // the actions that the method requires, in order
	Path    []*Witness // for each action, a request of the caller that is allowed
}

// escalations lists the documented methods of privilege escalation in IAM, with the actions that each
// requires.
//
// Sources: the privilege escalation section of
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html and
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
var escalations = []struct {
	method  string
	actions []string
}{
	{"attach a policy to a user", []string{"iam:AttachUserPolicy"}},
	{"attach a policy to a group", []string{"iam:AttachGroupPolicy"}},
	{"attach a policy to a role that the caller assumes", []string{"iam:AttachRolePolicy", "sts:AssumeRole"}},
	{"add an inline policy to a user", []string{"iam:PutUserPolicy"}},
	{"add an inline policy to a group", []string{"iam:PutGroupPolicy"}},
	{"add an inline policy to a role that the caller assumes", []string{"iam:PutRolePolicy", "sts:AssumeRole"}},
	{"create a new version of a policy", []string{"iam:CreatePolicyVersion"}},
	{"restore an older version of a policy", []string{"iam:SetDefaultPolicyVersion"}},
	{"add a user to a group", []string{"iam:AddUserToGroup"}},
	{"create an access key for another user", []string{"iam:CreateAccessKey"}},
	{"create a console password for another user", []string{"iam:CreateLoginProfile"}},
	{"change another user's console password", []string{"iam:UpdateLoginProfile"}},
	{"change a role's trust policy", []string{"iam:UpdateAssumeRolePolicy", "sts:AssumeRole"}},
	{"remove a user's permissions boundary", []string{"iam:DeleteUserPermissionsBoundary"}},
	{"remove a role's permissions boundary", []string{"iam:DeleteRolePermissionsBoundary"}},
	{"launch an instance with a role", []string{"iam:PassRole", "ec2:RunInstances"}},
	{"invoke a new function with a role", []string{"iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"}},
	{"change the code of a function that has a role", []string{"lambda:UpdateFunctionCode"}},
	{"create a stack with a role", []string{"iam:PassRole", "cloudformation:CreateStack"}},
	{"run a build with a role", []string{"iam:PassRole", "codebuild:CreateProject", "codebuild:StartBuild"}},
	{"run a task with a role", []string{"iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:RunTask"}},
	{"run a notebook with a role", []string{"iam:PassRole", "sagemaker:CreateNotebookInstance", "sagemaker:CreatePresignedNotebookInstanceUrl"}},
	{"run a job with a role", []string{"iam:PassRole", "glue:CreateJob", "glue:StartJobRun"}},
	{"run a command on an instance that has a role", []string{"ssm:SendCommand"}},
}

// Escalates returns the documented methods of privilege escalation that a caller's policies allow: those
// whose actions are each allowed on some resource of the caller's account. Unknown lists the methods for
// which this could not be decided.
//
// Assuming a role also requires its trust policy, which is assumed to delegate the decision to the caller's
// account.
func Escalates(caller policy.Principal, p *policy.Policies, options Options) (found []Escalation, unknown []string) {
	for _, e := range escalations {
		path, open, undecided := pathOf(caller, p, e.actions, options)
		switch {
		case undecided:
			unknown = append(unknown, e.method)
		case open:
			found = append(found, Escalation{e.method, e.actions, path})
		}
	}
	return found, unknown
}

func pathOf(caller policy.Principal, p *policy.Policies, actions []string, options Options) (path []*Witness, open, undecided bool) {
	for _, action := range actions {
		with := *p
		if action == "sts:AssumeRole" && with.Resource == nil {
			with.Resource = delegateTo(caller.Account)
		}
		c := CompareSets(&policy.Policies{Identity: []policy.Attached{}}, &with, Subject{Principal: &caller, Action: action}, options)
		if c.Gained == nil {
			if c.Verdict == Unknown {
				undecided = true
				continue
			}
			return nil, false, false // one action is certainly denied
		}
		path = append(path, c.Gained)
	}
	return path, !undecided, undecided
}
