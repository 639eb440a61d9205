package webtest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
)

// Files are what a page downloads.
type Files struct {
	t     *testing.T
	ctx   context.Context
	dir   string
	whole chan string
}

// Downloads lets the page of ctx save files in dir. The name of a file is there before its bytes are, so the browser's own
// word is waited for that it is whole.
func Downloads(t *testing.T, ctx context.Context, dir string) Files {
	t.Helper()
	names, f := map[string]string{}, Files{t, ctx, dir, make(chan string, 16)}
	chromedp.ListenTarget(ctx, func(event any) { // by one goroutine
		switch e := event.(type) {
		case *browser.EventDownloadWillBegin:
			names[e.GUID] = e.SuggestedFilename
		case *browser.EventDownloadProgress:
			if e.State == browser.DownloadProgressStateCompleted {
				f.whole <- names[e.GUID]
			}
		}
	})
	Run(t, ctx, browser.SetDownloadBehavior(browser.SetDownloadBehaviorBehaviorAllow).WithDownloadPath(dir).WithEventsEnabled(true))
	return f
}

// Next waits for the next file, returns its name and what is in it, and removes it.
func (f Files) Next() (name string, data []byte) {
	f.t.Helper()
	Run(f.t, f.ctx, chromedp.ActionFunc(func(ctx context.Context) error {
		select {
		case <-ctx.Done():
			return fmt.Errorf("no download: %w", ctx.Err())
		case name = <-f.whole:
		}
		var err error
		if data, err = os.ReadFile(filepath.Join(f.dir, name)); err != nil {
			return err
		}
		return os.Remove(filepath.Join(f.dir, name))
	}))
	return name, data
}
