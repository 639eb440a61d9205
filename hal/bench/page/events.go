package page

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"sps-kiosk/hal/bench"
)

const (
	frame     = 33 * time.Millisecond // at most 30 snapshots a second
	heartbeat = 15 * time.Second      // a comment that keeps the stream and finds a dead page
	patience  = 10 * time.Second      // for one write to a page that no longer reads
)

// events streams every snapshot as a server-sent event (HTML Living Standard, 9.2): the first at
// once, later ones at most one per frame. Changes within a frame are skipped, the last never is.
// When the stream ends, the buttons this page held are let go.
func (p *page) events(w http.ResponseWriter, r *http.Request) {
	client := r.FormValue("client")
	p.grips.open(client)
	defer p.grips.close(client)
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	out := &stream{w: w, rc: http.NewResponseController(w)}
	ctx := r.Context()
	err := out.send("retry: 1000\n\n")
	s := p.m.Snapshot()
	if err == nil {
		err = out.snapshot(s)
	}
	for err == nil && ctx.Err() == nil {
		pause(ctx, frame)
		newer, late := p.next(ctx, s.Seq)
		if late != nil {
			err = out.send(": на связи\n\n")
			continue
		}
		s = newer
		err = out.snapshot(s)
	}
}

// next waits for something newer than seq, but no longer than until a heartbeat is due.
func (p *page) next(ctx context.Context, seq uint64) (bench.Snapshot, error) {
	ctx, cancel := context.WithTimeout(ctx, heartbeat)
	defer cancel()
	return p.m.Changed(ctx, seq)
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

type stream struct {
	w  http.ResponseWriter
	rc *http.ResponseController
}

func (s *stream) snapshot(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode snapshot: %w", err)
	}
	return s.send("data: " + string(b) + "\n\n")
}

// send writes and flushes. A writer without deadlines simply has none.
func (s *stream) send(text string) error {
	_ = s.rc.SetWriteDeadline(time.Now().Add(patience))
	if _, err := s.w.Write([]byte(text)); err != nil {
		return fmt.Errorf("send event: %w", err)
	}
	return s.rc.Flush()
}
