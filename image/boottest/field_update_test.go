//go:build image

package boottest

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sps-kiosk/image/slot"
)

// stickWith makes a stick with one file on it.
func stickWith(t *testing.T, name, file string) string {
	t.Helper()
	stick := filepath.Join(t.TempDir(), "stick")
	if out, err := exec.Command("bash", "-c", `truncate -s 256M "$0" && mkfs.vfat -F 32 "$0" && mcopy -i "$0" "$1" "::$2"`, stick, file, name).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return stick
}

// TestStick has a technician update a card as image/docs/update.md says: by the page and a stick. A stick in another socket, one without
// the file, a card without room and a bundle that is cut short are refused in words, and nothing outside data is written for them; a
// whole one is installed, tried and kept. Nobody but root reaches RAUC.
func TestStick(t *testing.T) {
	t.Parallel()
	p := furnished(t)
	o := called(p)
	whole := next(t, p.card)
	cut := copied(t, whole)
	p.must(os.Truncate(cut, 50<<20))
	o.Beside = []string{stickWith(t, "kiosk-update.raucb", cut), stickWith(t, "kiosk-update.raucb", whole)}
	before := fixed(t, p.d)
	o.firstBoot()
	o.pair()
	o.enter()
	o.onlyRoot()

	o.askForStick()
	o.must(o.Plug("other", otherSocket, "usb-storage,drive=stick1"))
	o.wait(`USB device at 2-1[^\n]*`)
	o.reads("ждём в разъёме для флешек")
	o.must(o.Unplug("other"))
	o.must(o.Insert()) // an empty one
	o.reads("файла kiosk-update.raucb на ней нет")
	o.must(o.Pull())

	o.run("fallocate -l $(( $(df --output=avail -B1 /data | tail -n 1) - (150 << 20) )) /data/kiosk/full")
	o.must(o.Plug("whole", stickSocket, "usb-storage,drive=stick1"))
	o.reads("на карте киоска нет места")
	o.must(o.Unplug("whole"))
	o.run("rm /data/kiosk/full")

	o.askForStick()
	o.must(o.Plug("cut", stickSocket, "usb-storage,drive=stick0"))
	o.wait(`KIOSK-INSTALL refused:[^\n]+`)
	o.reads("не принято")
	o.must(o.Unplug("cut"))
	if fixed(t, p.d) != before {
		t.Error("something outside data was written for what was refused")
	}

	o.askForStick()
	o.must(o.Plug("whole", stickSocket, "usb-storage,drive=stick1"))
	o.wait(`KIOSK-INSTALL done`)
	o.wait(`trial of slot B, 2 left`)
	o.wait(`KIOSK-READY version=\S+ slot=B good=A try=B left=2`)
	o.wait(`KIOSK-KEPT slot=B`)
	o.off()
	wantState(t, p.d, slot.State{Good: slot.B, Try: slot.None})
}

// onlyRoot: the queue's user, who speaks with the network, has no way to RAUC and none to where bundles wait.
func (o *outside) onlyRoot() {
	for _, command := range []string{"rauc install /tmp/none.raucb", "busctl call de.pengutronix.rauc / de.pengutronix.rauc.Installer InstallBundle 'sa{sv}' /tmp/none.raucb 0",
		"ls /data/update", "touch /data/update/new.raucb"} {
		said, err := o.try("runuser -u kiosk -- "+command, nil)
		if err == nil || !strings.Contains(strings.ToLower(said), "denied") {
			o.t.Errorf("%s as the queue's user: got %q, %v, want it denied", command, said, err)
		}
	}
}

// askForStick presses the page's button, and waits until the porter has begun technician mode.
func (o *outside) askForStick() {
	o.t.Helper()
	o.ask("GET", "/technician/update", nil)
	if status, said := o.ask("POST", "/technician/do", url.Values{"do": {"stick"}}); status != http.StatusOK || !strings.Contains(said, "Вставьте флешку") {
		o.t.Fatalf("«Обновить с флешки»: got %d %s", status, said)
	}
	o.reads("ждём в разъёме для флешек")
}

// reads waits until the page of updates says something.
func (o *outside) reads(want string) {
	o.t.Helper()
	for late := time.Now().Add(patience); ; time.Sleep(time.Second) {
		said := o.page("/technician/update")
		if strings.Contains(said, want) {
			o.t.Logf("the page says %q", want)
			return
		}
		if time.Now().After(late) {
			o.t.Fatalf("the page says %s, want %q", said, want)
		}
	}
}

// TestOffered has an official offer the next version at the district's server, which the card reaches by a proxy alone: the card fetches
// the bundle, installs it, keeps it, and the official reads that.
func TestOffered(t *testing.T) {
	t.Parallel()
	c := made(t)
	if os.Getenv("IMAGE_NEXT") == "" {
		t.Fatal("IMAGE_NEXT names no folder: run it by make image-test")
	}
	p := &place{t: t, card: c, d: flashed(t, c)}
	p.card.More = []string{"-netdev", "user,id=net", "-device", "virtio-net-pci,netdev=net,romfile="}
	s := p.serve("district.test")
	proxy, passed := s.proxy()
	p.settings(bytes.Replace(p.settings(nil), []byte(`proxy = ""`), []byte(`proxy = "http://10.0.2.2:`+proxy+`"`), 1))
	bundle := next(t, c)
	version := versionOf(t, bundle)
	if said := s.tell("bundle", version, bundle); !strings.Contains(said, "принято") {
		t.Fatalf("the bundle: %s", said)
	}
	official := s.official()
	m, wait := on(t, p.card, p.d)
	wait(`KIOSK-READY version=\S+ slot=A`)
	official.post("/admin/updates", url.Values{"id": {"1"}, "do": {"start"}, "kiosk": {"1"}, "first": {""}, "limit": {"10"}})
	wait(`update handed over[^\n]*`)
	wait(`KIOSK-INSTALL done`)
	wait(`KIOSK-READY version=` + regexp.QuoteMeta(version) + ` slot=B good=A try=B left=2`)
	wait(`KIOSK-KEPT slot=B`)
	official.reads("/admin/updates", "обновлён")
	if passed.Load() == 0 {
		t.Error("nobody came by the proxy")
	}
	m.Cut()
	wantState(t, p.d, slot.State{Good: slot.B, Try: slot.None})
}

// versionOf reads the version of a bundle's manifest.
func versionOf(t *testing.T, bundle string) string {
	t.Helper()
	out, err := exec.Command("rauc", "--keyring="+filepath.Join(os.Getenv("IMAGE_KEYS"), "ca.pem"), "info", "--output-format=shell", bundle).Output()
	found := regexp.MustCompile(`RAUC_MF_VERSION='?([0-9.]+)`).FindSubmatch(out)
	if err != nil || found == nil {
		t.Fatalf("%v: %s", err, out)
	}
	return string(found[1])
}

// proxy is an office's: it knows the district by a name that nobody else does (RFC 9110, 9.3.6). passed counts the calls.
func (s *server) proxy() (port string, passed *atomic.Int32) {
	s.t.Helper()
	port, passed = free(s.t), &atomic.Int32{}
	l, err := net.Listen("tcp", "127.0.0.1:"+port)
	s.must(err)
	s.t.Cleanup(func() { l.Close() })
	go http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect || r.Host != "district.test:"+s.at {
			http.Error(w, "not here", http.StatusForbidden)
			return
		}
		to, err := net.Dial("tcp", "127.0.0.1:"+s.at)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer to.Close()
		from, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer from.Close()
		passed.Add(1)
		io.WriteString(from, "HTTP/1.1 200 OK\r\n\r\n") // who has gone does not mind
		go func() { io.Copy(to, from); to.(*net.TCPConn).CloseWrite() }()
		io.Copy(from, to)
	}))
	return port, passed
}

// official is an administrator of the district at a browser.
type official struct {
	*server
	browser *http.Client
	csrf    string
}

// official signs in.
func (s *server) official() *official {
	s.t.Helper()
	word := regexp.MustCompile(`пароль (\S+)`).FindStringSubmatch(s.tell("-role", "admin", "password", "anna"))
	if word == nil {
		s.t.Fatal("the server says no password")
	}
	jar, err := cookiejar.New(nil)
	s.must(err)
	o := &official{server: s, browser: &http.Client{Jar: jar, Timeout: time.Minute, Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}}
	o.post("/login", url.Values{"name": {"anna"}, "password": {word[1]}, "to": {"/admin/updates"}})
	return o
}

var csrf = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

// post sends a form and reads the page that comes of it. The server may only just be starting.
func (o *official) post(path string, form url.Values) string {
	o.t.Helper()
	form.Set("csrf", o.csrf)
	var answer *http.Response
	var err error
	for late := time.Now().Add(time.Minute); time.Now().Before(late); time.Sleep(100 * time.Millisecond) {
		if answer, err = o.browser.PostForm("https://127.0.0.1:"+o.at+path, form); err == nil {
			break
		}
	}
	o.must(err)
	return o.page(answer)
}

func (o *official) page(answer *http.Response) string {
	o.t.Helper()
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if answer.StatusCode != http.StatusOK {
		err = errors.Join(err, errors.New(answer.Status))
	}
	if err != nil {
		o.t.Fatalf("the district's page: %v: %s", err, text)
	}
	if found := csrf.FindSubmatch(text); found != nil {
		o.csrf = string(found[1])
	}
	return string(text)
}

// reads waits until a page says something.
func (o *official) reads(path, want string) {
	o.t.Helper()
	for late := time.Now().Add(patience); ; time.Sleep(time.Second) {
		answer, err := o.browser.Get("https://127.0.0.1:" + o.at + path)
		o.must(err)
		said := o.page(answer)
		if strings.Contains(said, want) {
			return
		}
		if time.Now().After(late) {
			o.t.Fatalf("%s says %s, want %q", path, tags.ReplaceAllString(said, " "), want)
		}
	}
}
