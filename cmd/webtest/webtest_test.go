package webtest

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// show opens a page of the given body.
func show(t *testing.T, o Options, body string) context.Context {
	t.Helper()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; img-src data:")
		if r.URL.Path == "/own.js" {
			w.Header().Set("Content-Type", "text/javascript")
			fmt.Fprint(w, `document.querySelector("h1").textContent = "со скриптом"`)
			return
		}
		fmt.Fprintf(w, `<!doctype html><html lang="ru"><title>Проба</title><link rel="icon" href="data:,"><main><h1>Проба</h1>%s</main></html>`, body)
	}))
	t.Cleanup(server.Close)
	ctx := Open(t, o)
	Run(t, ctx, chromedp.Navigate(server.URL))
	return ctx
}

func TestAxeFindsWhatIsWrong(t *testing.T) {
	ctx := show(t, Options{}, `<img src="data:,"><input>`)
	var ids []string
	for _, v := range Axe(t, ctx) {
		ids = append(ids, v.ID)
	}
	if !slices.Contains(ids, "image-alt") || !slices.Contains(ids, "label") {
		t.Errorf("got %v, want a picture without words and a field without a label", ids)
	}
	if got := Axe(t, show(t, Options{}, `<p>Слова</p>`)); len(got) > 0 {
		t.Errorf("a plain page: got %v, want nothing", got)
	}
}

func TestWindowIsAsAsked(t *testing.T) {
	ctx := show(t, Options{Width: 800, Height: 480, Scale: 2, Slower: 4, Touch: true}, "")
	var got string
	Run(t, ctx, chromedp.Evaluate(`[innerWidth, innerHeight, devicePixelRatio, navigator.maxTouchPoints > 0].join()`, &got))
	if got != "800,480,2,true" {
		t.Errorf("got %s, want 800,480,2,true", got)
	}
	const own = `<script src="/own.js"></script>`
	Run(t, show(t, Options{}, own), Is(`document.querySelector("h1").textContent === "со скриптом"`))
	ctx = show(t, Options{NoScript: true}, own)
	Run(t, ctx, chromedp.Text("h1", &got, chromedp.ByQuery))
	if got != "Проба" {
		t.Errorf("without script: got %q, want the page as it came", got)
	}
	if got := Axe(t, ctx); len(got) > 0 {
		t.Errorf("axe without the page's scripts: got %v, want nothing", got)
	}
}

func TestPicturesAreKept(t *testing.T) {
	ctx := show(t, Options{}, `<p>Слова</p>`)
	Screenshot(t, ctx, "webtest")
	png, err := os.ReadFile(filepath.Join(root(t), "build", "screens", "webtest.png"))
	if err != nil || !strings.HasPrefix(string(png), "\x89PNG") {
		t.Errorf("got %d bytes, %v, want a PNG", len(png), err)
	}
	if pdf := PDF(t, ctx, "webtest"); !strings.HasPrefix(string(pdf), "%PDF-") {
		t.Errorf("got %d bytes, want a PDF", len(pdf))
	}
}

// recorder is a test that only remembers its errors.
type recorder struct {
	testing.TB
	mu   sync.Mutex
	said []string
}

func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.said = append(r.said, fmt.Sprintf(format, args...))
}

func TestPolicyViolationFails(t *testing.T) {
	r := &recorder{TB: t}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'")
		fmt.Fprint(w, `<!doctype html><title>Проба</title><p style="color:red">Слова</p>`)
	}))
	defer server.Close()
	Run(t, Open(r, Options{}), chromedp.Navigate(server.URL), Is(`document.querySelector("p")`))
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.said) == 0 {
		t.Error("got nothing said of a style attribute against the policy, want an error")
	}
}
