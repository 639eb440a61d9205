package citizen_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
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
		{"group-courses", nil, []string{"choose:sps"}, "group"},
		{"courses", nil, []string{"choose:sps", "courses"}, "courses"},
		{"enrolled", enrolled(1203), nil, "enrolled"},
		{"enrolled-not", enrolled(0), nil, "refused"},
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

// stage plays a scene in a tab that is open already.
func (s *stand) stage(ctx context.Context, c scene, ease bool) {
	s.t.Helper()
	webtest.Run(s.t, ctx, emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}}),
		chromedp.Navigate(s.url), webtest.Is(`document.documentElement.dataset.link === "live"`))
	if ease {
		s.press(ctx, "ease")
	}
	if c.kiosk != nil {
		s.set(func(v *kiosk.CitizenView) { v.At.Up += time.Second; c.kiosk(v) })
	}
	for _, p := range c.presses {
		s.press(ctx, p)
	}
	webtest.Run(s.t, ctx, webtest.Is(fmt.Sprintf(`document.getElementById("face").dataset.kind === %q`, c.kind)),
		webtest.Is(`[...document.images].every(i => { const b = i.getBoundingClientRect();
			return i.complete || b.left > innerWidth || b.top > innerHeight || b.right < 0 || b.bottom < 0; })`))
}

// press posts what a button would, as not every scene has its button on the screen, and waits for the
// painting that answers it.
func (s *stand) press(ctx context.Context, do string) {
	s.t.Helper()
	var due string
	webtest.Run(s.t, ctx, chromedp.Evaluate(fmt.Sprintf(`fetch("/citizen/do", {method: "POST", body: new URLSearchParams({do: %q}),
		headers: {"X-Panel-Token": document.querySelector('meta[name="panel-token"]').content}}).then(r => r.text())`, do), &due, awaited))
	revision, _, _ := strings.Cut(due, " ")
	webtest.Run(s.t, ctx, webtest.Is(`Number(document.getElementById("face").dataset.revision) >= `+revision))
}

// awaited lets an evaluation end with the promise it returns.
func awaited(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }

// fits tells what is wrong with how a screen lies in its window: something is wider than it, a button
// is too small for a finger, or one cannot be reached.
const fits = `(() => {
	const wrong = [], root = document.documentElement;
	if (root.scrollWidth > innerWidth) wrong.push("wider than the window: " + root.scrollWidth);
	for (const b of document.querySelectorAll("button")) {
		if (b.closest("[inert]")) continue;
		const box = b.getBoundingClientRect(), name = b.textContent.trim();
		if (box.height < 44 || box.width < 44) wrong.push(name + ": " + box.width + " × " + box.height);
		if (b.scrollWidth > b.clientWidth + 1 && !b.matches(".page")) wrong.push(name + ": its words are wider than it");
		if (box.right > innerWidth + 1 && !b.closest(".pages")) wrong.push(name + " is cut on the right");
		b.scrollIntoView({ block: "center", inline: "center" });
		const seen = b.getBoundingClientRect();
		const top = document.elementFromPoint(seen.left + seen.width / 2, seen.top + seen.height / 2);
		if (!b.contains(top)) wrong.push(name + " is covered by " + (top?.className ?? "nothing"));
	}
	for (const e of document.querySelectorAll(".main")) e.scrollTo(0, 0);
	scrollTo(0, 0);
	for (const e of document.querySelectorAll(".main :is(h1, h2, dt, dd, p, li, legend)")) {
		const style = getComputedStyle(e);
		if (e.closest("[inert], .unseen, button, .pages") || style.display === "none" || style.clipPath !== "none" || !e.textContent.trim()) continue;
		const words = document.createRange();
		words.selectNodeContents(e);
		e.scrollIntoView({ block: "nearest" });
		const text = words.getBoundingClientRect(), box = e.getBoundingClientRect(); // letters of two lines may reach into each other
		if (text.width === 0) continue;
		for (const y of [box.top + 3, box.bottom - 3]) {
			if (y < 0 || y > innerHeight) { if (box.height < innerHeight / 2) wrong.push(e.textContent.trim() + " is beyond the window"); continue; }
			const top = document.elementFromPoint(Math.min(text.left + text.width / 2, innerWidth - 1), y);
			const beside = "dl, .slip"; // lines of one list may reach into each other
			if (!top || !e.contains(top) && !top.contains(e) && !(e.closest(beside) && e.closest(beside) === top.closest(beside))) wrong.push("«" + e.textContent.trim() + "» is covered by " + (top?.className ?? "nothing"));
		}
	}
	for (const e of document.querySelectorAll(".main")) e.scrollTo(0, 0);
	scrollTo(0, 0);
	return wrong;
})()`

// atOnce are scenes of which everything is to be seen without scrolling.
var atOnce = map[string]bool{"start": true, "start-help": true, "group": true, "group-courses": true, "courses": true, "enrolled": true, "ticket": true, "ticket-printing": true,
	"ticket-called": true, "held": true, "refused": true, "insert": true, "first": true, "saving": true, "taking": true}

// TestEveryScreen shows every screen there is, lying and standing, usual and in high contrast: axe finds
// nothing serious, nothing is cut, every button is under a finger. The pictures are to be looked at.
func TestEveryScreen(t *testing.T) {
	preview := pictures(t)
	for _, size := range []struct{ w, h int }{{800, 480}, {1080, 1920}, {1280, 800}} {
		for _, ease := range []bool{false, true} {
			if ease && size.w == 1280 {
				continue // the size between has the same parts
			}
			for some := range slices.Chunk(scenes(preview), 6) { // a browser has its time
				ctx := webtest.Open(t, webtest.Options{Width: size.w, Height: size.h, Touch: true})
				for _, c := range some {
					name := fmt.Sprintf("citizen-%s-%dx%d%s", c.name, size.w, size.h, map[bool]string{true: "-high"}[ease])
					open(t).stage(ctx, c, ease)
					lies(t, ctx, name)
					if atOnce[c.name] {
						var over int
						webtest.Run(t, ctx, chromedp.Evaluate(`(() => { const m = document.querySelector(".main"); return m.scrollHeight - m.clientHeight })()`, &over))
						if over > 1 {
							t.Errorf("%s: %d pixels are below the edge", name, over)
						}
					}
					if size.w != 1280 {
						for _, v := range webtest.Axe(t, ctx) {
							t.Errorf("%s: %v", name, v)
						}
					}
					webtest.Screenshot(t, ctx, name)
				}
			}
		}
	}
}

// lies holds a screen against its window.
func lies(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	var wrong []string
	webtest.Run(t, ctx, chromedp.Evaluate(fits, &wrong))
	for _, w := range wrong {
		t.Errorf("%s: %s", name, w)
	}
}

// TestTwiceAsLarge: at 200 % a screen scrolls, and nothing is cut or out of reach.
func TestTwiceAsLarge(t *testing.T) {
	preview := pictures(t)
	for _, size := range []struct{ w, h int }{{640, 400}, {540, 960}} {
		for some := range slices.Chunk(scenes(preview), 12) {
			ctx := webtest.Open(t, webtest.Options{Width: size.w, Height: size.h, Scale: 2, Touch: true})
			for _, c := range some {
				open(t).stage(ctx, c, false)
				lies(t, ctx, fmt.Sprintf("%s at %dx%d", c.name, size.w, size.h))
			}
			webtest.Screenshot(t, ctx, fmt.Sprintf("citizen-twice-%s-%dx%d", some[0].name, size.w, size.h))
		}
	}
}
