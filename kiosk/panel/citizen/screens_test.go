package citizen_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"sps-kiosk/cmd/webtest"
	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/ipc"
	"sps-kiosk/kiosk/scan"
)

// scene is one screen: how the kiosk is, and what was pressed.
type scene struct {
	name    string
	kiosk   func(*kiosk.CitizenView)
	presses []string
	kind    string // that must come of it
}

// scenes are all screens there are.
func scenes(preview string) []scene {
	ended := func(why scan.Why, pages int) func(*kiosk.CitizenView) {
		return func(v *kiosk.CitizenView) {
			v.Scan = scan.View{State: scan.StateWiped, Result: scan.Result{Why: why, How: scan.Exited, Scanned: pages, Saved: pages, At: v.At}}
		}
	}
	return []scene{
		{"start", nil, nil, "start"},
		{"start-help", func(v *kiosk.CitizenView) { v.Help = true }, nil, "start"},
		{"start-no-scanner", func(v *kiosk.CitizenView) { v.Scanner = health.Absent }, nil, "start"},
		{"start-closed", closed, nil, "start"},
		{"start-no-clock", func(v *kiosk.CitizenView) { v.At.Error = event.Unknown }, nil, "start"},
		{"group", nil, []string{"choose:esia"}, "group"},
		{"ticket-printing", issued(kiosk.OnItsWay), nil, "ticket"},
		{"ticket", issued(kiosk.InHand), nil, "ticket"},
		{"ticket-leaving", both(issued(kiosk.InHand), func(v *kiosk.CitizenView) { v.At.Up += 16 * time.Second }), nil, "ticket"},
		{"ticket-called", both(issued(kiosk.InHand), func(v *kiosk.CitizenView) { v.Press.Window, v.Press.Waiting = "окно 2", false }), nil, "ticket"},
		{"held", issued(kiosk.NoPaper), nil, "held"},
		{"held-half", issued(kiosk.HalfOut), nil, "held"},
		{"refused", both(closed, func(v *kiosk.CitizenView) {
			v.Press = kiosk.PressView{Number: v.Press.Number + 1, At: v.At, Refused: v.Closed}
		}), nil, "refused"},
		{"opening", session(scan.StateOpening, 0, ""), nil, "opening"},
		{"insert", both(session(scan.StateWaiting, 0, preview), func(v *kiosk.CitizenView) { v.Scan.Stick = ipc.Stick{State: ipc.StickAbsent} }), nil, "insert"},
		{"insert-refused", both(session(scan.StateWaiting, 0, preview), func(v *kiosk.CitizenView) {
			v.Scan.Stick, v.Scan.Problem = ipc.Stick{State: ipc.StickRefused, Why: ipc.FaultNTFS}, "stick_refused"
		}), nil, "insert"},
		{"first", session(scan.StateWaiting, 0, preview), nil, "first"},
		{"first-jam", both(session(scan.StateWaiting, 0, preview), func(v *kiosk.CitizenView) { v.Scan.Problem, v.Scan.Fault = "jam", ipc.ScanJam }), nil, "first"},
		{"working", session(scan.StateScanning, 1, preview), nil, "working"},
		{"pages", session(scan.StateReview, 5, preview), nil, "pages"},
		{"pages-one", session(scan.StateReview, 1, preview), nil, "pages"},
		{"pages-many", both(session(scan.StateReview, 14, preview), func(v *kiosk.CitizenView) { v.Scan.RoomLow, v.Scan.Room = true, 6 }), nil, "pages"},
		{"pages-chosen", session(scan.StateReview, 5, preview), []string{"page:3"}, "pages"},
		{"pages-pulled", both(session(scan.StateReview, 3, preview), func(v *kiosk.CitizenView) {
			v.Scan.Stick, v.Scan.Problem, v.Scan.Unsaved = ipc.Stick{State: ipc.StickAbsent}, "not_saved", ipc.SavePulled
		}), nil, "pages"},
		{"idle", both(session(scan.StateReview, 5, preview), func(v *kiosk.CitizenView) { v.Scan.Warn, v.Scan.EndsIn = true, 24*time.Second }), nil, "pages"},
		{"ask", session(scan.StateReview, 5, preview), []string{"home"}, "pages"},
		{"saving", both(session(scan.StateSaving, 5, preview), func(v *kiosk.CitizenView) {
			v.Scan.Progress = ipc.Progress{Done: 2_100_000, Total: 3_600_000}
		}), nil, "saving"},
		{"leaving", session(scan.StateLeaving, 5, preview), nil, "leaving"},
		{"taking", both(session(scan.StateSaved, 5, preview), func(v *kiosk.CitizenView) { v.Scan.Saved = ipc.Saved{Files: 1, Bytes: 3_600_000} }), nil, "taking"},
		{"wiping", session(scan.StateWiping, 5, preview), nil, "wiping"},
		{"wiped", ended(scan.Done, 5), nil, "wiped"},
		{"wiped-time-out", ended(scan.TimedOut, 2), nil, "wiped"},
		{"wiped-lost", ended(scan.WorkerLost, 0), nil, "wiped"},
		{"how", ended(scan.Done, 5), []string{"how"}, "how"},
	}
}

// show brings a scene onto a fresh stand and into the browser.
func show(t *testing.T, o webtest.Options, c scene, ease bool) (*stand, context.Context) {
	t.Helper()
	s := open(t)
	ctx := webtest.Open(t, o)
	s.stage(ctx, c, ease)
	return s, ctx
}

// stage plays a scene in a tab that is open already.
func (s *stand) stage(ctx context.Context, c scene, ease bool) {
	s.t.Helper()
	webtest.Run(s.t, ctx, chromedp.Navigate(s.url), webtest.Is(`document.documentElement.dataset.link === "live"`))
	presses := c.presses
	if ease {
		presses = append([]string{"ease"}, presses...)
	}
	if ease && c.kiosk != nil {
		s.press(ctx, "ease")
		presses = c.presses
	}
	if c.kiosk != nil {
		s.set(func(v *kiosk.CitizenView) { v.At.Up += time.Second; c.kiosk(v) })
	}
	for _, p := range presses {
		s.press(ctx, p)
	}
	webtest.Run(s.t, ctx, webtest.Is(fmt.Sprintf(`document.getElementById("face").dataset.kind === %q`, c.kind)),
		webtest.Is(`[...document.images].every(i => i.complete)`), chromedp.Sleep(500*time.Millisecond))
}

// press posts what a button would: not every scene has its button on the screen.
func (s *stand) press(ctx context.Context, do string) {
	s.t.Helper()
	webtest.Run(s.t, ctx, chromedp.Evaluate(fmt.Sprintf(`fetch("/citizen/do", {method: "POST", body: new URLSearchParams({do: %q}),
		headers: {"X-Panel-Token": document.querySelector('meta[name="panel-token"]').content}}).then(r => r.ok)`, do), nil, awaited),
		chromedp.Sleep(60*time.Millisecond))
}

// awaited lets an evaluation end with the promise it returns.
func awaited(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }
