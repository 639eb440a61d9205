package panel_test

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"sps-kiosk/kiosk/panel/paneltest"
)

var linked = regexp.MustCompile(`(?:href|src)="(/a/[^"]+)"`)

// TestAFirstLoadIsSmall: page, stylesheet and modules together, as they go over the line, for every page there is;
// nothing in them is asked for elsewhere.
func TestAFirstLoadIsSmall(t *testing.T) {
	k := paneltest.Start(t)
	h := newHand(t, k)
	h.firstLoad("/pair", http.StatusOK)
	h.enter("7004")
	h.firstLoad("/board", http.StatusOK)
	h.firstLoad("/console", http.StatusOK)
	h.post("/sign-out")
	h.firstLoad("/technician", http.StatusUnauthorized) // the page that asks for the PIN
	h.post("/sign-in", "pin", paneltest.TechnicianPin)
	for _, path := range []string{"/technician", "/technician/settings", "/technician/update"} {
		h.firstLoad(path, http.StatusOK)
	}
	h.post("/sign-out")
	h.look("/technician")
	h.post("/sign-in", "pin", paneltest.AdministratorPin)
	h.firstLoad("/console", http.StatusOK)
}

// firstLoad adds up what a browser with nothing kept fetches for a page. The chime of the board comes after it
// stands, and not where the browser may not sound.
func (h *hand) firstLoad(path string, want int) {
	h.t.Helper()
	const most = 60_000
	status, page := h.look(path)
	h.want(path, status, want)
	total, seen := len(page), map[string]bool{}
	var fetch func(address string)
	fetch = func(address string) {
		if seen[address] || strings.HasSuffix(address, ".wav") {
			return
		}
		seen[address] = true
		r, _ := http.NewRequest("GET", h.k.LAN+address, nil)
		r.Header.Set("Accept-Encoding", "gzip")
		answer, err := h.client.Do(r)
		if err != nil {
			h.t.Fatal(err)
		}
		body, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		h.want(address, answer.StatusCode, http.StatusOK)
		total += len(body)
		text := h.k.File(address)
		if outside.MatchString(text) {
			h.t.Errorf("%s names another place: %s", address, outside.FindString(text))
		}
		base, _ := url.Parse(address)
		for _, m := range imported.FindAllStringSubmatch(text, -1) {
			fetch(base.JoinPath("..", m[1]).Path)
		}
	}
	for _, m := range linked.FindAllStringSubmatch(page, -1) {
		fetch(m[1])
	}
	h.t.Logf("%s: %d bytes in %d files", path, total, len(seen)+1)
	if total > most || len(seen) < 3 {
		h.t.Errorf("%s takes %d bytes in %d files, want at most %d", path, total, len(seen)+1, most)
	}
	if outside.MatchString(page) {
		h.t.Errorf("%s names another place: %s", path, outside.FindString(page))
	}
}

var (
	imported = regexp.MustCompile(`(?:from|import) "(\./[^"]+)"`)
	// outside is anything that a browser would fetch elsewhere.
	outside = regexp.MustCompile(`(?:src|href|action)="(?:https?:)?//|url\(|@import|(?:fetch|EventSource|import)\("https?:`)
)
