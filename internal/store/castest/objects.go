package castest

import (
	"context"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rekognition"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// Owner is the account whose parameter and project have the policies, and consumer the account that they name.
const (
	Owner    = "111122223333"
	consumer = "444455556666"
)

// object is a policy as the clients of each server see it.
type object interface {
	// read returns the document and what a write must contain to replace it; "" for none.
	read(ctx context.Context, server int) (document string, version [2]*string, err error)
	write(ctx context.Context, server int, document string, version [2]*string) error
	// document returns a valid document with a mark.
	document(mark string) string
}

type parameterPolicy struct {
	arn     string
	clients []*ssm.Client // by server
}

func (p parameterPolicy) read(ctx context.Context, server int) (string, [2]*string, error) {
	out, err := p.clients[server].GetResourcePolicies(ctx, &ssm.GetResourcePoliciesInput{ResourceArn: &p.arn})
	if err != nil || len(out.Policies) == 0 {
		return "", [2]*string{}, err
	}
	one := out.Policies[0]
	return *one.Policy, [2]*string{one.PolicyId, one.PolicyHash}, nil
}

func (p parameterPolicy) write(ctx context.Context, server int, document string, version [2]*string) error {
	_, err := p.clients[server].PutResourcePolicy(ctx, &ssm.PutResourcePolicyInput{ResourceArn: &p.arn, Policy: &document, PolicyId: version[0], PolicyHash: version[1]})
	return err
}

func (p parameterPolicy) document(mark string) string {
	return document(mark, `["ssm:GetParameter","ssm:GetParameters"]`, p.arn)
}

type projectPolicy struct {
	arn     string
	clients []*rekognition.Client // by server
}

func (p projectPolicy) read(ctx context.Context, server int) (string, [2]*string, error) {
	out, err := p.clients[server].ListProjectPolicies(ctx, &rekognition.ListProjectPoliciesInput{ProjectArn: &p.arn})
	if err != nil || len(out.ProjectPolicies) == 0 {
		return "", [2]*string{}, err
	}
	one := out.ProjectPolicies[0]
	return *one.PolicyDocument, [2]*string{one.PolicyName, one.PolicyRevisionId}, nil
}

func (p projectPolicy) write(ctx context.Context, server int, document string, version [2]*string) error {
	_, err := p.clients[server].PutProjectPolicy(ctx, &rekognition.PutProjectPolicyInput{
		ProjectArn: &p.arn, PolicyDocument: &document, PolicyName: aws.String("one"), PolicyRevisionId: version[1]})
	return err
}

func (p projectPolicy) document(mark string) string {
	return document(mark, `"rekognition:CopyProjectVersion"`, "*")
}

func document(mark, actions, resource string) string {
	return `{"Version":"2012-10-17","Statement":[{"Sid":"` + mark + `","Effect":"Allow","Principal":{"AWS":"` + consumer + `"},"Action":` + actions + `,"Resource":"` + resource + `"}]}`
}

// Objects are a parameter and a project, each with a policy.
type Objects struct {
	list    []object
	first   []string // the documents of the policies
	servers int
}

// New creates the objects through the first of the servers.
func New(t *testing.T, servers []aws.Config, name string) Objects {
	t.Helper()
	var parameters []*ssm.Client
	var projects []*rekognition.Client
	for _, config := range servers {
		parameters = append(parameters, ssm.NewFromConfig(config))
		projects = append(projects, rekognition.NewFromConfig(config))
	}
	ctx := t.Context()
	if _, err := parameters[0].PutParameter(ctx, &ssm.PutParameterInput{Name: &name, Value: aws.String("x"), Type: ssmtypes.ParameterTypeString, Tier: ssmtypes.ParameterTierAdvanced}); err != nil {
		t.Fatal(err)
	}
	project, err := projects[0].CreateProject(ctx, &rekognition.CreateProjectInput{ProjectName: &name})
	if err != nil {
		t.Fatal(err)
	}
	o := Objects{servers: len(servers), list: []object{
		parameterPolicy{"arn:aws:ssm:us-east-1:" + Owner + ":parameter/" + name, parameters},
		projectPolicy{*project.ProjectArn, projects},
	}}
	for i, object := range o.list {
		o.first = append(o.first, object.document(fmt.Sprint("first", i)))
		if err := object.write(ctx, 0, o.first[i], [2]*string{}); err != nil {
			t.Fatal(err)
		}
	}
	return o
}
