package uplink

import (
	"io"
	"net/http"
	"strings"
)

// page is an answer that is not the district's.
func page(status int, body, auth string) *http.Response {
	h := http.Header{"Content-Type": {"text/html"}}
	if auth != "" {
		h.Set("District-Auth", auth)
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body))}
}
