package page

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
	"strings"
)

//go:embed assets
var embedded embed.FS

const mark = "@assets/" // stands in index.html where the hashed folder goes

// kind is fixed here because the table of the system differs from machine to machine.
func kind(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	default:
		return "image/svg+xml"
	}
}

type file struct {
	kind         string
	plain, small []byte
}

type assets struct {
	hash  string // of every embedded file together, so modules find each other by relative names
	files map[string]file
	start file
}

// loadAssets reads and compresses the embedded files once. It panics when the binary was built
// without them, which is a programmer's error.
func loadAssets() *assets {
	dir, err := embedded.ReadDir("assets")
	if err != nil {
		panic(err)
	}
	a := &assets{files: map[string]file{}}
	sum := sha256.New()
	for _, e := range dir {
		b, err := embedded.ReadFile("assets/" + e.Name())
		if err != nil {
			panic(err)
		}
		sum.Write([]byte(e.Name()))
		sum.Write(b)
		a.files[e.Name()] = pack(e.Name(), b)
	}
	a.hash = hex.EncodeToString(sum.Sum(nil))[:16]
	raw := a.files["index.html"].plain
	a.start = pack("index.html", bytes.ReplaceAll(raw, []byte(mark), []byte("/assets/"+a.hash+"/")))
	delete(a.files, "index.html")
	return a
}

func pack(name string, plain []byte) file {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is valid, so there is no error
	z.Write(plain)                                        // a bytes.Buffer takes everything
	z.Close()
	return file{kind: kind(name), plain: plain, small: b.Bytes()}
}

func (a *assets) index(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-cache")
	a.start.serve(w, r)
}

// asset serves a file for ever under the hash of this build and nothing under any other.
func (a *assets) asset(w http.ResponseWriter, r *http.Request) {
	f, known := a.files[r.PathValue("name")]
	if !known || r.PathValue("hash") != a.hash {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	f.serve(w, r)
}

func (f file) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		w.Write(f.small)
		return
	}
	w.Write(f.plain)
}
