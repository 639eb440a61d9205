package uplink

import (
	"io"
	"net/http"
	"strings"

	"sps-kiosk/sync/wire"
)

// forge is a proxy that acknowledges by itself whatever it sees, so that nobody asks it for more. It
// even carries a header that a district once signed.
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
	answer, err := wire.Answer{Stream: b.Stream, Ack: b.End(), Now: 1, Status: "active"}.Encode()
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
