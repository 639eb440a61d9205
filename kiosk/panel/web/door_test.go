package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// through sends a request through a door and returns the answer.
func through(d Door, method, target string, headers ...string) *http.Response {
	r := httptest.NewRequest(method, "http://127.0.0.1:8088/", strings.NewReader("x=1"))
	r.URL.Path, r.RequestURI = target, target
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
			continue
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	d.Guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNoContent) })).ServeHTTP(w, r)
	return w.Result()
}

// TestTheDoorLetsInOwnPagesOnly goes through what another site, another name and a bent path could do.
func TestTheDoorLetsInOwnPagesOnly(t *testing.T) {
	screen, lan := Door{Scheme: "http", Host: Loopback}, Door{Scheme: "https", Host: Literal}
	const here = "http://127.0.0.1:8088"
	for _, c := range []struct {
		name    string
		door    Door
		method  string
		path    string
		headers []string
		want    int
	}{
		{"a page", screen, "GET", "/board", nil, 204},
		{"the root", screen, "GET", "/", nil, 204},
		{"localhost", screen, "GET", "/board", []string{"Host", "localhost:8088"}, 204},
		{"IPv6", screen, "GET", "/board", []string{"Host", "[::1]:8088"}, 204},
		{"rebinding", screen, "GET", "/board", []string{"Host", "evil.example:8088"}, 421},
		{"rebinding that looks like it", screen, "GET", "/board", []string{"Host", "127.0.0.1.evil.example"}, 421},
		{"the network's address on the loopback", screen, "GET", "/board", []string{"Host", "192.168.1.20:8088"}, 421},
		{"no host", screen, "GET", "/board", []string{"Host", ""}, 421},
		{"an address in the network", lan, "GET", "/board", []string{"Host", "192.168.1.20:8443"}, 204},
		{"rebinding in the network", lan, "GET", "/board", []string{"Host", "evil.example:8443"}, 421},
		{"own act", screen, "POST", "/do", []string{"Origin", here, "Sec-Fetch-Site", "same-origin"}, 204},
		{"an act of an old browser", screen, "POST", "/do", []string{"Origin", here}, 204},
		{"an act that says nothing", screen, "POST", "/do", nil, 403},
		{"an act of another site", screen, "POST", "/do", []string{"Origin", "http://evil.example", "Sec-Fetch-Site", "cross-site"}, 403},
		{"an act of another port", screen, "POST", "/do", []string{"Origin", "http://127.0.0.1:9999", "Sec-Fetch-Site", "same-site"}, 403},
		{"an act of a file", screen, "POST", "/do", []string{"Origin", "null"}, 403},
		{"an act over http in the network", lan, "POST", "/do", []string{"Host", "10.0.0.1:8443", "Origin", "http://10.0.0.1:8443"}, 403},
		{"an act that lies about one of the two", screen, "POST", "/do", []string{"Origin", here, "Sec-Fetch-Site", "cross-site"}, 403},
		{"a DELETE without origin", screen, "DELETE", "/do", nil, 403},
		{"a stream for another site", screen, "GET", "/board/stream", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "cors"}, 403},
		{"a picture for another site", screen, "GET", "/a/x/mark.svg", []string{"Sec-Fetch-Site", "same-site", "Sec-Fetch-Mode", "no-cors"}, 403},
		{"a link from another site", screen, "GET", "/board", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}, 204},
		{"a frame of another site", screen, "GET", "/board", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"}, 403},
		{"two dots", screen, "GET", "/a/../board", nil, 404},
		{"two slashes", screen, "GET", "//board", nil, 404},
		{"a backslash", screen, "GET", `/a\..\board`, nil, 404},
		{"a NUL", screen, "GET", "/board\x00.css", nil, 404},
		{"a percent that was escaped", screen, "GET", "/%2e%2e/board", nil, 404},
		{"no slash", screen, "GET", "board", nil, 404},
	} {
		got := through(c.door, c.method, c.path, c.headers...)
		if got.StatusCode != c.want {
			t.Errorf("%s: got %d, want %d", c.name, got.StatusCode, c.want)
		}
		if p := got.Header.Get("Content-Security-Policy"); !strings.Contains(p, "script-src 'self'") || strings.Contains(p, "unsafe") {
			t.Errorf("%s: the policy is %q", c.name, p)
		}
		if got.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s may be kept: %q", c.name, got.Header.Get("Cache-Control"))
		}
	}
}

// TestABodyIsBounded: whatever comes after the first few kilobytes is not read.
func TestABodyIsBounded(t *testing.T) {
	read := 0
	h := Door{Scheme: "http", Host: Loopback}.Guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err == nil {
			read = len(r.PostForm.Get("x"))
		}
	}))
	r := httptest.NewRequest("POST", "http://localhost/do", strings.NewReader("x="+strings.Repeat("a", 1<<20)))
	r.Header.Set("Origin", "http://localhost")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	h.ServeHTTP(httptest.NewRecorder(), r)
	if read != 0 {
		t.Errorf("%d bytes of a form of 1 MiB were taken, want none", read)
	}
}

// TestATokenIsOfOnePage: another process, another cookie or none is refused.
func TestATokenIsOfOnePage(t *testing.T) {
	a, b := NewTokens(), NewTokens()
	for _, c := range []struct {
		token string
		want  bool
	}{{a.For("one"), true}, {a.For("two"), false}, {b.For("one"), false}, {"", false}} {
		r := httptest.NewRequest("POST", "/", nil)
		r.Header.Set(TokenHeader, c.token)
		if got := a.Holds(r, "one"); got != c.want {
			t.Errorf("token %q: got %v, want %v", c.token, got, c.want)
		}
	}
}
