package keys

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/writdev/writ/internal/store"
)

// Predefined are the services that have an AWS managed key in each account and region,
// with the alias alias/aws/<service>. The key is created at its first use.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html
var Predefined = []string{
	"acm", "dynamodb", "ebs", "elasticfilesystem", "es", "glue", "kinesisvideo", "lambda", "rds", "redshift", "s3", "secretsmanager", "ssm", "xray",
}

// descriptionObjects is the object of the key description for services whose descriptions do not
// use the service's name.
var descriptionObjects = map[string]string{
	"ebs": "EBS volumes", "lambda": "Lambda functions", "s3": "S3 objects", "secretsmanager": "Secrets Manager data", "ssm": "SSM parameters",
}

// ManagerOf is the service whose AWS managed key has the alias; "" if there is none.
func ManagerOf(alias string) string {
	manager, ok := strings.CutPrefix(alias, awsPrefix)
	if !ok || !slices.Contains(Predefined, manager) {
		return ""
	}
	return manager
}

// ManagedAlias is the alias of the AWS managed key of a service.
func ManagedAlias(manager string) string { return awsPrefix + manager }

// Managed returns the AWS managed key of a service in a scope. At its first use it
// creates the key with id, its alias, its policy and automatic rotation every year.
func Managed(tx *store.Tx, sealer *Sealer, scope Scope, manager, id string, now time.Time) (*Key, error) {
	name := ManagedAlias(manager)
	a, err := ReadAlias(tx, scope, name)
	if err == nil {
		return Read(tx, a.Target, now)
	}
	if !isNotFound(err) {
		return nil, err
	}
	secret, err := NewSecret(Symmetric)
	if err != nil {
		return nil, err
	}
	k, err := New(sealer, scope, Symmetric, id, secret, now)
	if err != nil {
		return nil, err
	}
	k.Manager = manager
	k.Description = "Default key that protects my " + cmp.Or(descriptionObjects[manager], strings.ToUpper(manager)+" data") + " when no other key is defined"
	k.SetRotation(365, now)
	if err := k.Write(tx, now); err != nil {
		return nil, err
	}
	a = &Alias{Scope: scope, Name: name, Target: k.ARN(), CreatedAt: now, UpdatedAt: now}
	if err := a.Write(tx, now); err != nil {
		return nil, err
	}
	return k, k.SetPolicy(tx, managedPolicy(scope, manager), now)
}

// PolicyName is the name of the only policy of a key.
const PolicyName = "default"

// SetPolicy puts the key's policy.
func (k *Key) SetPolicy(tx *store.Tx, document string, now time.Time) error {
	return tx.PutPolicy(store.Policy{
		ARN: k.ARN(), Source: store.SourceUser, Name: PolicyName, Document: document, CreatedAt: now, UpdatedAt: now,
	})
}

// The policies that KMS writes, formatted as KMS does.
const (
	defaultPolicy = `{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "arn:%[1]s:iam::%[2]s:root"
    },
    "Action" : "kms:*",
    "Resource" : "*"
  } ]
}`
	managedKeyPolicy = `{
  "Version" : "2012-10-17",
  "Id" : "auto-%[3]s-1",
  "Statement" : [ {
    "Sid" : "Allow access through %[4]s for all principals in the account that are authorized to use %[4]s",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "*"
    },
    "Action" : [ "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant", "kms:DescribeKey" ],
    "Resource" : "*",
    "Condition" : {
      "StringEquals" : {
        "kms:CallerAccount" : "%[2]s",
        "kms:ViaService" : "%[5]s"
      }
    }
  }, {
    "Sid" : "Allow direct access to key metadata to the account",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "arn:%[1]s:iam::%[2]s:root"
    },
    "Action" : [ "kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant" ],
    "Resource" : "*"
  } ]
}`
)

// DefaultPolicy is the policy of a key that is created without one: it lets IAM policies
// of the account allow the use of the key.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
func DefaultPolicy(scope Scope) string {
	return fmt.Sprintf(defaultPolicy, scope.Partition, scope.Account)
}

// managedPolicy is the policy of an AWS managed key, which cannot be changed: principals
// of the account may use the key only through its service, and read its metadata.
func managedPolicy(scope Scope, manager string) string {
	return fmt.Sprintf(managedKeyPolicy, scope.Partition, scope.Account, manager, strings.ToUpper(manager), ViaService(manager, scope.Region))
}

// ViaService is the value of the condition key kms:ViaService for a service.
func ViaService(service, region string) string {
	if service == "ebs" { // EBS calls KMS through EC2
		service = "ec2"
	}
	return service + "." + region + ".amazonaws.com"
}
