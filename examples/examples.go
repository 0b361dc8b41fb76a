// Package examples holds the example worlds, for whoever offers them.
package examples

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"path"
	"regexp"
)

//go:embed central-parameters golden-images model-handover
var files embed.FS

// Worlds are the names of the example worlds, in the order in which to look at them.
var Worlds = []string{"golden-images", "central-parameters", "model-handover"}

// policyFile is a policy of a world that lies in a file beside it.
var policyFile = regexp.MustCompile(`policies/[a-z-]+\.json`)

// World is the world file of an example, with the policies that it names inside it.
func World(name string) ([]byte, error) {
	text, err := files.ReadFile(path.Join(name, "world.yaml"))
	if err != nil {
		return nil, fmt.Errorf("there is no example %q", name)
	}
	var failed error
	text = policyFile.ReplaceAllFunc(text, func(file []byte) []byte {
		document, err := files.ReadFile(path.Join(name, string(file)))
		var inside bytes.Buffer // JSON on one line is YAML
		if err == nil {
			err = json.Compact(&inside, document)
		}
		if err != nil {
			failed = fmt.Errorf("example %s: %w", name, err)
		}
		return inside.Bytes()
	})
	return text, failed
}
