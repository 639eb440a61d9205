package webtest

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// Screenshot writes a picture of the whole page, also of what is below the edge of the screen, to
// build/screens/<name>.png in the folder of go.mod.
func Screenshot(t testing.TB, ctx context.Context, name string) {
	t.Helper()
	var png []byte
	Run(t, ctx, chromedp.FullScreenshot(&png, 100)) // 100 is PNG
	keep(t, name+".png", png)
}

// PDF prints the page on A4 as a person would, writes it to build/screens/<name>.pdf, and returns it.
func PDF(t testing.TB, ctx context.Context, name string) (pdf []byte) {
	t.Helper()
	Run(t, ctx, chromedp.ActionFunc(func(ctx context.Context) (err error) {
		pdf, _, err = page.PrintToPDF().WithPrintBackground(true).WithPreferCSSPageSize(true).WithPaperWidth(8.27).WithPaperHeight(11.69).Do(ctx)
		return err
	}))
	keep(t, name+".pdf", pdf)
	return pdf
}

// keep writes a file where a person looks at pictures.
func keep(t testing.TB, name string, data []byte) {
	t.Helper()
	dir := filepath.Join(root(t), "build", "screens")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatalf("folder of pictures: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
		t.Fatalf("write picture: %v", err)
	}
}

// root returns the folder that go.mod is in.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	for ; err == nil; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	t.Fatalf("no go.mod above this test: %v", err)
	return ""
}
