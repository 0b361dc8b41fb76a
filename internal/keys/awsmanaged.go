package keys

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/writdev/writ/internal/store"
)

// Predefined are the services that have an AWS managed key in each account and region:
// alias/aws/<service>. The key is made when it is used first.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html
var Predefined = []string{
	"acm", "dynamodb", "ebs", "elasticfilesystem", "es", "glue", "kinesisvideo", "lambda", "rds", "redshift", "s3", "secretsmanager", "ssm", "xray",
}

// protects is what some of them say that their keys protect; the others say their name.
var protects = map[string]string{
	"ebs": "EBS volumes", "lambda": "Lambda functions", "s3": "S3 objects", "secretsmanager": "Secrets Manager data", "ssm": "SSM parameters",
}

// ManagerOf is the service whose AWS managed key has the alias; "" if none has.
func ManagerOf(alias string) string {
	manager, ok := strings.CutPrefix(alias, awsPrefix)
	if !ok || !slices.Contains(Predefined, manager) {
		return ""
	}
	return manager
}

// ManagedAlias is the alias of the AWS managed key of a service.
func ManagedAlias(manager string) string { return awsPrefix + manager }

// Managed returns the AWS managed key of a service in a scope, and makes it at
// its first use, with id: its alias, its policy, and a rotation every year.
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
	k.Description = "Default key that protects my " + cmp.Or(protects[manager], strings.ToUpper(manager)+" data") + " when no other key is defined"
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

// PolicyName is the name of a key's one policy.
const PolicyName = "default"

// SetPolicy puts the key's policy.
func (k *Key) SetPolicy(tx *store.Tx, document string, now time.Time) error {
	return tx.PutPolicy(store.Policy{
		ARN: k.ARN(), Source: store.SourceUser, Name: PolicyName, Document: document, CreatedAt: now, UpdatedAt: now,
	})
}

// The policies that KMS itself writes, laid out as it does.
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

// DefaultPolicy is the policy of a key that is made without one: it leaves the
// key to the policies of its account.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
func DefaultPolicy(scope Scope) string {
	return fmt.Sprintf(defaultPolicy, scope.Partition, scope.Account)
}

// managedPolicy is the policy of an AWS managed key, which nobody can change:
// the account's principals use the key through its service alone, and look at it.
func managedPolicy(scope Scope, manager string) string {
	return fmt.Sprintf(managedKeyPolicy, scope.Partition, scope.Account, manager, strings.ToUpper(manager), ViaService(manager, scope.Region))
}

// ViaService is how the condition key kms:ViaService names a service.
func ViaService(service, region string) string {
	if service == "ebs" { // whose volumes are EC2's
		service = "ec2"
	}
	return service + "." + region + ".amazonaws.com"
}
