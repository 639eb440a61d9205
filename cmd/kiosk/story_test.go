package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"flag"
	"image"
	"image/png"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"sps-kiosk/hal/bench/display"
	"sps-kiosk/kiosk/slip/sliptest"
)

var screenshot = flag.String("screenshot", "", "where TestStory puts the picture of the machine for README")

// TestStory plays README's first paragraph in a real Chromium against the real program: a ticket, a
// call, the plug pulled while the number flashes, and the queue where it was.
func TestStory(t *testing.T) {
	address := startBench(t)
	ctx := browser(t)
	s := &story{t: t, ctx: ctx, address: address}
	s.do("open the page", chromedp.EmulateViewport(1440, 900), chromedp.Navigate(address))
	s.until("the kiosk runs", `document.body.dataset.program === "running"`)
	s.digits("-------")

	s.press(`[data-line="GPIO17"]`)
	s.until("paper comes out", `document.querySelectorAll("[data-paper-id]").length === 1`)
	s.until("the slip is cut", `document.querySelector("[data-paper-id]") !== null`)
	s.readPaper("А001")

	s.press(`[data-line="GPIO4"]`)
	s.until("window 1 is open", `document.querySelector('[data-window="1"]') !== null`)
	time.Sleep(600 * time.Millisecond) // the specialist's hand: a second press within 350 ms is a double
	s.press(`[data-line="GPIO4"]`)
	s.digits("А001-01")
	s.digits("") // it flashes
	if *screenshot != "" {
		s.digits("А001-01")
		s.takePicture(*screenshot)
	}

	s.do("pull the plug", chromedp.Click("#plug", chromedp.ByQuery))
	s.until("the program is dead", `document.body.dataset.program === "stopped"`)
	s.digits("")
	s.do("put the plug back", chromedp.Click("#plug", chromedp.ByQuery))
	s.until("the program runs again", `document.body.dataset.program === "running"`)
	s.digits("А001-01")

	s.press(`[data-line="GPIO17"]`)
	s.readPaper("А002")
}

// startBench starts the program as `make run` does and returns its page's address.
func startBench(t *testing.T) string {
	t.Helper()
	process := exec.Command(kiosk, "-board", "bench", "-page", "127.0.0.1:0", "-data", t.TempDir())
	log := &output{}
	process.Stderr = log
	stdout, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		process.Process.Signal(os.Interrupt)
		if err := process.Wait(); err != nil {
			t.Errorf("the bench ended with %v, want a clean end", err)
		}
		if t.Failed() {
			t.Logf("the program said:\n%s", log.tail(60))
		}
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	_, address, found := strings.Cut(strings.TrimSpace(line), "http://")
	if err != nil || !found {
		t.Fatalf("the bench said %q (%v), want its address", line, err)
	}
	return "http://" + address
}

// browser returns a headless Chromium that ends with the test.
func browser(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("no chromium: run make test, which installs it")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.DisableGPU, chromedp.UserDataDir(filepath.Join(t.TempDir(), "profile")),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	ctx, cancelAll := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancelAll)
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	t.Cleanup(cancel)
	ctx, closeTab := chromedp.NewContext(ctx)
	t.Cleanup(closeTab)
	return ctx
}

// story is a browser on the page, told what to do and what to see.
type story struct {
	t       *testing.T
	ctx     context.Context
	address string
}

func (s *story) do(what string, actions ...chromedp.Action) {
	s.t.Helper()
	if err := chromedp.Run(s.ctx, actions...); err != nil {
		s.t.Fatalf("%s: %v", what, err)
	}
}

// press presses a drawn button with the mouse, as long as a finger does.
func (s *story) press(selector string) {
	s.t.Helper()
	const hold = `new Promise(done => {
		const it = document.querySelector(SELECTOR);
		const at = it.getBoundingClientRect();
		const say = kind => it.dispatchEvent(new PointerEvent(kind, {bubbles: true, cancelable: true, pointerId: 1,
			button: 0, buttons: kind === "pointerdown" ? 1 : 0, isPrimary: true,
			clientX: at.x + at.width / 2, clientY: at.y + at.height / 2}));
		say("pointerdown");
		setTimeout(() => { say("pointerup"); done(true); }, 120);
	})`
	script := strings.Replace(hold, "SELECTOR", "`"+selector+"`", 1)
	s.do("press "+selector, chromedp.Evaluate(script, nil, await))
}

// await makes Evaluate wait for a promise.
func await(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }

// until waits for a condition in the page.
func (s *story) until(what, condition string) {
	s.t.Helper()
	s.do(what, chromedp.Poll(condition, nil, chromedp.WithPollingTimeout(30*time.Second)))
}

// digits waits until the drawn segments show a text.
func (s *story) digits(text string) {
	s.t.Helper()
	var got string
	for limit := time.Now().Add(30 * time.Second); time.Now().Before(limit); time.Sleep(20 * time.Millisecond) {
		var bits string
		s.do("look at the digits", chromedp.AttributeValue("[data-digits]", "data-digits", &bits, nil, chromedp.ByQuery))
		segments, err := hex.DecodeString(bits)
		if err != nil {
			s.t.Fatalf("data-digits %q: %v", bits, err)
		}
		if got = display.Read(segments); got == text {
			return
		}
	}
	s.t.Fatalf("the digits show %q, want %q", got, text)
}

// readPaper reads the last slip with readers that are not ours.
func (s *story) readPaper(label string) {
	s.t.Helper()
	var text string
	var picture image.Image
	height := 0
	for limit := time.Now().Add(30 * time.Second); time.Now().Before(limit); time.Sleep(200 * time.Millisecond) {
		var id string
		s.do("find the slip", chromedp.Evaluate(`[...document.querySelectorAll("[data-paper-id]")].at(-1).dataset.paperId`, &id))
		picture = s.paper(id)
		if was := height; picture.Bounds().Dy() != was || was < 500 {
			height = picture.Bounds().Dy() // still coming out
			continue
		}
		if text = sliptest.ReadNumber(s.t, picture); text == label {
			break
		}
	}
	if text != label {
		s.t.Errorf("the number on the paper reads %q, want %q", text, label)
	}
	words := sliptest.ReadText(s.t, picture)
	for _, want := range []string{"Подать документы", "Бесплатно"} {
		if !strings.Contains(words, want) {
			s.t.Errorf("the paper reads %q, want %q on it", words, want)
		}
	}
	if got := sliptest.ReadQR(s.t, picture); got != "https://gosuslugi.ru" {
		s.t.Errorf("the code reads %q, want https://gosuslugi.ru", got)
	}
}

// paper fetches a slip as the page shows it.
func (s *story) paper(id string) image.Image {
	s.t.Helper()
	answer, err := http.Get(s.address + "paper/" + id + ".png")
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	picture, err := png.Decode(answer.Body)
	if err != nil {
		s.t.Fatalf("paper %s: %v", id, err)
	}
	return picture
}

// takePicture writes what the page looks like now.
func (s *story) takePicture(path string) {
	s.t.Helper()
	var data []byte
	s.do("take the picture", chromedp.ActionFunc(func(ctx context.Context) (err error) {
		data, err = page.CaptureScreenshot().Do(ctx)
		return err
	}))
	if !bytes.HasPrefix(data, []byte("\x89PNG")) {
		s.t.Fatal("the picture is no PNG")
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		s.t.Fatal(err)
	}
}
