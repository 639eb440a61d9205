package panel_test

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"sps-kiosk/kiosk/panel/paneltest"
)

// hand is a browser without a screen: cookies, and the token of the page it looks at.
type hand struct {
	t      *testing.T
	k      *paneltest.Kiosk
	client *http.Client
	token  string
	origin string // "" = the kiosk's own
}

func newHand(t *testing.T, k *paneltest.Kiosk) *hand {
	return &hand{t: t, k: k, client: k.Client()}
}

var tokenShape = regexp.MustCompile(`name="panel-token" content="([0-9a-f]+)"`)

// look opens a page and keeps its token.
func (h *hand) look(path string) (status int, page string) {
	h.t.Helper()
	answer, err := h.client.Get(h.k.LAN + path)
	if err != nil {
		h.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(answer.Body)
	if found := tokenShape.FindSubmatch(body); found != nil {
		h.token = string(found[1])
	}
	return answer.StatusCode, string(body)
}

// post does an act: key, value, key, value.
func (h *hand) post(path string, fields ...string) (status int, said string) {
	h.t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	r, _ := http.NewRequest("POST", h.k.LAN+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", h.k.LAN)
	if h.origin != "" {
		r.Header.Set("Origin", h.origin)
	}
	r.Header.Set("X-Panel-Token", h.token)
	answer, err := h.client.Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(answer.Body)
	return answer.StatusCode, strings.TrimSpace(string(body))
}

// enter pairs the browser and signs in.
func (h *hand) enter(pin string) {
	h.t.Helper()
	code, err := h.k.Desk.Card()
	if err != nil {
		h.t.Fatal(err)
	}
	h.look("/pair")
	if status, said := h.post("/pair", "code", code); status != http.StatusOK {
		h.t.Fatalf("pair: got %d %s", status, said)
	}
	h.look("/console")
	if status, said := h.post("/sign-in", "pin", pin); status != http.StatusOK {
		h.t.Fatalf("sign in: got %d %s", status, said)
	}
	h.look("/console")
}

func (h *hand) want(what string, status int, wantStatus int) {
	h.t.Helper()
	if status != wantStatus {
		h.t.Errorf("%s: got %d, want %d", what, status, wantStatus)
	}
}

// newHandAt is a browser that looks at a page.
func newHandAt(t *testing.T, k *paneltest.Kiosk, path string) *hand {
	h := newHand(t, k)
	h.look(path)
	return h
}

// fingerprint writes a certificate's SHA-256 as a card does.
func fingerprint(der []byte) string {
	text := strings.ToUpper(fmt.Sprintf("%x", sha256.Sum256(der)))
	var groups []string
	for ; text != ""; text = text[4:] {
		groups = append(groups, text[:4])
	}
	return strings.Join(groups, " ")
}
