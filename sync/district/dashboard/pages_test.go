package dashboard_test

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"sps-kiosk/cmd/webtest"
)

// file is a path as a name of a picture.
func file(path string) string {
	name := strings.Trim(regexp.MustCompile(`[^a-z]+`).ReplaceAllString(path, "-"), "-")
	if name == "" {
		name = "today"
	}
	return "district-" + name
}

func TestEveryPageInABrowser(t *testing.T) {
	w := newWorld(t, newRig(t, named))
	ctx := webtest.Open(t, webtest.Options{})
	webtest.Run(t, ctx, chromedp.Navigate(w.http.URL+"/login"))
	axe := func(name string) {
		t.Helper()
		for _, v := range webtest.Axe(t, ctx) {
			t.Errorf("%s: axe: %v", name, v)
		}
	}
	shape := func(name string) {
		t.Helper()
		var h1, cut int
		webtest.Run(t, ctx, chromedp.Evaluate(`document.querySelectorAll("h1").length`, &h1),
			chromedp.Evaluate(`document.documentElement.scrollWidth - document.documentElement.clientWidth`, &cut))
		if h1 != 1 || cut > 0 {
			t.Errorf("%s: got %d h1, %d pixels beyond the right edge, want one and none", name, h1, cut)
		}
	}
	axe("sign-in")
	webtest.Screenshot(t, ctx, "district-login")
	webtest.Run(t, ctx, chromedp.SendKeys("#name", "вера", chromedp.ByQuery), chromedp.SendKeys("#password", password+"\r", chromedp.ByQuery),
		webtest.Is(`document.querySelector(".top__me")`))
	for _, path := range []string{"/", "/period", "/services", "/sps", "/windows", fmt.Sprintf("/windows?office=%d", w.offices[0]), "/availability", "/kiosks", "/compliance", "/offices", "/quality"} {
		webtest.Run(t, ctx, chromedp.Navigate(w.http.URL+path), webtest.Is(`document.querySelector("main h1")`))
		webtest.Screenshot(t, ctx, file(path))
		shape(path)
		webtest.Run(t, ctx, chromedp.Evaluate(`document.querySelectorAll("details").forEach(d => d.open = true)`, nil))
		axe(path + " with its tables")
		webtest.Run(t, ctx, emulation.SetDeviceMetricsOverride(720, 450, 1, false)) // 200 % of 1440 × 900
		shape(path + " at 200 %")
		webtest.Run(t, ctx, emulation.SetDeviceMetricsOverride(1440, 900, 1, false))
	}
	webtest.Run(t, ctx, chromedp.Navigate(w.http.URL+"/period?from=2026-12-01&to=2026-11-01"))
	axe("refusal")
	webtest.Screenshot(t, ctx, "district-refusal")
}

func TestPagesAnswerEverybodySignedIn(t *testing.T) {
	w := newSmallWorld(t, newRig(t, named))
	for _, who := range []string{"вера", "анна"} {
		c := w.as(who)
		for _, path := range w.paths() {
			if code, text, _ := w.get(c, path); code != http.StatusOK || strings.Contains(text, "<script") || strings.Contains(text, " style=") {
				t.Errorf("%s as %s: got %d, want 200 without script and style: %.2000s", path, who, code, text)
			}
		}
	}
	for _, path := range w.paths() {
		if code, _, head := w.get(w.as(""), path); code != http.StatusSeeOther || !strings.HasPrefix(head.Get("Location"), "/login?to=") {
			t.Errorf("%s as nobody: got %d to %q, want the door", path, code, head.Get("Location"))
		}
	}
}

// TestEveryChartHasWordsAndATable: whoever does not see a chart has its title, what it shows in words, and its numbers.
func TestEveryChartHasWordsAndATable(t *testing.T) {
	w := newSmallWorld(t, newRig(t, named))
	c, all := w.as("вера"), 0
	for _, path := range w.paths() {
		_, text, _ := w.get(c, path)
		for i, chart := range strings.Split(text, `<svg class="chart`)[1:] {
			all++
			said := regexp.MustCompile(`<title id="[^"]+">[^<]+</title><desc id="[^"]+">[^<]+</desc>`).MatchString(chart)
			if _, after, _ := strings.Cut(chart, "</svg></div>"); !said || !strings.HasPrefix(after, `<details class="as-table"><summary>Показать таблицей</summary>`) {
				t.Errorf("%s, chart %d: want a title, a description and a table below it: %.300s", path, i+1, chart)
			}
		}
	}
	if all < 8 {
		t.Errorf("got %d charts on all pages, want 8 and more", all)
	}
}

// TestKeyboardAlone signs in, skips to the content, chooses an office and a period and opens a table without
// a mouse.
func TestKeyboardAlone(t *testing.T) {
	w := newSmallWorld(t, newRig(t, named))
	ctx := webtest.Open(t, webtest.Options{})
	key := func(keys ...string) {
		t.Helper()
		for _, k := range keys {
			webtest.Run(t, ctx, chromedp.KeyEvent(k))
		}
	}
	webtest.Run(t, ctx, chromedp.Navigate(w.http.URL+"/period?period=2026-11"))
	for i := 0; ; i++ { // to the field of the name
		var id string
		webtest.Run(t, ctx, chromedp.Evaluate(`document.activeElement.id`, &id))
		if id == "name" {
			break
		}
		if i > 5 {
			t.Fatalf("five times Tab do not reach the field of the name, but %q", id)
		}
		key(kb.Tab)
	}
	key("в", "е", "р", "а", kb.Tab)
	webtest.Run(t, ctx, chromedp.KeyEvent(password))
	key(kb.Enter)
	webtest.Run(t, ctx, webtest.Is(`document.querySelector("h1")?.textContent === "Ноябрь 2026 года"`))
	key(kb.Tab)
	webtest.Run(t, ctx, webtest.Is(`document.activeElement.className === "skip" && document.activeElement.getBoundingClientRect().top >= 0`))
	key(kb.Enter)
	webtest.Run(t, ctx, webtest.Is(`document.activeElement.id === "main"`))
	key(kb.Tab)
	webtest.Run(t, ctx, webtest.Is(`document.activeElement.id === "f-office" && getComputedStyle(document.activeElement).outlineStyle === "solid"`))
	key(kb.ArrowDown)
	for i := 0; i < 12; i++ { // to the button, past the parts of the dates
		key(kb.Tab)
		var button bool
		webtest.Run(t, ctx, chromedp.Evaluate(`document.activeElement.textContent === "Показать"`, &button))
		if button {
			break
		}
	}
	key(kb.Enter)
	webtest.Run(t, ctx, webtest.Is(`location.search.includes("office=1")`), webtest.Is(`document.querySelector(".lead").textContent.startsWith("Кошки, центральный")`))
	webtest.Run(t, ctx, chromedp.Focus("details summary", chromedp.ByQuery))
	key(kb.Enter)
	webtest.Run(t, ctx, webtest.Is(`document.querySelector("details").open`))
}

// TestPagesPrint prints every page on A4: nothing of the screen's navigation is on paper.
func TestPagesPrint(t *testing.T) {
	w := newSmallWorld(t, newRig(t, named))
	ctx := webtest.Open(t, webtest.Options{})
	webtest.Run(t, ctx, chromedp.Navigate(w.http.URL+"/login"), chromedp.SendKeys("#name", "вера", chromedp.ByQuery), chromedp.SendKeys("#password", password+"\r", chromedp.ByQuery),
		webtest.Is(`document.querySelector(".top__me")`))
	for _, path := range []string{"/", "/period", "/sps", "/windows?office=1"} {
		webtest.Run(t, ctx, chromedp.Navigate(w.http.URL+path), webtest.Is(`document.querySelector("main h1")`))
		pdf := webtest.PDF(t, ctx, file(path))
		text, err := exec.CommandContext(t.Context(), "pdftotext", "-layout", writeFile(t, pdf), "-").Output()
		if err != nil {
			t.Fatalf("pdftotext (.ci/tools test): %v", err)
		}
		if !strings.Contains(string(text), "сроки ведомств") || strings.Contains(string(text), "Выйти") || strings.Contains(string(text), "Соблюдение") {
			t.Errorf("%s on paper: want the scope and no navigation: %.400s", path, text)
		}
	}
}

// writeFile keeps bytes in a file of the test.
func writeFile(t *testing.T, data []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "page.pdf")
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}
