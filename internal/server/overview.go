package server

import (
	"errors"
	"net/http"
	"strings"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/overview"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// overview returns the content of the world, and who shares what with whom.
func (s *Server) overview(w http.ResponseWriter, r *http.Request) {
	var out *overview.Overview
	err := s.cfg.Store.View(r.Context(), func(tx *store.Tx) (err error) {
		if out, err = overview.Read(tx, s.now(), s.cfg.Gate.Parse); err != nil {
			return err
		}
		return s.findKeysNotShared(tx, out)
	})
	if !s.faulty(w, err) {
		ReplyJSON(w, http.StatusOK, out)
	}
}

// findKeysNotShared checks for each encrypted resource that is shared with an account, a
// user or a role whether that principal may decrypt with the key. For an account it checks
// its root user.
func (s *Server) findKeysNotShared(tx *store.Tx, o *overview.Overview) error {
	encrypted := map[string]overview.Resource{}
	for _, r := range o.Resources {
		if r.Key != "" {
			encrypted[r.ARN] = r
		}
	}
	for i := range o.Edges {
		e := &o.Edges[i]
		r, ok := encrypted[e.Resource]
		if !ok || e.Account == "" {
			continue
		}
		caller, err := identity.FindCaller(tx, e.Principal, s.now())
		if errors.Is(err, identity.ErrNoPrincipal) {
			continue
		}
		if err != nil {
			return err
		}
		q := Question{Action: "kms:Decrypt", Resource: r.Key, Context: map[string]Values{"kms:ViaService": {"ssm." + r.Region + ".amazonaws.com"}}}
		d, err := s.askAs(tx, caller, q)
		if err != nil {
			return err
		}
		// Missing permissions of the principal's own account are not reported.
		if !d.Result.Allowed() && d.Result.Layer&(policy.LayerResource|policy.LayerResourceControl) != 0 || strings.Contains(r.Key, ":alias/") {
			e.AddMissingKey()
		}
	}
	return nil
}

// policies returns the policies that users wrote; with a name, only that policy and its
// document.
func (s *Server) policies(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Query().Get("name")
	list := []overview.Policy{}
	err := s.cfg.Store.View(r.Context(), func(tx *store.Tx) error {
		all, err := overview.Policies(tx)
		list = list[:0]
		for _, p := range all {
			switch {
			case name == "":
				p.Document = ""
				list = append(list, p)
			case p.Name == name:
				list = append(list, p)
			}
		}
		return err
	})
	if !s.faulty(w, err) {
		ReplyJSON(w, http.StatusOK, map[string][]overview.Policy{"policies": list})
	}
}
