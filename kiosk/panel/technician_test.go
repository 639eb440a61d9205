package panel_test

import (
	"strings"
	"testing"

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
	b.do(chromedp.Evaluate(`0`, nil))
}

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
