package escl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sps-kiosk/drivers/pages"
	"time"
)

const (
	pageTime  = 3 * time.Minute // for a whole page of 300 dpi
	idleTime  = time.Minute     // without a byte once a page has begun
	tailTime  = 5 * time.Second // for the answer to end after the picture has
	pauseMuch = time.Second     // most of the pause between pages (Brother)
)

// run fetches pages until there are no more.
func (j *job) run(ctx context.Context) error {
	for {
		more, err := j.next(ctx)
		if err != nil || !more {
			return err
		}
		if j.quirks.PauseBetween {
			if err := sleep(ctx, min(j.took/2, pauseMuch)); err != nil {
				return err
			}
		}
	}
}

// next fetches one page. False means that the paper is at its end. The limit of time is for the
// page with all its retries: before secured forms scanners hang with and without bytes.
func (j *job) next(ctx context.Context) (bool, error) {
	begun := time.Now()
	page, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	limit := pageTime * time.Duration(max(1, (j.plan.dpi+usualDPI-1)/usualDPI))
	defer time.AfterFunc(limit, func() { cancel(pages.ErrPageTimeout) }).Stop()
	for p := newPatience(); ; {
		resp, err := j.s.request(page, http.MethodGet, j.path+"/NextDocument", "")
		if err != nil {
			return false, j.ended(page, err)
		}
		if resp.StatusCode == http.StatusOK {
			more, err := j.take(page, cancel, resp)
			resp.Body.Close()
			j.took = time.Since(begun)
			return more, j.ended(page, err)
		}
		resp.Body.Close()
		again, err := j.denied(page, resp, p)
		if !again {
			return false, j.ended(page, err)
		}
	}
}

// ended names what ended a page's context as the cause of err.
func (j *job) ended(page context.Context, err error) error {
	if cause := context.Cause(page); err != nil && cause != nil && !errors.Is(err, cause) {
		return fmt.Errorf("%w: %w", cause, err)
	}
	return err
}

// denied decides what an answer without a page means: true = ask again, false and nil = no more
// paper.
func (j *job) denied(ctx context.Context, resp *http.Response, p *patience) (bool, error) {
	code := resp.StatusCode
	switch {
	case code == http.StatusServiceUnavailable:
		err := p.busy.pause(ctx, resp)
		if errors.Is(err, pages.ErrBusy) {
			err = j.because(ctx, pages.ErrBusy)
		}
		return err == nil, err
	case j.quirks.RetryGone && (code == http.StatusNotFound || code == http.StatusGone):
		if again, err := j.notYet(ctx, resp, p); again || err != nil {
			return again, err
		}
	}
	stop := fmt.Errorf("%w: status %d instead of a page", pages.ErrStopped, code)
	st, known := j.state(ctx)
	switch why := j.reason(st, known); {
	case why != nil:
		return false, why
	case (code == http.StatusNotFound || code == http.StatusConflict) && j.goesOn(st, known):
		return j.sure(ctx, resp, p, stop)
	case code == http.StatusNotFound || code == http.StatusConflict:
		return false, j.noMore(stop)
	case code == http.StatusGone && known.State == "Completed":
		return false, j.noMore(stop)
	}
	return false, stop
}

// patience is how often one page is asked for again, for each reason.
type patience struct{ busy, gone, doubt waiting }

func newPatience() *patience {
	return &patience{
		busy:  waiting{tries: triesPage, most: waitPage},
		gone:  waiting{tries: triesUsual, most: waitPage},
		doubt: waiting{tries: 1, most: pauseMost},
	}
}

// goesOn reports whether the device denies a page and says that there is paper and work.
func (j *job) goesOn(st Status, known Job) bool {
	return j.pages > 0 && st.Feeder == FeederLoaded && (known.State == "Processing" || known.State == "Pending")
}

// sure asks a device that contradicts itself once more, a second later: a Brother asked too soon
// denies a page that comes. After that 404 is the end all the same, and 409 is no end.
func (j *job) sure(ctx context.Context, resp *http.Response, p *patience, stop error) (bool, error) {
	err := p.doubt.pause(ctx, resp)
	switch {
	case !errors.Is(err, pages.ErrBusy):
		return err == nil, err
	case resp.StatusCode == http.StatusConflict:
		return false, stop
	}
	return false, nil
}

// notYet asks a device that denies its jobs (Xerox B205) whether this one is really over.
func (j *job) notYet(ctx context.Context, resp *http.Response, p *patience) (bool, error) {
	_, known := j.state(ctx)
	switch known.State {
	case "Completed", "Aborted", "Canceled":
		return false, nil
	}
	err := p.gone.pause(ctx, resp)
	if errors.Is(err, pages.ErrBusy) && known.State == "" {
		return false, nil
	}
	return err == nil, err
}

// noMore is the end of the paper, where there can be one: the feeder without any page was empty,
// the glass without its one page is a failure.
func (j *job) noMore(stop error) error {
	switch {
	case j.pages > 0:
		return nil
	case j.plan.source == pages.Feeder:
		return pages.ErrFeederEmpty
	}
	return stop
}

// take streams a page to the sink and accepts it only whole. False means that there is no other.
func (j *job) take(ctx context.Context, cancel context.CancelCauseFunc, resp *http.Response) (bool, error) {
	idle := time.AfterFunc(idleTime, func() { cancel(pages.ErrPageTimeout) })
	defer idle.Stop()
	w := newWalker()
	to := &pageWriter{job: j, walker: w, idle: idle}
	err := j.copy(to, resp.Body)
	switch {
	case err != nil && to.err == nil && w.whole() && j.onlyLate(ctx):
	case err != nil && ctx.Err() != nil:
		return false, err
	case errors.Is(err, pages.ErrTorn):
		return false, j.because(ctx, err)
	case err != nil:
		return false, err
	case w.size == 0:
		return false, j.empty(ctx)
	case !w.whole():
		return false, j.because(ctx, fmt.Errorf("%w: it ends after %d bytes", pages.ErrTorn, w.size))
	}
	if !j.plan.fits(w.width, w.height) {
		return false, fmt.Errorf("%w: %d×%d pixels", pages.ErrPageSize, w.width, w.height)
	}
	p := pages.Page{Number: j.pages + 1, Width: w.width, Height: w.height, DPI: j.plan.dpi, Components: w.comp, Bytes: w.size}
	if err := j.sink.Whole(p); err != nil {
		return false, fmt.Errorf("%w: %w", errSink, err)
	}
	j.pages++
	return j.plan.source == pages.Feeder, nil
}

// onlyLate reports whether what ended a whole picture's answer was its own want of an end, or the
// transport, and not the caller: a sheet that has passed is not thrown away for what a device promised
// behind it.
func (j *job) onlyLate(ctx context.Context) bool {
	return ctx.Err() == nil || errors.Is(context.Cause(ctx), pages.ErrPageTimeout)
}

var errSink = errors.New("keep page")

// copy moves the page through the walker to the sink.
func (j *job) copy(to *pageWriter, body io.Reader) error {
	_, err := io.CopyBuffer(to, body, make([]byte, 64<<10))
	switch {
	case to.err != nil:
		return to.err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w: %w", pages.ErrTorn, err)
	}
	return err
}

// pageWriter is the way of one page. The sink's page begins with the picture's first bytes, so
// that an empty answer begins none.
type pageWriter struct {
	job    *job
	walker *walker
	idle   *time.Timer // ends the page
	to     io.Writer
	err    error // why the page cannot go on: not the transport's
}

// Write implements io.Writer.
func (p *pageWriter) Write(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	ended := p.walker.whole()
	part, err := p.walker.feed(b)
	if err != nil {
		p.err = fmt.Errorf("%w: %w", pages.ErrTorn, err)
		return 0, p.err
	}
	p.alive(ended)
	if p.to == nil {
		p.to, err = p.job.sink.Page(p.job.pages + 1)
	}
	if err == nil && len(part) > 0 {
		_, err = p.to.Write(part)
	}
	if err != nil {
		p.err = fmt.Errorf("%w: %w", errSink, err)
		return 0, p.err
	}
	return len(b), nil
}

// alive puts the end off: a minute for more of the picture, seconds for what may follow its end.
func (p *pageWriter) alive(ended bool) {
	switch {
	case !p.walker.whole():
		p.idle.Reset(idleTime)
	case !ended:
		p.idle.Reset(tailTime)
	}
}

// empty decides what a 200 without a byte means. AirSane answers so to any failure of its
// scanner, and when the feeder was empty: only then is the job Completed.
func (j *job) empty(ctx context.Context) error {
	st, known := j.state(ctx)
	why := j.reason(st, known)
	if why == nil && j.plan.source == pages.Feeder && known.State == "Completed" {
		return j.noMore(pages.ErrStopped)
	}
	if why == nil {
		why = fmt.Errorf("%w: empty page", pages.ErrStopped)
	}
	return why
}

// fits reports whether a page has the size asked for: 2 % either way; from the feeder it may be
// shorter, down to an inch, because sheets are.
func (p plan) fits(width, height int) bool {
	w, h := p.width*p.dpi/300, p.height*p.dpi/300
	near := func(got, want int) bool { return got*50 >= want*49 && got*50 <= want*51 }
	if p.source == pages.Feeder {
		return near(width, w) && height >= p.dpi && height*50 <= h*51
	}
	return near(width, w) && near(height, h)
}
