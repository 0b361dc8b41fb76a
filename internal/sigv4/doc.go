// Package sigv4 verifies AWS Signature Version 4, in the Authorization header
// and in the query string (presigned requests).
//
// It handles requests and secrets only: who owns an access key id,
// whether a session token is alive and what the caller may do are questions for
// the packages that call it. It signs nothing and follows no signing scheme of
// a single service: chunked uploads, Signature Version 4A and S3's own way of
// escaping a path are refused or absent, because no service of Writ uses them.
//
// Start at [Parse], which reads what a request claims about its signer, and
// [Signature.Verify], which proves or refutes the claim once the caller has found
// the secret that belongs to the claimed access key id. canonical.go holds the
// text that both sides hash; the rules are those of
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
// with these choices where it is silent or services differ:
//
//   - The path is canonicalised as it stood on the wire, percent-encoded once
//     more. Dot segments and doubled slashes are not resolved: no operation has
//     them, and a path that means two things should not verify.
//   - Host and every X-Amz-* header that is present must be signed, and every
//     signed header must be present. Content-Type may stay unsigned, since no
//     protocol here takes a decision by it.
//   - X-Amz-Content-Sha256, where present, is the body's SHA-256 in lower-case
//     hex or UNSIGNED-PAYLOAD; a signer that opts out of protecting the body
//     said so under its signature. Streaming payloads are refused.
//   - A query string that the URL parser of the handlers would read differently
//     (a bare semicolon, a broken percent-escape) is refused, so that what was
//     verified is what is read.
//   - STS ignores X-Amz-Expires: its presigned requests live for the fifteen
//     minutes of a header signature, which cluster authenticators rely on (they
//     sign GetCallerIdentity for 60 seconds and use it for 14 minutes).
package sigv4
