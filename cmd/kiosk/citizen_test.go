package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"sps-kiosk/cmd/webtest"
	"sps-kiosk/hal/bench"
	"sps-kiosk/hal/bench/scanner/sheet"
)

// screenRig is the whole kiosk with a browser on its own screen.
type screenRig struct {
	*scanRig
	url  string
	tab  context.Context
	last string // claim that was waited for
}

// newScreenRig starts porter, kiosk and browser, and opens the screen.
func newScreenRig(t *testing.T, o webtest.Options, more string) *screenRig {
	t.Helper()
	r := &screenRig{scanRig: newScanRig(t)}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the last claim about the screen: %s", r.last)
		}
	})
	r.settings(more)
	r.startPorter()
	r.extra = []string{"-config", r.config, "-porter", filepath.Join(r.folder, "porter.sock"), "-screen", "127.0.0.1:0"}
	r.start()
	r.until("printer, scanner and porter are met", func() bool {
		return r.told("Разъём для флешки: исправно") && r.told("Сканер: исправно") && r.told("Принтер: исправно")
	})
	r.until("the screen has an address", func() bool { return address.FindString(r.log.tail(60)) != "" })
	r.url = address.FindStringSubmatch(r.log.tail(60))[1] + "/"
	r.tab = webtest.Open(t, o)
	webtest.Run(t, r.tab, chromedp.Navigate(r.url), webtest.Is(`document.documentElement.dataset.link === "live"`))
	return r
}

var address = regexp.MustCompile(`address=(http://127\.0\.0\.1:\d+)`)

// shows waits for a screen.
func (r *screenRig) shows(kind string) {
	r.t.Helper()
	r.is(fmt.Sprintf(`document.getElementById("face").dataset.kind === %q`, kind))
}

// is waits for a claim. How long a scan takes is the machine's affair.
func (r *screenRig) is(claim string) {
	r.t.Helper()
	r.last = claim
	r.until(claim, func() bool {
		var is bool
		webtest.Run(r.t, r.tab, chromedp.Evaluate("(() => { try { return !!("+claim+") } catch { return false } })()", &is))
		return is
	})
}

// tap presses a button of the screen when it takes presses.
func (r *screenRig) tap(do string) {
	r.t.Helper()
	selector := fmt.Sprintf(`#face [data-do=%q]`, do)
	r.is(fmt.Sprintf(`document.querySelector(%q) && !document.querySelector(".is-pressed")`, selector))
	webtest.Run(r.t, r.tab, chromedp.Click(selector, chromedp.ByQuery))
}

func (r *screenRig) text(selector string) (text string) {
	r.t.Helper()
	webtest.Run(r.t, r.tab, chromedp.Text(selector, &text, chromedp.ByQuery))
	return text
}

// TestACitizenTakesATicketOnTheScreen: ticket on paper, the number without paper, closed hours, help; and the
// panel's own button answers on the screen too.
func TestACitizenTakesATicketOnTheScreen(t *testing.T) {
	r := newScreenRig(t, webtest.Options{Width: 800, Height: 480, Touch: true}, "")
	r.shows("start")
	r.tap("choose:docs")
	r.shows("ticket")
	r.is(`document.querySelector(".slip__number").textContent === "А001"`)
	r.is(`document.querySelector(".take__way")`) // it is on paper
	r.tap("home")
	r.shows("start")
	r.tap("choose:esia")
	r.shows("group")
	r.tap("service:esia_confirm")
	r.shows("ticket")
	r.is(`document.querySelector(".slip__number").textContent === "Е600"`)
	r.press("GPIO17") // the button of the first service
	r.is(`document.querySelector(".slip__number").textContent === "А002"`)
	r.is(`document.querySelector(".facts dd").textContent === "2\u00a0человека"`) // А001 and Е600
	r.is(`document.querySelector(".take__way")`)
	r.machine.SetPrinter(bench.PrinterFault{PaperOut: true})
	r.until("the printer has no paper", func() bool { return r.told("нет бумаги") })
	r.tap("home")
	r.tap("choose:docs")
	r.shows("held")
	if got := r.text(".face"); !strings.Contains(got, "А003") || !strings.Contains(got, "Номер действует и без талона") {
		t.Errorf("without paper the screen says %q", got)
	}
	r.tap("have")
	r.shows("start")
	r.tap("help")
	r.is(`document.querySelector(".nav__told")`)
	r.until("help is in the journal", func() bool { return r.told("просит помочь") })
	r.machine.Shift(12 * time.Hour)
	r.is(`document.querySelector("#closed")`)
	r.tap("choose:docs")
	r.shows("refused")
	if got := r.text(".main"); !strings.Contains(got, "с\u00a08:00") {
		t.Errorf("closed, the screen says %q", got)
	}
}

// TestACitizenScansOnTheScreen is a session with its pictures: again, removed, turned, moved, saved, and gone:
// the address is 410, and nothing of a picture is in the browser's profile, where the same search finds
// one that may be kept.
func TestACitizenScansOnTheScreen(t *testing.T) {
	profile := t.TempDir()
	r := newScreenRig(t, webtest.Options{Width: 1080, Height: 1920, Touch: true, Profile: profile}, "")
	r.tap("scan")
	r.shows("insert")
	if err := r.machine.PutStick(true); err != nil {
		t.Fatal(err)
	}
	r.shows("first")
	r.machine.PutOnGlass(sheet.Application("MARK-0001"))
	r.tap("scan")
	r.pages(1)
	for n, mark := range []string{"MARK-0002", "MARK-0003"} {
		r.lay(mark)
		r.tap("scan")
		r.pages(n + 2)
	}
	var first string
	webtest.Run(t, r.tab, chromedp.Evaluate(`location.origin + document.querySelector(".pages img").getAttribute("src")`, &first))
	before := r.fetch(first)
	r.lay("MARK-0004")
	r.tap("page:1")
	r.is(`document.querySelector(".tools h2").textContent.startsWith("Страница\u00a01")`)
	r.tap("redo")
	r.pages(3)
	r.is(`document.querySelector('[data-do="page:4"]')`)
	if status := r.status(first); status != http.StatusGone {
		t.Errorf("the page that was scanned again: got %d, want 410", status)
	}
	r.tap("page:2")
	r.tap("remove")
	r.pages(2)
	r.tap("page:4")
	r.tap("turn")
	r.is(`[...document.querySelectorAll(".pages img")].some(i => i.getAttribute("src").endsWith("?turn=90") && i.naturalWidth > i.naturalHeight)`)
	r.tap("later")
	r.is(`document.querySelector(".pages li:last-child [data-do]").dataset.do === "page:4"`)
	webtest.Screenshot(t, r.tab, "citizen-story-pages")
	picture := r.fetch(r.source(1))
	r.tap("good")
	r.tap("save")
	r.shows("taking")
	if err := r.machine.PutStick(false); err != nil {
		t.Fatal(err)
	}
	r.shows("wiped")
	if got := r.text(".main"); !strings.Contains(got, "2\u00a0страницы удалены") {
		t.Errorf("the end says %q", got)
	}
	for _, gone := range []string{first, r.url + "citizen/page/1/3", r.url + "citizen/page/1/4?turn=90"} {
		if status := r.status(gone); status != http.StatusGone {
			t.Errorf("%s after the wipe: got %d, want 410", gone, status)
		}
	}
	r.tap("how")
	r.shows("how")
	r.tap("back")
	r.tap("out")
	r.shows("start")
	if got := marksOf(t, r.stickFile()); !slices.Equal(got, []string{"MARK-0003", "MARK-0004"}) {
		t.Errorf("got marks %q in the document, want the third sheet and the one that replaced the first", got)
	}
	r.until("the reminder is in the log of facts", func() bool { return r.told("удалено страниц: 2") })
	kept := r.keeps(before)
	if err := chromedp.Cancel(r.tab); err != nil { // the browser writes down what it keeps
		t.Fatal(err)
	}
	if n := search(t, profile, kept); n == 0 {
		t.Error("the search does not find a picture that the browser was allowed to keep")
	}
	for name, p := range map[string][]byte{"the first page": before, "the last": picture} {
		if n := search(t, profile, middle(p)); n != 0 {
			t.Errorf("%s is in %d files of the browser's profile", name, n)
		}
	}
}

// lay puts another sheet on the glass.
func (r *screenRig) lay(mark string) {
	r.t.Helper()
	r.until("the scanner is quiet", func() bool { return !r.machine.Snapshot().Scanner.Scanning })
	r.machine.TakeSheets()
	r.machine.PutOnGlass(sheet.Application(mark))
}

// pages waits until so many are looked at, each with its picture.
func (r *screenRig) pages(n int) {
	r.t.Helper()
	r.shows("pages")
	r.is(fmt.Sprintf(`document.querySelectorAll(".pages li").length === %d && [...document.querySelectorAll(".pages img")].every(i => i.naturalWidth > 0)`, n))
}

// source is the address of the picture in a place, from 1.
func (r *screenRig) source(place int) (source string) {
	webtest.Run(r.t, r.tab, chromedp.Evaluate(fmt.Sprintf(`document.querySelector(".pages li:nth-child(%d) img").src`, place), &source))
	return source
}

// fetch asks for a picture as somebody beside the browser would.
func (r *screenRig) fetch(url string) []byte {
	r.t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		r.t.Fatal(err)
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK || len(data) < 4000 || answer.Header.Get("Cache-Control") != "no-store" {
		r.t.Fatalf("%s: got %d, %d bytes, %v, %v", url, answer.StatusCode, len(data), answer.Header, err)
	}
	return data
}

func (r *screenRig) status(url string) int {
	r.t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		r.t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}

// keeps shows the browser a picture that it may keep: the bytes of one of the pages, upside down so that it
// is another one. It returns what to search for.
func (r *screenRig) keeps(page []byte) []byte {
	r.t.Helper()
	other := slices.Clone(page)
	at := len(other) / 2
	slices.Reverse(other[at : at+64])
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if q.URL.Path == "/" {
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, `<!doctype html><link rel=icon href=data:,><img src=/p.jpg>`)
			return
		}
		w.Header().Set("Cache-Control", "public, max-age=86400")
		w.Header().Set("Content-Type", "image/jpeg")
		w.Write(other)
	}))
	defer server.Close()
	webtest.Run(r.t, r.tab, chromedp.Navigate(server.URL), webtest.Is(`document.images[0].complete`))
	return middle(other)
}

// middle is a piece of a picture that no other one has.
func middle(picture []byte) []byte { return picture[len(picture)/2 : len(picture)/2+48] }

// search returns how many files below a folder hold a piece.
func search(t *testing.T, folder string, piece []byte) (n int) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if err == nil && bytes.Contains(data, piece) {
			n++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestASessionThatIsForgottenEnds: the screen warns half a minute before, and says what became of the pages.
func TestASessionThatIsForgottenEnds(t *testing.T) {
	r := newScreenRig(t, webtest.Options{Width: 800, Height: 480, Touch: true}, "idle_seconds = 60\n")
	r.machine.PutOnGlass(sheet.Application("MARK-0001"))
	r.tap("scan")
	r.shows("insert")
	r.press(scanButton)
	r.pages(1)
	address := r.source(1)
	r.is(`document.querySelector("[role=alertdialog]") && document.activeElement.dataset.do === "stay"`)
	webtest.Screenshot(t, r.tab, "citizen-story-idle")
	r.shows("wiped")
	if got := r.text(".main"); !strings.Contains(got, "долго никто не касался") || !strings.Contains(got, "1\u00a0страница удалена") {
		t.Errorf("the end says %q", got)
	}
	if status := r.status(address); status != http.StatusGone {
		t.Errorf("got %d, want 410", status)
	}
}
