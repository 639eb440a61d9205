package scanner_test

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"image/jpeg"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"sps-kiosk/hal/bench/scanner"
	"sps-kiosk/hal/bench/scanner/sheet/sheettest"
)

// client is an eSCL client as short as can be: it says what a test tells it to and believes all.
type client struct {
	t    *testing.T
	http *http.Client
	base string
	host string // Host, "" = that of base
}

// listen puts a scanner on a loopback port.
func listen(t *testing.T, s *scanner.Scanner) *client {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	over := make(chan error, 1)
	go func() { over <- s.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-over; err != nil {
			t.Errorf("serve: got %v", err)
		}
	})
	return &client{t: t, http: &http.Client{}, base: "http://" + l.Addr().String()}
}

// pipe connects to a scanner within the process, for tests in virtual time.
func pipe(t *testing.T, s *scanner.Scanner) *client {
	t.Helper()
	l := &pipes{conns: make(chan net.Conn), over: make(chan struct{})}
	ctx, cancel := context.WithCancel(t.Context())
	over := make(chan error, 1)
	go func() { over <- s.Serve(ctx, l) }()
	tr := &http.Transport{DialContext: l.dial}
	t.Cleanup(func() {
		tr.CloseIdleConnections()
		cancel()
		<-over
	})
	return &client{t: t, http: &http.Client{Transport: tr}, base: "http://localhost"}
}

type pipes struct {
	conns chan net.Conn
	over  chan struct{}
}

func (l *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case l.conns <- theirs:
		return ours, nil
	case <-l.over:
		return nil, net.ErrClosed
	}
}
func (l *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.over:
		return nil, net.ErrClosed
	}
}
func (l *pipes) Close() error   { close(l.over); return nil }
func (l *pipes) Addr() net.Addr { return &net.UnixAddr{} }

// reply is what came; err is that of reading the body.
type reply struct {
	code   int
	header http.Header
	body   []byte
	err    error
	res    *http.Response
}

func (c *client) do(method, path, body string) reply {
	c.t.Helper()
	r, err := c.try(c.t.Context(), method, path, body)
	if err != nil {
		c.t.Fatal(err)
	}
	return r
}

func (c *client) try(ctx context.Context, method, path, body string) (reply, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, strings.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	req.Host = c.host
	res, err := c.http.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return reply{res.StatusCode, res.Header, b, err, res}, nil
}

// ask makes ScanSettings for a whole A4 page at 75 dpi; the arguments replace pieces of it.
func ask(source string, changes ...string) string {
	return strings.NewReplacer(changes...).Replace(`<?xml version="1.0"?>
<s:ScanSettings xmlns:s="http://schemas.hp.com/imaging/escl/2011/05/03" xmlns:p="http://www.pwg.org/schemas/2010/12/sm">
<p:Version>2.0</p:Version><p:ScanRegions><p:ScanRegion><p:ContentRegionUnits>escl:ThreeHundredthsOfInches</p:ContentRegionUnits>
<p:XOffset>0</p:XOffset><p:YOffset>0</p:YOffset><p:Width>2480</p:Width><p:Height>3507</p:Height></p:ScanRegion></p:ScanRegions>
<p:InputSource>` + source + `</p:InputSource><s:ColorMode>RGB24</s:ColorMode><p:DocumentFormat>image/jpeg</p:DocumentFormat>
<s:XResolution>75</s:XResolution><s:YResolution>75</s:YResolution></s:ScanSettings>`)
}

// duplex is a change for ask.
func duplex() []string {
	return []string{"</s:ScanSettings>", "<s:Duplex>true</s:Duplex></s:ScanSettings>"}
}

// job starts one and returns its path.
func (c *client) job(settings string) string {
	c.t.Helper()
	r := c.do("POST", "/eSCL/ScanJobs", settings)
	if r.code != 201 {
		c.t.Fatalf("start: got %d %q, want 201", r.code, r.body)
	}
	location := r.header.Get("Location")
	return location[strings.Index(location, "/eSCL/"):]
}

// page gets the next page of a job.
func (c *client) page(job string) reply {
	c.t.Helper()
	return c.do("GET", job+"/NextDocument", "")
}

// marks reads pages until something else than 200 comes, and returns what stands on them and that
// code.
func (c *client) marks(job string) (marks []string, code int) {
	c.t.Helper()
	for {
		r := c.page(job)
		if r.code != 200 {
			return marks, r.code
		}
		marks = append(marks, mark(r))
	}
}

// mark is what a page shows, "-" for nothing readable, "broken" for no picture.
func mark(r reply) string {
	img, err := jpeg.Decode(bytes.NewReader(r.body))
	if r.err != nil || err != nil {
		return "broken"
	}
	m, turned, err := sheettest.Read(img)
	switch {
	case err != nil:
		return "-"
	case turned != 0:
		return fmt.Sprintf("%s turned %d", m, turned)
	}
	return m
}

// status is ScannerStatus in short: state, feeder, and the newest job's state, reason and counts.
func (c *client) status() string {
	c.t.Helper()
	var v struct {
		State string `xml:"http://www.pwg.org/schemas/2010/12/sm State"`
		Adf   string `xml:"http://schemas.hp.com/imaging/escl/2011/05/03 AdfState"`
		Jobs  []struct {
			Done   int      `xml:"http://www.pwg.org/schemas/2010/12/sm ImagesCompleted"`
			Left   int      `xml:"http://www.pwg.org/schemas/2010/12/sm ImagesToTransfer"`
			State  string   `xml:"http://www.pwg.org/schemas/2010/12/sm JobState"`
			Reason []string `xml:"http://www.pwg.org/schemas/2010/12/sm JobStateReasons>JobStateReason"`
		} `xml:"http://schemas.hp.com/imaging/escl/2011/05/03 Jobs>JobInfo"`
	}
	r := c.do("GET", "/eSCL/ScannerStatus", "")
	if err := errors.Join(r.err, xml.Unmarshal(r.body, &v)); r.code != 200 || err != nil {
		c.t.Fatalf("status: got %d, %v: %s", r.code, err, r.body)
	}
	s := v.State + " " + strings.TrimPrefix(v.Adf, "ScannerAdf")
	if len(v.Jobs) > 0 {
		j := v.Jobs[0]
		s += fmt.Sprintf(" %s/%s %d+%d", j.State, strings.Join(j.Reason, ","), j.Done, j.Left)
	}
	return s
}

func (c *client) want(what, got, want string) {
	c.t.Helper()
	if got != want {
		c.t.Errorf("%s: got %q, want %q", what, got, want)
	}
}
