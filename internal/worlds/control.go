package worlds

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/writdev/writ/internal/server"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/internal/worldfile"
)

// World is the JSON form of a world.
type World struct {
	Name     string    `json:"name"`
	Endpoint string    `json:"endpoint"` // for AWS clients
	Made     time.Time `json:"made"`
}

// mainName is the name of the main state as a source of copies.
const mainName = "main"

func isControl(path string) bool {
	return path == controlPrefix || strings.HasPrefix(path, controlPrefix+"/")
}

// endpoint is a path about worlds, with what serves it.
type endpoint struct {
	server.Endpoint
	serve http.HandlerFunc
}

func (s *Set) endpoints() []endpoint {
	row := func(pattern string, serve http.HandlerFunc, text string) endpoint {
		return endpoint{server.Endpoint{Pattern: pattern, For: server.Local, Text: text}, serve}
	}
	return []endpoint{
		row("GET "+controlPrefix, s.getList, "the worlds, by name"),
		row("GET "+controlPrefix+"/{name}", s.get, "one world"),
		row("GET "+controlPrefix+"/{name}/file", s.export, "the world, or `main`, as a world file"),
		row("PUT "+controlPrefix+"/{name}", s.put, "creates a world: empty, of the world file in the body, or with `from` a copy"),
		row("DELETE "+controlPrefix+"/{name}", s.deleteOne, "deletes a world"),
	}
}

// Endpoints lists the paths about worlds.
func Endpoints() []server.Endpoint {
	var list []server.Endpoint
	for _, e := range new(Set).endpoints() {
		list = append(list, e.Endpoint)
	}
	return list
}

func (s *Set) control() *http.ServeMux {
	mux := http.NewServeMux()
	for _, e := range s.endpoints() {
		mux.HandleFunc(e.Pattern, s.cfg.Main.Control(e.serve))
	}
	return mux
}

// put creates a world: empty, as a copy of the one that "from" names, or from the world
// file in the body.
func (s *Set) put(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	if !isName(name) {
		replyError(w, http.StatusBadRequest, "InvalidName", `The name of a world has up to 63 lower-case letters, digits and inner dashes, and is neither "main" nor "writ".`)
		return
	}
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, worldfile.MaxBytes+1))
	if err != nil {
		replyError(w, http.StatusRequestEntityTooLarge, "TooLarge", "The world file cannot be read: "+err.Error()+".")
		return
	}
	from := r.URL.Query().Get("from")
	if from != "" && len(text) > 0 {
		replyError(w, http.StatusBadRequest, "InvalidRequest", `A world is a copy of another ("from"), or made of the world file in the body, not both.`)
		return
	}
	var image *store.Image
	if len(text) > 0 {
		image, err = s.imageOfFile(r.Context(), name, text)
	} else {
		image, err = s.imageOf(r.Context(), from)
	}
	faults, faulty := err.(interface{ Unwrap() []error })
	switch {
	case faulty:
		replyFaults(w, faults.Unwrap())
		return
	case errors.Is(err, errNoSource):
		replyError(w, http.StatusNotFound, "WorldNotFound", "There is no world "+from+" to copy.")
		return
	case errors.Is(err, store.ErrNoImage):
		replyError(w, http.StatusConflict, "NoImage", "The main state cannot be copied: "+err.Error()+".")
		return
	case err != nil:
		s.cfg.Log.Error("copy a world", "world", name, "error", err)
		replyError(w, http.StatusInternalServerError, "InternalFailure", "The copy failed; see the log.")
		return
	}
	made, err := s.create(name, image)
	switch {
	case errors.Is(err, errExists):
		replyError(w, http.StatusConflict, "WorldExists", "There is a world "+name+".")
	case err != nil:
		replyError(w, http.StatusServiceUnavailable, "NoWorld", "The world was not created: "+err.Error()+".")
	default:
		server.ReplyJSON(w, http.StatusCreated, describe(made, r))
	}
}

var errNoSource = errors.New("no such world")

// imageOf returns the image of a world or of the main state; for "" an empty image.
func (s *Set) imageOf(ctx context.Context, name string) (*store.Image, error) {
	switch name {
	case "":
		return s.empty()
	case mainName:
		return s.cfg.Store.Image(ctx)
	}
	w := s.find(name)
	if w == nil {
		return nil, errNoSource
	}
	image, ok, err := w.imageNow(ctx, time.Now())
	if !ok {
		return nil, errNoSource
	}
	return image, err
}

// imageOfFile is the image of a world that a file declares. The error joins what is wrong
// with it.
func (s *Set) imageOfFile(ctx context.Context, name string, text []byte) (*store.Image, error) {
	world, err := s.cfg.Format.Read("body", text, func(string) ([]byte, error) {
		return nil, errors.New("a world file in a request names no other files: write the document in its place")
	})
	if err != nil {
		return nil, err
	}
	state, err := store.OpenSQLite(":memory:")
	if err != nil {
		return nil, err
	}
	defer state.Close()
	if err := worldfile.Load(ctx, s.cfg.Open(state, name, pathPrefix+name), world); err != nil {
		return nil, err
	}
	return state.Image(ctx)
}

// replyFaults answers what is wrong with a world file.
func replyFaults(w http.ResponseWriter, faults []error) {
	list := make([]string, len(faults))
	for i, f := range faults {
		list[i] = f.Error()
	}
	w.Header().Set("X-Amzn-Errortype", "InvalidWorld")
	server.ReplyJSON(w, http.StatusBadRequest, map[string]any{"__type": "InvalidWorld", "message": list[0], "faults": list})
}

func (s *Set) getList(w http.ResponseWriter, r *http.Request) {
	list := []World{}
	for _, one := range s.list() {
		list = append(list, describe(one, r))
	}
	server.ReplyJSON(w, http.StatusOK, map[string][]World{"worlds": list})
}

func (s *Set) get(w http.ResponseWriter, r *http.Request) {
	one := s.find(r.PathValue("name"))
	if one == nil {
		s.replyNotFound(w, r.PathValue("name"))
		return
	}
	server.ReplyJSON(w, http.StatusOK, describe(one, r))
}

// export answers a world, or the main state, as a world file.
func (s *Set) export(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	state := s.cfg.Main
	if name != mainName {
		one := s.find(name)
		if one == nil {
			s.replyNotFound(w, name)
			return
		}
		in, ok := one.enter()
		if !ok {
			s.replyNotFound(w, name)
			return
		}
		defer func() { s.logError(name, one.leave(time.Now())) }()
		state = in.Server
	}
	text, err := s.cfg.Format.Export(r.Context(), state)
	if err != nil {
		s.cfg.Log.Error("export a world", "world", name, "error", err)
		replyError(w, http.StatusInternalServerError, "InternalFailure", "The state cannot be exported; see the log.")
		return
	}
	w.Header().Set("Content-Type", "application/yaml")
	_, _ = w.Write(text)
}

func (s *Set) deleteOne(w http.ResponseWriter, r *http.Request) {
	if !s.remove(r.PathValue("name")) {
		s.replyNotFound(w, r.PathValue("name"))
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// list returns the worlds ordered by name.
func (s *Set) list() []*world {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]*world, 0, len(s.worlds))
	for _, w := range s.worlds {
		list = append(list, w)
	}
	slices.SortFunc(list, func(a, b *world) int { return strings.Compare(a.name, b.name) })
	return list
}

func describe(w *world, r *http.Request) World {
	return World{Name: w.name, Endpoint: "http://" + r.Host + pathPrefix + w.name, Made: w.made.UTC()}
}

func (s *Set) replyNotFound(w http.ResponseWriter, name string) {
	if !validName.MatchString(name) {
		name = "with this name"
	}
	replyError(w, http.StatusNotFound, "WorldNotFound", "There is no world "+name+"; PUT "+controlPrefix+"/NAME creates it. Idle worlds are deleted.")
}

// replyError writes an error that both clients of AWS's JSON protocols and people can read.
func replyError(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("X-Amzn-Errortype", code)
	server.ReplyJSON(w, status, map[string]string{"__type": code, "message": message})
}
