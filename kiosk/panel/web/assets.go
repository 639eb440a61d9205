package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"
)

//go:embed assets
var own embed.FS

// sheet is the one stylesheet: the base and what every surface adds, in the order given.
const sheet = "panel.css"

// Assets are the files of all surfaces under /a/VERSION/. The version is that of all of them together,
// so that modules find each other by their plain names and nothing ever has to be asked for twice.
type Assets struct {
	version string
	files   map[string]file
}

// file is one file, as it is and compressed.
type file struct {
	kind      string
	raw, gzip []byte
}

// kinds are the types of files there are.
var kinds = map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
	".wav": "audio/wav", ".png": "image/png", ".json": "application/json"}

// Folder returns a folder of files that are part of the program.
func Folder(files embed.FS, name string) fs.FS {
	f, err := fs.Sub(files, name)
	if err != nil {
		panic(err) // the name is no path: a fault of the program
	}
	return f
}

// NewAssets gathers the files of the surfaces after the base's own. Their stylesheets become one; a
// file of a kind that is not known, or a name given twice, is an error.
func NewAssets(surfaces ...fs.FS) (*Assets, error) {
	base, err := fs.Sub(own, "assets")
	if err != nil {
		return nil, fmt.Errorf("open the base's files: %w", err)
	}
	plain := map[string][]byte{}
	for _, surface := range append([]fs.FS{base}, surfaces...) {
		if err := gather(plain, surface); err != nil {
			return nil, err
		}
	}
	a := &Assets{files: map[string]file{}}
	sum := sha256.New()
	names := make([]string, 0, len(plain))
	for name := range plain {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(sum, "%s %d\n", name, len(plain[name]))
		sum.Write(plain[name])
		a.files[name] = file{kind: kinds[path.Ext(name)], raw: plain[name], gzip: pressed(plain[name])}
	}
	a.version = hex.EncodeToString(sum.Sum(nil))[:12]
	return a, nil
}

// gather reads the files of one surface; a stylesheet is added to the one sheet.
func gather(plain map[string][]byte, surface fs.FS) error {
	return fs.WalkDir(surface, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(surface, name)
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		switch {
		case path.Ext(name) == ".css":
			plain[sheet] = append(plain[sheet], data...)
			return nil
		case kinds[path.Ext(name)] == "":
			return fmt.Errorf("file %s: no such kind of file", name)
		case plain[name] != nil:
			return fmt.Errorf("file %s: two surfaces have it", name)
		}
		plain[name] = data
		return nil
	})
}

// pressed compresses a file once; nil where that gains nothing.
func pressed(data []byte) []byte {
	var out bytes.Buffer
	w, _ := gzip.NewWriterLevel(&out, gzip.BestCompression) // the level is a constant
	w.Write(data)                                           // memory does not fail
	w.Close()
	if out.Len() >= len(data) {
		return nil
	}
	return out.Bytes()
}

// Version names the content of all files.
func (a *Assets) Version() string { return a.version }

// Path returns the address of a file: "/a/0123456789ab/live.js".
func (a *Assets) Path(name string) string { return "/a/" + a.version + "/" + name }

// Size returns the bytes of a file that go over the line.
func (a *Assets) Size(name string) int {
	if f := a.files[name]; f.gzip != nil {
		return len(f.gzip)
	}
	return len(a.files[name].raw)
}

// ServeHTTP serves /a/VERSION/NAME. A file of another version is gone: a page asks for its own only.
func (a *Assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, ours := strings.CutPrefix(r.URL.Path, "/a/"+a.version+"/")
	f, known := a.files[name]
	if !ours || !known {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	body := f.raw
	if f.gzip != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = f.gzip
	}
	h.Set("Content-Length", fmt.Sprint(len(body)))
	w.Write(body)
}
