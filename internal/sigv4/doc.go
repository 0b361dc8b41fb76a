// Package sigv4 verifies AWS Signature Version 4, in the Authorization header
// and in the query string (presigned requests).
//
// It handles requests and secrets only: the calling packages decide who owns an access
// key id, whether a session token is valid and what the caller may do. [Sign] is for the
// commands of Writ that call a running server. What single services sign in their own way
// (chunked uploads, Signature Version 4A, the path encoding of S3) is rejected or absent,
// because no service of Writ uses it.
//
// Start at [Parse], which reads the unverified claims of a signature, and
// [Signature.Verify], which verifies it with the secret of the access key id. canonical.go
// builds the canonical request; the rules are those of
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
// with these choices where it does not specify them or services differ:
//
//   - The path is encoded once more from the form in the request. Dot segments and
//     doubled slashes are not resolved: no operation has them, and an ambiguous path
//     should not verify.
//   - Host and every X-Amz-* header that is present must be signed, and every signed
//     header must be present. Content-Type may be unsigned, since no protocol here depends
//     on it.
//   - X-Amz-Content-Sha256, where present, is the body's SHA-256 in lower-case hex or
//     UNSIGNED-PAYLOAD, which the signature covers. Streaming payloads are rejected.
//   - A query string that the URL parser of the handlers would interpret differently (a
//     bare semicolon, an invalid percent-escape) is rejected, so that handlers see what
//     was verified.
//   - STS ignores X-Amz-Expires: its presigned requests are valid for the fifteen
//     minutes of a header signature, which cluster authenticators rely on (they sign
//     GetCallerIdentity for 60 seconds and use it for 14 minutes).
package sigv4
