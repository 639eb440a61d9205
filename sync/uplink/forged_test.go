package uplink

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"sps-kiosk/sync/clock"
	"sps-kiosk/sync/wire"
)

// bait is a firmware that nobody who is not the district may offer.
func bait() *wire.Offer {
	return &wire.Offer{Version: "9.9", SHA256: strings.Repeat("0c", 32), Size: 7}
}

// forge is a proxy that acknowledges by itself whatever it sees, so that nobody asks it for more, and
// offers a firmware of its own. It even carries a header that a district once signed.
func forge(q *http.Request, _ func() *http.Response) (*http.Response, error) {
	body, err := io.ReadAll(q.Body)
	if err != nil {
		return nil, err
	}
	var dec wire.Decoder
	b, err := dec.Decode(body)
	if err != nil {
		return nil, errLink // no batch
	}
	answer, err := wire.Answer{Stream: b.Stream, Ack: b.End(), Now: 1, Status: "active", Offer: bait()}.Encode()
	return page(http.StatusOK, string(answer), "1 AAAAAAAAAAAAAAAAAAAAAA "+strings.Repeat("A", 86)), err
}

// page is an answer that is not the district's.
func page(status int, body, auth string) *http.Response {
	h := http.Header{"Content-Type": {"text/html"}}
	if auth != "" {
		h.Set("District-Auth", auth)
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body))}
}

// Nobody but the district is believed, whatever he answers: nothing is acknowledged, no time is
// taken, no pause is kept, no firmware is fetched.
func TestOnlyTheDistrictIsBelieved(t *testing.T) {
	early := func(_ *http.Request, serve func() *http.Response) (*http.Response, error) { return serve(), nil }
	for name, c := range map[string]struct {
		fault func(*http.Request, func() *http.Response) (*http.Response, error)
		why   string
	}{
		"captive portal":     {portal, notDistrict},
		"forged answer":      {forge, strangeKey},
		"redirect":           {redirect, notDistrict},
		"bad gateway":        {gateway, busyDistrict},
		"altered answer":     {altered, notDistrict},
		"slipped-in offer":   {slipped, notDistrict},
		"endless answer":     {endless, notDistrict},
		"answer cut off":     {short, notDistrict},
		"another's status":   {status, notDistrict},
		"replayed answer":    {replaying(), noLink},
		"nothing":            {cut, noLink},
		"the district":       {early, ""},
		"a proxy's Date":     {dated, ""},
		"a proxy's long Age": {retryForever, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, t.TempDir())
			r.settle()
			r.happen(7)
			date := r.up.Box.Date(clock.Moment{Boot: 1, Up: r.since})
			r.link.fault = c.fault
			to := &updater{}
			r.up.Updater = to
			for range 4 {
				if wait := r.exchange(); wait > longest+time.Second {
					t.Errorf("got a pause of %v, want %v at most", wait, longest)
				}
			}
			s := r.state()
			if len(to.offers) > 0 {
				t.Errorf("got the offer %+v handed on", to.offers)
			}
			if c.why == "" {
				if s.Link != Linked || s.Backlog != 0 {
					t.Errorf("got %+v, want a link", s)
				}
				return
			}
			if s.Link != NoLink || s.Backlog != 7 || c.why != noLink && s.Why != c.why {
				t.Errorf("got %+v, want no link, 7 events kept, %q", s, c.why)
			}
			if now := r.up.Box.Date(clock.Moment{Boot: 1, Up: r.since}); name != "replayed answer" && now.Hi-now.Lo < date.Hi-date.Lo {
				t.Error("the time was taken from somebody else")
			}
			r.link.fault = nil
			r.settle()
			if delivered, declared := r.check(); delivered != 8 || declared != 0 {
				t.Errorf("got %d delivered, %d declared lost, want 8, 0", delivered, declared)
			}
		})
	}
}

func redirect(*http.Request, func() *http.Response) (*http.Response, error) {
	p := page(http.StatusFound, "", "")
	p.Header.Set("Location", "https://portal.example/")
	return p, nil
}

func gateway(*http.Request, func() *http.Response) (*http.Response, error) {
	return page(http.StatusBadGateway, "<h1>502</h1>", ""), nil
}

// change serves and then alters the body.
func change(serve func() *http.Response, alter func(string) string) *http.Response {
	p := serve()
	text, _ := io.ReadAll(p.Body) // from memory
	p.Body = io.NopCloser(strings.NewReader(alter(string(text))))
	return p
}

func altered(_ *http.Request, serve func() *http.Response) (*http.Response, error) {
	return change(serve, func(s string) string { return strings.Replace(s, `"err":50`, `"err":49`, 1) }), nil
}

// slipped puts an offer into a true answer.
func slipped(_ *http.Request, serve func() *http.Response) (*http.Response, error) {
	offer, err := json.Marshal(bait())
	return change(serve, func(s string) string { return strings.TrimSuffix(s, "}") + `,"offer":` + string(offer) + "}" }), err
}

func endless(_ *http.Request, serve func() *http.Response) (*http.Response, error) {
	return change(serve, func(s string) string { return s + strings.Repeat(" ", 1<<20) }), nil
}

func short(_ *http.Request, serve func() *http.Response) (*http.Response, error) {
	return change(serve, func(s string) string { return s[:len(s)/2] }), nil
}

func status(_ *http.Request, serve func() *http.Response) (*http.Response, error) {
	p := serve()
	p.StatusCode = http.StatusAccepted
	return p, nil
}

func dated(_ *http.Request, serve func() *http.Response) (*http.Response, error) {
	p := serve()
	p.Header.Set("Date", "Thu, 01 Jan 1970 00:00:00 GMT")
	return p, nil
}

func retryForever(_ *http.Request, serve func() *http.Response) (*http.Response, error) {
	p := serve()
	p.Header.Set("Retry-After", "999999999")
	return p, nil
}
