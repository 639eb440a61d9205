package scanworker

import (
	"net/http"
	"net/url"
	"testing"
)

// FuzzParsePath gives any address to the server of previews: what is taken has a token of 32 letters and a
// quarter turn.
func FuzzParsePath(f *testing.F) {
	f.Add("/0123456789abcdef0123456789abcdef/7?turn=90")
	f.Add("/0123456789abcdef0123456789abcdef/-1")
	f.Add("//../../x")
	f.Fuzz(func(t *testing.T, address string) {
		u, err := url.ParseRequestURI(address)
		if err != nil {
			return
		}
		token, _, turn, ok := parsePath(&http.Request{Method: http.MethodGet, URL: u})
		if ok && (len(token) != 32 || turn%90 != 0 || turn < 0 || turn > 270) {
			t.Errorf("%q: got token %q, turn %d", address, token, turn)
		}
	})
}
