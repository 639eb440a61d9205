package scanner

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"time"
)

// maxSettings bounds ScanSettings; sound ones have a kilobyte.
const maxSettings = 64 << 10

// ServeHTTP answers one request: what the device does, then what a trap makes of it.
func (s *Scanner) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	op, id := route(r)
	body, err := io.ReadAll(io.LimitReader(r.Body, maxSettings))
	if err != nil {
		return // the host went away
	}
	traps, instead := s.catch(op)
	a := plain(500, "")
	if !instead {
		a = s.answer(r, op, id, body)
	}
	done := a.done // whatever becomes of the answer, the page will be over
	for _, t := range traps {
		t.Do(a)
	}
	a.done = done
	if s.model.Server != "" {
		a.Header.Set("Server", s.model.Server)
	}
	a.send(w, r)
}

// route tells what a request is about, and of which job.
func route(r *http.Request) (op Op, id string) {
	rest, ours := strings.CutPrefix(r.URL.Path, "/eSCL/")
	if !ours {
		return Other, ""
	}
	parts := strings.Split(strings.TrimSuffix(rest, "/"), "/")
	if parts[0] == "ScanJobs" && len(parts) > 1 {
		id = parts[1]
		parts = append([]string{"{job}"}, parts[2:]...)
	}
	switch r.Method + " " + strings.Join(parts, "/") {
	case "GET ScannerCapabilities":
		return Capabilities, ""
	case "GET ScannerStatus":
		return Status, ""
	case "POST ScanJobs":
		return Start, ""
	case "GET {job}/NextDocument":
		return Next, id
	case "GET {job}/ScanImageInfo":
		return Info, id
	case "DELETE {job}":
		return Delete, id
	}
	return Other, ""
}

func (s *Scanner) answer(r *http.Request, op Op, id string, body []byte) *Answer {
	h := s.model.Habits
	if h.PortInHost && overTCP(r) && !strings.Contains(r.Host, ":") {
		return plain(404, "")
	}
	switch op {
	case Capabilities:
		return xmlAnswer(s.model.capabilities())
	case Status:
		s.mu.Lock()
		defer s.mu.Unlock()
		s.expire(time.Now())
		return xmlAnswer(s.status(time.Now()))
	case Start:
		if host, _, _ := strings.Cut(r.Host, ":"); h.LocalhostOnly && host != "localhost" {
			return plain(403, "")
		}
		a := s.start(r, body)
		s.changed()
		return a
	case Next:
		return s.next(r, id)
	case Info:
		return s.info(id)
	case Delete:
		a := s.remove(id)
		s.changed()
		return a
	}
	return plain(404, "not found")
}

// info is ScanImageInfo: the size of the page that went out last.
func (s *Scanner) info(id string) *Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.model.Habits.NoInfo {
		return plain(501, "")
	}
	j := s.find(id)
	if j == nil {
		return plain(s.model.Habits.goneCode(), "no such job")
	}
	for i := len(s.sent) - 1; i >= 0; i-- {
		if p := s.sent[i]; p.Job == j.path() {
			colours := 1
			if j.set.Mode == "RGB24" {
				colours = 3
			}
			return xmlAnswer(document(tag("scan:ScanImageInfo",
				leaf("pwg:JobUri", j.path()), leaf("pwg:JobUuid", j.id),
				leaf("scan:ActualWidth", p.Width), leaf("scan:ActualHeight", p.Height),
				leaf("scan:ActualBytesPerLine", p.Width*colours), leaf("scan:BlankPageDetected", false))))
		}
	}
	return plain(404, "no page yet")
}

// origin is what stands before the path in Location.
func (s *Scanner) origin(r *http.Request) string {
	return strings.ReplaceAll(s.model.Habits.Origin, "{host}", r.Host)
}

func overTCP(r *http.Request) bool {
	a, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	return ok && strings.HasPrefix(a.Network(), "tcp")
}

// server makes the HTTP server of one transport. What a client does wrong is not this program's
// to report.
func (s *Scanner) server() *http.Server {
	return &http.Server{Handler: s, ErrorLog: log.New(io.Discard, "", 0)}
}

// Serve answers over a network until the context ends, as the same device does with a cable.
func (s *Scanner) Serve(ctx context.Context, l net.Listener) error {
	srv := s.server()
	defer context.AfterFunc(ctx, func() { srv.Close() })()
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
