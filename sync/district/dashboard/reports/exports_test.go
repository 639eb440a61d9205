package reports_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

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
		files := webtest.Downloads(t, ctx, dir)
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
			name, got := files.Next()
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
