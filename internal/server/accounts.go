package server

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/store"
)

// Account is an account in responses of /_writ/accounts.
type Account struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
}

// NewAccount is the response to the creation of an account. It has the access key of the
// account's root user, whose secret is shown only here.
type NewAccount struct {
	Account
	AccessKeyID     string `json:"accessKeyId"`
	SecretAccessKey string `json:"secretAccessKey"`
}

// loopbackOnly accepts requests of programs on this machine, but not of pages in its
// browser, because the handler requires no credentials.
func (s *Server) loopbackOnly(handle http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !isLoopback(r.RemoteAddr) || isCrossOrigin(r) || isForeignHost(r) {
			ReplyJSON(w, http.StatusForbidden, map[string]string{"message": "This is allowed from this machine only, and not from a browser page."})
			return
		}
		handle(w, r)
	}
}

// Control applies the restrictions of the control paths that change state to a handler of
// another package.
func (s *Server) Control(handle http.HandlerFunc) http.HandlerFunc { return s.loopbackOnly(handle) }

func (s *Server) listAccounts(w http.ResponseWriter, r *http.Request) {
	list := []Account{}
	err := s.cfg.Store.View(r.Context(), func(tx *store.Tx) error {
		list = list[:0]
		for a, err := range identity.Accounts(tx) {
			if err != nil {
				return err
			}
			list = append(list, Account(a))
		}
		return nil
	})
	if err != nil {
		s.cfg.Log.Error("list accounts", "error", err)
		ReplyJSON(w, http.StatusInternalServerError, map[string]string{"message": "The accounts cannot be listed; see the log."})
		return
	}
	ReplyJSON(w, http.StatusOK, map[string][]Account{"accounts": list})
}

func (s *Server) createAccount(w http.ResponseWriter, r *http.Request) {
	var in struct{ Name, Email string }
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&in); err != nil {
		ReplyJSON(w, http.StatusBadRequest, map[string]string{"message": `The body must be JSON: {"name":"...","email":"..."}.`})
		return
	}
	var created NewAccount
	err := s.cfg.Store.Update(r.Context(), func(tx *store.Tx) error {
		a, key, err := s.cfg.Directory.CreateAccount(tx, in.Name, in.Email, s.now())
		created = NewAccount{Account(a), key.ID, key.Secret}
		return err
	})
	switch {
	case errors.Is(err, identity.ErrAccountName), errors.Is(err, identity.ErrAccountEmail):
		ReplyJSON(w, http.StatusBadRequest, map[string]string{"message": err.Error()})
	case err != nil:
		s.cfg.Log.Error("create account", "error", err)
		ReplyJSON(w, http.StatusInternalServerError, map[string]string{"message": "The account cannot be created; see the log."})
	default:
		s.cfg.Log.Info("created account", "account", created.ID, "name", created.Name)
		ReplyJSON(w, http.StatusCreated, created)
	}
}
