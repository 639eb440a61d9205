package alarm

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"math/big"
	"mime"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"strings"
	"testing"
	"time"
)

// post is an SMTP server: enough of RFC 5321 to take letters, or to refuse them.
type post struct {
	listener net.Listener
	secure   *tls.Config // offers STARTTLS if set
	refuse   string      // the command answered with "451 later"
	hang     bool        // never answers
	letters  chan string
}

// newPost starts a server.
func newPost(t *testing.T, p post) *post {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	p.listener, p.letters = l, make(chan string, 10)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go p.serve(c)
		}
	}()
	return &p
}

func (p *post) serve(c net.Conn) {
	defer c.Close()
	in := bufio.NewReader(c)
	say := func(s string) { io.WriteString(c, s+"\r\n") }
	if p.hang {
		io.Copy(io.Discard, c)
		return
	}
	say("220 post")
	for encrypted := false; ; {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		word := strings.ToUpper(strings.TrimSpace(line))
		switch {
		case p.refuse != "" && strings.HasPrefix(word, p.refuse):
			say("451 later")
		case strings.HasPrefix(word, "EHLO") && p.secure != nil && !encrypted:
			say("250-post\r\n250-STARTTLS\r\n250 8BITMIME")
		case strings.HasPrefix(word, "EHLO"):
			say("250-post\r\n250 AUTH PLAIN")
		case word == "STARTTLS":
			say("220 go")
			s := tls.Server(c, p.secure)
			c, in, encrypted = s, bufio.NewReader(s), true
		case strings.HasPrefix(word, "AUTH PLAIN"):
			who, _ := base64.StdEncoding.DecodeString(strings.Fields(line)[2])
			if string(who) != "\x00sps\x00secret" {
				say("535 no")
			} else {
				say("235 yes")
			}
		case word == "DATA":
			say("354 go")
			p.take(in)
			say("250 taken")
		case word == "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

// take reads a letter up to the line with a dot.
func (p *post) take(in *bufio.Reader) {
	var b strings.Builder
	for {
		line, err := in.ReadString('\n')
		if err != nil || line == ".\r\n" {
			break
		}
		b.WriteString(strings.TrimPrefix(line, "."))
	}
	p.letters <- b.String()
}

// silence is a message with a kiosk whose name was typed by a joker.
func silence() Message {
	k := kiosk(1, "Зал\r\nBcc: all@example.ru\r\n\r\n.\r\nMAIL FROM:<x>", monday(10, 0))
	return Message{At: monday(12, 0), Expected: 4, Silent: []Silence{{Kiosk: k, Since: k.Seen, Open: 2 * time.Hour}}}
}

// certificate makes a server's certificate for 127.0.0.1 and whoever trusts it.
func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func TestMailOverSTARTTLS(t *testing.T) {
	cert, pool := certificate(t)
	p := newPost(t, post{secure: &tls.Config{Certificates: []tls.Certificate{cert}}})
	m := &Mail{Server: p.listener.Addr().String(), User: "sps", Password: "secret", From: "district@example.ru", To: []string{"a@example.ru", "b@example.ru"},
		TLS: &tls.Config{RootCAs: pool}}
	if err := m.Send(t.Context(), silence()); err != nil {
		t.Fatal(err)
	}
	letter, err := mail.ReadMessage(strings.NewReader(<-p.letters))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(letter.Header.Get("Subject"))
	if want := "Нет данных от киоска «Зал Bcc: all@example.ru . MAIL FROM:<x>» (МФЦ Кошки)"; err != nil || subject != want {
		t.Errorf("subject: got %q, %v, want %q", subject, err, want)
	}
	if to, err := letter.Header.AddressList("To"); err != nil || len(to) != 2 || len(letter.Header["To"]) != 1 {
		t.Errorf("to: got %v, %v, want one line of two addresses", to, err)
	}
	if letter.Header.Get("Bcc") != "" || letter.Header.Get("Auto-Submitted") != "auto-generated" {
		t.Errorf("head: got %v", letter.Header)
	}
	text, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, letter.Body))
	if err != nil || string(text) != silence().Text() {
		t.Errorf("text: got %s, %v, want %s", text, err, silence().Text())
	}
}

func TestMailFails(t *testing.T) {
	cert, pool := certificate(t)
	secure := &tls.Config{Certificates: []tls.Certificate{cert}}
	for name, c := range map[string]struct {
		post  post
		mail  Mail
		holds string
	}{
		"no encryption":      {post{}, Mail{}, ErrUnencrypted.Error()},
		"unknown authority":  {post{secure: secure}, Mail{TLS: &tls.Config{}}, "certificate"},
		"wrong password":     {post{secure: secure}, Mail{User: "sps", Password: "guess", TLS: &tls.Config{RootCAs: pool}}, "sign in: 535"},
		"address is refused": {post{refuse: "RCPT"}, Mail{Plain: true}, "address a@example.ru: 451"},
		"letter is refused":  {post{refuse: "DATA"}, Mail{Plain: true}, "451"},
	} {
		p := newPost(t, c.post)
		c.mail.Server, c.mail.From, c.mail.To = p.listener.Addr().String(), "district@example.ru", []string{"a@example.ru"}
		if err := c.mail.Send(t.Context(), silence()); err == nil || !strings.Contains(err.Error(), c.holds) {
			t.Errorf("%s: got %v, want %q", name, err, c.holds)
		}
		if len(p.letters) > 0 {
			t.Errorf("%s: a letter came", name)
		}
	}
	plain := newPost(t, post{})
	m := &Mail{Server: plain.listener.Addr().String(), Plain: true, From: "district@example.ru", To: []string{"a@example.ru"}}
	if err := m.Send(t.Context(), silence()); err != nil || len(plain.letters) != 1 {
		t.Errorf("plain allowed: %v, %d letters", err, len(plain.letters))
	}
}

func TestMailServerThatHangs(t *testing.T) {
	p := newPost(t, post{hang: true})
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	m := &Mail{Server: p.listener.Addr().String(), Plain: true, From: "district@example.ru", To: []string{"a@example.ru"}}
	done := make(chan error, 1)
	go func() { done <- m.Send(ctx, silence()) }()
	select {
	case err := <-done:
		if err == nil {
			t.Error("sent to a server that never answers")
		}
	case <-time.After(mailTime / 2):
		t.Error("waits for a server that never answers, although nobody waits for the message")
	}
}

func TestSettingsAreChecked(t *testing.T) {
	good := Mail{Server: "mail.example.ru:587", From: "district@example.ru", To: []string{"a@example.ru"}}
	if err := good.Check(); err != nil {
		t.Errorf("got %v", err)
	}
	for _, change := range []func(*Mail){
		func(m *Mail) { m.Server = "mail.example.ru" }, func(m *Mail) { m.To = nil }, func(m *Mail) { m.From = "" },
		func(m *Mail) { m.To = []string{"a@example.ru\r\nBcc: x@example.ru"} }, func(m *Mail) { m.To = []string{"Иванов <a@example.ru>"} },
	} {
		m := good
		change(&m)
		if m.Check() == nil || m.Send(t.Context(), silence()) == nil {
			t.Errorf("%+v is taken", m)
		}
	}
	for _, h := range []Webhook{{URL: "example.ru"}, {URL: "ftp://example.ru"}, {URL: "http://example.ru", Secret: "x"}, {}} {
		if h.Check() == nil || h.Send(t.Context(), silence()) == nil {
			t.Errorf("%+v is taken", h)
		}
	}
}

func TestWebhook(t *testing.T) {
	var got hookBody
	var head http.Header
	status := http.StatusNoContent
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		head = r.Header.Clone()
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Errorf("body: %v", err)
		}
		if status == http.StatusFound {
			w.Header().Set("Location", "/elsewhere")
		}
		w.WriteHeader(status)
	}))
	defer s.Close()
	h := &Webhook{URL: s.URL, Secret: "secret", Client: s.Client()}
	if err := h.Send(t.Context(), silence()); err != nil {
		t.Fatal(err)
	}
	if head.Get("Authorization") != "Bearer secret" || len(got.Silent) != 1 || got.Silent[0].Kiosk != 1 || !got.Silent[0].Since.Equal(monday(10, 0)) ||
		got.Text != silence().Text() || got.Back == nil {
		t.Errorf("got %+v, head %v", got, head)
	}
	for _, status = range []int{http.StatusFound, http.StatusBadRequest, http.StatusBadGateway} {
		if err := h.Send(t.Context(), silence()); err == nil {
			t.Errorf("status %d is taken for told", status)
		}
	}
	s.Close()
	if err := h.Send(t.Context(), silence()); err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("nobody there: got %v", err)
	}
}
