package demo

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// built builds the programs that the demonstration starts.
func built(t *testing.T) (district, kiosk string) {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"district", "kiosk"} {
		out, err := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(dir, name), "sps-kiosk/cmd/"+name).CombinedOutput()
		if err != nil {
			t.Fatalf("build %s: %v: %s", name, err, out)
		}
	}
	return filepath.Join(dir, "district"), filepath.Join(dir, "kiosk")
}

// free returns an address that nobody listens at.
func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// safe is a buffer that several programs write into.
type safe struct {
	mu  sync.Mutex
	all bytes.Buffer // not embedded: a copy would read into it past the lock
}

func (b *safe) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.Write(p)
}

func (b *safe) text() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.String()
}

// show starts a demonstration and waits until everything stands; stop ends it.
func show(t *testing.T, s Settings) (p Presentation, stop func()) {
	t.Helper()
	log, stands, ended := &safe{}, make(chan Presentation, 1), make(chan error, 1)
	s.Out, s.Log, s.Presented = io.Discard, log, func(p Presentation) { stands <- p }
	ctx, cancel := context.WithCancel(t.Context())
	go func() { ended <- Run(ctx, s) }()
	select {
	case p = <-stands:
	case err := <-ended:
		cancel()
		t.Fatalf("it ended: %v: %s", err, log.text())
	}
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("at the end: %v: %s", err, log.text())
		}
	})
	t.Cleanup(stop) // before its folder goes, whatever the test says
	return p, stop
}

// hurry ends a test that waits in vain, shortly before its time is over.
func hurry(t *testing.T, waiting func() string) {
	t.Helper()
	if end, limited := t.Deadline(); limited && time.Until(end) < 30*time.Second {
		t.Fatal(waiting())
	}
	time.Sleep(200 * time.Millisecond)
}

// signedIn is a reader of the district's interface.
func signedIn(t *testing.T, p Presentation, name, password string) *http.Client {
	t.Helper()
	c := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} // its certificate is its own
	c.Jar, _ = cookiejar.New(nil)
	res, err := c.Post(p.Site+"/v1/admin/login", "application/json", strings.NewReader(fmt.Sprintf(`{"name":%q,"password":%q}`, name, password)))
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("sign in as %s: %+v, %v", name, res, err)
	}
	res.Body.Close()
	return c
}

// kiosk is one as the district lists it.
type kiosk struct {
	Name   string
	Status string
	Seen   *time.Time
}

// TestDemoComesUp shows a month of three offices: the past is there, three kiosks of their own processes are
// on the register and heard, the pages of both roles answer, and a second start loads nothing again and
// knows its kiosks.
func TestDemoComesUp(t *testing.T) {
	s := Settings{Dir: filepath.Join(t.TempDir(), "demo"), Listen: free(t), Days: 30, Offices: 3, Kiosks: 3, Seed: 1}
	s.District, s.Kiosk = built(t)
	began := time.Now()
	p, stop := show(t, s)
	t.Logf("a month of three offices: %d events in %v", p.Events, p.Loading.Round(time.Millisecond))
	if p.Events < 10_000 || p.Offices != 3 || len(p.Kiosks) != 3 {
		t.Errorf("got %+v, want 3 offices, 3 kiosks and some ten thousand events", p)
	}
	heard(t, p, began)
	for name, password := range map[string]string{"admin": p.Admin, "viewer": p.Viewer} {
		c := signedIn(t, p, name, password)
		for _, path := range []string{"/", "/period", "/services", "/reports"} {
			if code, page := read(t, c, p.Site+path); code != http.StatusOK || !strings.Contains(page, "</html>") {
				t.Errorf("%s at %s: got %d", name, path, code)
			}
		}
		want := map[string]int{"admin": http.StatusOK, "viewer": http.StatusForbidden}[name]
		if code, _ := read(t, c, p.Site+"/admin/kiosks"); code != want {
			t.Errorf("%s at the kiosks: got %d, want %d", name, code, want)
		}
	}
	nobodySilent(t, p)
	month := time.Now().AddDate(0, 0, -15).Format("2006-01-02")
	_, report := read(t, signedIn(t, p, "viewer", p.Viewer), p.Site+"/v1/figures/report.json?from="+month+"&to="+month)
	var figures struct {
		Lines []struct {
			Name     string
			Counters map[string]int64
		}
	}
	if err := json.Unmarshal([]byte(report), &figures); err != nil || len(figures.Lines) < 4 {
		t.Fatalf("report: %v in %.300s", err, report)
	}
	for _, l := range figures.Lines[:4] {
		if l.Counters["issued"] == 0 || l.Counters["answers"] == 0 {
			t.Errorf("%s: got %v, want visits with answers", l.Name, l.Counters)
		}
	}
	for _, k := range p.Kiosks {
		if code, page := read(t, http.DefaultClient, k.Page); code != http.StatusOK || !strings.Contains(page, "</html>") {
			t.Errorf("drawn machine at %s: got %d", k.Page, code)
		}
	}
	stop()
	before, err := os.Stat(filepath.Join(s.Dir, "district", databaseFile))
	if err != nil {
		t.Fatal(err)
	}
	began = time.Now()
	again, _ := show(t, s)
	if again.Events != 0 || again.Offices != 3 {
		t.Errorf("the second time: got %+v, want nothing loaded (%d bytes were there)", again, before.Size())
	}
	if list := heard(t, again, began); list != 6 {
		t.Errorf("the second time: got %d kiosks, want the same 6", list)
	}
}

// read gets a page.
func read(t *testing.T, c *http.Client, address string) (int, string) {
	t.Helper()
	res, err := c.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

// heard waits until every live kiosk was heard since a moment, and returns how many kiosks there are.
func heard(t *testing.T, p Presentation, since time.Time) (kiosks int) {
	t.Helper()
	c := signedIn(t, p, "admin", p.Admin)
	for {
		_, text := read(t, c, p.Site+"/v1/admin/kiosks")
		var list []kiosk
		if err := json.Unmarshal([]byte(text), &list); err != nil {
			t.Fatal(err)
		}
		live := 0
		for _, k := range list {
			if k.Name == liveName && k.Status == "active" && k.Seen != nil && k.Seen.After(since) {
				live++
			}
		}
		if live == len(p.Kiosks) {
			return len(list)
		}
		hurry(t, func() string { return fmt.Sprintf("got %s, want %d live kiosks", text, len(p.Kiosks)) })
	}
}

// nobodySilent waits until the page of kiosks says that all are heard, those of the past, too.
func nobodySilent(t *testing.T, p Presentation) {
	t.Helper()
	c := signedIn(t, p, "viewer", p.Viewer)
	for {
		_, page := read(t, c, p.Site+"/kiosks")
		if strings.Contains(page, `<data data-f="kiosks_silent" value="0">`) {
			return
		}
		hurry(t, func() string { return "the kiosks of the past are silent: " + page })
	}
}

// TestAProgramThatEndsEndsTheDemo: nobody is shown a district without its server.
func TestAProgramThatEndsEndsTheDemo(t *testing.T) {
	s := Settings{Dir: t.TempDir(), Listen: free(t), Days: 2, Offices: 1, District: "/bin/false", Out: io.Discard, Log: io.Discard}
	if err := Run(t.Context(), s); err == nil || !strings.Contains(err.Error(), "false") {
		t.Errorf("got %v, want it to say which program ended", err)
	}
}
