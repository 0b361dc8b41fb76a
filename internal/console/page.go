package console

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/writdev/writ/catalog"
	"github.com/writdev/writ/examples"
)

//go:embed pages
var pageFiles embed.FS

// parsedPages holds the templates of the pages by name, each combined with the frame.
var parsedPages = sync.OnceValue(func() map[string]*template.Template {
	shared := template.New("").Funcs(template.FuncMap{
		"t": text, "asset": assetAddress, "name": shortName, "account": accountOf, "clock": clockTime, "stamp": stamp, "texts": scriptTexts,
		"sections": func() []string { return sections }, "filters": func() []string { return filterNames[1:] },
		"shape": shapeOf, "result": resultOf, "layer": layerName, "join": func(list []string) string { return strings.Join(list, ", ") }, "lines": func(list []string) string { return strings.Join(list, "\n") },
		"conditionKeys": conditionKeys, "examples": func() []string { return examples.Worlds }, "lower": strings.ToLower,
	})
	shared = template.Must(shared.ParseFS(pageFiles, "pages/shared/*.html"))
	pages := map[string]*template.Template{}
	files, err := fs.Glob(pageFiles, "pages/*.html")
	if err != nil {
		panic(err) // the pattern is constant
	}
	for _, file := range files {
		page := template.Must(template.Must(shared.Clone()).ParseFS(pageFiles, file))
		pages[strings.TrimSuffix(strings.TrimPrefix(file, "pages/"), ".html")] = page
	}
	return pages
})

// sections lists the sections of the navigation, in order.
var sections = []string{"decisions", "map", "policies", "world"}

// scripts holds the scripts of the pages, by section, in addition to that of the frame.
var scripts = map[string]string{"decisions": "decisions", "map": "map"}

// frame is the data of the frame around a page.
type frame struct {
	Title   string
	Section string // of the navigation
	Path    string
	World   string
	Mode    string
	Actor   Choice // the chosen principal; zero for none
	Here    string // the address of this page
	Token   string
	Script  string // of this page; "" for none
}

// frame returns the frame of a page of a section of the navigation.
func (c *Console) frame(r *http.Request, title, section string) frame {
	return frame{
		Title: title, Section: section, Path: c.cfg.Path, World: c.cfg.World, Mode: c.cfg.Mode,
		Actor: chosenActor(r), Here: c.requestAddress(r), Token: c.cfg.Token(r), Script: scripts[section],
	}
}

// render responds with a page. An error in a template is logged, and no partial page is sent.
func (c *Console) render(w http.ResponseWriter, r *http.Request, status int, name string, data any) {
	var page bytes.Buffer
	if err := parsedPages()[name].ExecuteTemplate(&page, "frame", data); err != nil {
		c.cfg.Log.Error("console", "page", name, "error", err)
		http.Error(w, text("error.internal"), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(page.Bytes()) // the connection is closed
}

// fail responds with a page that describes an error.
func (c *Console) fail(w http.ResponseWriter, r *http.Request, status int, message string) {
	c.render(w, r, status, "failed", struct {
		frame
		Message string
	}{c.frame(r, text("error.title"), ""), message})
}

// failed responds with a page for an error.
func (c *Console) failed(w http.ResponseWriter, r *http.Request, err error) {
	refused, isRefused := errors.AsType[*fault](err)
	denied, isDenied := errors.AsType[*refusal](err)
	switch {
	case isRefused:
		c.fail(w, r, refused.Status, refused.Message)
	case isDenied:
		c.fail(w, r, http.StatusForbidden, denied.Error())
	default:
		c.cfg.Log.Error("console", "path", r.URL.Path, "error", err)
		c.fail(w, r, http.StatusInternalServerError, text("error.internal"))
	}
}

// token responds with the current token, for a page that was rendered before the server restarted.
func (c *Console) token(w http.ResponseWriter, r *http.Request) {
	writeJSON(w, map[string]string{"token": c.cfg.Token(r)})
}

// shortName returns the part of an ARN that identifies it within its account: "user/bob", "parameter/db".
func shortName(arn string) string {
	fields := strings.SplitN(arn, ":", 6)
	if len(fields) < 6 {
		return arn
	}
	return fields[5]
}

// accountOf returns the account in an ARN.
func accountOf(arn string) string {
	fields := strings.SplitN(arn, ":", 6)
	if len(fields) < 6 {
		return ""
	}
	return fields[4]
}

func clockTime(t time.Time) string { return t.UTC().Format("15:04:05.000") }

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// shapeOf returns the shape for an outcome or a verdict, so that the color is not the only distinction.
func shapeOf(outcome any) string {
	switch fmt.Sprint(outcome) {
	case "allowed", "allow":
		return "allowed"
	case "would be denied":
		return "would-be-denied"
	case "implicitDeny", "explicitDeny", "denied":
		return "denied"
	}
	return "missed"
}

// layerName returns the display name of a layer of policies.
func layerName(layer string) string {
	if _, known := texts()["layer."+layer]; known {
		return text("layer." + layer)
	}
	return layer
}

// conditionKeys returns the names of the condition keys of an action: the global ones and those of its service.
func conditionKeys(action string) []string {
	var names []string
	for _, key := range catalog.GlobalKeys() {
		names = append(names, key.Name)
	}
	prefix, _, _ := strings.Cut(action, ":")
	if service, known := catalog.Lookup(prefix); known {
		for _, key := range service.ConditionKeys {
			names = append(names, key.Name)
		}
	}
	return names
}
