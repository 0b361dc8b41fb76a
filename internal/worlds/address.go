package worlds

import (
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// The paths of worlds.
const (
	pathPrefix    = "/_writ/w/"
	hostSuffix    = ".localhost"
	controlPrefix = "/_writ/worlds"
)

// validName matches names of worlds: a label of a host name (RFC 1123) in lower case.
var validName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// isName reports whether a world can have a name: main.localhost and writ.localhost are
// host names of the main state.
func isName(name string) bool {
	return name != mainName && name != "writ" && validName.MatchString(name)
}

// address returns the name of the world that a request is for, and the request with the
// path that the world's server expects; "" and the request itself for the main state.
// RequestURI stays as the client sent it, because the signature covers it.
func address(r *http.Request) (name string, inside *http.Request) {
	if rest, ok := strings.CutPrefix(r.URL.Path, pathPrefix); ok {
		name, path, _ := strings.Cut(rest, "/")
		return name, withPath(r, "/"+path, pathPrefix+name)
	}
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	name, ok := strings.CutSuffix(strings.ToLower(host), hostSuffix)
	if !ok || !isName(name) { // such as sts.us-east-1.localhost
		return "", r
	}
	return name, r
}

// withPath returns the request with another path and, if its escaped path has the prefix,
// without that prefix.
func withPath(r *http.Request, path, prefix string) *http.Request {
	inside := new(http.Request)
	*inside = *r
	inside.URL = new(url.URL)
	*inside.URL = *r.URL
	inside.URL.Path = path
	if raw := strings.TrimPrefix(r.URL.RawPath, prefix); r.URL.RawPath != "" {
		inside.URL.RawPath = "/" + strings.TrimPrefix(raw, "/")
	}
	return inside
}
