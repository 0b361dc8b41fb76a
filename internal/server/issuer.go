package server

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/writdev/writ/internal/federation"
	"github.com/writdev/writ/internal/store"
)

// The test issuer issues OpenID Connect tokens in the name of any issuer, and publishes
// the keys that verify them, to test trust policies for GitHub, GitLab or a Kubernetes
// cluster. Only programs on this machine can request tokens.
const issuerPath = "/_writ/oidc/"

// maxTokenLife limits the validity of a token of the test issuer.
const maxTokenLife = 24 * time.Hour

// issuerDocuments serves the discovery document and the keys of an issuer.
func (s *Server) issuerDocuments(w http.ResponseWriter, r *http.Request) {
	issuer, document, _ := strings.Cut(r.PathValue("rest"), "/.well-known/")
	if !isIssuer(issuer) || document != "openid-configuration" && document != "jwks" {
		ReplyJSON(w, http.StatusNotFound, map[string]string{"message": "The test issuer has ISSUER/.well-known/openid-configuration and ISSUER/.well-known/jwks."})
		return
	}
	if document == "openid-configuration" {
		keys := url.URL{Scheme: "http", Host: r.Host, Path: s.cfg.Path + issuerPath + issuer + "/.well-known/jwks"}
		if r.TLS != nil {
			keys.Scheme = "https"
		}
		ReplyJSON(w, http.StatusOK, map[string]any{
			"issuer":                                "https://" + issuer,
			"jwks_uri":                              keys.String(),
			"subject_types_supported":               []string{"public"},
			"response_types_supported":              []string{"id_token"},
			"id_token_signing_alg_values_supported": []string{"RS256"},
			"claims_supported":                      []string{"sub", "aud", "exp", "iat", "iss"},
		})
		return
	}
	var keys json.RawMessage
	err := s.cfg.Store.Update(r.Context(), func(tx *store.Tx) (err error) {
		keys, err = federation.PublicKeys(tx, s.cfg.Directory.Sealer, s.now())
		return err
	})
	if err != nil {
		s.cfg.Log.Error("keys of the test issuer", "error", err)
		ReplyJSON(w, http.StatusInternalServerError, map[string]string{"message": "The keys cannot be read; see the log."})
		return
	}
	ReplyJSON(w, http.StatusOK, keys)
}

// isIssuer matches the name of an issuer, which is a URL without "https://".
var isIssuer = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.-]*(/[A-Za-z0-9._~-]+)*$`).MatchString

// tokenRequest is the body of a request for a token.
type tokenRequest struct {
	Claims  map[string]any `json:"claims"`
	Seconds int            `json:"seconds"` // validity; 0 is ten minutes
}

// issueToken issues a token of the test issuer.
func (s *Server) issueToken(w http.ResponseWriter, r *http.Request) {
	issuer, ok := strings.CutSuffix(r.PathValue("rest"), "/token")
	var in tokenRequest
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&in)
	life := time.Duration(in.Seconds) * time.Second
	if life == 0 {
		life = 10 * time.Minute
	}
	switch {
	case !ok || !isIssuer(issuer):
		ReplyJSON(w, http.StatusNotFound, map[string]string{"message": "Post to /_writ/oidc/ISSUER/token."})
		return
	case err != nil || in.Claims["sub"] == nil || in.Claims["aud"] == nil || life < 0 || life > maxTokenLife:
		ReplyJSON(w, http.StatusBadRequest, map[string]string{"message": `The body must be JSON: {"claims":{"sub":"...","aud":"..."},"seconds":600}, at most 86400 seconds.`})
		return
	}
	if s.cfg.Issuers.HasFile(issuer) {
		ReplyJSON(w, http.StatusConflict, map[string]string{"message": "The keys of this issuer come from a file; the test issuer issues no tokens for it."})
		return
	}
	var token string
	err = s.cfg.Store.Update(r.Context(), func(tx *store.Tx) (err error) {
		token, err = federation.Issue(tx, s.cfg.Directory.Sealer, issuer, in.Claims, life, s.now())
		return err
	})
	if err != nil {
		s.cfg.Log.Error("issue token", "error", err)
		ReplyJSON(w, http.StatusInternalServerError, map[string]string{"message": "The token could not be issued; see the log."})
		return
	}
	s.cfg.Log.Info("issued test token", "issuer", issuer)
	ReplyJSON(w, http.StatusCreated, map[string]string{"token": token})
}
