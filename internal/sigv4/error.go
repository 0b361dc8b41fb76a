package sigv4

// Reason says why a signature was refused. Each wire protocol has a code and a
// status of its own for each reason; the package that writes responses maps them.
type Reason uint8

const (
	// Missing: the request carries no signature at all.
	Missing Reason = iota + 1
	// Incomplete: there is a signature, but it, or the query string around it,
	// is malformed.
	Incomplete
	// Mismatch: the signature is well formed and not the one that the secret gives,
	// or it leaves out something that must be signed.
	Mismatch
	// Expired: the request is older than its signature allows.
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

// Error is every error of this package. Message is the text to send to the
// client, in AWS's words where they are publicly known. For [Missing] it is the
// one of the JSON protocols; the query protocol says it a little differently.
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
