package panel_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"sps-kiosk/cmd/webtest"
	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/panel/paneltest"
)

// papers returns the titles of the papers without a number that were ordered so far.
func papers(k *paneltest.Kiosk) (titles []string) {
	for _, a := range k.Actions() {
		if p, is := a.(kiosk.PrintMemo); is {
			titles = append(titles, p.Memo.Title)
		}
	}
	return titles
}

// TestTheTechniciansPage walks through it in a real browser: what is broken is on top, every test does
// what it says, and the queue does not notice.
func TestTheTechniciansPage(t *testing.T) {
	k := paneltest.Start(t)
	k.Give(kiosk.DeviceSeen{Device: "printer", State: health.PaperLow})
	k.Give(kiosk.DeviceSeen{Device: "button.docs", State: health.Stuck})
	b := open(t, webtest.Options{Width: 1366, Height: 768})
	b.enter(k, "/technician", paneltest.TechnicianPin)
	b.see("#worst", "Кнопка «Подать документы»: зажата")
	b.see("#health", "бумага кончается")
	b.see("#health", "5,1 В и 3 А")
	b.fair("technician")

	b.click("#try-ticket")
	b.see("#said", "Пробный талон печатается")
	b.click("#try-display")
	b.see("#said", "восьмёрки")
	b.click("#try-sound")
	b.see("#said", "Слушайте")
	b.click("#lamp-service\\.docs")
	b.see("#said", "Лампа мигает")
	if got := k.Device.Tried(); !slices.Equal(got, []string{"service.docs"}) {
		t.Errorf("lamps tried: got %v, want the button of documents alone", got)
	}
	b.click("#buttons")
	b.see("#live", "они не выдают талоны")
	b.fair("technician-buttons")
	b.click("#buttons-end")
	b.gone("#buttons-end")
	b.click("#report-day")
	b.see("#said", "Отчёт печатается")
	b.click("#act")
	b.see("#said", "Акт печатается")
	k.Until("a trial, a report and an act", func(kiosk.View) bool { return len(papers(k)) >= 3 })
	if got := strings.Join(papers(k), ", "); !strings.Contains(got, "Пробный талон") || !strings.Contains(strings.ToLower(got), "акт") {
		t.Errorf("papers: got %s, want a trial and an act", got)
	}
	eights := false
	for _, a := range k.Actions() {
		if s, is := a.(kiosk.Show); is && s.Text == "88888888" {
			eights = true
		}
	}
	if !eights {
		t.Error("no display showed eights")
	}
	for _, kind := range []event.Kind{event.Issued, event.Called, event.Printed} {
		if n := k.Events(kind); n != 0 {
			t.Errorf("the tests wrote %d events of kind %d, want none", n, kind)
		}
	}
	k.Give(kiosk.DeviceSeen{Device: "button.docs", State: health.OK})
	b.do(webtest.Is(`document.querySelector("#worst").children.length === 0`))
}

// TestTheTechniciansOtherPages: the settings as the file says them, with the line that is wrong and without its
// secrets; what there is of updates; the diagnosis as a file. All of it is looked at and nothing written.
func TestTheTechniciansOtherPages(t *testing.T) {
	k := paneltest.Start(t)
	k.Device.Folder = t.TempDir()
	const text = "[site]\nname = \"МФЦ\"\nkiosk = 700\n[panel]\npins = [\"technician:904415\"]\n"
	if err := os.WriteFile(filepath.Join(k.Device.Folder, "kiosk.txt"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	b := open(t, webtest.Options{Width: 1366, Height: 768})
	b.enter(k, "/technician", paneltest.TechnicianPin)
	b.click(`.tabs a[href="/technician/settings"]`)
	b.see("main", "строка 3, site.kiosk: число 700 не подходит")
	b.see("#line-3.is-bad", "kiosk = 700")
	b.see("#line-5", "pins = ••••")
	b.see(`.tabs [aria-current="page"]`, "Настройки")
	b.fair("technician-settings")
	b.click(`.tabs a[href="/technician/update"]`)
	b.see("main", "1.5.0, 109 МБ")
	b.fair("technician-update")
	var got, kind string
	b.do(chromedp.Evaluate(`fetch("/technician/diagnostics").then(async (a) => { globalThis.kind = a.headers.get("Content-Disposition");
		return new TextDecoder("utf-8", {ignoreBOM: true}).decode(await a.arrayBuffer()) })`, &got, awaited), chromedp.Evaluate(`globalThis.kind`, &kind))
	if kind != `attachment; filename="kiosk-1-diagnostics.txt"` || !strings.HasPrefix(got, "\ufeffДиагностика киоска 1") {
		t.Errorf("the diagnosis: got %q, %.40q, want a file", kind, got)
	}
	for _, want := range []string{"Принтер: исправно", "Питание: просадки", "1.5.0, 109 МБ", "kiosk = 700", "строка 3", "serving", "Пульт 1", "№ 1: техник"} {
		if !strings.Contains(got, want) {
			t.Errorf("the diagnosis has no %q:\n%s", want, got)
		}
	}
	if strings.Contains(got, "904415") || strings.Count(got, "\r\n") != strings.Count(got, "\n") {
		t.Error("the diagnosis holds a PIN, or lines that Notepad does not end")
	}
	b.click("#leave")
	b.see("h1", "ПИН-код")
}

// awaited lets an evaluation end with the promise it returns.
func awaited(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }

// TestOnlyTheTechnician: a window's PIN opens no technician's page, and the technician serves nobody.
func TestOnlyTheTechnician(t *testing.T) {
	k := paneltest.Start(t)
	h := newHand(t, k)
	h.enter("7001")
	status, page := h.look("/technician")
	h.want("a window at the technician's page", status, 401)
	if strings.Contains(page, "Журнал") {
		t.Error("a window sees the log")
	}
	status, _ = h.post("/technician/do", "do", "card")
	h.want("a window prints a card", status, 401)
	for _, path := range []string{"/technician/settings", "/technician/update", "/technician/diagnostics", "/technician/stream"} {
		status, page = h.look(path)
		h.want("a window at "+path, status, 401)
		if strings.Contains(page, "kiosk =") || strings.Contains(page, "УСТРОЙСТВА") {
			t.Errorf("%s tells a window something", path)
		}
	}
	h.post("/sign-out")
	h.look("/technician")
	status, _ = h.post("/sign-in", "pin", paneltest.TechnicianPin)
	h.want("the technician", status, 200)
	h.look("/technician")
	status, _ = h.post("/console/do", "do", "call")
	h.want("the technician calls", status, 401)
	for _, do := range []string{"", "scan", "shutdown", "log", "../act"} {
		status, _ = h.post("/technician/do", "do", do)
		h.want("do "+do, status, 400)
	}
	status, _ = h.post("/technician/do", "do", "lamp", "lamp", "window.9")
	h.want("a lamp that is none", status, 409)
	status, said := h.post("/technician/do", "do", "stick")
	h.want("an update from a stick", status, 200)
	if !strings.Contains(said, "kiosk-update.raucb") || k.Device.Sticks() != 1 {
		t.Errorf("got %q, %d sticks asked for, want the file's name and one", said, k.Device.Sticks())
	}
	status, _ = h.post("/technician/do", "do", "act", "day", "2026-13-40")
	h.want("a day that is none", status, 409)
	status, _ = h.post("/technician/do", "do", "forget", "browser", "1")
	h.want("the own browser", status, 409)
	status, _ = h.post("/technician/do", "do", "report", "report", "everything")
	h.want("a report that is none", status, 409)
}

// TestTheCardTellsAll: where, the fingerprint that the browser will show, and a code that works once.
func TestTheCardTellsAll(t *testing.T) {
	k := paneltest.Start(t)
	if err := k.Panel.Card(); err != nil {
		t.Fatal(err)
	}
	k.Until("a card", func(kiosk.View) bool { return len(papers(k)) == 1 })
	var text, code string
	for _, a := range k.Actions() {
		if p, is := a.(kiosk.PrintMemo); is {
			for _, f := range p.Memo.Facts {
				text += f.Heading + " " + f.Value + "\n"
				if f.Heading == "Код" {
					code = f.Value
				}
			}
			text += strings.Join(p.Memo.Lines, " ") + " " + p.Memo.Online
		}
	}
	h := newHand(t, k)
	answer, err := h.client.Get(k.LAN + "/pair")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if got := fingerprint(answer.TLS.PeerCertificates[0].Raw); !strings.Contains(text, got) {
		t.Errorf("the card says %q, the browser %s", text, got)
	}
	if !strings.Contains(text, "https://192.168.1.20:8443/pair") {
		t.Errorf("the card says %q, want the address", text)
	}
	h.look("/pair")
	status, said := h.post("/pair", "code", code)
	h.want("the code of the card: "+said, status, 200)
	status, _ = newHandAt(t, k, "/pair").post("/pair", "code", code)
	h.want("a second browser with it", status, 403)
}
