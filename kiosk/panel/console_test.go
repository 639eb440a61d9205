package panel_test

import (
	"testing"

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
	if n := k.Events(event.Finished); n != 1 {
		t.Errorf("finished %d times, want 1", n)
	}
	if n := k.Events(event.Stepped); n < 10 {
		t.Errorf("%d steps on the card, want 10", n)
	}
}
