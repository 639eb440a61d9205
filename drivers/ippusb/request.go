package ippusb

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
)

// bodyLimit keeps a request in one piece: a producer that breaks off in the middle would leave the
// device waiting for the rest for ever. Scanners are asked in a kilobyte.
const bodyLimit = 16 << 10

// encode writes a request as the device shall see it and closes its body. Host is always localhost
// (IPP-USB §6.2; HP_Compact_Server refuses anything else). Connection and Expect are left
// out: there is no connection to keep or close, and nobody waits for a 100.
func encode(req *http.Request, q Quirks) ([]byte, error) {
	content, err := content(req)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: localhost\r\n", req.Method, req.URL.RequestURI())
	h := req.Header.Clone()
	if h == nil {
		h = http.Header{}
	}
	for _, name := range []string{"Host", "Connection", "Expect", "Transfer-Encoding", "Content-Length", "Te", "Trailer", "Upgrade"} {
		h.Del(name)
	}
	if q.Connection != "" {
		h.Set("Connection", q.Connection)
	}
	if err := h.Write(&b); err != nil {
		return nil, err
	}
	if len(content) > 0 || req.Method == http.MethodPost || req.Method == http.MethodPut {
		fmt.Fprintf(&b, "Content-Length: %d\r\n", len(content))
	}
	b.WriteString("\r\n")
	b.Write(content)
	return b.Bytes(), nil
}

func content(req *http.Request) ([]byte, error) {
	if req.Body == nil {
		return nil, nil
	}
	defer req.Body.Close()
	content, err := io.ReadAll(io.LimitReader(req.Body, bodyLimit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read request body: %w", err)
	case len(content) > bodyLimit:
		return nil, ErrTooLong
	}
	return content, nil
}
