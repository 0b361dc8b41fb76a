package server

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// fromBrowserPage reports whether a browser page of another site says that it sent
// the request, in Origin or Sec-Fetch-Site. The sandbox credentials are public
// knowledge, so such a page could sign what it likes.
func fromBrowserPage(r *http.Request) bool {
	if r.Header.Get("Origin") != "" {
		return true
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "none", "same-origin":
	default:
		return true
	}
	return false
}

// foreignHost reports whether the Host header names anything but this machine.
func foreignHost(r *http.Request) bool {
	host := hostOf(r)
	if ip, err := netip.ParseAddr(host); err == nil {
		return !ip.IsLoopback()
	}
	return !isLocal(host)
}

// foreignName reports whether a request that came over a connection is for a name
// that somebody else may own. A page of such a site can let its name lead here (DNS
// rebinding), and then the browser takes this server for the site's own and says
// nothing of a page: only the name tells.
func foreignName(r *http.Request) bool {
	host := hostOf(r)
	if _, err := netip.ParseAddr(host); err == nil || !strings.Contains(host, ".") {
		return false
	}
	ours := slices.ContainsFunc(unownable, func(domain string) bool { return strings.HasSuffix(host, domain) })
	return !ours && r.Context().Value(http.LocalAddrContextKey) != nil
}

// unownable are domains in which no stranger can have a name: those that are reserved
// for private use (RFC 6761, and "internal" by ICANN), and AWS's own, for whoever has
// them lead here.
var unownable = []string{".localhost", ".test", ".internal", ".amazonaws.com", ".amazonaws.com.cn"}

// hostOf is the host of the Host header, in lower case.
func hostOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	return strings.ToLower(strings.Trim(host, "[]"))
}

func isLocal(host string) bool { return host == "localhost" || strings.HasSuffix(host, ".localhost") }

// loopback reports whether an address such as http.Request.RemoteAddr is one
// of this machine's loopback addresses.
func loopback(address string) bool {
	ap, err := netip.ParseAddrPort(address)
	return err == nil && ap.Addr().Unmap().IsLoopback()
}
