// Package ssm implements the part of AWS Systems Manager that accounts share: Parameter Store, documents and
// OpsCenter, with the resource policies on parameters and on the OpsItem group.
//
// It implements the store itself (versions, labels, tiers, expiration, encryption with KMS keys) and access
// control: a parameter can be read by its owner, and by the accounts that its policies and shares name, with
// its full ARN. A document can be read by the accounts that it is shared with, version by version. Nothing is
// executed, not even a document, and no events are sent: a notification policy is stored and shown as due.
//
// Start reading at New in service.go, the table of operations; then name.go (how a request names a
// parameter), resources.go (the stored parameter) and parameter_put.go, public.go; then policy.go,
// document.go, and for OpsItems opsitem_target.go. Known and suspected differences from AWS are listed in
// docs/divergences.md.
//
// Operations and shapes: https://docs.aws.amazon.com/systems-manager/latest/APIReference/
package ssm
