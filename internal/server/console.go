package server

import (
	"net/http"

	"github.com/writdev/writ/internal/console"
)

// consolePath is where the console is, below the path of its world.
const consolePath = "/_writ/console"

// consolePages are the pages of the console, for its own origin alone.
func (s *Server) consolePages() http.Handler {
	pages := console.New(console.Config{
		Path:    s.cfg.Path + consolePath + "/",
		World:   s.cfg.World,
		Version: s.cfg.Version,
		Mode:    s.cfg.Gate.Mode.String(),
		Control: http.HandlerFunc(s.controlInside),
		Act:     s.act,
		Token:   s.consoleToken,
		SignIn:  s.signIn,
		Log:     s.cfg.Log,
	})
	return http.StripPrefix(consolePath, s.ownPages(pages))
}

// controlInside serves a request of the console to one of Writ's own paths, of any world,
// like a request of a program on this machine.
func (s *Server) controlInside(w http.ResponseWriter, r *http.Request) {
	r.RemoteAddr, r.Host = thisMachine, "localhost"
	if s.cfg.AdminToken != "" {
		r.Header.Set("Authorization", "Bearer "+s.cfg.AdminToken)
	}
	if s.cfg.Whole == nil {
		s.ServeHTTP(w, r)
		return
	}
	s.cfg.Whole.ServeHTTP(w, r)
}
