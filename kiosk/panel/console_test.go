package panel_test

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"sps-kiosk/cmd/webtest"
	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/gesture"
	"sps-kiosk/kiosk/panel/paneltest"
)

// TestASpecialistsWholeVisit walks from the card with the code to the end of a visit, in a real browser.
func TestASpecialistsWholeVisit(t *testing.T) {
	k := paneltest.Start(t)
	for _, s := range []string{"sps", "sps", "docs", "esia"} {
		k.Command(kiosk.Ordered{Command: gesture.Issue, Service: s})
	}
	b := open(t, webtest.Options{Width: 1366, Height: 768})
	code, err := k.Desk.Card()
	if err != nil {
		t.Fatal(err)
	}
	b.do(chromedp.Navigate(k.LAN + "/console"))
	b.see("h1", "Подключить этот браузер")
	b.fair("console-pair")
	b.do(chromedp.SendKeys("#code", code[:5]+" "+code[5:], chromedp.ByQuery), chromedp.KeyEvent(kb.Enter))
	b.see("h1", "ПИН-код")
	b.fair("console-pin")
	b.do(chromedp.SendKeys("#pin", "7004", chromedp.ByQuery), chromedp.KeyEvent(kb.Enter))
	b.see("h1", "место СПС")
	b.see("#why", "Сначала закончите перерыв")
	b.fair("console-break")

	b.do(chromedp.KeyEvent(kb.F10))
	b.see("#pause", "Перерыв")
	b.do(chromedp.KeyEvent(" "))
	b.see(".visitor__no", "С001")
	b.see("#visitor", "Вызван")
	b.fair("console-called")
	b.do(chromedp.KeyEvent("s"))
	b.see("#visitor", "На приёме")
	b.fair("console-visit")
	for _, id := range []string{"account-unconfirmed", "offer-accepted", "support-both", "resource-epgu", "reached-service_found",
		"equipment-stick", "reminders-both", "feedback-told"} {
		b.click(`label:has(#` + id + `)`)
		b.do(webtest.Is(`document.querySelector("#` + id + `[checked]")`))
	}
	b.do(chromedp.KeyEvent("1"))
	b.do(webtest.Is(`document.querySelector("#outcome-solved[checked]")`))
	b.fair("console-steps")
	b.click("#account-clear")
	b.gone("#account-clear")
	b.do(chromedp.Evaluate(`document.activeElement.blur()`, nil), chromedp.KeyEvent(kb.Enter))
	b.see("#said", "Приём С001 завершён")
	b.see("#visitor", "Сейчас никого нет")
	b.see("#top", "Сегодня принято: 1")
	if n := k.Events(event.Finished); n != 1 {
		t.Errorf("finished %d times, want 1", n)
	}
	if n := k.Events(event.Stepped); n < 10 {
		t.Errorf("%d steps on the card, want 10", n)
	}
}

// TestTheAdministratorsScreen issues, chooses a ticket and grants it with the keyboard alone, is told of help and
// of a queue that nobody serves, in a tall window and at 200 % of a small one.
func TestTheAdministratorsScreen(t *testing.T) {
	k := paneltest.Start(t)
	k.Command(kiosk.Ordered{Command: gesture.Open, Window: 1})
	b := open(t, webtest.Options{Width: 768, Height: 1366})
	b.enter(k, "/console", paneltest.AdministratorPin)
	b.click("#issue-docs")
	b.see("#said", "Выдан талон А001")
	b.click("#issue-esia")
	b.see("#waiting", "Е001")
	k.Give(kiosk.HelpPressed{})
	b.see("#help", "Просят подойти к киоску")
	b.fair("administrator-portrait")
	b.do(chromedp.KeyEvent("h"))
	b.gone("#help [data-key=help]")
	if e := k.Last(event.HelpAnswered); e.Code != "console" {
		t.Errorf("help was answered by %q, want the console", e.Code)
	}

	// the keyboard alone: Tab to the ticket, Space, Tab on to the ground, choose, Tab, Enter
	b.do(chromedp.Evaluate(`document.querySelector("#issue-docs").focus()`, nil))
	reach := func(selector string) {
		t.Helper()
		for range 60 {
			var there bool
			b.do(chromedp.KeyEvent(kb.Tab), chromedp.Evaluate(`document.activeElement.matches("`+selector+`")`, &there))
			if there {
				return
			}
		}
		t.Fatalf("no way to %s with the Tab key", selector)
	}
	reach("[name=ticket]")
	b.do(chromedp.KeyEvent(" "))
	reach("[name=privilege]")
	b.do(chromedp.KeyEvent(kb.ArrowDown))
	reach("#grant")
	k.Later(2 * time.Minute)
	k.Command(kiosk.Ordered{Command: gesture.Issue, Service: "docs"}) // a painting in between takes nothing away
	b.see("#waiting", "А002")
	b.see("#waiting", "2\u00a0мин")
	b.do(webtest.Is(`document.activeElement.id === "grant" && document.querySelector("[name=ticket]").checked`))
	b.do(chromedp.KeyEvent(kb.Enter))
	b.see("#said", "вне очереди")
	if n := k.Events(event.Granted); n != 1 {
		t.Errorf("granted %d times, want 1", n)
	}

	// 1280 × 720 at 200 %: nothing is cut, nothing scrolls sideways
	b.do(chromedp.EmulateViewport(640, 360, chromedp.EmulateScale(2)), webtest.Is(`document.documentElement.scrollWidth <= innerWidth`))
	b.fair("administrator-200")
}

// TestTheListOfKeys opens by «?» and by its button, names every key that the page takes, closes by Escape, and
// keeps keys from the queue while it is open, also «?» itself where it shares a key with a result.
func TestTheListOfKeys(t *testing.T) {
	k := paneltest.Start(t)
	k.Command(kiosk.Ordered{Command: gesture.Issue, Service: "sps"})
	for _, c := range []gesture.Command{gesture.Open, gesture.CallNext, gesture.Start} {
		k.Command(kiosk.Ordered{Command: c, Window: 4})
	}
	b := open(t, webtest.Options{Width: 1366, Height: 768})
	b.enter(k, "/console", "7004")
	b.do(webtest.Is(`document.querySelector("#account-none")`), chromedp.KeyEvent("?"), webtest.Is(`document.querySelector("#keys").open`))
	b.fair("console-keys")
	var unnamed []string
	b.do(chromedp.Evaluate(`(() => { const told = [...document.querySelectorAll("#keys dt")].map(e => e.textContent).join(" ");
		return [...document.querySelectorAll("[data-hot]")].map(e => e.dataset.hot).filter(h => !told.includes(h === "Space" ? "Пробел" : /[1-9]/.test(h) ? "1 … 9" : h)) })()`, &unnamed))
	if len(unnamed) > 0 {
		t.Errorf("keys that the list does not name: %v", unnamed)
	}
	b.do(chromedp.KeyEvent("n"), chromedp.KeyEvent("1"), chromedp.KeyEvent("p"), chromedp.KeyEvent(kb.Escape), webtest.Is(`!document.querySelector("#keys").open`))
	if k.Events(event.NoShow)+k.Events(event.Stepped)+k.Events(event.Parked) != 0 {
		t.Error("a key went through the list to the queue")
	}
	b.click("#keys-open")
	b.do(webtest.Is(`document.querySelector("#keys").open && document.querySelector("#keys").contains(document.activeElement)`), chromedp.KeyEvent(kb.Enter),
		webtest.Is(`!document.querySelector("#keys").open && document.activeElement.id === "keys-open"`))
	b.do(chromedp.Evaluate(`document.activeElement.blur()`, nil), chromedp.KeyEvent("1"), webtest.Is(`document.querySelector("#outcome-solved[checked]")`))
	if n := k.Events(event.Stepped); n != 1 {
		t.Errorf("%d results after the list was closed, want 1", n)
	}
	b.do(chromedp.EmulateViewport(640, 360, chromedp.EmulateScale(2)), chromedp.KeyEvent("?"), webtest.Is(`document.querySelector("#keys").open &&
		document.querySelector("#keys").getBoundingClientRect().right <= innerWidth && document.documentElement.scrollWidth <= innerWidth`))
}

// TestWhatWasRefusedIsNotChosen: a step that the kiosk refuses looks as before, and says why.
func TestWhatWasRefusedIsNotChosen(t *testing.T) {
	k := paneltest.Start(t)
	k.Command(kiosk.Ordered{Command: gesture.Issue, Service: "sps"})
	for _, c := range []gesture.Command{gesture.Open, gesture.CallNext, gesture.Start} {
		k.Command(kiosk.Ordered{Command: c, Window: 4})
	}
	b := open(t, webtest.Options{Width: 1366, Height: 768})
	b.enter(k, "/console", "7004")
	b.do(webtest.Is(`document.querySelector("#account-none")`), chromedp.Evaluate(`document.querySelector("#account-none").dataset.answer = "nonsense"`, nil))
	b.click("label:has(#account-none)")
	b.see("#said", "Такого ответа нет")
	b.do(webtest.Is(`!document.querySelector("#account-none").checked`))
	b.click("label:has(#account-confirmed)")
	b.do(webtest.Is(`document.querySelector("#account-confirmed[checked]")`))
	k.Hand(4, 1, gesture.Short) // the hand finishes: the console follows
	b.see("#visitor", "Сейчас никого нет")
	b.do(chromedp.EmulateViewport(683, 384, chromedp.EmulateScale(2)), webtest.Is(`document.documentElement.scrollWidth <= innerWidth`))
}
