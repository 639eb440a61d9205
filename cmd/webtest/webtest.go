// Package webtest opens pages in Debian's chromium for tests: a window of a given size, on a slow
// processor where wanted, held to axe-core's rules of accessibility, with pictures to look at.
//
// It owns the browser and the axe. It knows no page of ours, and refuses to run outside of tests. Where
// the browser or axe-core is missing the test fails and says what to install: a page that was not
// looked at is no page that passed.
package webtest

import (
	"context"
	"fmt"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Options say what kind of machine the page is seen on. The zero value is an office's screen.
type Options struct {
	Width, Height int     // of the viewport, CSS pixels; 0 = 1440 × 900
	Scale         float64 // device pixels per CSS pixel; 0 = 1
	Slower        float64 // how many times slower the processor is; 0 and 1 = as it is
	Touch         bool    // a finger instead of a mouse
	Profile       string  // folder of the browser's profile, which stays; "" = one that goes with the browser
	NoScript      bool    // the page's own scripts do not run; Axe and Is still do
}

// options is under what a tab's context holds its Options.
type options struct{}

// longest is how long a test may use its browser.
const longest = 3 * time.Minute

// Open starts a browser for the length of the test and returns a chromedp context of one tab. Whatever
// the browser complains of, a policy violation or an exception, fails the test; answers of HTTP with
// an error are the test's business. Certificates are not asked: a test's server signs its own.
func Open(t testing.TB, o Options) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatalf("pages are tested in Debian's chromium (.ci/tools test): %v", err)
	}
	flags := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.Flag("ignore-certificate-errors", true), chromedp.Flag("lang", "ru-RU"), chromedp.Env("LANGUAGE=ru", "LANG=ru_RU.UTF-8"))
	if o.Profile != "" {
		flags = append(flags, chromedp.UserDataDir(o.Profile))
	}
	ctx, end := chromedp.NewExecAllocator(t.Context(), flags...)
	t.Cleanup(end)
	ctx, stop := context.WithTimeout(ctx, longest)
	t.Cleanup(stop)
	ctx, shut := chromedp.NewContext(ctx, chromedp.WithErrorf(func(string, ...any) {}))
	t.Cleanup(shut)
	chromedp.ListenTarget(ctx, func(event any) { complain(t, event) })
	ctx = context.WithValue(ctx, options{}, o)
	Run(t, ctx, append([]chromedp.Action{log.Enable()}, o.actions()...)...)
	return ctx
}

// complain fails the test for what the browser says of the page.
func complain(t testing.TB, event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		t.Errorf("exception in the page: %v", e.ExceptionDetails)
	case *log.EventEntryAdded:
		if e.Entry.Source != log.SourceNetwork {
			t.Errorf("the browser says: %s %s", e.Entry.Text, e.Entry.URL)
		}
	}
}

// actions make the tab what the options say.
func (o Options) actions() []chromedp.Action {
	if o.Width == 0 || o.Height == 0 {
		o.Width, o.Height = 1440, 900
	}
	view := []chromedp.EmulateViewportOption{chromedp.EmulateScale(max(o.Scale, 1))}
	if o.Touch {
		view = append(view, chromedp.EmulateTouch)
	}
	all := []chromedp.Action{chromedp.EmulateViewport(int64(o.Width), int64(o.Height), view...)}
	if o.Slower > 1 {
		all = append(all, emulation.SetCPUThrottlingRate(o.Slower))
	}
	if o.NoScript {
		all = append(all, emulation.SetScriptExecutionDisabled(true))
	}
	return all
}

// Run does actions in the tab and ends the test where one cannot be done.
func Run(t testing.TB, ctx context.Context, actions ...chromedp.Action) {
	t.Helper()
	if err := chromedp.Run(ctx, actions...); err != nil {
		t.Fatalf("in the browser: %v", err)
	}
}

// settle is how long Is waits, and often how it looks.
const (
	settle = 10 * time.Second
	often  = 20 * time.Millisecond
)

// Is waits until a claim in JavaScript about the page is true, at most ten seconds.
func Is(claim string) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		ctx, stop := context.WithTimeout(ctx, settle)
		defer stop()
		for {
			var is bool
			err := chromedp.Evaluate("!!("+claim+")", &is).Do(ctx)
			if is {
				return nil
			}
			select {
			case <-ctx.Done():
				return fmt.Errorf("not true after %v: %s: %w", settle, claim, err)
			case <-time.After(often):
			}
		}
	})
}
