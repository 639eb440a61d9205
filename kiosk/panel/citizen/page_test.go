package citizen_test

import (
	"net/http"
	"strings"
	"testing"

	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/scan"
)

// TestAPageIsGoneWithItsSession (A29): the address leads to the worker while there is a session and the page
// is in it; afterwards it is 410. Not a byte of a page passes through the kiosk.
func TestAPageIsGoneWithItsSession(t *testing.T) {
	s := open(t)
	s.set(session(scan.StateReview, 3, "http://127.0.0.1:4000/token/"))
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	ask := func(path string) *http.Response {
		t.Helper()
		answer, err := client.Get(s.url + strings.TrimPrefix(path, "/"))
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		return answer
	}
	for path, want := range map[string]string{"/citizen/page/7/2": "http://127.0.0.1:4000/token/2", "/citizen/page/7/2?turn=90": "http://127.0.0.1:4000/token/2?turn=90"} {
		a := ask(path)
		if a.StatusCode != http.StatusTemporaryRedirect || a.Header.Get("Location") != want || a.Header.Get("Cache-Control") != "no-store" || a.ContentLength > 0 {
			t.Errorf("%s: got %d %q %q, want a way to %s that nobody keeps", path, a.StatusCode, a.Header.Get("Location"), a.Header.Get("Cache-Control"), want)
		}
	}
	gone := map[string]int{"/citizen/page/7/4": 410, "/citizen/page/6/2": 410, "/citizen/page/8/2": 410, "/citizen/page/7/2?turn=45": 404, "/citizen/page/7/x": 404,
		"/citizen/page/7/99999999999": 404, "/citizen/page/7": 404}
	for path, want := range gone {
		if a := ask(path); a.StatusCode != want || a.Header.Get("Location") != "" {
			t.Errorf("%s: got %d, want %d", path, a.StatusCode, want)
		}
	}
	s.set(func(v *kiosk.CitizenView) { v.Scan = scan.View{State: scan.StateWiped, Number: 7} })
	if a := ask("/citizen/page/7/2"); a.StatusCode != http.StatusGone || a.Header.Get("Location") != "" {
		t.Errorf("after the wipe: got %d, want 410", a.StatusCode)
	}
}
