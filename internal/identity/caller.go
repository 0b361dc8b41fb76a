// Package identity resolves access keys to principals, and principals to the policies that apply to them:
// their own, and those of their account's organization.
//
// It decides nothing: package authz passes the policies to the policy engine. Start reading at
// Directory.Credential, then at Rows.
package identity

import (
	"strings"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/policy"
)

// Caller is the principal that signed a request, resolved from the access key.
type Caller struct {
	Principal   policy.Principal
	UserID      string // aws:userid: the account id of a root user, the AIDA... id of a user
	Name        string // aws:username: for users only
	AccessKeyID string
	Session     *Session // nil for long-term credentials
}

// Account returns the caller's account, 12 digits.
func (c Caller) Account() string { return c.Principal.Account }

// ARN returns the caller's ARN as GetCallerIdentity and denials show it.
func (c Caller) ARN() string { return c.Principal.ARN }

// OwnsARN reports whether a resource belongs to the caller's account.
func (c Caller) OwnsARN(resource string) bool {
	a, err := arn.Parse(resource)
	return err == nil && a.Account == c.Account()
}

// rootCaller returns the root user of an account.
func rootCaller(partition, account, accessKeyID string) Caller {
	return Caller{
		Principal:   policy.Principal{Kind: policy.Root, ARN: RootARN(partition, account), Account: account},
		UserID:      account,
		AccessKeyID: accessKeyID,
	}
}

// Root returns the root user of an account, for unsigned calls.
func Root(partition, account string) Caller { return rootCaller(partition, account, "") }

// RootARN returns the ARN of an account's root user.
func RootARN(partition, account string) string {
	return "arn:" + partition + ":iam::" + account + ":root"
}

// PartitionOf returns the partition that a region belongs to.
// https://docs.aws.amazon.com/general/latest/gr/rande.html
func PartitionOf(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	case strings.HasPrefix(region, "us-iso-"):
		return "aws-iso"
	case strings.HasPrefix(region, "us-isob-"):
		return "aws-iso-b"
	}
	return "aws"
}
