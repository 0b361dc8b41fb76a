// Package secretsmanager is AWS Secrets Manager: secrets with their versions and staging
// labels, the resource-based policies with which an account lets others use them, replicas
// in other regions, random passwords.
//
// What is real is who may read and change a secret, and its encryption: each value is
// sealed under a KMS key, for which the gate is asked as the caller, with
// kms:ViaService and the encryption context of the version. A recovery window ends by the
// clock. Nothing is run: rotation is a record. RotateSecret begins a version with the label
// AWSPENDING, as AWS does before it calls the function, and calls no function; whoever puts
// the value of that version and moves AWSCURRENT to it completes the rotation.
//
// Start reading at New in service.go, the table of operations; then package secrets, which
// has the records, and value.go, policy.go and rotation.go. Differences from AWS that are
// known or suspected are listed in docs/divergences.md.
//
// Operations and shapes: https://docs.aws.amazon.com/secretsmanager/latest/apireference/
package secretsmanager
