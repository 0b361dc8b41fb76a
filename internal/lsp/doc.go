// Package lsp is a language server for policy documents, and for the documents inside
// CloudFormation templates and Terraform plans: diagnostics and quick fixes of package
// policy/lint, hover and completion from package catalog, and a code lens that compares a
// document with the committed version.
//
// It implements the Language Server Protocol over two streams, one message after the
// other. Start reading at [Server.Run] in server.go.
//
// Protocol: https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/
package lsp
