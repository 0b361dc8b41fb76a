package console

import (
	"cmp"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/writdev/writ/examples"
)

// clockAnswer is the answer of /_writ/clock.
type clockAnswer struct {
	Now    time.Time
	Frozen bool
}

// worldAnswer is a world in the answers of /_writ/worlds.
type worldAnswer struct {
	Name string
	Made time.Time
}

// maxWorldFile bounds a file that is uploaded.
const maxWorldFile = 1 << 20 // bytes

// state shows the clock, the worlds, and how to empty this one.
func (c *Console) state(w http.ResponseWriter, r *http.Request) {
	var clock clockAnswer
	var worlds struct{ Worlds []worldAnswer }
	err := c.ask(r.Context(), http.MethodGet, "/_writ/clock", nil, &clock)
	if err == nil {
		err = c.askAny(r.Context(), http.MethodGet, "/_writ/worlds", nil, &worlds)
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

// moveClock moves the clock ahead, stops it or lets it run.
func (c *Console) moveClock(w http.ResponseWriter, r *http.Request) {
	move := map[string]any{}
	switch r.PostFormValue("move") {
	case "freeze", "run":
		move[r.PostFormValue("move")] = true
	default:
		move["advance"] = r.PostFormValue("advance")
	}
	if err := c.ask(r.Context(), http.MethodPost, "/_writ/clock", move, nil); err != nil {
		c.failed(w, r, err)
		return
	}
	http.Redirect(w, r, c.cfg.Path+"world/state", http.StatusSeeOther)
}

// makeWorld makes a world, of nothing, of another one, of an example or of a file, and goes
// there.
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
	err := c.askAny(r.Context(), http.MethodPut, path, file, nil)
	if refused, ok := err.(*fault); ok && refused.Status == http.StatusConflict && r.PostFormValue("example") != "" {
		err = nil // it is there already
	}
	if err != nil {
		c.failed(w, r, err)
		return
	}
	http.Redirect(w, r, "/_writ/w/"+url.PathEscape(name)+"/_writ/console/map", http.StatusSeeOther)
}

func (c *Console) deleteWorld(w http.ResponseWriter, r *http.Request) {
	if err := c.askAny(r.Context(), http.MethodDelete, "/_writ/worlds/"+url.PathEscape(r.PostFormValue("name")), nil, nil); err != nil {
		c.failed(w, r, err)
		return
	}
	http.Redirect(w, r, "/_writ/console/world/state", http.StatusSeeOther)
}

// reset deletes all of this world, after the question was answered.
func (c *Console) reset(w http.ResponseWriter, r *http.Request) {
	if r.PostFormValue("sure") != "yes" {
		c.fail(w, r, http.StatusBadRequest, text("state.not-sure"))
		return
	}
	if err := c.ask(r.Context(), http.MethodPost, "/_writ/reset", nil, nil); err != nil {
		c.failed(w, r, err)
		return
	}
	http.Redirect(w, r, c.cfg.Path+"decisions", http.StatusSeeOther)
}

// export answers with this world as a world file, to be kept. Values of SecureStrings are in
// it, so it is made only when it is asked for with the token, and is no page.
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
	_, _ = w.Write(a.body.Bytes()) // the connection is closed: nothing is left to do
}
