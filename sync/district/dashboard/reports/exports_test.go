package reports_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"

	"sps-kiosk/cmd/webtest"
)

// TestEveryExportInABrowser: both roles click every kind of export as it stands on the page, without script, and the file
// on disk is what the link said.
func TestEveryExportInABrowser(t *testing.T) {
	s := site(t)
	for _, who := range []string{"вера", "анна"} {
		dir := t.TempDir()
		ctx := webtest.Open(t, webtest.Options{NoScript: true})
		whole := downloads(t, ctx, dir)
		webtest.Run(t, ctx, chromedp.Navigate(s.URL+"/reports?office=1"), chromedp.SendKeys("#name", who), chromedp.SendKeys("#password", password), chromedp.Submit("#password"),
			webtest.Is(`document.querySelector("#months")`))
		for _, x := range []struct{ click, file, looks string }{
			{`//section[@aria-labelledby="months"]//tr[2]//a[contains(., "PDF")]`, "report_????-??.pdf", "%PDF-"},
			{`//section[@aria-labelledby="months"]//tr[2]/td[3]/a`, "report_????-??-01_*.xlsx", "PK\x03\x04"},
			{`//section[@aria-labelledby="months"]//tr[2]//a[contains(., "CSV")]`, "report_????-??-01_*.csv", "\ufeffПериод;"},
			{`//section[@aria-labelledby="months"]//tr[2]/td[5]/a`, "sheet_*.xlsx", "PK\x03\x04"},
			{`//section[@aria-labelledby="quarters"]//tr[2]//a[contains(., "PDF")]`, "report_????-Q?.pdf", "%PDF-"},
			{`//section[@aria-labelledby="days"]//button[contains(., "Книга Excel")]`, "report_*.xlsx", "PK\x03\x04"},
			{`//section[@aria-labelledby="days"]//button[contains(., "CSV")]`, "report_*.csv", "\ufeffПериод;"},
			{`//section[@aria-labelledby="open"]//li[1]/a`, "public_*.xlsx", "PK\x03\x04"},
		} {
			webtest.Run(t, ctx, chromedp.Navigate(s.URL+"/reports?office=1"), chromedp.Click(x.click, chromedp.BySearch)) // a fresh page: a click is lost while another one becomes a download
			name, got := taken(t, ctx, dir, whole)
			if fits, err := filepath.Match(x.file, name); err != nil || !fits || !bytes.HasPrefix(got, []byte(x.looks)) {
				t.Errorf("%s: got %s with %.20q, want %s that begins with %q", who, name, got, x.file, x.looks)
			}
		}
		var page string
		webtest.Run(t, ctx, chromedp.Click(`//section[@aria-labelledby="quarters"]//tr[2]//a[contains(., "страница")]`, chromedp.BySearch),
			webtest.Is(`document.title.startsWith("Отчёт за")`), chromedp.Text("main", &page))
		if !strings.Contains(page, "<script>") { // as words
			t.Errorf("%s: the printable page does not name the office: %.300s", who, page)
		}
	}
}

// downloads tells of every file that the browser has whole, by the name that it was to have.
func downloads(t *testing.T, ctx context.Context, dir string) <-chan string {
	t.Helper()
	names, whole := map[string]string{}, make(chan string, 1)
	chromedp.ListenTarget(ctx, func(event any) { // by one goroutine
		switch e := event.(type) {
		case *browser.EventDownloadWillBegin:
			names[e.GUID] = e.SuggestedFilename
		case *browser.EventDownloadProgress:
			if e.State == browser.DownloadProgressStateCompleted {
				whole <- names[e.GUID]
			}
		}
	})
	webtest.Run(t, ctx, browser.SetDownloadBehavior(browser.SetDownloadBehaviorBehaviorAllow).WithDownloadPath(dir).WithEventsEnabled(true))
	return whole
}

// taken waits for the next download, returns its name and what is in it, and removes it.
func taken(t *testing.T, ctx context.Context, dir string, whole <-chan string) (name string, data []byte) {
	t.Helper()
	webtest.Run(t, ctx, chromedp.ActionFunc(func(ctx context.Context) error {
		select {
		case <-ctx.Done():
			return fmt.Errorf("no download: %w", ctx.Err())
		case name = <-whole:
		}
		var err error
		if data, err = os.ReadFile(filepath.Join(dir, name)); err != nil {
			return err
		}
		return os.Remove(filepath.Join(dir, name))
	}))
	return name, data
}
