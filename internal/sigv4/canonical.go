package sigv4

import (
	"cmp"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// appendCanonicalRequest appends the text whose hash is signed: method, path,
// query, each signed header on a line, the list of signed headers, and the hash
// of the payload.
func (s *Signature) appendCanonicalRequest(dst []byte, r *http.Request, payload string) ([]byte, error) {
	dst = append(dst, r.Method...)
	dst = append(dst, '\n')
	dst = appendEncoded(dst, wirePath(r), '/')
	dst = append(dst, '\n')
	dst, err := appendCanonicalQuery(dst, r.URL.RawQuery, s.Presigned)
	if err != nil {
		return dst, err
	}
	dst = append(dst, '\n')
	for name := range strings.SplitSeq(s.signedHeaders, ";") {
		dst = append(dst, name...)
		dst = append(dst, ':')
		switch name {
		case "host": // net/http moves it out of the header
			dst = appendFolded(dst, r.Host)
		case "content-length": // net/http also removes this one in some cases
			dst = strconv.AppendInt(dst, r.ContentLength, 10)
		default:
			for i, value := range r.Header.Values(name) {
				if i > 0 {
					dst = append(dst, ',')
				}
				dst = appendFolded(dst, value)
			}
		}
		dst = append(dst, '\n')
	}
	dst = append(dst, '\n')
	dst = append(dst, s.signedHeaders...)
	dst = append(dst, '\n')
	dst = append(dst, payload...)
	return dst, nil
}

// wirePath is the escaped path as the client sent it. url.URL.EscapedPath is equal for
// most requests, but escapes characters that should have been escaped and were not (a
// brace, say).
func wirePath(r *http.Request) string {
	path, _, _ := strings.Cut(r.RequestURI, "?")
	if !strings.HasPrefix(path, "/") { // absolute form, "*", or a request that was not parsed from HTTP
		path = r.URL.EscapedPath()
	}
	if path == "" {
		return "/"
	}
	return path
}

// pairs yields the names and values of a query string, still escaped.
func pairs(rawQuery string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for pair := range strings.SplitSeq(rawQuery, "&") {
			if pair == "" {
				continue
			}
			name, value, _ := strings.Cut(pair, "=")
			if !yield(name, value) {
				return
			}
		}
	}
}

// appendCanonicalQuery appends the parameters of a query string with every name and value
// re-encoded, ordered by encoded name and then by encoded value. The signature of a
// presigned request is left out.
func appendCanonicalQuery(dst []byte, rawQuery string, presigned bool) ([]byte, error) {
	if rawQuery == "" {
		return dst, nil
	}
	type parameter struct{ name, value string }
	var room [16]parameter
	parameters := room[:0]
	for rawName, rawValue := range pairs(rawQuery) {
		name, err := reencode(rawName)
		if err != nil {
			return dst, err
		}
		value, err := reencode(rawValue)
		if err != nil {
			return dst, err
		}
		if presigned && name == "X-Amz-Signature" {
			continue
		}
		parameters = append(parameters, parameter{name, value})
	}
	slices.SortFunc(parameters, func(a, b parameter) int {
		return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.value, b.value))
	})
	for i, p := range parameters {
		if i > 0 {
			dst = append(dst, '&')
		}
		dst = append(dst, p.name...)
		dst = append(dst, '=')
		dst = append(dst, p.value...)
	}
	return dst, nil
}

// reencode returns the canonical encoding of a name or value in a query string. It
// rejects what url.ParseQuery rejects.
func reencode(raw string) (string, error) {
	if canonical(raw) {
		return raw, nil
	}
	text, err := url.QueryUnescape(raw)
	if err != nil || strings.Contains(raw, ";") {
		return "", incomplete(queryMessage)
	}
	return string(appendEncoded(make([]byte, 0, len(raw)+16), text, 0)), nil
}

// canonical reports whether raw is in the canonical encoding. Most clients send queries
// that way, and their parameters need no copy.
func canonical(raw string) bool {
	for i := 0; i < len(raw); i++ {
		if unreserved(raw[i]) {
			continue
		}
		if raw[i] != '%' || i+2 >= len(raw) {
			return false
		}
		high, low := hexDigit(raw[i+1]), hexDigit(raw[i+2])
		if high > 15 || low > 15 || unreserved(high<<4|low) {
			return false
		}
		i += 2
	}
	return true
}

// hexDigit is the value of an upper-case hexadecimal digit, or more than 15.
func hexDigit(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	}
	return 16
}

// unreserved are the characters of RFC 3986 that are never escaped.
func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		c == '-' || c == '.' || c == '_' || c == '~'
}

// appendEncoded percent-encodes everything but the unreserved characters and keep.
func appendEncoded(dst []byte, text string, keep byte) []byte {
	const digits = "0123456789ABCDEF"
	for i := range len(text) {
		if c := text[i]; unreserved(c) || c == keep && keep != 0 {
			dst = append(dst, c)
		} else {
			dst = append(dst, '%', digits[c>>4], digits[c&15])
		}
	}
	return dst
}

// appendFolded appends a header's value without outer white space, with each run of
// spaces replaced by one.
func appendFolded(dst []byte, value string) []byte {
	value = strings.TrimSpace(value)
	for i := range len(value) {
		if value[i] != ' ' || value[i-1] != ' ' { // a trimmed value starts with no space
			dst = append(dst, value[i])
		}
	}
	return dst
}
