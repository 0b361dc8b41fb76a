package analyze

import "github.com/writdev/writ/policy"

// Escalation is a way in which a caller can get permissions that its policies do
// not give it.
type Escalation struct {
	Method  string     // a short name: "attach a policy to a user"
	Actions []string   // that it takes, in their order
	Path    []*Witness // a request of the caller for each action, each allowed
}

// escalations are the documented ways of privilege escalation in IAM: the actions
// that each takes.
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
	{"put a policy into a user", []string{"iam:PutUserPolicy"}},
	{"put a policy into a group", []string{"iam:PutGroupPolicy"}},
	{"put a policy into a role that the caller assumes", []string{"iam:PutRolePolicy", "sts:AssumeRole"}},
	{"write a new version of a policy", []string{"iam:CreatePolicyVersion"}},
	{"go back to an older version of a policy", []string{"iam:SetDefaultPolicyVersion"}},
	{"join a group", []string{"iam:AddUserToGroup"}},
	{"make an access key for another user", []string{"iam:CreateAccessKey"}},
	{"give another user a password", []string{"iam:CreateLoginProfile"}},
	{"change the password of another user", []string{"iam:UpdateLoginProfile"}},
	{"change who may assume a role", []string{"iam:UpdateAssumeRolePolicy", "sts:AssumeRole"}},
	{"remove a permissions boundary of a user", []string{"iam:DeleteUserPermissionsBoundary"}},
	{"remove a permissions boundary of a role", []string{"iam:DeleteRolePermissionsBoundary"}},
	{"run an instance with a role", []string{"iam:PassRole", "ec2:RunInstances"}},
	{"invoke a new function with a role", []string{"iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"}},
	{"change the code of a function that has a role", []string{"lambda:UpdateFunctionCode"}},
	{"create a stack with a role", []string{"iam:PassRole", "cloudformation:CreateStack"}},
	{"run a build with a role", []string{"iam:PassRole", "codebuild:CreateProject", "codebuild:StartBuild"}},
	{"run a task with a role", []string{"iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:RunTask"}},
	{"run a notebook with a role", []string{"iam:PassRole", "sagemaker:CreateNotebookInstance", "sagemaker:CreatePresignedNotebookInstanceUrl"}},
	{"run a job with a role", []string{"iam:PassRole", "glue:CreateJob", "glue:StartJobRun"}},
	{"run a command on an instance that has a role", []string{"ssm:SendCommand"}},
}

// Escalates finds the documented ways of privilege escalation that a caller's
// policies leave open: those of which every action is allowed on some resource of
// its account. Unknown names the methods for which that could not be found out.
//
// Assuming a role also takes the role's trust policy; it is taken to leave the
// decision to the caller's account.
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
			return nil, false, false // one action is surely denied
		}
		path = append(path, c.Gained)
	}
	return path, !undecided, undecided
}
