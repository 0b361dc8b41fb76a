package policy

// Verdict is the outcome of a request. The zero value denies.
type Verdict uint8

const (
	ImplicitDeny Verdict = iota // nothing allows
	Allow
	ExplicitDeny // a statement denies
)

// String returns "implicitDeny", "allow" or "explicitDeny".
func (v Verdict) String() string {
	switch v {
	case Allow:
		return "allow"
	case ExplicitDeny:
		return "explicitDeny"
	}
	return "implicitDeny"
}

// Decision is the verdict and the layers that determined it: those that granted access, or the one that
// denied it.
type Decision struct {
	Verdict Verdict
	Layer   Layer
}

// Allowed reports whether the request is allowed.
func (d Decision) Allowed() bool { return d.Verdict == Allow }

// String returns a text such as "allow by resource+identity".
func (d Decision) String() string { return d.Verdict.String() + " by " + d.Layer.String() }
