// Package secretsmanager implements AWS Secrets Manager: secrets with their versions and staging labels, the
// resource-based policies with which an account shares them, replicas in other regions, and random passwords.
//
// It implements who may read and change a secret, and encryption: each value is encrypted with a KMS key,
// which the gate authorizes for the caller, with kms:ViaService and the encryption context of the version. A
// recovery window ends by the clock. Nothing is executed: rotation is a record. RotateSecret creates a
// version with the label AWSPENDING, as AWS does before it calls the function, but calls no function; whoever
// puts the value of that version and moves AWSCURRENT to it completes the rotation.
//
// Start reading at New in service.go, the table of operations; then package secrets, which has the records,
// and value.go, policy.go and rotation.go. Known and suspected differences from AWS are listed in
// docs/divergences.md.
//
// Operations and shapes: https://docs.aws.amazon.com/secretsmanager/latest/apireference/
package secretsmanager
