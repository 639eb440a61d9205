package dashboard

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"path"
	"strings"
)

// stylesheet is the file that every page is dressed in.
const stylesheet = "static/dashboard.css"

// versioned is the path of a file with its content's digest in it: browsers may keep it for ever.
func versioned(name string) string {
	text, err := files.ReadFile(name)
	if err != nil {
		panic(err) // it is part of the program
	}
	sum := sha256.Sum256(text)
	return "/static/" + hex.EncodeToString(sum[:6]) + "/" + path.Base(name)
}

// static serves the stylesheet and the icon, under paths that change with them.
func (s *Site) static() http.Handler {
	known := map[string]string{versioned(stylesheet): "text/css; charset=utf-8", versioned(icon): "image/svg+xml"}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		kind, is := known[r.URL.Path]
		if !is {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		text, _ := files.ReadFile("static/" + r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:])
		w.Write(text) // the browser may be gone
	})
}

// icon is the sign in the browser's tab.
const icon = "static/icon.svg"
