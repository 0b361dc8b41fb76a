package server

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// fromBrowserPage reports whether a browser page of another site seems to have
// sent the request: it says so in Origin or Sec-Fetch-Site, or it came to this
// server under a name that is not this machine's (DNS rebinding). The sandbox
// credentials are public knowledge, so such a page could sign what it likes.
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
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	host = strings.Trim(host, "[]")
	if ip, err := netip.ParseAddr(host); err == nil {
		return !ip.IsLoopback()
	}
	return !strings.EqualFold(host, "localhost") && !strings.HasSuffix(strings.ToLower(host), ".localhost")
}

// loopback reports whether an address such as http.Request.RemoteAddr is one
// of this machine's loopback addresses.
func loopback(address string) bool {
	ap, err := netip.ParseAddrPort(address)
	return err == nil && ap.Addr().Unmap().IsLoopback()
}
