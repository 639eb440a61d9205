package web

import (
	"compress/gzip"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

// TestFilesNeverChangeTheirContent: one sheet of all surfaces, another version when a byte differs, and
// nothing under a name that is not the version's.
func TestFilesNeverChangeTheirContent(t *testing.T) {
	surface := fstest.MapFS{"x.css": {Data: []byte(".x{color:red}")}, "x.js": {Data: []byte(strings.Repeat("export const x = 1;\n", 50))}}
	a, err := NewAssets(surface)
	if err != nil {
		t.Fatal(err)
	}
	get := func(path, accept string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("Accept-Encoding", accept)
		w := httptest.NewRecorder()
		a.ServeHTTP(w, r)
		return w
	}
	css := get(a.Path("panel.css"), "")
	if body := css.Body.String(); !strings.Contains(body, "--paper") || !strings.HasSuffix(body, ".x{color:red}") {
		t.Errorf("the sheet does not hold base and surface in this order")
	}
	if got := css.Header().Get("Cache-Control"); !strings.Contains(got, "immutable") {
		t.Errorf("Cache-Control: got %q, want immutable", got)
	}
	js := get(a.Path("x.js"), "br, gzip")
	if got := js.Header().Get("Content-Encoding"); got != "gzip" {
		t.Errorf("Content-Encoding: got %q, want gzip", got)
	}
	r, err := gzip.NewReader(js.Body)
	if err != nil {
		t.Fatalf("x.js is not compressed: %v", err)
	}
	if text, _ := io.ReadAll(r); string(text) != string(surface["x.js"].Data) {
		t.Errorf("x.js came out as %q", text)
	}
	for _, path := range []string{"/a/x.js", "/a/0123456789ab/x.js", a.Path("../x.js"), a.Path(""), a.Path("none.js")} {
		if got := get(path, "").Code; got != 404 {
			t.Errorf("%s: got %d, want 404", path, got)
		}
	}
	surface["x.css"].Data[0] = '#'
	if b, _ := NewAssets(surface); b.Version() == a.Version() {
		t.Error("another content has the same version: browsers would keep the old one")
	}
	if _, err := NewAssets(surface, surface); err == nil {
		t.Error("two surfaces have the same file, and nobody says so")
	}
	if _, err := NewAssets(fstest.MapFS{"x.exe": {}}); err == nil {
		t.Error("a file of an unknown kind is served")
	}
}
