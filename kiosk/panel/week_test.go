package panel_test

import (
	"context"
	"testing"
	"time"

	"github.com/chromedp/cdproto/heapprofiler"
	cdpruntime "github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"sps-kiosk/cmd/webtest"
	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/gesture"
	"sps-kiosk/kiosk/panel/paneltest"
)

// TestAWeekDoesNotGrow: console, board and citizen's screen that were open for as many paintings as a week of
// calls have neither more nodes nor more memory than after a day of them, nor has the kiosk.
func TestAWeekDoesNotGrow(t *testing.T) {
	k := paneltest.Start(t)
	k.Command(kiosk.Ordered{Command: gesture.Open, Window: 1})
	console, board, face := open(t, webtest.Options{Width: 1366, Height: 768}), open(t, webtest.Options{Width: 1920, Height: 1080}), open(t, webtest.Options{Width: 800, Height: 480})
	console.enter(k, "/console", "7001")
	board.do(chromedp.Navigate(k.Screen+"/board"), webtest.Is(`document.documentElement.dataset.link === "live"`))
	face.do(chromedp.Navigate(k.Screen+"/"), webtest.Is(`document.documentElement.dataset.link === "live"`))
	tabs := map[string]tab{"console": console, "board": board, "citizen": face}
	for _, b := range tabs { // that a page really is painted is part of the question
		b.do(chromedp.Evaluate(`globalThis.paintings = 0; document.addEventListener("paint", () => { paintings++ }); 0`, nil))
	}
	day := func() {
		t.Helper()
		for range 25 {
			k.Give(kiosk.ServicePressed{Service: "docs"}) // the citizen's screen shows each ticket
			k.Until("a ticket", func(v kiosk.View) bool { return len(v.Tickets) == 1 })
			for _, c := range []gesture.Command{gesture.CallNext, gesture.Start, gesture.Finish} {
				if a := k.Command(kiosk.Ordered{Command: c, Window: 1}); a.Err != nil {
					t.Fatal(a.Err)
				}
				time.Sleep(20 * time.Millisecond) // longer than the hub's pause: each is painted
			}
			k.Later(time.Minute)
		}
	}
	day()
	before, kiosk1 := sizes(tabs), heap()
	for range 6 {
		day()
	}
	after, kiosk7 := sizes(tabs), heap()
	t.Logf("the kiosk with its three browsers' lines: %d KiB after a day, %d after seven", kiosk1>>10, kiosk7>>10)
	for name, b := range before {
		a := after[name]
		t.Logf("%s: after one day %d nodes, %.0f KiB, %d paintings; after seven %d nodes, %.0f KiB, %d paintings", name, b.nodes, b.bytes/1024, b.paintings, a.nodes, a.bytes/1024, a.paintings)
		if a.nodes > b.nodes+10 {
			t.Errorf("%s has %d nodes after a week, %d after a day", name, a.nodes, b.nodes)
		}
		if a.bytes > b.bytes+128<<10 { // some 300 bytes a painting; what is no leak was 30 KiB
			t.Errorf("%s: memory grew from %.0f to %.0f bytes", name, b.bytes, a.bytes)
		}
		if b.paintings < 50 || a.paintings < 5*b.paintings {
			t.Errorf("%s was painted %d times in a day and %d in a week: too few to say anything", name, b.paintings, a.paintings)
		}
	}
	if grown := int64(kiosk7) - int64(kiosk1); grown > 4<<20 {
		t.Errorf("the kiosk grew by %d bytes", grown)
	}
}

// size is what a page costs its browser.
type size struct {
	nodes, paintings int
	bytes            float64
}

// sizes measures pages after a collection.
func sizes(tabs map[string]tab) map[string]size {
	all := map[string]size{}
	for name, b := range tabs {
		var s size
		b.t.Helper()
		b.do(chromedp.Sleep(300*time.Millisecond), chromedp.ActionFunc(func(ctx context.Context) error {
			if err := heapprofiler.CollectGarbage().Do(ctx); err != nil {
				return err
			}
			used, _, _, _, err := cdpruntime.GetHeapUsage().Do(ctx)
			s.bytes = used
			return err
		}), chromedp.Evaluate(`document.getElementsByTagName("*").length`, &s.nodes), chromedp.Evaluate(`paintings`, &s.paintings))
		all[name] = s
	}
	return all
}
