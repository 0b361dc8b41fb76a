package sigv4

// Reason is why a signature was rejected. Each wire protocol has its own code and status
// for each reason; the package that writes responses maps them.
type Reason uint8

const (
	// Missing: the request has no signature.
	Missing Reason = iota + 1
	// Incomplete: the signature, or the query string around it, is malformed.
	Incomplete
	// Mismatch: the signature is well formed but not valid for the secret, or it does not
	// cover a part that must be signed.
	Mismatch
	// Expired: the signature has expired.
	Expired
	// NotYetValid: the request is signed for a time too far in the future.
	NotYetValid
)

func (r Reason) String() string {
	switch r {
	case Missing:
		return "missing"
	case Incomplete:
		return "incomplete"
	case Mismatch:
		return "mismatch"
	case Expired:
		return "expired"
	case NotYetValid:
		return "not yet valid"
	}
	return "unknown"
}

// Error is the type of every error of this package. Message is the text for the client,
// with AWS's wording where it is publicly known. For [Missing] it is that of the JSON
// protocols; the query protocol has a slightly different one.
type Error struct {
	Reason  Reason
	Message string
}

func (e *Error) Error() string { return e.Message }

func incomplete(message string) *Error { return &Error{Incomplete, message} }
func mismatch(message string) *Error   { return &Error{Mismatch, message} }

const (
	missingMessage  = "Missing Authentication Token"
	mismatchMessage = "The request signature we calculated does not match the signature you provided. " +
		"Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
	payloadMessage = "The provided 'x-amz-content-sha256' header does not match what was computed."
	queryMessage   = "The query string contains a syntax error."
)
