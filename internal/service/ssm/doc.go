// Package ssm is the part of AWS Systems Manager that accounts share: Parameter
// Store, documents and OpsCenter, with the resource policies on parameters and on
// the OpsItem group.
//
// What is real is the store itself (versions, labels, tiers, expiry, encryption
// under the keys of KMS) and who may reach into it: a parameter is read by its
// owner, and by the accounts that its policies and shares name, with its full
// ARN. A document is read by the accounts that it is shared with, version by
// version. Nothing is run, a document neither, and no event is sent: a
// notification policy is kept, and shown as due, no more.
//
// Start reading at New in service.go, the table of operations; then name.go (how
// a request names a parameter), resources.go (what is kept of one) and
// parameter_put.go, public.go; then policy.go, document.go, and for OpsItems
// opsitem_target.go.
// Differences from AWS that are known or suspected are listed in docs/divergences.md.
//
// Operations and shapes: https://docs.aws.amazon.com/systems-manager/latest/APIReference/
package ssm
