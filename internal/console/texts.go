package console

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
)

//go:embed texts.json
var textFile []byte

// texts holds all texts of the pages and of their scripts, by name. Those of scripts begin with "js.".
var texts = sync.OnceValue(func() map[string]string {
	all := map[string]string{}
	if err := json.Unmarshal(textFile, &all); err != nil {
		panic(err) // the file is embedded
	}
	return all
})

// text returns a text by its name, with arguments as in fmt.Sprintf.
func text(name string, args ...any) string {
	t, ok := texts()[name]
	if !ok {
		panic(fmt.Sprintf("console: there is no text %q", name))
	}
	if len(args) == 0 {
		return t
	}
	return fmt.Sprintf(t, args...)
}

// scriptTexts returns the texts of scripts, by their names without "js.", and the names of layers, which
// pages and scripts share.
func scriptTexts() map[string]string {
	list := map[string]string{}
	for name, t := range texts() {
		if short, ok := strings.CutPrefix(name, "js."); ok {
			list[short] = t
		} else if strings.HasPrefix(name, "layer.") {
			list[name] = t
		}
	}
	return list
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // the connection is closed
}
