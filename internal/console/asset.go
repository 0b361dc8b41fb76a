package console

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
	"strings"
	"sync"
)

//go:embed assets
var assetFiles embed.FS

// assetFile is one file for the browser.
type assetFile struct {
	plain     []byte
	gzipped   func() []byte // compresses once: the first page needs the addresses of files, not their contents
	version   string        // hash of the content
	mediaType string
}

// mediaTypes holds the media types of the files, by file name extension. The system's table is not used: on
// some systems scripts are plain text.
var mediaTypes = map[string]string{
	".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8",
}

// assets holds the files for the browser, by name.
var assets = sync.OnceValue(func() map[string]assetFile {
	list := map[string]assetFile{}
	entries, err := assetFiles.ReadDir("assets")
	if err != nil {
		panic(err) // the directory is embedded
	}
	for _, entry := range entries {
		plain, err := assetFiles.ReadFile("assets/" + entry.Name())
		if err != nil {
			panic(err)
		}
		sum := sha256.Sum256(plain)
		list[entry.Name()] = assetFile{plain, sync.OnceValue(func() []byte { return gzipped(plain) }), hex.EncodeToString(sum[:6]), mediaTypes[path.Ext(entry.Name())]}
	}
	return list
})

func gzipped(plain []byte) []byte {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err == nil {
		_, err = z.Write(plain)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		panic(err) // a write to memory does not fail
	}
	return b.Bytes()
}

// assetAddress returns the address of a file, relative to the console's path. It changes with the content, so
// browsers may cache the file.
func assetAddress(name string) string {
	file, ok := assets()[name]
	if !ok {
		panic("console: there is no asset " + name)
	}
	return "assets/" + name + "?v=" + file.version
}

func asset(w http.ResponseWriter, r *http.Request) {
	file, ok := assets()[r.PathValue("name")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", file.mediaType)
	h.Set("Vary", "Accept-Encoding")
	if r.URL.Query().Get("v") == file.version {
		h.Set("Cache-Control", "private, max-age=31536000, immutable")
	}
	body := file.plain
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = file.gzipped()
	}
	_, _ = w.Write(body) // the connection is closed
}
