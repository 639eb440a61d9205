//go:build image

package boottest

import (
	"bytes"
	"crypto/ed25519"
	"crypto/tls"
	"errors"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"sps-kiosk/kiosk/slip/sliptest"
)

// technicianPIN is what the technician of these cards signs in with.
const technicianPIN = "904415"

// outside is a technician's computer in the office's network: QEMU's own, which lets two of the card's ports be called.
type outside struct {
	*place
	key           ssh.Signer  // the technician's
	ssh, lan      string      // "127.0.0.1:40022", "https://127.0.0.1:48443"
	in            *ssh.Client // logged in; nil before
	browser       *http.Client
	cookie, token string
}

// called gives a card, not yet under power, its technician: a key on the FAT partition, pages with a PIN, a way to call both.
func called(p *place) *outside {
	p.t.Helper()
	o := &outside{place: p, key: newKey(p.t), ssh: "127.0.0.1:" + free(p.t)}
	lan := "127.0.0.1:" + free(p.t)
	o.lan = "https://" + lan
	o.browser = &http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	at := slices.IndexFunc(p.card.More, func(word string) bool { return strings.HasPrefix(word, "user,") })
	p.card.More[at] += ",hostfwd=tcp:" + o.ssh + "-:22,hostfwd=tcp:" + lan + "-:8443"
	p.put("technician.pub", append([]byte("\ufeff"), bytes.ReplaceAll(ssh.MarshalAuthorizedKey(o.key.PublicKey()), []byte("\n"), []byte(" tech@centre\r\n"))...)) // as Notepad saves it
	text := p.settings(nil)
	text = bytes.Replace(text, []byte("lan_port = 0"), []byte("lan_port = 8443"), 1)
	p.settings(bytes.Replace(text, []byte("pins = []"), []byte(`pins = ["technician:`+technicianPIN+`"]`), 1))
	return o
}

func newKey(t *testing.T) ssh.Signer {
	t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	s, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// put lays a file on the FAT partition, as on a technician's computer.
func (p *place) put(name string, text []byte) {
	p.t.Helper()
	file := filepath.Join(p.t.TempDir(), name)
	p.must(os.WriteFile(file, text, 0o600))
	_, err := p.d.FAT("kiosk", "mcopy", "-o", file, "::"+name)
	p.must(err)
}

// dial logs in as root; an emulated machine takes its time for a handshake.
func (o *outside) dial(how ...ssh.AuthMethod) (*ssh.Client, error) {
	c, err := net.DialTimeout("tcp", o.ssh, time.Minute)
	if err != nil {
		return nil, err
	}
	c.SetDeadline(time.Now().Add(3 * time.Minute))
	conn, news, asks, err := ssh.NewClientConn(c, o.ssh, &ssh.ClientConfig{User: "root", Auth: how, HostKeyCallback: ssh.InsecureIgnoreHostKey()})
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	c.SetDeadline(time.Time{})
	return ssh.NewClient(conn, news, asks), nil
}

// run has the card's shell do something for the technician and returns what it says, errors with it.
func (o *outside) run(command string) string {
	o.t.Helper()
	said, err := o.try(command, nil)
	if err != nil {
		o.t.Errorf("%s: %v: %s", command, err, said)
	}
	return said
}

func (o *outside) try(command string, in io.Reader) (string, error) {
	var s *ssh.Session
	for range 2 { // the login before may have ended with the machine
		if o.in == nil {
			c, err := o.dial(ssh.PublicKeys(o.key))
			if err != nil {
				return "", fmt.Errorf("log in: %w", err)
			}
			o.in = c
		}
		var err error
		if s, err = o.in.NewSession(); err == nil {
			break
		}
		o.in.Close() // it is broken
		o.in = nil
	}
	if s == nil {
		return "", errors.New("no session")
	}
	defer s.Close()
	s.Stdin = in
	said, err := s.CombinedOutput(command)
	return string(said), err
}

var panelToken = regexp.MustCompile(`panel-token" content="([0-9a-f]+)"`)

// ask asks for a page as the technician's browser does.
func (o *outside) ask(method, at string, fields url.Values) (status int, body string) {
	o.t.Helper()
	r, err := http.NewRequestWithContext(o.t.Context(), method, o.lan+at, strings.NewReader(fields.Encode()))
	o.must(err)
	for name, value := range map[string]string{"Origin": o.lan, "Sec-Fetch-Site": "same-origin", "X-Panel-Token": o.token, "Content-Type": "application/x-www-form-urlencoded"} {
		r.Header.Set(name, value)
	}
	if o.cookie != "" {
		r.AddCookie(&http.Cookie{Name: "__Host-kiosk", Value: o.cookie})
	}
	answer, err := o.browser.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer answer.Body.Close()
	for _, c := range answer.Cookies() {
		if c.Name == "__Host-kiosk" && c.Value != "" {
			o.cookie = c.Value
		}
	}
	read, err := io.ReadAll(answer.Body)
	o.must(err)
	if found := panelToken.FindSubmatch(read); found != nil {
		o.token = string(found[1])
	}
	return answer.StatusCode, string(read)
}

var pairingCode = regexp.MustCompile(`(\d{5}) ?(\d{5})`)

// pair reads the card of paper that the printer gave, and joins the browser with it.
func (o *outside) pair() {
	o.t.Helper()
	for {
		text := sliptest.ReadText(o.t, o.Machine.Paper(o.paper()))
		if !strings.Contains(text, "подключения") {
			continue
		}
		code := pairingCode.FindStringSubmatch(text)
		if code == nil {
			o.t.Fatalf("no code on the card of paper: %s", text)
		}
		o.ask("GET", "/pair", nil)
		if status, said := o.ask("POST", "/pair", url.Values{"code": {code[1] + code[2]}}); o.cookie == "" {
			o.t.Fatalf("pair: got %d %s", status, said)
		}
		return
	}
}

// enter signs in as the technician.
func (o *outside) enter() {
	o.t.Helper()
	o.ask("GET", "/technician", nil)
	if status, said := o.ask("POST", "/sign-in", url.Values{"pin": {technicianPIN}}); status != http.StatusOK {
		o.t.Fatalf("sign in: got %d %s", status, said)
	}
}

var tags = regexp.MustCompile(`<[^>]*>|\s+`)

// page is a page's words.
func (o *outside) page(at string) string {
	o.t.Helper()
	status, body := o.ask("GET", at, nil)
	if status != http.StatusOK {
		o.t.Errorf("%s: got %d %s", at, status, body)
	}
	return strings.Join(strings.Fields(html.UnescapeString(tags.ReplaceAllString(body, " "))), " ")
}

// label gives the stick that lies beside the computer a name and a file of the citizen's.
func (p *place) label(name, file string) {
	p.t.Helper()
	out, err := exec.Command("bash", "-c", `mlabel -i "$0" "::$1" && echo passport | mcopy -i "$0" - "::$2"`, p.stick, name, file).CombinedOutput()
	if err != nil {
		p.t.Fatalf("%v: %s", err, out)
	}
}

// onStick names the files on it.
func (p *place) onStick() (names []string, err error) {
	out, err := exec.Command("mdir", "-b", "-/", "-i", p.stick, "::").CombinedOutput()
	for line := range strings.Lines(string(out)) {
		if name := path.Base(strings.TrimSpace(line)); name != "" && name != ":" {
			names = append(names, name)
		}
	}
	return names, err
}
