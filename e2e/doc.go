// Package e2e drives the built binary with real clients: the AWS CLI, boto3 and
// the AWS SDK for JavaScript, each as a script under testdata/script, and Terraform
// with its AWS provider (terraform_test.go).
//
// The clients run with E2E=1 in the environment, as in CI; a client that the
// machine lacks is then a failure. Without it only the tests that need no more
// than Go run. Start reading at e2e_test.go.
package e2e
