package page

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// tap is a browser that keeps what the stream said.
type tap struct {
	*httptest.ResponseRecorder
	mu   sync.Mutex
	text strings.Builder
}

func (t *tap) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.Write(b)
}

func (t *tap) said() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}

// seqs returns the sequence numbers of the snapshots seen so far.
func (t *tap) seqs(tt *testing.T) []uint64 {
	tt.Helper()
	var out []uint64
	lines := bufio.NewScanner(strings.NewReader(t.said()))
	for lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		var s struct{ Seq uint64 }
		if err := json.Unmarshal([]byte(data), &s); err != nil {
			tt.Fatalf("event %q: %v", data, err)
		}
		out = append(out, s.Seq)
	}
	return out
}

// listen opens a stream of f's page and returns it with the handler and a function that ends it.
func listen(f *fake, client string) (*tap, *page, func()) {
	p := &page{m: f, grips: newGrips(f.Release)}
	ctx, end := context.WithCancel(context.Background())
	w := &tap{ResponseRecorder: httptest.NewRecorder()}
	over := make(chan struct{})
	go func() {
		defer close(over)
		p.events(w, httptest.NewRequest("GET", "/events?client="+client, nil).WithContext(ctx))
	}()
	return w, p, func() { end(); <-over }
}

func TestStreamSendsTheFirstAtOnceAndEveryLaterChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		w, _, end := listen(f, "a")
		defer end()
		synctest.Wait()
		if got := w.seqs(t); !slices.Equal(got, []uint64{1}) {
			t.Fatalf("got %v, want [1] before any time has passed", got)
		}
		time.Sleep(time.Second)
		f.change(nothing)
		synctest.Wait()
		if got := w.seqs(t); !slices.Equal(got, []uint64{1, 2}) {
			t.Errorf("got %v, want [1 2] with no delay after a quiet second", got)
		}
		if got := w.Result().Header.Get("Content-Type"); got != "text/event-stream" {
			t.Errorf("got type %q", got)
		}
	})
}

func TestStreamThinsABurstAndKeepsTheLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		w, _, end := listen(f, "a")
		defer end()
		for range 1000 {
			f.change(nothing)
			time.Sleep(time.Millisecond)
		}
		time.Sleep(frame)
		synctest.Wait()
		got := w.seqs(t)
		if len(got) > 32 || len(got) < 20 {
			t.Errorf("got %d snapshots in a second, want about 30", len(got))
		}
		if got[len(got)-1] != 1001 {
			t.Errorf("got last %d, want 1001", got[len(got)-1])
		}
	})
}

func TestStreamBeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _, end := listen(newFake(), "a")
		defer end()
		time.Sleep(2*heartbeat + time.Second)
		synctest.Wait()
		if got := strings.Count(w.said(), "\n: "); got != 2 {
			t.Errorf("got %d heartbeats, want 2 in %q", got, w.said())
		}
	})
}

// A page that vanishes with a finger on a button lets go of it.
func TestEndOfStreamReleases(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		_, p, end := listen(f, "a")
		synctest.Wait()
		for _, line := range []string{"GPIO17", "GPIO24"} {
			if err := p.press(touch{Line: line, Client: "a"}); err != nil {
				t.Fatal(err)
			}
		}
		if err := p.release(touch{Line: "GPIO17", Client: "a"}); err != nil {
			t.Fatal(err)
		}
		end()
		want := []string{"press GPIO17", "press GPIO24", "release GPIO17", "release GPIO24"}
		if got := f.acts(); !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// A reconnecting page has two streams for a moment: the end of the old one is not its end.
func TestSecondStreamKeepsTheGrip(t *testing.T) {
	var let []string
	g := newGrips(func(line string) error {
		let = append(let, line)
		return nil
	})
	g.open("a")
	g.open("a")
	if err := g.take("a", "GPIO17"); err != nil {
		t.Fatal(err)
	}
	g.close("a")
	if len(let) != 0 {
		t.Errorf("got %q let go with a stream still open", let)
	}
	g.close("a")
	if !slices.Equal(let, []string{"GPIO17"}) {
		t.Errorf("got %q, want GPIO17 let go", let)
	}
	if err := g.take("a", "GPIO17"); err == nil {
		t.Error("a page without a stream may press")
	}
}
