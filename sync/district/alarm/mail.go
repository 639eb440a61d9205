package alarm

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/mail"
	"net/smtp"
	"strings"
	"time"
)

// ErrUnencrypted means that the server offers no encryption: the password and the message stay here.
var ErrUnencrypted = errors.New("mail server offers no encryption: use port 465, or allow it for a server on this machine")

// mailTime is the longest that one message may take.
const mailTime = 30 * time.Second

// Mail sends by SMTP (RFC 5321): TLS from the first byte on port 465, else STARTTLS.
type Mail struct {
	Server   string // "mail.example.ru:587"
	User     string // "" = without signing in
	Password string
	From     string
	To       []string
	// Plain allows a server without encryption, on this machine or in its own room.
	Plain bool
	TLS   *tls.Config // nil = the system's authorities and the server's name
}

// Check reports what is wrong with the settings, in words for whoever typed them.
func (m *Mail) Check() error {
	if _, _, err := net.SplitHostPort(m.Server); err != nil {
		return fmt.Errorf("почтовый сервер %q: нужен адрес с портом, например mail.example.ru:587", m.Server)
	}
	if len(m.To) == 0 {
		return errors.New("не указано, кому отправлять письма")
	}
	for _, address := range append([]string{m.From}, m.To...) {
		if a, err := mail.ParseAddress(address); err != nil || a.Address != address {
			return fmt.Errorf("адрес %q: нужен вид name@example.ru", address)
		}
	}
	return nil
}

// Send is Sender's. The message is taken when the server says so after the last line.
func (m *Mail) Send(ctx context.Context, msg Message) error {
	if err := m.Check(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, mailTime)
	defer cancel()
	c, err := m.dial(ctx)
	if err != nil {
		return fmt.Errorf("mail server %s: %w", m.Server, err)
	}
	defer c.Close()
	if err := m.talk(c, m.letter(msg)); err != nil {
		return fmt.Errorf("mail server %s: %w", m.Server, err)
	}
	return nil
}

// dial connects, encrypts and signs in. The connection dies with ctx.
func (m *Mail) dial(ctx context.Context) (*smtp.Client, error) {
	host, port, err := net.SplitHostPort(m.Server)
	if err != nil {
		return nil, err
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", m.Server)
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() { conn.Close() })
	secure := m.TLS.Clone()
	if secure == nil {
		secure = &tls.Config{}
	}
	if secure.ServerName == "" {
		secure.ServerName = host
	}
	if port == "465" {
		conn = tls.Client(conn, secure)
	}
	c, err := smtp.NewClient(conn, host)
	if err != nil {
		conn.Close()
		return nil, err
	}
	if err := m.greet(c, secure, port == "465"); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// greet encrypts and signs in.
func (m *Mail) greet(c *smtp.Client, secure *tls.Config, encrypted bool) error {
	if offered, _ := c.Extension("STARTTLS"); offered && !encrypted {
		if err := c.StartTLS(secure); err != nil {
			return fmt.Errorf("encrypt: %w", err)
		}
		encrypted = true
	}
	if !encrypted && !m.Plain {
		return ErrUnencrypted
	}
	if m.User == "" {
		return nil
	}
	if err := c.Auth(smtp.PlainAuth("", m.User, m.Password, secure.ServerName)); err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	return nil
}

// talk hands a letter over.
func (m *Mail) talk(c *smtp.Client, letter []byte) error {
	if err := c.Mail(m.From); err != nil {
		return err
	}
	for _, to := range m.To {
		if err := c.Rcpt(to); err != nil {
			return fmt.Errorf("address %s: %w", to, err)
		}
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(letter); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	c.Quit() // it is taken: how the parting goes matters to nobody
	return nil
}

// letter writes the message with its head (RFC 5322): Russian in base64, lines of 76.
func (m *Mail) letter(msg Message) []byte {
	var b bytes.Buffer
	head := func(name, value string) { fmt.Fprintf(&b, "%s: %s\r\n", name, value) }
	head("Date", msg.At.Format(time.RFC1123Z))
	head("From", m.From)
	head("To", strings.Join(m.To, ", "))
	head("Subject", mime.BEncoding.Encode("utf-8", msg.Subject()))
	head("Message-ID", "<"+rand.Text()+"@district>")
	head("Auto-Submitted", "auto-generated") // RFC 3834: no out-of-office replies
	head("MIME-Version", "1.0")
	head("Content-Type", "text/plain; charset=utf-8")
	head("Content-Transfer-Encoding", "base64")
	b.WriteString("\r\n")
	for text := base64.StdEncoding.EncodeToString([]byte(msg.Text())); text != ""; {
		n := min(76, len(text))
		b.WriteString(text[:n] + "\r\n")
		text = text[n:]
	}
	return b.Bytes()
}
