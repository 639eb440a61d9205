package reports_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

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
		webtest.Run(t, ctx, browser.SetDownloadBehavior(browser.SetDownloadBehaviorBehaviorAllow).WithDownloadPath(dir),
			chromedp.Navigate(s.URL+"/reports?office=1"), chromedp.SendKeys("#name", who), chromedp.SendKeys("#password", password), chromedp.Submit("#password"),
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
			if got := taken(t, ctx, filepath.Join(dir, x.file)); !bytes.HasPrefix(got, []byte(x.looks)) {
				t.Errorf("%s at %s: got %.20q, want a file that begins with %q", who, x.file, got, x.looks)
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

// taken waits until a download is whole under its name, returns what is in it and removes it.
func taken(t *testing.T, ctx context.Context, pattern string) (data []byte) {
	t.Helper()
	webtest.Run(t, ctx, chromedp.ActionFunc(func(ctx context.Context) error {
		for {
			if found, _ := filepath.Glob(pattern); len(found) == 1 {
				var err error
				if data, err = os.ReadFile(found[0]); err != nil {
					return err
				}
				return os.Remove(found[0])
			}
			select {
			case <-ctx.Done():
				return fmt.Errorf("no %s: %w", filepath.Base(pattern), ctx.Err())
			case <-time.After(20 * time.Millisecond):
			}
		}
	}))
	return data
}
