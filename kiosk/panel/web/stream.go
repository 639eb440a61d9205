package web

import (
	"fmt"
	"net/http"
	"time"
)

// beat is how often a stream says that it is alive; a page that hears nothing three times says so.
const beat = 10 * time.Second

// again is how soon a browser comes back after a lost stream, ms.
const again = 1500

// Stream serves a topic as server-sent events until the browser goes, or stay says no: "hello" with the
// version of the files, "paint" with the regions that changed, "beat" every ten seconds. stay may be
// nil; it is asked before every message, so that who has been signed out is told nothing more.
//
// Server-sent events are written here rather than by a library: it is forty lines over net/http, and
// what matters, the bound of what is kept for a slow reader, is the hub's.
func (h *Hub) Stream(w http.ResponseWriter, r *http.Request, topic, version string, paint Painter, stay func() bool) {
	v, leave, err := h.join(topic, paint)
	if err != nil {
		w.Header().Set("Retry-After", "30")
		http.Error(w, "Слишком много открытых страниц", http.StatusServiceUnavailable)
		return
	}
	defer leave()
	w.Header().Set("Content-Type", "text/event-stream")
	out := sender{w: w, line: http.NewResponseController(w)}
	out.line.SetReadDeadline(time.Time{}) // the request is read; what is left is to notice that the reader goes
	out.send(fmt.Sprintf("retry: %d\nevent: hello\ndata: %s\n\n", again, version))
	beats := time.NewTicker(beat)
	defer beats.Stop()
	for out.err == nil {
		select {
		case <-r.Context().Done():
			return
		case <-v.wake:
			if stay != nil && !stay() {
				out.send("event: bye\ndata: 1\n\n")
				return
			}
			if news := h.news(topic, v); news != nil {
				out.send("event: paint\ndata: " + string(news) + "\n\n")
			}
		case <-beats.C:
			if stay != nil && !stay() {
				out.send("event: bye\ndata: 1\n\n")
				return
			}
			out.send("event: beat\ndata: 1\n\n")
		}
	}
}

// sender writes messages and keeps the first error: a reader that takes nothing for writeTime is gone.
type sender struct {
	w    http.ResponseWriter
	line *http.ResponseController
	err  error
}

func (s *sender) send(message string) {
	if s.err != nil {
		return
	}
	s.line.SetWriteDeadline(time.Now().Add(writeTime))
	if _, s.err = s.w.Write([]byte(message)); s.err == nil {
		s.err = s.line.Flush()
	}
}
