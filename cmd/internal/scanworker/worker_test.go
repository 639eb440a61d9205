package scanworker

import (
	"bytes"
	"fmt"
	"image/jpeg"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sps-kiosk/kiosk/ipc"
)

// files are the files below a folder.
func files(t *testing.T, dir string) (all []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			all = append(all, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestASession(t *testing.T) {
	path, size := noise(t, 300)
	b := start(t, path)
	b.lend()
	pages := b.scan(3)
	b.say(&ipc.Drop{Page: pages[1].Page})
	b.say(&ipc.Save{Format: ipc.PDF, Session: 7, Pages: []ipc.Ref{{Page: pages[2].Page, Turn: 90}, pages[0]}})
	if p := hear[*ipc.Progress](b); p.Total < 2*size {
		t.Errorf("got a total of %d, want at least %d", p.Total, 2*size)
	}
	saved := hear[*ipc.Saved](b)
	got := files(t, b.stick)
	if saved.Files != 1 || len(got) != 1 || !strings.HasSuffix(got[0], "/SCAN_N0007/SCAN_N0007_1.pdf") {
		t.Fatalf("got %+v, files %v, want one PDF by the session's number", saved, got)
	}
	picture, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	document, err := os.ReadFile(got[0])
	if err != nil || bytes.Count(document, picture) != 2 || !bytes.Contains(document, []byte("/Rotate 90")) {
		t.Errorf("got a document with the page %d times, %v, want twice, once turned", bytes.Count(document, picture), err)
	}
	b.say(&ipc.Save{Format: ipc.JPEG, Session: 7, Day: 20_000, Pages: pages[2:]})
	if hear[*ipc.Saved](b); len(files(t, b.stick)) != 2 {
		t.Errorf("got files %v, want a JPEG beside it", files(t, b.stick))
	}
	if err := b.porter.Send(&ipc.Leave{}); err != nil {
		t.Fatal(err)
	}
	if m, _, err := b.porter.Receive(); err != nil || b.holds() != 0 {
		t.Errorf("after Leave: got %T, %v and %d descriptors of the stick, want Left and none", m, err, b.holds())
	}
	b.say(&ipc.Save{Format: ipc.PDF, Session: 7, Pages: pages[2:]})
	if u := hear[*ipc.Unsaved](b); u.Why != ipc.SaveNoStick {
		t.Errorf("without a stick: got %d, want SaveNoStick", u.Why)
	}
	b.finish(2)
}

// finish ends the session in good order.
func (b *bench) finish(pages int) {
	b.t.Helper()
	b.say(&ipc.Finish{})
	if w := hear[*ipc.Wiped](b); w.Pages != pages || w.Files == 0 {
		b.t.Errorf("got %+v, want %d pages and their files wiped", w, pages)
	}
	if err := b.cmd.Wait(); err != nil {
		b.t.Errorf("the worker ended with %v", err)
	}
	if left := files(b.t, b.vault); len(left) != 0 {
		b.t.Errorf("the vault still has %v", left)
	}
}

// TestEndings: however the session ends, the process is gone and so are the files; after a SIGKILL they
// are dropped by who comes next.
func TestEndings(t *testing.T) {
	path, _ := noise(t, 300)
	for name, end := range map[string]func(b *bench){
		"kiosk lost":  func(b *bench) { b.kiosk.Close() },
		"porter lost": func(b *bench) { b.porter.Close() },
		"both lost": func(b *bench) {
			b.porter.Close()
			b.kiosk.Close()
		},
	} {
		b := start(t, path)
		b.scan(1)
		end(b)
		b.cmd.Wait()
		if left := files(t, b.vault); len(left) != 0 {
			t.Errorf("%s: the vault still has %v", name, left)
		}
	}
}

func TestFaultsOfAScan(t *testing.T) {
	path, _ := noise(t, 300)
	b := start(t, path)
	for dpi, want := range map[int]ipc.Scanned{600: {Pages: 1, Fault: ipc.ScanJam}, 50: {Fault: ipc.ScanTorn}} {
		b.say(&ipc.Scan{DPI: dpi})
		if got := hear[*ipc.Scanned](b); *got != want {
			t.Errorf("%d dpi: got %+v, want %+v", dpi, *got, want)
		}
	}
	b.say(&ipc.Scan{DPI: 75})
	time.Sleep(50 * time.Millisecond)
	b.say(&ipc.Stop{})
	if got := hear[*ipc.Scanned](b); got.Fault != ipc.ScanStopped {
		t.Errorf("stopped: got %+v", *got)
	}
	b.finish(1) // the half page and the rubbish never existed
}

func TestPreviews(t *testing.T) {
	path, _ := noise(t, 1200)
	b := start(t, path)
	n := b.scan(2)[0].Page
	base := "http://" + b.ready.Preview + "/" + b.ready.Token + "/"
	get := func(method, url, host string) (*http.Response, []byte) {
		t.Helper()
		r, err := http.NewRequest(method, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = host
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer, body
	}
	answer, body := get("GET", fmt.Sprint(base, n, "?turn=90"), "")
	picture, err := jpeg.DecodeConfig(bytes.NewReader(body))
	if err != nil || picture.Width != previewSide || answer.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("got %d bytes, %+v, %v, %v, want a small picture that nobody keeps", len(body), picture, err, answer.Header)
	}
	b.say(&ipc.Drop{Page: n + 1})
	b.say(&ipc.Scan{DPI: 50})
	hear[*ipc.Scanned](b) // the drop is done
	for name, c := range map[string]struct {
		method, url, host string
		want              int
	}{
		"dropped page":   {"GET", fmt.Sprint(base, n+1), "", http.StatusGone},
		"no page":        {"GET", base + "99", "", http.StatusGone},
		"wrong token":    {"GET", fmt.Sprintf("http://%s/%s/%d", b.ready.Preview, strings.Repeat("0", 32), n), "", http.StatusNotFound},
		"other method":   {"POST", fmt.Sprint(base, n), "", http.StatusNotFound},
		"another host":   {"GET", fmt.Sprint(base, n), "evil.example", http.StatusNotFound},
		"odd turn":       {"GET", fmt.Sprint(base, n, "?turn=45"), "", http.StatusNotFound},
		"nothing":        {"GET", "http://" + b.ready.Preview + "/", "", http.StatusNotFound},
		"above the path": {"GET", base + "../" + fmt.Sprint(n), "", http.StatusNotFound},
	} {
		if answer, body := get(c.method, c.url, c.host); answer.StatusCode != c.want || len(body) != 0 {
			t.Errorf("%s: got %d and %d bytes, want %d and none", name, answer.StatusCode, len(body), c.want)
		}
	}
	for headers, want := range map[[2]string]int{{"same-site", "image"}: http.StatusOK, {"cross-site", "image"}: http.StatusNotFound,
		{"same-site", "document"}: http.StatusNotFound, {"none", "document"}: http.StatusNotFound, {"same-site", "empty"}: http.StatusNotFound} {
		r, err := http.NewRequest("GET", fmt.Sprint(base, n), nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Sec-Fetch-Site", headers[0])
		r.Header.Set("Sec-Fetch-Dest", headers[1])
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("%v: got %d, want %d", headers, answer.StatusCode, want)
		}
	}
	b.finish(1)
	if _, err := http.Get(fmt.Sprint(base, n)); err == nil {
		t.Error("after the session: got an answer, want nobody there")
	}
}

// TestAPulledStickStopsTheSave: Leave in the middle of a save ends it, and the worker holds nothing.
func TestAPulledStickStopsTheSave(t *testing.T) {
	path, _ := noise(t, 1600)
	b := start(t, path)
	b.lend()
	pages := b.scan(20)
	b.say(&ipc.Save{Format: ipc.PDF, Session: 1, Pages: pages})
	hear[*ipc.Progress](b)
	if err := b.porter.Send(&ipc.Leave{}); err != nil {
		t.Fatal(err)
	}
	if m, _, err := b.porter.Receive(); err != nil || b.holds() != 0 {
		t.Errorf("got %T, %v, %d descriptors, want Left and none", m, err, b.holds())
	}
	for {
		m, _, err := b.kiosk.Receive()
		if err != nil {
			t.Fatal(err)
		}
		if u, ok := m.(*ipc.Unsaved); ok {
			if u.Why != ipc.SaveStopped {
				t.Errorf("got %d, want SaveStopped", u.Why)
			}
			break
		}
		if _, ok := m.(*ipc.Saved); ok {
			t.Fatal("saved: the page is too small for this test")
		}
	}
	for _, f := range files(t, b.stick) {
		t.Errorf("half a document stays: %s", f)
	}
	b.finish(20)
}
