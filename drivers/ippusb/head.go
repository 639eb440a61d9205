package ippusb

import (
	"context"
	"errors"
	"net/http"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
)

const (
	headerLimit  = 128 // lines of one head
	interimLimit = 8   // 1xx responses before the real one
)

var errBadHead = errors.New("head of a response is no http")

// head is the beginning of a response, read with more patience than net/http has: devices send
// empty lines first, fold lines, put blanks before colons and lines without one.
type head struct {
	proto  string
	code   int
	reason string
	header http.Header
}

// head reads the next response's head; interim responses are read over.
func (s *stream) head(ctx context.Context) (head, error) {
	for range interimLimit {
		if err := s.seek(ctx); err != nil {
			return head{}, err
		}
		line, err := s.line(ctx)
		if err != nil {
			return head{}, err
		}
		h, ok := parseStatus(line)
		if !ok {
			return head{}, errBadHead
		}
		if h.header, err = s.header(ctx); err != nil {
			return head{}, err
		}
		if h.code >= 200 {
			return h, nil
		}
	}
	return head{}, errBadHead
}

func parseStatus(line string) (head, bool) {
	proto, rest, _ := strings.Cut(line, " ")
	code, reason, _ := strings.Cut(strings.TrimLeft(rest, " "), " ")
	n, err := strconv.Atoi(code)
	if err != nil || n < 100 || n > 999 || !strings.HasPrefix(proto, "HTTP/1.") {
		return head{}, false
	}
	return head{proto: proto, code: n, reason: reason}, true
}

func (s *stream) header(ctx context.Context) (http.Header, error) {
	out, last := http.Header{}, ""
	for range headerLimit {
		line, err := s.line(ctx)
		if err != nil {
			return nil, err
		}
		if line == "" {
			return out, nil
		}
		if v := out[last]; line[0] == ' ' || line[0] == '\t' { // folded
			if len(v) > 0 {
				v[len(v)-1] += " " + strings.TrimSpace(line)
			}
			continue
		}
		name, value, found := strings.Cut(line, ":")
		name = strings.TrimSpace(name)
		if !found || !token(name) {
			last = ""
			continue
		}
		last = textproto.CanonicalMIMEHeaderKey(name)
		out[last] = append(out[last], strings.TrimSpace(value))
	}
	return nil, errBadHead
}

// token reports whether a header's name is one (RFC 9110 §5.6.2).
func token(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	})
}

// length returns the body's length, -1 if the head does not tell it or contradicts itself.
func (h head) length() int64 {
	var all []string
	for _, v := range h.header["Content-Length"] {
		for one := range strings.SplitSeq(v, ",") {
			all = append(all, strings.TrimSpace(one))
		}
	}
	if len(all) == 0 || slices.ContainsFunc(all, func(v string) bool { return v != all[0] }) {
		return -1
	}
	n, err := strconv.ParseUint(all[0], 10, 62)
	if err != nil {
		return -1
	}
	return int64(n)
}

func (h head) chunked() bool {
	return strings.Contains(strings.ToLower(strings.Join(h.header["Transfer-Encoding"], ",")), "chunked")
}

// response is the head as net/http has it.
func (h head) response(req *http.Request) *http.Response {
	r := &http.Response{
		Status: strings.TrimSpace(strconv.Itoa(h.code) + " " + h.reason), StatusCode: h.code,
		Proto: h.proto, ProtoMajor: 1, Header: h.header, ContentLength: h.length(), Request: req,
	}
	if strings.HasSuffix(h.proto, ".1") {
		r.ProtoMinor = 1
	}
	if h.chunked() {
		r.ContentLength, r.TransferEncoding = -1, []string{"chunked"}
	}
	return r
}
