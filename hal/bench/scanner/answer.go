package scanner

import (
	"context"
	"net/http"
	"strconv"
	"time"
)

// End is what follows a body that is cut.
type End int

// How an answer can end before its time.
const (
	Finish End = iota // as if that were all: a correct end, with Content-Length or chunks of that much
	Hang              // nothing more, the connection stays
	Stall             // nothing more until the job is deleted, then a correct end if chunked
	Drop              // the connection ends
)

// Answer is what the device is about to say. Traps change it.
type Answer struct {
	Code    int // 0 = not even headers
	Header  http.Header
	Body    []byte
	Chunked bool          // no Content-Length
	Delay   time.Duration // before the first byte
	Rate    int           // bytes of the body per second, 0 = as fast as they are read
	Stop    int           // cut the body after so many bytes; negative = do not
	Then    End           // what follows the cut

	stop <-chan struct{} // the job was deleted: a chunked body ends at once, correctly
	done func(n int)     // told how many bytes of the body went out
}

func plain(code int, text string) *Answer {
	return &Answer{Code: code, Header: http.Header{"Content-Type": {"text/plain"}}, Body: []byte(text), Stop: -1}
}

func xmlAnswer(body []byte) *Answer {
	return &Answer{Code: 200, Header: http.Header{"Content-Type": {"text/xml"}}, Body: body, Stop: -1}
}

// step is how often a slow body moves on.
const step = 20 * time.Millisecond

// send writes the answer to the connection.
func (a *Answer) send(w http.ResponseWriter, r *http.Request) {
	n := 0
	defer func() { a.over(n) }()
	if !pause(r.Context(), nil, a.Delay) {
		return
	}
	if a.Stop >= 0 && a.Then == Finish {
		a.Body, a.Stop = a.Body[:min(a.Stop, len(a.Body))], -1
	}
	ctl := http.NewResponseController(w)
	body, ok := a.Body, true
	if a.Stop >= 0 {
		body = body[:min(a.Stop, len(body))]
	}
	if a.Code != 0 {
		a.head(w)
		if a.Chunked || a.Stop >= 0 {
			ctl.Flush()
		}
		n, ok = a.stream(w, r, body)
	}
	if !ok || a.Stop < 0 {
		return
	}
	if a.Code != 0 {
		ctl.Flush()
	}
	switch a.Then {
	case Hang:
		pause(r.Context(), nil, forever)
		return
	case Stall:
		pause(r.Context(), a.stop, forever)
		return
	}
	if conn, _, err := ctl.Hijack(); err == nil {
		conn.Close()
	}
}

func (a *Answer) head(w http.ResponseWriter) {
	for k, v := range a.Header {
		w.Header()[k] = v
	}
	if !a.Chunked {
		w.Header().Set("Content-Length", strconv.Itoa(len(a.Body)))
	}
	w.WriteHeader(a.Code)
}

// over tells once that the body is out.
func (a *Answer) over(n int) {
	if a.done != nil {
		a.done(n)
		a.done = nil
	}
}

// stream writes the body at its pace and returns how much went out; false = it was cut by the other
// side or by a DELETE. The device is over with the page before its last piece leaves, so that a host
// that has all of it never finds the device busy with it.
func (a *Answer) stream(w http.ResponseWriter, r *http.Request, body []byte) (n int, ok bool) {
	piece := 32 << 10
	if a.Rate > 0 {
		piece = max(1, a.Rate*int(step/time.Millisecond)/1000)
	}
	for n < len(body) {
		select {
		case <-a.stop:
			return n, false
		default:
		}
		end := min(n+piece, len(body))
		if end == len(body) && (a.Stop < 0 || a.Then == Drop || a.Then == Hang) {
			a.over(end)
		}
		k, err := w.Write(body[n:end])
		if n += k; err != nil {
			return n, false
		}
		if a.Rate > 0 && n < len(body) {
			http.NewResponseController(w).Flush()
			if !pause(r.Context(), a.stop, step) {
				return n, false
			}
		}
	}
	return n, true
}

// forever is longer than any client waits. It has an end because net/http no longer notices a closed
// connection once bytes of a further request came on it: the handler would stay for ever.
const forever = 12 * time.Hour

// pause waits; false = the connection ended or stop was closed.
func pause(ctx context.Context, stop <-chan struct{}, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-stop:
	case <-ctx.Done():
	}
	return false
}
