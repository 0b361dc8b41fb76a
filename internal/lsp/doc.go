// Package lsp is a language server for policy documents, and for the documents
// inside CloudFormation templates and Terraform plans: diagnostics and quick
// fixes of package policy/lint, hover and completion from package catalog, and a
// code lens that says what a document gives and takes against the version that
// is committed.
//
// It speaks the Language Server Protocol over two streams, one message after the
// other. Start reading at [Server.Run] in server.go.
//
// Protocol: https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/
package lsp
