// Package template finds the policy documents inside infrastructure code: in
// templates of CloudFormation and SAM (JSON, YAML, and what CDK synthesizes) and
// in plans of Terraform (JSON). It runs nothing and resolves only what the text
// itself says: the pseudo parameters, Fn::Join, Fn::Sub and Fn::If. What depends on
// a deployment, as the ARN of a resource to come, becomes a text that
// [Document.Unknown] tells apart.
//
// Start with [Find]. Positions inside a document are those of its own text;
// [Document.Outer] says where that is in the file.
package template
