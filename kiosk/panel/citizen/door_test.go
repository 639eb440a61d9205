package citizen_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/scan"
)

// ours are the addresses of the citizen's screen.
var ours = [][2]string{{"GET", "/"}, {"GET", "/citizen/stream"}, {"POST", "/citizen/do"}, {"GET", "/citizen/page/7/1"}, {"GET", "/citizen"}}

// TestTheNetworkHasNoCitizensScreen (A34): the same panel, asked through the door to the network, knows none
// of its addresses, and tells nothing of a session that runs.
func TestTheNetworkHasNoCitizensScreen(t *testing.T) {
	s := open(t)
	s.set(session(scan.StateReview, 3, "http://127.0.0.1:4000/secret/"))
	for _, c := range ours {
		r := httptest.NewRequest(c[0], "https://192.168.1.20:8443"+c[1], strings.NewReader("do=scan"))
		r.Header.Set("Origin", "https://192.168.1.20:8443")
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		ctx, stop := context.WithTimeout(t.Context(), 2*time.Second) // a stream that there is would not end
		w := httptest.NewRecorder()
		s.panel.LAN().ServeHTTP(w, r.WithContext(ctx))
		stop()
		body := w.Body.String()
		if w.Code < 300 || w.Header().Get("Location") != "" && strings.Contains(w.Header().Get("Location"), "4000") || strings.Contains(body, "secret") || strings.Contains(body, "Отсканирован") {
			t.Errorf("%s %s from the network: got %d, %q, %.80q", c[0], c[1], w.Code, w.Header().Get("Location"), body)
		}
	}
	if got := s.heard(); len(got) != 0 {
		t.Errorf("the network pressed %+v", got)
	}
}

// TestOnlyItsOwnPagePresses: another site, another Host, no token, a token of another process, GET.
func TestOnlyItsOwnPagePresses(t *testing.T) {
	s := open(t)
	_, page := s.body("/")
	token := regexp.MustCompile(`panel-token" content="([0-9a-f]+)"`).FindStringSubmatch(page)[1]
	here := strings.TrimSuffix(s.url, "/")
	for name, c := range map[string]struct {
		method string
		set    map[string]string
		want   int
	}{
		"itself":              {"POST", nil, http.StatusOK},
		"without a token":     {"POST", map[string]string{"X-Panel-Token": ""}, http.StatusForbidden},
		"with a made-up one":  {"POST", map[string]string{"X-Panel-Token": strings.Repeat("0", 32)}, http.StatusForbidden},
		"another origin":      {"POST", map[string]string{"Origin": "http://evil.example"}, http.StatusForbidden},
		"another port":        {"POST", map[string]string{"Origin": "http://127.0.0.1:1"}, http.StatusForbidden},
		"another site":        {"POST", map[string]string{"Sec-Fetch-Site": "cross-site"}, http.StatusForbidden},
		"a name bent to here": {"POST", map[string]string{"Host": "evil.example"}, http.StatusMisdirectedRequest},
		"a link":              {"GET", nil, http.StatusMethodNotAllowed},
	} {
		r, err := http.NewRequest(c.method, here+"/citizen/do", strings.NewReader(url.Values{"do": {"help"}}.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range map[string]string{"X-Panel-Token": token, "Origin": here, "Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"} {
			r.Header.Set(k, v)
		}
		for k, v := range c.set {
			if r.Header.Set(k, v); k == "Host" {
				r.Host = v
				r.Header.Set("Origin", "http://"+v)
			}
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		told := s.heard()
		if answer.StatusCode != c.want || (len(told) == 1) != (c.want == http.StatusOK) {
			t.Errorf("%s: got %d and %d inputs, want %d", name, answer.StatusCode, len(told), c.want)
		}
	}
}

// TestTheTokenOfTheWorkerIsNotInThePage, nor is anything of a page but its number.
func TestTheTokenOfTheWorkerIsNotInThePage(t *testing.T) {
	s := open(t)
	s.set(session(scan.StateReview, 3, "http://127.0.0.1:4000/secret/"))
	status, text := s.body("/")
	if status != http.StatusOK || strings.Contains(text, "secret") || strings.Contains(text, "4000") || !strings.Contains(text, "/citizen/page/7/3?turn=90") {
		t.Errorf("got %d and a page with the worker's address in it, or without its own", status)
	}
	s.set(func(v *kiosk.CitizenView) { v.Scan = scan.View{State: scan.StateIdle} })
	if _, text := s.body("/"); strings.Contains(text, "/citizen/page/") {
		t.Error("after the session the page still names its pages")
	}
}
