package ippusb

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"sps-kiosk/drivers/ippusb/ippusbtest"
	"sps-kiosk/hal/usb"
)

// misspoken are responses as devices send them. "|" parts transfers; a device that has sent all is
// silent.
var misspoken = []struct {
	name, raw string
	code      int
	body      string
}{
	{"plain", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello"},
	{"short packets", "HT|TP/1.1 2|00 OK\r|\n|Content-Length: 5\r\n\r\n|h|ell|o", 200, "hello"},
	{"chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\nX: y\r\n\r\n", 200, "hello"},
	{"chunked wins over length", "HTTP/1.1 200 OK\r\nContent-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 200, "hello"},
	{"lines end by LF", "HTTP/1.1 200 OK\nTransfer-Encoding: Chunked\n\n 5 \nhello\n0\n\n", 200, "hello"},
	{"chunked without the last line", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", 200, "hello"},
	{"empty lines first", "\r\n\r\n|\x00\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello"},
	{"version 1.0", "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello"},
	{"no reason, two blanks", "HTTP/1.1  200\r\nContent-Length: 5\r\n\r\nhello", 200, "hello"},
	{"folded and broken lines", "HTTP/1.1 200 OK\r\nServer: a\r\n b\r\nnonsense\r\n \t\r\nContent-Length : 5\r\n\r\nhello", 200, "hello"},
	{"continue first", "HTTP/1.1 100 Continue\r\n\r\n|HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello"},
	{"length twice the same", "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\nContent-Length: 5\r\n\r\nhello", 200, "hello"},
	{"lengths at odds", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nContent-Length: 5\r\n\r\nhello", 200, "hello"},
	{"negative length", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nhello", 200, "hello"},
	{"no length", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhel|lo", 200, "hello"},
	{"201 and nothing", "HTTP/1.1 201 Created\r\nLocation: /eSCL/ScanJobs/1\r\n\r\n", 201, ""},
	{"204", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", 204, ""},
	{"two at once", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad", 200, "hello"},
	{"more than it says", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, world", 200, "hello"},
}

func transfers(raw string) [][]byte {
	var out [][]byte
	for part := range strings.SplitSeq(raw, "|") {
		out = append(out, []byte(part))
	}
	return out
}

// TestMisspokenHTTP: each response is read right, and the next one too.
func TestMisspokenHTTP(t *testing.T) {
	for _, c := range misspoken {
		t.Run(c.name, func(t *testing.T) {
			say := func(_ string, w *ippusbtest.Wire) {
				for _, b := range transfers(c.raw) {
					w.Write(b)
				}
			}
			within(t, 1, scripted(say), func(t *testing.T, r rig) {
				for range 2 {
					if code, body := r.get(t, "/"); code != c.code || body != c.body {
						t.Errorf("got %d %q, want %d %q", code, body, c.code, c.body)
					}
				}
				r.wantWorks(t)
				if r.rung() != 0 {
					t.Error("got a rung of the ladder climbed, want none")
				}
			})
		})
	}
}

// TestBrokenHTTP is an error, and the ladder brings the interface back into step.
func TestBrokenHTTP(t *testing.T) {
	long := strings.Repeat("x", lineLimit)
	for name, raw := range map[string]string{
		"no status":        "HTTP/1.1 OK\r\n\r\n",
		"other protocol":   "HTTP/2 200\r\n\r\n",
		"endless line":     "HTTP/1.1 200 " + long + "\r\n\r\n",
		"endless head":     "HTTP/1.1 200 OK\r\n" + strings.Repeat("A: b\r\n", headerLimit+1) + "\r\n",
		"endless interims": strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", interimLimit+1),
		"bad chunk":        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello",
		"huge chunk":       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nhello",
	} {
		t.Run(name, func(t *testing.T) {
			say := func(_ string, w *ippusbtest.Wire) { w.Write([]byte(raw)) }
			within(t, 1, scripted(say), func(t *testing.T, r rig) {
				resp, err := r.RoundTrip(request(t.Context(), "GET", "/", ""))
				if err == nil {
					_, err = io.ReadAll(resp.Body)
				}
				if err == nil {
					t.Error("got an answer, want an error")
				}
				synctest.Wait()
				r.wantWorks(t)
			})
		})
	}
}

// FuzzResponse feeds transfers of any content and size. Reading ends, whatever they are; and where
// net/http reads a whole response from the same bytes, ours is the same.
func FuzzResponse(f *testing.F) {
	for i, c := range misspoken {
		f.Add([]byte(strings.ReplaceAll(c.raw, "|", "")), uint16(i*7))
	}
	f.Add(bytes.Repeat([]byte("HTTP/1.1 100\r\n\r\n"), 20), uint16(3))
	f.Fuzz(func(t *testing.T, raw []byte, size uint16) {
		code, body, err := readWhole(&replay{data: raw, size: int(size%2048) + 1})
		peer, perr := http.ReadResponse(bufio.NewReader(bytes.NewReader(raw)), nil)
		if perr != nil || err != nil || peer.StatusCode < 200 || peer.Header.Get("Content-Length") == "" && !isChunked(peer) {
			return
		}
		want, perr := io.ReadAll(peer.Body)
		if perr == nil && (code != peer.StatusCode || !bytes.Equal(body, want)) {
			t.Errorf("got %d %q, want %d %q", code, body, peer.StatusCode, want)
		}
	})
}

func isChunked(r *http.Response) bool {
	return len(r.TransferEncoding) == 1 && r.TransferEncoding[0] == "chunked"
}

func readWhole(r reader) (int, []byte, error) {
	s := newStream(r)
	h, err := s.head(context.Background())
	if err != nil {
		return 0, nil, err
	}
	var body []byte
	for b, f := make([]byte, 1000), h.framing("GET", s, Quirks{}); ; {
		n, err := f.Read(context.Background(), b)
		body = append(body, b[:n]...)
		switch {
		case errors.Is(err, io.EOF):
			return h.code, body, nil
		case err != nil:
			return h.code, body, err
		}
	}
}

// replay is a device that sends data in transfers of size and is then unplugged.
type replay struct {
	data []byte
	size int
}

func (r *replay) Read(_ context.Context, p []byte) (int, error) {
	if len(r.data) == 0 {
		return 0, usb.ErrUnplugged
	}
	n := copy(p, r.data[:min(r.size, len(r.data))])
	r.data = r.data[n:]
	return n, nil
}
