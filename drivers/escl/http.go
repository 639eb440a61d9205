package escl

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sps-kiosk/drivers/pages"
	"strconv"
	"strings"
	"time"
)

// Limits of time as sane-airscan has proved them, and of waiting.
const (
	documentTime = 5 * time.Second  // for capabilities and status
	jobTime      = 30 * time.Second // for a new job and its end
	pauseUsual   = time.Second      // after a 503 without Retry-After
	pauseMost    = 30 * time.Second // of one Retry-After
	waitDocument = 10 * time.Second // for capabilities and status in all
	waitJob      = time.Minute      // for a new job in all
	waitPage     = 3 * time.Minute  // for a page in all
	triesUsual   = 10
	triesPage    = 30 // HP M28w takes that long at high resolution
)

// errNoAnswer ends a request that has a limit of its own.
var errNoAnswer = fmt.Errorf("%w: no answer in time", pages.ErrStopped)

// request sends one. Host is localhost whatever carries it (IPP-USB §6.2). The path may be the
// device's own, so it goes out as it came: nothing parses it.
func (s *Scanner) request(ctx context.Context, method, path, body string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://localhost", strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.URL.Opaque = path
	if body == "" {
		req.Body = nil
	} else {
		req.Header.Set("Content-Type", "text/xml")
	}
	resp, err := s.rt.RoundTrip(req)
	return resp, inTime(ctx, err)
}

// inTime names the limit of a request as the reason of err, if it was: ours, or the transport's own for
// a device that takes no request.
func inTime(ctx context.Context, err error) error {
	if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%w: %w", errNoAnswer, err)
	}
	if err != nil && errors.Is(context.Cause(ctx), errNoAnswer) && !errors.Is(err, errNoAnswer) {
		return fmt.Errorf("%w: %w", errNoAnswer, err)
	}
	return err
}

// document asks for an XML document and returns its root and the Server header. An answer that is
// none to this question, left over from somebody who was killed, is asked for again once
// the transport has come back into step.
func (s *Scanner) document(ctx context.Context, path, root string) (*node, string, error) {
	n, server, err := s.tryDocument(ctx, path, root)
	if errors.Is(err, errForeign) {
		if c, ok := s.rt.(interface{ CloseIdleConnections() }); ok {
			c.CloseIdleConnections()
		}
		n, server, err = s.tryDocument(ctx, path, root)
	}
	if err != nil {
		return nil, "", fmt.Errorf("ask for %s: %w", root, err)
	}
	return n, server, nil
}

// errForeign means that the answer does not belong to the question.
var errForeign = fmt.Errorf("%w: answer to another question", ErrNotScanner)

// tryDocument asks until the device is up: before that it answers 503, or pages of a web server
// that is up before the scanner is (HP 9012e).
func (s *Scanner) tryDocument(ctx context.Context, path, root string) (*node, string, error) {
	busy := false
	for w := (&waiting{tries: triesUsual, most: waitDocument}); ; {
		n, resp, err := s.getXML(ctx, path, root)
		switch {
		case err == nil:
			return n, resp.Header.Get("Server"), nil
		case busy && errors.Is(err, errNoAnswer): // HP Enterprise: its 503 do not end, either
			return nil, "", pages.ErrBusy
		}
		busy = resp != nil && resp.StatusCode == http.StatusServiceUnavailable
		if !busy && !errors.Is(err, errHTML) {
			return nil, "", err
		}
		if spent := w.pause(ctx, resp); spent != nil {
			if busy || ctx.Err() != nil {
				err = spent
			}
			return nil, "", err
		}
	}
}

func (s *Scanner) getXML(ctx context.Context, path, root string) (*node, *http.Response, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, documentTime, errNoAnswer)
	defer cancel()
	resp, err := s.request(ctx, http.MethodGet, path, "")
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, resp, fmt.Errorf("%w: status %d", ErrNotScanner, resp.StatusCode)
	}
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "image/") {
		return nil, resp, errForeign
	}
	n, err := parseXML(resp.Body, root)
	switch {
	case err == nil || ctx.Err() != nil:
		return n, resp, inTime(ctx, err)
	case errors.Is(err, errNoRoot):
		return nil, resp, errForeign
	case malformed(err):
		return nil, resp, fmt.Errorf("%w: %w", ErrNotScanner, err)
	}
	return nil, resp, err
}

// waiting is the patience with 503: so many pauses of a second, or the pauses that the device asks
// for by Retry-After, up to most in all.
type waiting struct {
	tries int
	most  time.Duration
	spent time.Duration
}

// pause waits as resp asks. ErrBusy means that patience is at its end.
func (w *waiting) pause(ctx context.Context, resp *http.Response) error {
	d, told := retryAfter(resp)
	if !told {
		d = pauseUsual
		if w.tries--; w.tries < 0 {
			return pages.ErrBusy
		}
	}
	if w.spent += d; w.spent > w.most {
		return pages.ErrBusy
	}
	return sleep(ctx, d)
}

// retryAfter reads the header: seconds, or a date that is compared with the device's own clock,
// because ours may be wrong.
func retryAfter(resp *http.Response) (time.Duration, bool) {
	v := strings.TrimSpace(resp.Header.Get("Retry-After"))
	if n, err := strconv.ParseUint(v, 10, 31); err == nil {
		return min(max(time.Duration(n)*time.Second, pauseUsual), pauseMost), true
	}
	at, err := http.ParseTime(v)
	now, errNow := http.ParseTime(resp.Header.Get("Date"))
	if err != nil || errNow != nil {
		return 0, false
	}
	return min(max(at.Sub(now), pauseUsual), pauseMost), true
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// jobPath returns the path of a job's address. The rest of it can be anything: hosts that are
// serial numbers (HP Deskjet 3520), brackets without end (Xerox B205), nothing at all (AirSane).
// "" means that there is no path in it.
func jobPath(address string) string {
	address = strings.TrimSpace(address)
	if _, rest, found := strings.Cut(address, "://"); found {
		if at := strings.IndexByte(rest, '/'); at >= 0 {
			address = rest[at:]
		} else {
			return ""
		}
	}
	odd := func(r rune) bool { return r <= ' ' || r >= 0x7f }
	if len(address) < 2 || len(address) > 512 || strings.ContainsFunc(address, odd) {
		return ""
	}
	address, _, _ = strings.Cut(address, "#")
	return "/" + strings.Trim(address, "/")
}
