package sigv4

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	algorithm  = "AWS4-HMAC-SHA256"
	terminator = "aws4_request"

	basicTime = "20060102T150405Z" // ISO 8601 basic format, the only one in a string to sign

	maxExpires = 7 * 24 * time.Hour
)

// Signature holds the claims of a request's signature. Nothing in it is trusted before
// [Signature.Verify] returned nil.
type Signature struct {
	AccessKeyID  string
	SessionToken string // empty for long-term credentials

	// Date (YYYYMMDD), Region and Service are the credential scope. Verify compares Date
	// with Time; the caller checks whether Region and Service are those of this endpoint.
	Date, Region, Service string

	Time      time.Time     // when the request was signed, in UTC, whole seconds
	Presigned bool          // in the query string instead of the Authorization header
	Expires   time.Duration // X-Amz-Expires of a presigned request; zero if absent

	signedHeaders string // lower-case names joined by semicolons, strictly ascending
	signature     string // lower-case hex, not checked to be hex
}

// Parse parses the signature of a request, in its Authorization header or its query
// string. Its error is an [*Error]: [Missing] without a signature, [Incomplete] if it is
// malformed, repeated, or in both places.
func Parse(r *http.Request) (*Signature, error) {
	query, err := presignedParameters(r.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	authorization := r.Header["Authorization"]

	s := new(Signature)
	switch {
	case len(authorization) == 0 && !query.signs():
		return nil, &Error{Missing, missingMessage}
	case len(authorization) > 0 && query.signs():
		return nil, incomplete("A request carries one signature: in the Authorization header or in the query string, not in both.")
	case len(authorization) > 1:
		return nil, incomplete("The Authorization header is repeated.")
	case len(authorization) == 1:
		err = s.parseHeader(authorization[0], r.Header)
	default:
		err = s.parseQuery(query)
	}
	if err != nil {
		return nil, err
	}

	token, err := singleHeader(r.Header, "X-Amz-Security-Token")
	if err != nil {
		return nil, err
	}
	if token != "" && query.token != "" {
		return nil, incomplete("X-Amz-Security-Token is given as a header and as a query parameter.")
	}
	s.SessionToken = token + query.token // one of them is empty
	return s, nil
}

// parseHeader parses "AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…". It
// ignores the scheme's case and white space around fields.
func (s *Signature) parseHeader(authorization string, h http.Header) error {
	scheme, fields, _ := strings.Cut(strings.TrimSpace(authorization), " ")
	var credential, signedHeaders, signature string
	for field := range strings.SplitSeq(fields, ",") {
		field = strings.TrimSpace(field)
		if field == "" {
			continue
		}
		name, value, ok := strings.Cut(field, "=")
		if !ok {
			return incomplete("'" + field + "' not a valid key=value pair (missing equal-sign) in Authorization header: '" + authorization + "'.")
		}
		var into *string
		switch strings.TrimSpace(name) {
		case "Credential":
			into = &credential
		case "SignedHeaders":
			into = &signedHeaders
		case "Signature":
			into = &signature
		default:
			return incomplete("'" + field + "' is not a parameter of the Authorization header: '" + authorization + "'.")
		}
		if *into != "" {
			return incomplete("'" + strings.TrimSpace(name) + "' is repeated in the Authorization header: '" + authorization + "'.")
		}
		*into = strings.TrimSpace(value)
	}
	date, err := requestDate(h)
	if err != nil {
		return err
	}

	var lack strings.Builder
	for _, p := range []struct{ name, value string }{
		{"Credential", credential}, {"Signature", signature}, {"SignedHeaders", signedHeaders},
	} {
		if p.value == "" {
			lack.WriteString("Authorization header requires '" + p.name + "' parameter. ")
		}
	}
	if date == "" {
		lack.WriteString("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ")
	}
	if lack.Len() > 0 {
		return incomplete(lack.String() + "Authorization=" + authorization)
	}
	if !strings.EqualFold(scheme, algorithm) {
		return incomplete("Unsupported AWS 'algorithm': '" + scheme + "'.")
	}
	return s.fill(credential, date, signedHeaders, signature)
}

// requestDate returns X-Amz-Date, or else Date, which may also be in the HTTP date
// format.
func requestDate(h http.Header) (string, error) {
	date, err := singleHeader(h, "X-Amz-Date")
	if date != "" || err != nil {
		return date, err
	}
	date, err = singleHeader(h, "Date")
	if t, bad := http.ParseTime(date); bad == nil {
		date = t.UTC().Format(basicTime)
	}
	return date, err
}

// parseQuery parses the parameters of a presigned request.
func (s *Signature) parseQuery(q presigned) error {
	var lack strings.Builder
	for _, p := range []struct{ name, value string }{
		{"X-Amz-Algorithm", q.algorithm}, {"X-Amz-Credential", q.credential}, {"X-Amz-Signature", q.signature},
		{"X-Amz-SignedHeaders", q.signedHeaders}, {"X-Amz-Date", q.date},
	} {
		if p.value == "" {
			lack.WriteString("AWS query-string parameters must include '" + p.name + "'. ")
		}
	}
	if lack.Len() > 0 {
		return incomplete(lack.String() + "Re-examine the query-string parameters.")
	}
	if q.algorithm != algorithm {
		return incomplete("Unsupported AWS 'algorithm': '" + q.algorithm + "'.")
	}
	if q.expires != "" {
		seconds, err := strconv.ParseUint(q.expires, 10, 32)
		s.Expires = time.Duration(seconds) * time.Second
		if err != nil || s.Expires < time.Second || s.Expires > maxExpires {
			return incomplete("X-Amz-Expires must be a number of seconds between 1 and 604800, got '" + q.expires + "'.")
		}
	}
	s.Presigned = true
	return s.fill(q.credential, q.date, q.signedHeaders, q.signature)
}

// fill sets the fields that both forms have.
func (s *Signature) fill(credential, date, signedHeaders, signature string) error {
	scope := strings.Split(credential, "/")
	if len(scope) != 5 {
		return incomplete("Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '" + credential + "'")
	}
	for _, part := range scope[:4] {
		if part == "" {
			return incomplete("Credential must not have empty elements, got '" + credential + "'")
		}
	}
	if scope[4] != terminator {
		return incomplete("Credential should be scoped with a valid terminator: '" + terminator + "', not '" + scope[4] + "'.")
	}
	s.AccessKeyID, s.Date, s.Region, s.Service = scope[0], scope[1], scope[2], scope[3]

	t, err := time.Parse(basicTime, date)
	if err != nil || len(date) != len(basicTime) { // time.Parse accepts fractions of a second
		return incomplete("Date must be in ISO-8601 'basic format'. Got '" + date + "'. See http://en.wikipedia.org/wiki/ISO_8601")
	}
	s.Time = t

	last := ""
	for name := range strings.SplitSeq(signedHeaders, ";") {
		if name <= last || strings.ContainsFunc(name, func(c rune) bool { return c < '!' || c > '~' || 'A' <= c && c <= 'Z' }) {
			return incomplete("SignedHeaders must be lower-case names in ascending order, each once, got '" + signedHeaders + "'.")
		}
		last = name
	}
	s.signedHeaders, s.signature = signedHeaders, signature
	return nil
}

// singleHeader returns the value of a header that may occur once; "" if absent.
func singleHeader(h http.Header, name string) (string, error) {
	switch values := h[name]; len(values) {
	case 0:
		return "", nil
	case 1:
		return values[0], nil
	default:
		return "", incomplete("The " + name + " header is repeated.")
	}
}

// presigned holds the query parameters that sign a request.
type presigned struct {
	algorithm, credential, date, expires, signedHeaders, signature, token string
}

// signs reports whether the query string contains a signature. X-Amz-Date and
// X-Amz-Security-Token alone do not make one.
func (q presigned) signs() bool {
	return q.algorithm != "" || q.credential != "" || q.signedHeaders != "" || q.signature != ""
}

// presignedParameters extracts the signing parameters from a raw query string. Each may
// occur once.
func presignedParameters(rawQuery string) (q presigned, err error) {
	for rawName, rawValue := range pairs(rawQuery) {
		name, err := url.QueryUnescape(rawName)
		if err != nil {
			return q, incomplete(queryMessage)
		}
		var into *string
		switch name {
		case "X-Amz-Algorithm":
			into = &q.algorithm
		case "X-Amz-Credential":
			into = &q.credential
		case "X-Amz-Date":
			into = &q.date
		case "X-Amz-Expires":
			into = &q.expires
		case "X-Amz-SignedHeaders":
			into = &q.signedHeaders
		case "X-Amz-Signature":
			into = &q.signature
		case "X-Amz-Security-Token":
			into = &q.token
		default:
			continue
		}
		if *into != "" {
			return q, incomplete("The query parameter " + name + " is repeated.")
		}
		if *into, err = url.QueryUnescape(rawValue); err != nil {
			return q, incomplete(queryMessage)
		}
	}
	return q, nil
}
