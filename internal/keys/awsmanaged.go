package keys

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/writdev/writ/internal/store"
)

// managers are the services that have an AWS managed key: alias/aws/<service>.
var managers = []string{"ssm"}

// ManagerOf is the service whose AWS managed key has the alias; "" if none has.
func ManagerOf(alias string) string {
	manager, ok := strings.CutPrefix(alias, awsPrefix)
	if !ok || !slices.Contains(managers, manager) {
		return ""
	}
	return manager
}

// Managed returns the AWS managed key of a service in a scope, and makes it at
// its first use, with id: its alias, its policy, and a rotation every year.
func Managed(tx *store.Tx, sealer *Sealer, scope Scope, manager, id string, now time.Time) (*Key, error) {
	name := awsPrefix + manager
	a, err := ReadAlias(tx, scope, name)
	if err == nil {
		return Read(tx, a.Target, now)
	}
	if !isNotFound(err) {
		return nil, err
	}
	k := New(sealer, scope, id, now)
	k.Manager = manager
	k.Description = "Default key that protects what " + manager + " encrypts when no other key is named"
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

// statement is one statement of the policies that KMS itself writes.
type statement struct {
	Sid       string
	Effect    string
	Principal map[string]string
	Action    []string
	Resource  string
	Condition map[string]map[string]string `json:",omitempty"`
}

func document(statements ...statement) string {
	text, err := json.MarshalIndent(struct {
		Version   string
		ID        string `json:"Id"`
		Statement []statement
	}{"2012-10-17", "key-default-1", statements}, "", "  ")
	if err != nil {
		panic(fmt.Sprintf("a policy of strings: %v", err))
	}
	return string(text)
}

func (s Scope) root() map[string]string {
	return map[string]string{"AWS": "arn:" + s.Partition + ":iam::" + s.Account + ":root"}
}

// DefaultPolicy is the policy of a key that is made without one: it leaves the
// key to the policies of its account.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
func DefaultPolicy(scope Scope) string {
	return document(statement{"Enable IAM User Permissions", "Allow", scope.root(), []string{"kms:*"}, "*", nil})
}

// managedPolicy is the policy of an AWS managed key, which nobody can change:
// the account's principals use the key through its service alone, and look at it.
func managedPolicy(scope Scope, manager string) string {
	return document(
		statement{"Use by the account through " + manager, "Allow", map[string]string{"AWS": "*"},
			[]string{"kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant", "kms:DescribeKey"}, "*",
			map[string]map[string]string{"StringEquals": {
				"kms:CallerAccount": scope.Account, "kms:ViaService": ViaService(manager, scope.Region),
			}}},
		statement{"Look at the key", "Allow", scope.root(), []string{"kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"}, "*", nil},
	)
}

// ViaService is how the condition key kms:ViaService names a service.
func ViaService(service, region string) string { return service + "." + region + ".amazonaws.com" }
