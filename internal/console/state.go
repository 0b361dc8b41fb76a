package console

import (
	"cmp"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/writdev/writ/examples"
)

// clockAnswer is the response of /_writ/clock.
type clockAnswer struct {
	Now    time.Time
	Frozen bool
}

// worldAnswer is a world in the responses of /_writ/worlds.
type worldAnswer struct {
	Name string
	Made time.Time
}

// maxWorldFile limits an uploaded file.
const maxWorldFile = 1 << 20 // bytes

// state shows the clock, the worlds, and the form to empty this one.
func (c *Console) state(w http.ResponseWriter, r *http.Request) {
	var clock clockAnswer
	var worlds struct{ Worlds []worldAnswer }
	err := c.request(r.Context(), http.MethodGet, "/_writ/clock", nil, &clock)
	if err == nil {
		err = c.requestAny(r.Context(), http.MethodGet, "/_writ/worlds", nil, &worlds)
	}
	if err != nil {
		c.failed(w, r, err)
		return
	}
	c.render(w, r, http.StatusOK, "state", struct {
		frame
		Tab      string
		Clock    clockAnswer
		Worlds   []worldAnswer
		Examples []string
	}{c.frame(r, text("state.title"), "world"), "state", clock, worlds.Worlds, examples.Worlds})
}

// moveClock advances, stops or starts the clock.
func (c *Console) moveClock(w http.ResponseWriter, r *http.Request) {
	move := map[string]any{}
	switch r.PostFormValue("move") {
	case "freeze", "run":
		move[r.PostFormValue("move")] = true
	default:
		move["advance"] = r.PostFormValue("advance")
	}
	if err := c.request(r.Context(), http.MethodPost, "/_writ/clock", move, nil); err != nil {
		c.failed(w, r, err)
		return
	}
	http.Redirect(w, r, c.cfg.Path+"world/state", http.StatusSeeOther)
}

// makeWorld creates a world, empty or from another world, an example or a file, and opens it.
func (c *Console) makeWorld(w http.ResponseWriter, r *http.Request) {
	name, from := r.PostFormValue("name"), r.PostFormValue("from")
	var file any
	if example := r.PostFormValue("example"); example != "" {
		text, err := examples.World(example)
		if err != nil {
			c.fail(w, r, http.StatusNotFound, err.Error())
			return
		}
		name, from, file = example, "", text
	} else if uploaded, _, err := r.FormFile("file"); err == nil {
		text, err := io.ReadAll(io.LimitReader(uploaded, maxWorldFile))
		if err != nil {
			c.failed(w, r, err)
			return
		}
		if len(text) > 0 {
			from, file = "", text
		}
	}
	path := "/_writ/worlds/" + url.PathEscape(name)
	if from != "" {
		path += "?from=" + url.QueryEscape(from)
	}
	err := c.requestAny(r.Context(), http.MethodPut, path, file, nil)
	if refused, ok := err.(*fault); ok && refused.Status == http.StatusConflict && r.PostFormValue("example") != "" {
		err = nil // it already exists
	}
	if err != nil {
		c.failed(w, r, err)
		return
	}
	http.Redirect(w, r, "/_writ/w/"+url.PathEscape(name)+"/_writ/console/map", http.StatusSeeOther)
}

func (c *Console) deleteWorld(w http.ResponseWriter, r *http.Request) {
	if err := c.requestAny(r.Context(), http.MethodDelete, "/_writ/worlds/"+url.PathEscape(r.PostFormValue("name")), nil, nil); err != nil {
		c.failed(w, r, err)
		return
	}
	http.Redirect(w, r, "/_writ/console/world/state", http.StatusSeeOther)
}

// reset deletes everything in this world after a confirmation.
func (c *Console) reset(w http.ResponseWriter, r *http.Request) {
	if r.PostFormValue("sure") != "yes" {
		c.fail(w, r, http.StatusBadRequest, text("state.not-sure"))
		return
	}
	if err := c.request(r.Context(), http.MethodPost, "/_writ/reset", nil, nil); err != nil {
		c.failed(w, r, err)
		return
	}
	http.Redirect(w, r, c.cfg.Path+"decisions", http.StatusSeeOther)
}

// export responds with this world as a world file. It contains the values of SecureStrings, so it is created
// only for a request with the token, and is not a page.
func (c *Console) export(w http.ResponseWriter, r *http.Request) {
	name := cmp.Or(c.cfg.World, "main")
	inside, err := http.NewRequestWithContext(r.Context(), http.MethodGet, "/_writ/worlds/"+name+"/file", nil)
	if err != nil {
		c.failed(w, r, err)
		return
	}
	a := &answer{header: http.Header{}, status: http.StatusOK}
	c.cfg.Control.ServeHTTP(a, inside)
	if a.status != http.StatusOK {
		c.fail(w, r, a.status, text("state.no-export"))
		return
	}
	w.Header().Set("Content-Type", "application/yaml")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`.yaml"`)
	_, _ = w.Write(a.body.Bytes()) // the connection is closed
}
