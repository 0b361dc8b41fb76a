package server

import (
	"errors"
	"net"
	"net/http"
	"strconv"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/store"
)

// verify verifies the signature and sets the caller. An unknown key takes as long as a
// wrong secret, and only a client that has the secret learns that a session has expired.
func (x *exchange) verify() error {
	if a := actorOf(x.http); a != nil {
		return x.verifyActor(a)
	}
	if x.signature == nil {
		return nil // the zero Caller is the anonymous one
	}
	credential, unknown := x.credential()
	if unknown != nil && !errors.Is(unknown, identity.ErrUnknownKey) {
		return unknown
	}
	key := x.server.signingKeys.Of(x.signature, credential.Secret)
	if err := x.signature.Verify(x.http, x.body, key, x.server.cfg.Now()); err != nil && unknown == nil {
		return err
	}
	if unknown != nil {
		return unknown
	}
	x.caller = credential.Caller
	switch session := x.caller.Session; {
	case session != nil && session.Expired(x.now):
		return identity.ErrExpiredToken
	case !x.caller.AcceptedBy(x.match.Service.Name):
		return identity.ErrUnknownKey
	case session == nil:
		x.server.keyUsage.Record(x.caller.AccessKeyID, identity.KeyUse{At: x.now, Service: x.signature.Service, Region: x.region})
	}
	return nil
}

// credential returns the credential of the access key in the signature.
func (x *exchange) credential() (c identity.Credential, err error) {
	partition, id, token := identity.PartitionOf(x.region), x.signature.AccessKeyID, x.signature.SessionToken
	directory := *x.server.cfg.Directory
	directory.Sandbox = directory.Sandbox && onLoopback(x.http)
	if token == "" {
		if c, ok := directory.SandboxCredential(partition, id); ok {
			if mayBeRebound(x.http) {
				return c, x.reject(accessDenied, "The sandbox credentials work under the names of this machine only; "+strconv.Quote(x.http.Host)+" is not one of them.")
			}
			return c, nil
		}
	}
	err = x.server.cfg.Store.View(x.http.Context(), func(tx *store.Tx) (err error) {
		if token != "" {
			c, err = directory.SessionCredential(tx, id, token)
		} else {
			c, err = directory.Credential(tx, partition, id)
		}
		return err
	})
	return c, err
}

// onLoopback reports whether the request arrived on a loopback address of this machine, or
// without a connection, as in a test of the handler.
func onLoopback(r *http.Request) bool {
	switch local := r.Context().Value(http.LocalAddrContextKey).(type) {
	case nil:
		return true
	case *net.TCPAddr:
		return local.IP.IsLoopback()
	}
	return false
}
