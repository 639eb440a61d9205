package page

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const mostFirstLoad = 60 << 10 // bytes, of the design system

var (
	inMarkup = regexp.MustCompile(`(?:src|href)="([^"]+)"`)
	inModule = regexp.MustCompile(`from "([^"]+)"`)
	byName   = regexp.MustCompile(`byId\(([^)]*"[^)]+)\)`)
	quoted   = regexp.MustCompile(`"([^"]+)"`)
)

func TestFirstLoadIsSmall(t *testing.T) {
	h := New(newFake())
	raw, packed := 0, 0
	for _, name := range append([]string{"/"}, references(t, h)...) {
		raw += get(t, h, name).Body.Len()
		r := httptest.NewRequest("GET", "http://localhost"+name, nil)
		r.Header.Set("Accept-Encoding", "gzip, br")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		packed += w.Body.Len()
		z, err := gzip.NewReader(w.Body)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if plain, err := io.ReadAll(z); err != nil || string(plain) != get(t, h, name).Body.String() {
			t.Errorf("%s: the packed answer differs from the plain one (%v)", name, err)
		}
	}
	t.Logf("first load: %d bytes, %d packed", raw, packed)
	if packed > mostFirstLoad {
		t.Errorf("got %d bytes packed, want at most %d", packed, mostFirstLoad)
	}
}

// references lists what index.html and its modules ask for.
func references(t *testing.T, h http.Handler) []string {
	t.Helper()
	var all []string
	add := func(name string) {
		if !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	for _, m := range inMarkup.FindAllStringSubmatch(get(t, h, "/").Body.String(), -1) {
		add(m[1])
	}
	for i := 0; i < len(all); i++ {
		for _, m := range inModule.FindAllStringSubmatch(get(t, h, all[i]).Body.String(), -1) {
			add(path.Join(path.Dir(all[i]), m[1]))
		}
	}
	return all
}

func TestEveryReferenceExistsAndEveryFileIsUsed(t *testing.T) {
	h := New(newFake())
	kinds := map[string]string{".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
	used := map[string]bool{"index.html": true}
	for _, name := range references(t, h) {
		w := get(t, h, name)
		used[path.Base(name)] = true
		if w.Code != 200 || w.Header().Get("Content-Type") != kinds[path.Ext(name)] {
			t.Errorf("%s: got %d %s", name, w.Code, w.Header().Get("Content-Type"))
		}
		if !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s: got %q, want immutable", name, w.Header().Get("Cache-Control"))
		}
	}
	files, err := embedded.ReadDir("assets")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !used[f.Name()] {
			t.Errorf("assets/%s is embedded and never asked for", f.Name())
		}
	}
}

// The policy forbids inline script and style, so the page must not contain any.
func TestNothingInline(t *testing.T) {
	markup := get(t, New(newFake()), "/").Body.String()
	for _, bad := range []string{" style=", "<style", " onclick=", " onload=", "javascript:", "<script>", "http://", "https://", mark} {
		if strings.Contains(markup, bad) {
			t.Errorf("index.html contains %q", bad)
		}
	}
}

// A module that asks for an element by name must find it in the markup.
func TestNamesInModulesExist(t *testing.T) {
	h := New(newFake())
	markup := get(t, h, "/").Body.String()
	for _, name := range references(t, h) {
		for _, call := range byName.FindAllStringSubmatch(get(t, h, name).Body.String(), -1) {
			for _, id := range quoted.FindAllStringSubmatch(call[1], -1) {
				if !strings.Contains(markup, `id="`+id[1]+`"`) {
					t.Errorf("%s asks for %q, which index.html lacks", path.Base(name), id[1])
				}
			}
		}
	}
}
