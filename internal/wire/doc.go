// Package wire implements the three protocols of the AWS APIs that Writ serves:
// restJson1, awsJson1_1 and awsQuery. It turns an HTTP request into an
// operation and its typed input, checks the constraints of the API model, and
// turns a typed output or an error into an HTTP response.
//
// The typed inputs and outputs are plain Go structs generated from the
// published API models; their field tags carry all that the codecs need (see
// tags.go for the grammar). The package knows nothing of signatures,
// permissions or any single service.
//
// A server asks, in this order, [Router.Route] which operation a request means,
// [Match.Decode] for its input, and [Operation.Encode] or
// [Service.EncodeError] for the answer. Bad input is an *awserr.Error of the
// 400s, never a panic. Package conformance holds all this against the vectors
// that the AWS SDKs are tested with.
//
// Start reading at service.go (what a service is), then tags.go (how a Go
// struct describes a shape), then one of restjson.go, awsjson.go, query.go.
package wire
