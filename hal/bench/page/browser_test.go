package page

import (
	"context"
	"image"
	"net/http/httptest"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"sps-kiosk/hal/bench"
)

// visit opens f's page in a real Chromium. Whatever the browser complains of, a policy violation,
// a missing file or an exception, fails the test.
func visit(t *testing.T, f *fake) (context.Context, *httptest.Server) {
	t.Helper()
	server := httptest.NewServer(New(f))
	t.Cleanup(server.Close)
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatalf("the page is tested in Debian's chromium: %v", err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox)
	ctx, end := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(end)
	ctx, stop := context.WithTimeout(ctx, time.Minute)
	t.Cleanup(stop)
	ctx, shut := chromedp.NewContext(ctx, chromedp.WithErrorf(func(string, ...any) {}))
	t.Cleanup(shut)
	chromedp.ListenTarget(ctx, func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			t.Errorf("exception in the page: %v", e.ExceptionDetails)
		case *log.EventEntryAdded:
			if e.Entry.Source != log.SourceNetwork {
				t.Errorf("the browser says: %s %s", e.Entry.Text, e.Entry.URL)
			}
		}
	})
	play(t, ctx, log.Enable(), chromedp.EmulateViewport(1440, 900), chromedp.Navigate(server.URL),
		chromedp.WaitVisible(`#plug`, chromedp.ByQuery), is(`document.body.dataset.link === "live"`))
	return ctx, server
}

func play(t *testing.T, ctx context.Context, actions ...chromedp.Action) {
	t.Helper()
	if err := chromedp.Run(ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// is waits until a claim about the page is true.
func is(claim string) chromedp.Action {
	return chromedp.Poll(claim, nil, chromedp.WithPollingTimeout(10*time.Second))
}

// felt waits until the machine has felt exactly this.
func felt(t *testing.T, f *fake, want ...string) {
	t.Helper()
	for range 200 {
		if slices.Equal(f.acts(), want) {
			return
		}
		ctx, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
		f.Changed(ctx, f.Snapshot().Seq)
		stop()
	}
	t.Fatalf("the machine felt %q, want %q", f.acts(), want)
}

// mouse moves to the middle of what the selector names and does something there.
func mouse(kind input.MouseType, selector string) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		var at []float64
		find := `(() => { const r = document.querySelector('` + selector + `').getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2] })()`
		if err := chromedp.Evaluate(find, &at).Do(ctx); err != nil {
			return err
		}
		return input.DispatchMouseEvent(kind, at[0], at[1]).WithButton(input.Left).WithButtons(1).WithClickCount(1).Do(ctx)
	})
}

const (
	buttonA = `[data-line="GPIO17"][role=button]`
	handset = `button[data-line="GPIO24"]`
	away    = `.m-captext`
)

func TestEveryWayOutEndsInARelease(t *testing.T) {
	f := newFake()
	ctx, server := visit(t, f)
	play(t, ctx, mouse(input.MousePressed, buttonA))
	felt(t, f, "press GPIO17")
	play(t, ctx, mouse(input.MouseReleased, buttonA))
	felt(t, f, "press GPIO17", "release GPIO17")

	f.done = nil
	play(t, ctx, mouse(input.MousePressed, handset), mouse(input.MouseMoved, away), mouse(input.MouseReleased, away))
	felt(t, f, "press GPIO24", "release GPIO24") // the finger slid off

	f.done = nil
	play(t, ctx, chromedp.Focus(handset, chromedp.ByQuery), chromedp.KeyEvent(" "), chromedp.KeyEvent(kb.Enter))
	felt(t, f, "press GPIO24", "release GPIO24", "press GPIO24", "release GPIO24")

	f.done = nil
	play(t, ctx, mouse(input.MousePressed, buttonA))
	felt(t, f, "press GPIO17")
	play(t, ctx, chromedp.Evaluate(`dispatchEvent(new Event("blur"))`, nil))
	felt(t, f, "press GPIO17", "release GPIO17")

	f.done = nil
	play(t, ctx, mouse(input.MouseReleased, buttonA), mouse(input.MousePressed, buttonA))
	felt(t, f, "press GPIO17")
	play(t, ctx, chromedp.Navigate(server.URL+"/nothing"))
	for range 100 { // leaving says it and the stream's end says it again
		if slices.Contains(f.acts(), "release GPIO17") {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("the machine felt %q, want a release after the page was left", f.acts())
}

// A touchpad's tap is down and up in the same millisecond; the drawn button still travels.
func TestTapIsAPress(t *testing.T) {
	f := newFake()
	ctx, _ := visit(t, f)
	play(t, ctx, chromedp.Evaluate(`for (const kind of ["pointerdown", "pointerup"]) document.querySelector('`+buttonA+`').dispatchEvent(new PointerEvent(kind, {bubbles: true, button: 0}))`, nil))
	felt(t, f, "press GPIO17", "release GPIO17")
	if took := f.at[1].Sub(f.at[0]); took < 40*time.Millisecond {
		t.Errorf("got a release after %v, want the button's travel of 60 ms", took)
	}
}

func TestPageShowsWhatTheMachineIs(t *testing.T) {
	f := newFake()
	ctx, _ := visit(t, f)
	f.change(func(s *bench.Snapshot) {
		s.Display.Digits = bench.Segments{0x77, 0x7e, 0x7e, 0x30, 1, 0x7e, 0x6d, 0x80}
		s.Captions = []bench.Caption{{Window: 2, Title: "А001 вызван", Lines: []bench.CaptionLine{{Do: "нажать", Means: "посетитель пришёл"}}}}
		s.Handsets[1].Lit, s.Buttons[1].Lit = true, false
		s.Journal = []bench.Entry{{At: s.Wall, Text: "Талон А001 записан <b>", TookMs: 4.12}}
	})
	play(t, ctx,
		is(`document.querySelector("#display").dataset.digits === "777e7e30017e6d80"`),
		is(`document.querySelector("#display").getAttribute("aria-label") === "Табло: А001-02 ."`),
		is(`document.querySelectorAll("#display .led--on").length === 6 + 6 + 6 + 2 + 1 + 6 + 5 + 1`),
		is(`document.querySelector('.card[data-window="2"]').innerText.replace(/\s+/g, " ") === "А001 вызван нажать — посетитель пришёл"`),
		is(`document.querySelector('button[data-window="2"]').getAttribute("aria-label") === "Пульт, окно 2, лампа горит"`),
		is(`document.querySelectorAll(".part.is-lit").length === 4 && document.querySelectorAll(".handset.is-lit").length === 1`),
		is(`document.querySelector("#journal li").textContent === "10:42:00Талон А001 записан <b> 4,1 мс"`),
		is(`document.querySelector("#clock-time").textContent.startsWith("10:42:")`))
	f.change(func(s *bench.Snapshot) { s.Power, s.Program, s.Captions = false, "stopped", nil })
	play(t, ctx,
		is(`document.body.dataset.program === "stopped"`),
		is(`document.querySelectorAll("#display .led--on").length === 0`),
		is(`document.querySelector('.card[data-window="2"]').innerText === "Киоск без питания"`),
		mouse(input.MousePressed, "#plug"), mouse(input.MouseReleased, "#plug"))
	felt(t, f, "power on")
}

func TestPaperIsTornOffAndStaysOnThePile(t *testing.T) {
	f := newFake()
	ctx, _ := visit(t, f)
	f.change(func(s *bench.Snapshot) {
		s.Printer.Printing = true
		s.Printer.Papers = []bench.PaperView{{ID: 7, Width: 576, Height: 100}}
	})
	play(t, ctx, is(`document.querySelector('[data-paper-id="7"]:not([data-ready])')`)) // its edge only
	f.change(func(s *bench.Snapshot) {
		f.papers[7] = image.NewGray(image.Rect(0, 0, 576, 800))
		s.Printer.Printing = false
		s.Printer.Papers = []bench.PaperView{{ID: 7, Width: 576, Height: 800, Cut: true}}
	})
	play(t, ctx, is(`document.querySelector('[data-paper-id="7"][data-ready] image')?.getAttribute("href").startsWith("data:image/png")`),
		is(`document.querySelector("#coach li").classList.contains("is-done")`),
		chromedp.Focus("[data-paper-id]", chromedp.ByQuery), chromedp.KeyEvent(kb.Enter),
		is(`document.querySelector("#paper-dialog").open && document.querySelector("#paper-image").naturalWidth === 576`),
		chromedp.Click("#paper-tear", chromedp.ByQuery),
		is(`!document.querySelector("#paper-dialog").open && document.querySelectorAll("#pile .leaf").length === 1`),
		is(`document.querySelector("[data-paper-id]") === null`),
		chromedp.Click("#pile .leaf", chromedp.ByQuery),
		is(`document.querySelector("#paper-dialog").open && document.querySelector("#paper-tear").hidden`))
	felt(t, f, "tear")
}

func TestSwitchesBreakTheMachine(t *testing.T) {
	f := newFake()
	ctx, _ := visit(t, f)
	play(t, ctx, chromedp.Click(`//label[contains(., "нет бумаги")]`), is(`document.querySelector("#faults-note").textContent === "сломано: 1"`),
		chromedp.Click(`//label[contains(., "табло отключено")]`), chromedp.Click(`//label[contains(., "часы сбиты")]`),
		chromedp.Click("#cover", chromedp.ByQuery), chromedp.Click("#plus-hour", chromedp.ByQuery),
		is(`document.querySelector("#faults-note").textContent === "сломано: 4"`))
	felt(t, f, "printer", "absent on", "trusted off", "printer", "shift 1h0m0s")
	if p := f.Snapshot().Printer; !p.PaperOut || !p.CoverOpen || p.Unplugged {
		t.Errorf("got %+v, want no paper and the cover open", p)
	}
}

func TestLostConnectionIsSaid(t *testing.T) {
	f := newFake()
	ctx, server := visit(t, f)
	server.CloseClientConnections()
	server.Listener.Close()
	play(t, ctx, is(`document.body.dataset.link === "lost" && document.querySelector("#banner").textContent.startsWith("Нет связи")`))
}
