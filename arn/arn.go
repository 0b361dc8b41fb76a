// Package arn parses and formats Amazon Resource Names.
//
// An ARN is "arn:partition:service:region:account:resource". The resource part keeps its own colons and
// slashes; each service defines their meaning. Patterns with wildcards are not ARNs: package policy compiles
// and matches them.
//
// Format: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
package arn

import (
	"fmt"
	"strings"
)

// ARN is a parsed resource name. Region and Account are empty for services that have none; the other fields
// of a parsed ARN are never empty.
type ARN struct {
	Partition string // "aws", "aws-cn", "aws-us-gov", ...
	Service   string // "s3"
	Region    string // "eu-west-1"
	Account   string // twelve digits, or "aws" for resources of AWS itself
	Resource  string // "role/path/name"
}

// Parse splits s at its first five colons. It checks only the prefix, the number of fields, and that
// partition, service and resource are not empty: the valid regions and accounts differ between services.
func Parse(s string) (ARN, error) {
	rest, ok := strings.CutPrefix(s, "arn:")
	if !ok {
		return ARN{}, fmt.Errorf("arn %q: does not begin with \"arn:\"", s)
	}
	var field [4]string
	for i := range field {
		field[i], rest, ok = strings.Cut(rest, ":")
		if !ok {
			return ARN{}, fmt.Errorf("arn %q: has %d of 6 fields", s, i+2)
		}
	}
	a := ARN{Partition: field[0], Service: field[1], Region: field[2], Account: field[3], Resource: rest}
	switch {
	case a.Partition == "":
		return ARN{}, fmt.Errorf("arn %q: partition is empty", s)
	case a.Service == "":
		return ARN{}, fmt.Errorf("arn %q: service is empty", s)
	case a.Resource == "":
		return ARN{}, fmt.Errorf("arn %q: resource is empty", s)
	}
	return a, nil
}

// String is the inverse of Parse. The zero ARN formats as the empty string.
func (a ARN) String() string {
	if a == (ARN{}) {
		return ""
	}
	return "arn:" + a.Partition + ":" + a.Service + ":" + a.Region + ":" + a.Account + ":" + a.Resource
}

// IsZero reports whether a is the zero ARN.
func (a ARN) IsZero() bool { return a == ARN{} }
