// Package template finds the policy documents inside infrastructure code: in templates of
// CloudFormation and SAM (JSON, YAML, and the output of CDK) and in plans of Terraform
// (JSON). It executes nothing and resolves only what is in the text: the pseudo
// parameters, Fn::Join, Fn::Sub and Fn::If. A value that depends on a deployment, such as
// the ARN of a resource that does not exist yet, is replaced by a placeholder that
// [Document.Unknown] recognizes.
//
// Start with [Find]. Positions inside a document refer to its own text; [Document.Outer]
// converts them to positions in the file.
package template
