// Package wire implements the three protocols of the AWS APIs that Writ serves:
// restJson1, awsJson1_1 and awsQuery. It turns an HTTP request into an
// operation and its typed input, checks the constraints of the API model, and
// turns a typed output or an error into an HTTP response.
//
// The typed inputs and outputs are plain Go structs generated from the published API
// models; their field tags contain all that the codecs need (see tags.go for the
// grammar). The package does not know signatures, permissions or any single service.
//
// A server calls, in this order, [Router.Route] to find the operation of a request,
// [Match.Decode] for its input, and [Operation.Encode] or [Service.EncodeError] for the
// response. Invalid input is an *awserr.Error with a 4xx status, never a panic. Package
// conformance tests the package with the vectors that the AWS SDKs are tested with.
//
// Start reading at service.go (what a service is), then tags.go (how a Go
// struct describes a shape), then one of restjson.go, awsjson.go, query.go.
package wire
