package server

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// isCrossOrigin reports whether a browser page of another origin sent the request, by its
// Origin or Sec-Fetch-Site header. The sandbox credentials are public, so such a page could
// sign any request.
func isCrossOrigin(r *http.Request) bool {
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

// isForeignHost reports whether the Host header names another machine.
func isForeignHost(r *http.Request) bool {
	host := hostOf(r)
	if ip, err := netip.ParseAddr(host); err == nil {
		return !ip.IsLoopback()
	}
	return host != "localhost" && !strings.HasSuffix(host, ".localhost")
}

// mayBeRebound reports whether a request that came over a connection has a host name that a
// third party may own. Such a party can point its name at this server (DNS rebinding); the
// browser then sees one origin and sends no Origin header, so only the name shows it.
func mayBeRebound(r *http.Request) bool {
	host := hostOf(r)
	if _, err := netip.ParseAddr(host); err == nil || !strings.Contains(host, ".") {
		return false
	}
	reserved := slices.ContainsFunc(reservedDomains, func(domain string) bool { return strings.HasSuffix(host, domain) })
	return !reserved && r.Context().Value(http.LocalAddrContextKey) != nil
}

// reservedDomains are domains in which no third party can have a name: those reserved for
// private use (RFC 6761, and "internal" by ICANN), and AWS's own, for users who resolve AWS
// endpoints to this server.
var reservedDomains = []string{".localhost", ".test", ".internal", ".amazonaws.com", ".amazonaws.com.cn"}

// hostOf returns the host of the Host header in lower case.
func hostOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	return strings.ToLower(strings.Trim(host, "[]"))
}

// isLoopback reports whether an address such as http.Request.RemoteAddr is a loopback
// address.
func isLoopback(address string) bool {
	ap, err := netip.ParseAddrPort(address)
	return err == nil && ap.Addr().Unmap().IsLoopback()
}
