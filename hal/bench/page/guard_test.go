package page

import (
	"net/http/httptest"
	"strings"
	"testing"
)

func TestOnlyLoopbackHosts(t *testing.T) {
	h := New(newFake())
	for host, want := range map[string]int{
		"localhost": 200, "localhost:8080": 200, "LOCALHOST:80": 200, "127.0.0.1:8080": 200, "127.9.9.9": 200, "[::1]:8080": 200, "[::1]": 200,
		"": 421, "kiosk.example": 421, "localhost.example:80": 421, "192.168.0.2:8080": 421, "0.0.0.0": 421, "[::]:80": 421, "127.0.0.1.example": 421,
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Host = host
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("Host %q: got %d, want %d", host, w.Code, want)
		}
	}
}

func TestOnlyOwnPageActs(t *testing.T) {
	for _, tt := range []struct {
		header, value string
		want          int
	}{
		{"Sec-Fetch-Site", "same-origin", 204},
		{"Origin", "http://localhost:8080", 204},
		{"Sec-Fetch-Site", "cross-site", 403},
		{"Sec-Fetch-Site", "same-site", 403},
		{"Origin", "http://evil.example", 403},
		{"Origin", "http://localhost:9999", 403},
		{"Origin", "null", 403},
	} {
		f := newFake()
		r := httptest.NewRequest("POST", "http://localhost:8080/power", strings.NewReader(`{"on":false}`))
		r.Header.Set(tt.header, tt.value)
		w := httptest.NewRecorder()
		New(f).ServeHTTP(w, r)
		if w.Code != tt.want || (len(f.acts()) > 0) != (tt.want == 204) {
			t.Errorf("%s: %s: got %d and acts %q, want %d", tt.header, tt.value, w.Code, f.acts(), tt.want)
		}
	}
}

func TestStrictPolicyEverywhere(t *testing.T) {
	h := New(newFake())
	for _, path := range []string{"/", "/nothing", "/paper/1.png"} {
		got := get(t, h, path).Header()
		if csp := got.Get("Content-Security-Policy"); csp != policy || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: got policy %q", path, csp)
		}
		if got.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: got %v, want nosniff", path, got)
		}
	}
}
