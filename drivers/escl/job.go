package escl

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"sps-kiosk/drivers/pages"
	"time"
)

// job is one job on the device.
type job struct {
	s      *Scanner
	plan   plan
	quirks Quirks
	path   string
	sink   pages.Sink
	pages  int
	took   time.Duration // by the last page
}

// Scan makes one job and delivers its pages to sink: one from the glass, all from the feeder. It
// returns nil when the paper is at its end, or one of this package's errors, the sink's or the
// transport's; all may be wrapped. When ctx ends, the job is deleted on the device and the error
// is ErrCancelled with ctx's own.
func (s *Scanner) Scan(ctx context.Context, set pages.Settings, sink pages.Sink) (pages.Result, error) {
	caps, err := s.Capabilities(ctx)
	if err != nil {
		return pages.Result{}, cancelled(ctx, err)
	}
	sources, err := s.sources(ctx, caps, set.Source)
	if err != nil {
		return pages.Result{}, cancelled(ctx, err)
	}
	var res pages.Result
	for i, src := range sources {
		res, err = s.scanFrom(ctx, caps, set, src, sink)
		if !errors.Is(err, pages.ErrFeederEmpty) || i == len(sources)-1 {
			break
		}
	}
	return res, cancelled(ctx, err)
}

// sources returns where to look for paper, in order: the feeder if it has some, else the glass. A
// state that says neither is no reason not to try the feeder.
func (s *Scanner) sources(ctx context.Context, caps Capabilities, want pages.Source) ([]pages.Source, error) {
	switch {
	case want == pages.Glass || want == pages.Auto && caps.Feeder == nil && caps.FeederDuplex == nil:
		return []pages.Source{pages.Glass}, nil
	case want == pages.Feeder && !caps.quirks.CheckFeeder:
		return []pages.Source{pages.Feeder}, nil
	}
	st, err := s.Status(ctx)
	if err != nil {
		return nil, err
	}
	if want == pages.Auto && caps.Platen == nil {
		want = pages.Feeder
	}
	sure := caps.quirks.CheckFeeder || st.Feeder.empty(caps.quirks)
	switch {
	case st.Feeder != FeederLoaded && sure && want == pages.Auto:
		return []pages.Source{pages.Glass}, nil
	case st.Feeder.trouble() != nil && caps.quirks.CheckFeeder:
		return nil, st.Feeder.trouble()
	case st.Feeder != FeederLoaded && caps.quirks.CheckFeeder:
		return nil, pages.ErrFeederEmpty
	case want == pages.Auto:
		return []pages.Source{pages.Feeder, pages.Glass}, nil
	}
	return []pages.Source{pages.Feeder}, nil
}

func (s *Scanner) scanFrom(ctx context.Context, caps Capabilities, set pages.Settings, src pages.Source, sink pages.Sink) (pages.Result, error) {
	p, err := caps.plan(set, src)
	if err != nil {
		return pages.Result{}, err
	}
	j := &job{s: s, plan: p, quirks: caps.quirks, sink: sink}
	res := pages.Result{Source: src, DPI: p.dpi, Color: p.color == colorMode, Duplex: p.duplex}
	if err := j.start(ctx); err != nil {
		return res, fmt.Errorf("start scan: %w", err)
	}
	err = j.run(ctx)
	res.Pages = j.pages
	if err != nil || !j.quirks.KeepJob {
		j.delete(ctx)
	}
	if err != nil {
		return res, fmt.Errorf("scan page %d: %w", j.pages+1, err)
	}
	return res, nil
}

// cancelled adds ErrCancelled to what the end of ctx caused.
func cancelled(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil && !errors.Is(err, pages.ErrCancelled) {
		return fmt.Errorf("%w: %w", pages.ErrCancelled, errors.Join(err, ctx.Err()))
	}
	return err
}

// start creates the job. It is awaited even if ctx ends: a job nobody knows of could not be deleted.
func (j *job) start(ctx context.Context) error {
	busy := &waiting{tries: triesUsual, most: waitJob}
	web := &waiting{tries: triesUsual, most: waitDocument}
	settle := &waiting{tries: int(j.quirks.Settle / pauseUsual), most: j.quirks.Settle}
	for {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		resp, err := j.post(ctx)
		if err != nil {
			return err
		}
		switch code := resp.StatusCode; {
		case code == http.StatusCreated || code == http.StatusOK && resp.Header.Get("Location") != "":
			return j.locate(ctx, resp.Header.Get("Location"))
		case webPage(resp):
			if err = web.pause(ctx, resp); errors.Is(err, pages.ErrBusy) {
				err = fmt.Errorf("%w: a web page answers", ErrNotScanner)
			}
		case code == http.StatusServiceUnavailable:
			err = busy.pause(ctx, resp)
			if errors.Is(err, pages.ErrBusy) {
				err = j.because(ctx, pages.ErrBusy)
			}
		case code == http.StatusConflict:
			err = j.conflict(ctx, resp, busy, settle)
		case code == http.StatusNotFound:
			err = fmt.Errorf("%w: no ScanJobs", ErrNotScanner)
		case code >= 500:
			err = j.because(ctx, fmt.Errorf("%w: status %d", pages.ErrStopped, code))
		default:
			err = fmt.Errorf("%w: status %d", pages.ErrRefused, code)
		}
		if err != nil {
			return err
		}
	}
}

// webPage reports whether a web server answers success in the scanner's place, or sends elsewhere: it
// is up before the scanner is, or there is none. The content is told by its type, as post awaits none.
func webPage(resp *http.Response) bool {
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	return resp.StatusCode < 400 && (kind == "text/html" || resp.StatusCode >= 300)
}

// post sends the settings. The body of the answer is not awaited: Kyocera M6526cdn sends none and
// does not say so.
func (j *job) post(ctx context.Context) (*http.Response, error) {
	ctx, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), jobTime, errNoAnswer)
	defer cancel()
	resp, err := j.s.request(ctx, http.MethodPost, "/eSCL/ScanJobs", j.plan.xml())
	if err == nil {
		resp.Body.Close()
	}
	return resp, err
}

// conflict decides what a 409 to a new job means: the device is still at the last one, the feeder
// has something to tell or is empty, or the settings are wrong. Nil means: try again.
func (j *job) conflict(ctx context.Context, resp *http.Response, busy, settle *waiting) error {
	st, err := j.s.Status(ctx)
	if err != nil {
		return err
	}
	feeder := j.plan.source == pages.Feeder
	switch {
	case feeder && st.Feeder.trouble() != nil:
		return st.Feeder.trouble()
	case st.State == Processing || st.State == Testing:
		return busy.pause(ctx, resp)
	case feeder && st.Feeder.empty(j.quirks):
		return pages.ErrFeederEmpty
	}
	if j.quirks.Settle > 0 {
		if err := settle.pause(ctx, resp); !errors.Is(err, pages.ErrBusy) {
			return err
		}
	}
	if feeder && st.Feeder != FeederLoaded {
		return pages.ErrFeederEmpty
	}
	return fmt.Errorf("%w: status 409", pages.ErrRefused)
}

// locate finds the job's path in Location, or if there is none worth the name in the status.
func (j *job) locate(ctx context.Context, location string) error {
	if j.path = jobPath(location); j.path != "" {
		return nil
	}
	st, err := j.s.Status(ctx)
	if err != nil {
		return err
	}
	live := slices.DeleteFunc(st.Jobs, func(o Job) bool {
		return o.Path == "" || o.State != "Processing" && o.State != "Pending"
	})
	if len(live) == 0 {
		return fmt.Errorf("%w: it does not tell where the job is", pages.ErrStopped)
	}
	j.path = slices.MinFunc(live, func(a, b Job) int { return a.Age - b.Age }).Path
	return nil
}

// delete ends the job on the device. Any answer will do, and none: what was delivered is whole,
// and a device that stays busy says so to the next job.
func (j *job) delete(ctx context.Context) {
	ctx, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), jobTime, errNoAnswer)
	defer cancel()
	if resp, err := j.s.request(ctx, http.MethodDelete, j.path, ""); err == nil {
		resp.Body.Close()
	}
}
