package panel_test

import (
	"net/http"
	"strings"
	"testing"

	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/gesture"
	"sps-kiosk/kiosk/panel/paneltest"
	"sps-kiosk/kiosk/queue"
)

// TestNobodyElseWorksHere goes through everybody who is not at a place of theirs.
func TestNobodyElseWorksHere(t *testing.T) {
	k := paneltest.Start(t)
	stranger := newHand(t, k)
	status, page := stranger.look("/console")
	stranger.want("an unpaired browser", status, http.StatusForbidden)
	if strings.Contains(page, "Ждут") {
		t.Error("an unpaired browser sees who waits")
	}
	for _, act := range []string{"/console/do", "/sign-in", "/sign-out"} {
		status, _ = stranger.post(act, "do", "call", "pin", "7001")
		stranger.want("unpaired: "+act, status, http.StatusForbidden)
	}
	status, _ = stranger.look("/console/stream")
	stranger.want("unpaired: stream", status, http.StatusUnauthorized)

	h := newHand(t, k)
	h.enter("7001")
	status, page = h.look("/console")
	h.want("signed in", status, http.StatusOK)
	if !strings.Contains(page, "окно 1") {
		t.Error("window 1 does not see its own console")
	}
	status, said := h.post("/console/do", "do", "open")
	h.want("open: "+said, status, http.StatusOK)
	if !k.View().Windows[0].Open {
		t.Error("window 1 is not open")
	}

	good := h.token
	h.token = ""
	status, _ = h.post("/console/do", "do", "pause")
	h.want("no token", status, http.StatusForbidden)
	h.token = strings.Repeat("0", len(good))
	status, _ = h.post("/console/do", "do", "pause")
	h.want("another token", status, http.StatusForbidden)
	h.token, h.origin = good, "https://evil.example"
	status, _ = h.post("/console/do", "do", "pause")
	h.want("another origin", status, http.StatusForbidden)
	h.origin = ""
	stranger.token = good
	status, _ = stranger.post("/console/do", "do", "pause")
	stranger.want("a token that was stolen", status, http.StatusForbidden)
	if !k.View().Windows[0].Open {
		t.Error("one of them closed window 1")
	}

	status, _ = h.post("/console/do", "do", "issue", "service", "docs")
	h.want("a window issues", status, http.StatusForbidden)
	status, _ = h.post("/console/do", "do", "void", "ticket", "1/docs/1")
	h.want("a window voids", status, http.StatusForbidden)
	status, _ = h.post("/console/do", "do", "scan")
	h.want("a command that is none", status, http.StatusBadRequest)
	status, _ = h.post("/console/do", "do", "reprint")
	h.want("no ticket was chosen", status, http.StatusBadRequest)
	for _, ticket := range []string{"1/docs", "x/docs/1", "1//1", "1/docs/-1", "1/docs/99999999999999999999"} {
		status, _ = h.post("/console/do", "do", "reprint", "ticket", ticket)
		h.want("ticket "+ticket, status, http.StatusBadRequest)
	}
	status, _ = h.post("/sign-out")
	h.want("sign out", status, http.StatusOK)
	status, _ = h.look("/console")
	h.want("after signing out", status, http.StatusUnauthorized)
	status, _ = h.post("/console/do", "do", "pause")
	h.want("an act after signing out", status, http.StatusUnauthorized)
}

// TestWrongPINsLockOut: five, and even the right one has to wait; the queue does not notice.
func TestWrongPINsLockOut(t *testing.T) {
	k := paneltest.Start(t)
	h := newHand(t, k)
	h.enter("7001")
	h.post("/sign-out")
	h.look("/console")
	for range 4 {
		status, _ := h.post("/sign-in", "pin", "0000")
		h.want("wrong PIN", status, http.StatusUnauthorized)
	}
	status, _ := h.post("/sign-in", "pin", "0000")
	h.want("the fifth wrong PIN", status, http.StatusTooManyRequests)
	status, _ = h.post("/sign-in", "pin", "7001")
	h.want("the right one after that", status, http.StatusTooManyRequests)
	if a := k.Command(kiosk.Ordered{Command: gesture.Issue, Service: "docs"}); a.Err != nil {
		t.Errorf("the queue: %v", a.Err)
	}
}

// TestTheAdministratorsDesk issues on behalf of somebody in difficulty (A17), grants, prints again, voids, and
// serves nobody.
func TestTheAdministratorsDesk(t *testing.T) {
	k := paneltest.Start(t)
	h := newHand(t, k)
	h.enter(paneltest.AdministratorPin)
	status, said := h.post("/console/do", "do", "issue", "service", "docs")
	if status != http.StatusOK || said != "Выдан талон А001" {
		t.Errorf("issue: got %d %q", status, said)
	}
	if e := k.Last(event.Issued); e.Code != queue.ByAdministrator {
		t.Errorf("issued by %q, want by the administrator", e.Code)
	}
	status, said = h.post("/console/do", "do", "grant", "ticket", "1/docs/1")
	h.want("no ground: "+said, status, http.StatusConflict)
	status, said = h.post("/console/do", "do", "grant", "ticket", "1/docs/1", "privilege", "veteran")
	h.want("grant: "+said, status, http.StatusOK)
	status, said = h.post("/console/do", "do", "reprint", "ticket", "1/docs/1")
	h.want("reprint: "+said, status, http.StatusOK)
	k.Until("a copy", func(kiosk.View) bool { return k.Events(event.Copied) == 1 })
	status, _ = h.post("/console/do", "do", "call")
	h.want("the administrator calls", status, http.StatusForbidden)
	k.Give(kiosk.HelpPressed{})
	k.Until("help", func(v kiosk.View) bool { return v.Help })
	status, said = h.post("/console/do", "do", "help")
	h.want("help: "+said, status, http.StatusOK)
	status, said = h.post("/console/do", "do", "void", "ticket", "1/docs/1")
	h.want("void: "+said, status, http.StatusOK)
	status, said = h.post("/console/do", "do", "void", "ticket", "1/docs/1")
	h.want("void twice: "+said, status, http.StatusConflict)
	if _, page := h.look("/console"); strings.Contains(page, "А001") {
		t.Error("the voided ticket is still listed")
	}
}

// TestOneWindowOneState: what the hand does shows at the console and the other way round, and neither
// does the other's work twice.
func TestOneWindowOneState(t *testing.T) {
	k := paneltest.Start(t)
	h := newHand(t, k)
	h.enter("7001")
	for range 3 {
		k.Command(kiosk.Ordered{Command: gesture.Issue, Service: "docs"})
	}
	at := func(s gesture.State) func(kiosk.View) bool {
		return func(v kiosk.View) bool { return v.Windows[0].State == s }
	}
	k.Hand(1, 1, gesture.Short) // the hand opens
	k.Until("an open window", at(gesture.Idle))
	status, said := h.post("/console/do", "do", "call")
	h.want("call: "+said, status, http.StatusOK)
	k.Hand(1, 2, gesture.Short) // the hand says that he came
	k.Until("a visit", at(gesture.Serving))
	status, said = h.post("/console/do", "do", "start")
	h.want("he came already: "+said, status, http.StatusConflict)
	if _, page := h.look("/console"); !strings.Contains(page, "На приёме") || !strings.Contains(page, "Сначала завершите приём А001") {
		t.Error("the console does not show the visit that the hand began")
	}
	status, _ = h.post("/console/do", "do", "finish", "ticket", "1/docs/1")
	h.want("finish", status, http.StatusOK)
	k.Hand(1, 3, gesture.Down) // the hand calls the next one
	k.Until("the second", func(v kiosk.View) bool { return v.Windows[0].Ticket == "А002" })
	status, said = h.post("/console/do", "do", "call")
	h.want("somebody is called already: "+said, status, http.StatusConflict)
	status, said = h.post("/console/do", "do", "transfer", "service", "esia", "return", "1")
	h.want("a transfer of who has not come: "+said, status, http.StatusConflict)
	h.post("/console/do", "do", "start")
	status, said = h.post("/console/do", "do", "transfer", "service", "esia", "return", "1")
	h.want("transfer: "+said, status, http.StatusOK)
	if n := k.Events(event.Called); n != 2 {
		t.Errorf("%d calls, want 2", n)
	}
	if n := k.Events(event.Transferred); n != 1 {
		t.Errorf("%d transfers, want 1", n)
	}
}

// TestNoWayToAScan (A34): no page for staff, no address and no command has a word of a scan, and no
// address of the citizen's screen is behind the door to the network.
func TestNoWayToAScan(t *testing.T) {
	for _, pin := range []string{"7004", paneltest.AdministratorPin} {
		k := paneltest.Start(t)
		h := newHand(t, k)
		h.enter(pin)
		for _, path := range []string{"/console"} {
			_, page := h.look(path)
			for _, word := range []string{"preview", "page/", "scan", "/citizen", "127.0.0.1"} {
				if strings.Contains(strings.ToLower(page), word) {
					t.Errorf("%s of %s holds %q", path, pin, word)
				}
			}
		}
		for _, path := range []string{"/scan", "/citizen", "/citizen/stream", "/citizen/do", "/preview", "/pages", "/page/1", "/console/scan", "/session"} {
			status, _ := h.look(path)
			h.want("GET "+path, status, http.StatusNotFound)
			if status, _ = h.post(path, "do", "scan"); status != http.StatusNotFound && status != http.StatusMethodNotAllowed {
				t.Errorf("POST %s: got %d, want 404 or 405", path, status)
			}
		}
		for _, word := range []string{"scan", "done", "save", "rescan", "preview", "copy", "rotate", "page"} {
			status, _ := h.post("/console/do", "do", word)
			h.want("command "+word, status, http.StatusBadRequest)
		}
	}
}
