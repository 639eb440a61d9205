package sane

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sps-kiosk/drivers/pages"
	"strconv"
	"time"
)

// job is one run of scanimage that scans.
type job struct {
	limits limits
	plan   plan
	sink   pages.Sink
	work   work
	child  *child
	cancel context.CancelCauseFunc
	dog    *watchdog
	page   *os.File // reading end of the page under way, or nil
	pages  int
}

// Scan delivers pages to sink: one from the glass, all from the feeder. It returns nil when the paper
// is at its end, or one of this package's errors or the sink's, wrapped. When ctx ends, scanimage
// is stopped and the error is ErrCancelled with ctx's own. When Scan returns, the child is gone and
// its directory removed.
func (s *Scanner) Scan(ctx context.Context, set pages.Settings, sink pages.Sink) (pages.Result, error) {
	if err := s.take(ctx); err != nil {
		return pages.Result{}, cancelled(ctx, err)
	}
	defer func() { <-s.turn }()
	caps, err := s.capabilities(ctx)
	if err != nil {
		return pages.Result{}, cancelled(ctx, err)
	}
	var res pages.Result
	for _, src := range caps.sources(set.Source) {
		if res, err = s.scanFrom(ctx, caps, set, src, sink); !errors.Is(err, pages.ErrFeederEmpty) {
			break
		}
	}
	return res, cancelled(ctx, err)
}

// sources returns where to look for paper, in order. SANE does not tell whether a feeder is loaded:
// trying does.
func (c Capabilities) sources(want pages.Source) []pages.Source {
	feeder := c.Feeder != nil || c.Duplex != nil
	switch {
	case want != pages.Auto:
		return []pages.Source{want}
	case feeder && c.Glass != nil:
		return []pages.Source{pages.Feeder, pages.Glass}
	case feeder:
		return []pages.Source{pages.Feeder}
	}
	return []pages.Source{pages.Glass}
}

// scanFrom scans from one source, and waits for a device that is busy before its first page.
func (s *Scanner) scanFrom(ctx context.Context, caps Capabilities, set pages.Settings, src pages.Source, sink pages.Sink) (pages.Result, error) {
	p, err := caps.plan(set, src)
	if err != nil {
		return pages.Result{}, err
	}
	res := pages.Result{Source: src, DPI: p.dpi, Color: p.color, Duplex: p.duplex}
	until := time.Now().Add(s.limits.settle)
	for moved := false; ; {
		res.Pages, err = s.batch(ctx, p, sink)
		switch {
		case errors.Is(err, pages.ErrAbsent) && s.forget() && !moved:
			moved = true // to another USB address: look for it
			continue
		case errors.Is(err, pages.ErrBusy) && res.Pages == 0 && time.Now().Before(until):
			select {
			case <-time.After(s.limits.pause):
				continue
			case <-ctx.Done():
				return res, context.Cause(ctx)
			}
		}
		break
	}
	if err != nil {
		err = fmt.Errorf("scan page %d: %w", res.Pages+1, err)
	}
	return res, err
}

// batch runs scanimage once and takes its pages.
func (s *Scanner) batch(ctx context.Context, p plan, sink pages.Sink) (taken int, err error) {
	name, err := s.find(ctx)
	if err != nil {
		return 0, err
	}
	w, err := newWork(s.cfg)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, w.remove()) }()
	if err := w.pipes(p.sheets()); err != nil {
		return 0, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	j := &job{limits: s.limits, plan: p, sink: sink, work: w, cancel: cancel}
	j.dog = newWatchdog(s.limits.idle, cancel)
	defer j.dog.stop()
	hear := &hearing{alive: j.dog.alive, over: func() { j.dog.end(s.limits.finish) }, pages: true}
	args := append([]string{"--device-name=" + name, "--format=pnm", "--progress",
		"--batch=%d", "--batch-count=" + strconv.Itoa(p.sheets()), "--batch-print"}, p.args...)
	j.child = s.start(ctx, w, hear, &lines{each: hear.stdout}, args...)
	err = j.run(ctx)
	return j.pages, j.verdict(ctx, err)
}

// time is how long a page may take: in proportion above 300 dpi.
func (p plan) time(usual time.Duration) time.Duration {
	return usual * time.Duration(max(p.dpi, usualDPI)) / usualDPI
}

// run takes pages until there are no more, and sees the child to its end.
func (j *job) run(ctx context.Context) error {
	var err error
	for more := true; more && err == nil && j.pages < j.plan.sheets(); {
		j.dog.begin(j.plan.time(j.limits.page))
		more, err = j.next(ctx)
	}
	select {
	case <-j.child.gone:
	default:
		if err != nil {
			j.cancel(err) // and what the child says from now on follows from that
		}
	}
	j.dog.begin(j.limits.idle) // for parking the lamp
	j.drain()
	<-j.child.gone
	return err
}

// verdict returns why the scan ended, nil if the paper did. err is what went wrong with a page.
func (j *job) verdict(ctx context.Context, err error) error {
	why := j.child.verdict()
	cause := context.Cause(ctx)
	if errors.Is(cause, errNoEnd) {
		cause = nil // what it told stands
	}
	empty := errors.Is(why, pages.ErrFeederEmpty)
	switch {
	case err == nil && !j.plan.feeder && j.pages > 0:
		return nil // the page is whole, however its scanner parks
	case cause != nil:
		return cause
	case empty && err == nil && j.pages > 0:
		return nil
	case empty && err != nil:
		return err // the sheet went out from under the page
	case why != nil:
		return errors.Join(why, err)
	case err != nil:
		return err
	}
	return fmt.Errorf("%w: scanimage reports success and no end of the paper", pages.ErrStopped)
}
