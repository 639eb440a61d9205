//go:build image

package boottest

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"sps-kiosk/hal/bench/scanner/sheet"
)

// TestField has a technician look at a card that serves: who gets in and who listens, what the hardening of the settings is in the running
// system, that a device does nothing in a socket that is not its own, that the office's wireless network is joined, and that a scan session leaves
// no word of the citizen's behind.
func TestField(t *testing.T) {
	t.Parallel()
	p := furnished(t)
	p.Citizen = otherSocket
	p.settings(bytes.Replace(p.settings(nil), []byte(`stick_port = ""`), []byte(`stick_port = "2-1 1-2"`), 1))
	p.card.More = append(p.card.More, "-netdev", "user,id=gadget,restrict=on", "-device", "i6300esb")
	p.inAir()
	o := called(p)
	o.Machine.PutOnGlass(sheet.Certificate("MARK-4711"))
	o.firstBoot()
	o.pair()
	o.enter()
	for _, step := range []struct {
		name string
		do   func()
	}{{"who gets in", o.wayIn}, {"hardening", o.hardened}, {"who listens", o.listeners}, {"sockets", o.foreign}, {"a wireless network", o.radio}, {"a session's traces", o.traces},
		{"the self-test again", o.testAgain}} {
		if well := t.Run(step.name, func(t *testing.T) {
			o.t = t
			step.do()
		}); !well && step.name == "who gets in" {
			t.FailNow() // the others look from inside
		}
		o.t = t
	}
	o.off()
}

// wayIn: the technician's key opens the door, nothing else does, and the page says so.
func (o *outside) wayIn() {
	if got, err := o.try("id -u", nil); err != nil || strings.TrimSpace(got) != "0" {
		o.t.Fatalf("logged in with the key: got user %q, %v, want 0", got, err)
	}
	for name, how := range map[string]ssh.AuthMethod{"another key": ssh.PublicKeys(newKey(o.t)), "a password": ssh.Password("")} {
		if c, err := o.dial(how); err == nil {
			c.Close()
			o.t.Errorf("%s: got in", name)
		} else if !strings.Contains(err.Error(), "unable to authenticate") {
			o.t.Errorf("%s: got %v, want no way to log in", name, err)
		} else if name == "a password" && strings.Contains(err.Error(), "password") {
			o.t.Errorf("a password: got %v, want that nobody asks for one", err)
		}
	}
	if said := o.page("/technician"); !strings.Contains(said, "tech@centre "+ssh.FingerprintSHA256(o.key.PublicKey())) {
		o.t.Errorf("the technician's page does not name the key: %s", said)
	}
	if got := o.run("systemctl list-units --no-legend --type=service '*getty*' 'rescue*' 'emergency*' 'debug-shell*'; awk -F: '$2 !~ /^[!*]/ { print $1 }' /etc/shadow"); strings.TrimSpace(got) != "" {
		o.t.Errorf("a shell or a password beside SSH: %s", got)
	}
	if o.m.Said("login:") {
		o.t.Error("the console asks who is there")
	}
}

// hardened holds the running system against what image/README.md and the settings in rootfs say.
func (o *outside) hardened() {
	for _, c := range []struct{ what, command, want string }{
		{"memory is wiped when it is given back", "grep -o init_on_free=1 /proc/cmdline", "init_on_free=1"},
		{"nothing on USB before the porter", "cat /sys/module/usbcore/parameters/authorized_default", "0"},
		{"no core dumps", "cat /proc/sys/kernel/core_pattern", "|/bin/false"},
		{"no core dumps of the queue", "awk '/core file/ { print $5, $6 }' /proc/$(systemctl show -P MainPID sps-kiosk)/limits", "0 0"},
		{"no core dumps of the porter", "awk '/core file/ { print $5, $6 }' /proc/$(systemctl show -P MainPID sps-kiosk-porter)/limits", "0 0"},
		{"only root makes things in /run", "stat -c %a /run", "755"},
		{"no swap", "tail -n +2 /proc/swaps", ""},
		{"the root cannot be written to", "findmnt -no FSTYPE /; touch /usr/x 2>/dev/null && echo written; true", "squashfs"},
		{"settings cannot be written to", "findmnt -no OPTIONS /boot/firmware | grep -o '^ro'", "ro"},
		{"a journal in memory alone", "findmnt -no FSTYPE -T /run/log/journal; ls /var/log/journal 2>/dev/null; find /data -name '*.journal'", "tmpfs"},
		{"the watchdog is held by systemd", "find /proc/1/fd -lname '/dev/watchdog*' | wc -l", "1"},
		{"and set", "systemctl show -P RuntimeWatchdogUSec", "15s"},
		{"nothing failed", "systemctl --failed --no-legend --plain | awk '{ print $1 }'", ""},
		{"as the queue's user reads its settings, and nobody else", "stat -c %a:%g /boot/firmware/kiosk.txt", "750:902"},
	} {
		if got := strings.TrimSpace(o.run(c.command)); got != c.want {
			o.t.Errorf("%s: got %q, want %q", c.what, got, c.want)
		}
	}
	for unit, most := range map[string]float64{"sps-kiosk.service": 2, "sps-kiosk-porter.service": 3, "sps-kiosk-scan@x.service": 2} {
		said := o.run("systemd-analyze security --no-pager " + unit)
		found := regexp.MustCompile(`Overall exposure level for \S+: ([0-9.]+)`).FindStringSubmatch(said)
		if found == nil {
			o.t.Errorf("%s: no rating in %s", unit, said)
			continue
		}
		if got, err := strconv.ParseFloat(found[1], 64); err != nil || got > most {
			o.t.Errorf("%s as installed: got exposure %s, want at most %v", unit, found[1], most)
		}
		o.t.Logf("%s as installed: exposure %s", unit, found[1])
	}
}

// listening are all doors of a card with a technician's key and pages (image/docs/settings.md says so to the technician); the last two are
// where an address comes in.
var listening = []string{"tcp *:22", "tcp *:8443", "tcp 127.0.0.1:8089", "tcp 127.0.0.53:53", "tcp 127.0.0.54:53", "udp 127.0.0.53:53", "udp 127.0.0.54:53",
	"udp *:68", "udp *:546"}

// listeners holds what ss says against that.
func (o *outside) listeners() {
	var got []string
	for line := range strings.Lines(o.run("ss -H -ltnu")) {
		f := strings.Fields(line)
		if len(f) < 5 {
			o.t.Fatalf("ss: got %q", line)
		}
		host, port := f[4][:strings.LastIndex(f[4], ":")], f[4][strings.LastIndex(f[4], ":"):]
		host, _, _ = strings.Cut(host, "%")
		if host != "127.0.0.1" && host != "127.0.0.53" && host != "127.0.0.54" {
			host = "*"
		}
		if door := f[0] + " " + host + port; !slices.Contains(got, door) {
			got = append(got, door)
		}
	}
	for _, door := range got {
		if !slices.Contains(listening, door) {
			o.t.Errorf("somebody listens at %s: %s", door, o.run("ss -ltnup"))
		}
	}
	for _, door := range []string{"tcp *:22", "tcp *:8443", "tcp 127.0.0.1:8089"} {
		if !slices.Contains(got, door) {
			o.t.Errorf("nobody listens at %s: got %v", door, got)
		}
	}
}

// foreign plugs in what has no business in a socket: nothing of it gets a driver.
func (o *outside) foreign() {
	const has = "ls /sys/class/net | tr '\\n' ' '; ls /dev/input 2>/dev/null | tr '\\n' ' '; ls -d /sys/class/block/sd* 2>/dev/null"
	before := o.run(has)
	for _, c := range []struct {
		name   string
		socket int
		device string
		port   string // as the kernel names it
	}{
		{"a keyboard in the citizen's socket", stickSocket, "usb-kbd", "1-2"},
		{"a network in the citizen's socket", stickSocket, "usb-net,netdev=gadget", "1-2"},
		{"a keyboard in a socket that has no part", otherSocket, "usb-kbd", "1-1"},
	} {
		o.must(o.Plug("foreign", c.socket, c.device))
		// The porter looks at it when the kernel tells of it, and says so in its log.
		told := o.run(fmt.Sprintf("for i in $(seq 60); do [ -e /sys/bus/usb/devices/%[1]s ] && journalctl -b -u sps-kiosk-porter -o cat | grep -F ' %[1]s' && break; sleep 1; done; cat /sys/bus/usb/devices/%[1]s/authorized", c.port))
		o.t.Logf("%s: %s", c.name, told)
		if !strings.HasSuffix(strings.TrimSpace(told), "0") {
			o.t.Errorf("%s: was let in: %s", c.name, told)
		}
		if after := o.run(has); after != before {
			o.t.Errorf("%s: the machine has %q, want %q as before", c.name, after, before)
		}
		o.must(o.Unplug("foreign"))
		o.run(fmt.Sprintf("for i in $(seq 60); do [ -e /sys/bus/usb/devices/%s ] || break; sleep 1; done", c.port))
	}
}

// traces scans to a stick that has a name and files of its own, by the socket that kiosk.txt names, and looks for both in everything that is
// kept of the session.
func (o *outside) traces() {
	o.label("PETROV4712", "ivanov-passport-4713.pdf")
	began := time.Now()
	o.scan()
	journal := o.run("journalctl -b -o export --no-pager")
	for _, unit := range []string{"sps-kiosk-porter.service", "sps-kiosk.service", "sps-kiosk-scan@"} {
		if !strings.Contains(journal, unit) {
			o.t.Errorf("the journal says nothing of %s: is it the whole of it?", unit)
		}
	}
	names, err := o.onStick()
	o.must(err)
	for _, word := range append(names, "MARK-4711", "PETROV4712", "ivanov", "4713") {
		if at := strings.Index(strings.ToLower(journal), strings.ToLower(word)); at >= 0 {
			o.t.Errorf("the journal of the session says %q: …%s…", word, journal[max(0, at-200):min(len(journal), at+100)])
		}
	}
	o.t.Logf("a session of %.0f s; the journal has %d bytes; on the stick: %q", time.Since(began).Seconds(), len(journal), names)
	if left := o.run("find /data/scan /run/sps-kiosk-scan /tmp /var/tmp -type f | head; ls /run/sps-kiosk-porter/stick 2>/dev/null"); strings.TrimSpace(left) != "" {
		o.t.Errorf("left of the session: %s", left)
	}
}

// testAgain has the card test itself once more, as image/docs/daily.md says it.
func (o *outside) testAgain() {
	o.run("install -o kiosk -m 600 /dev/null /data/kiosk/selftest && systemctl restart --no-block sps-kiosk")
	o.paper()
	o.digits(fmt.Sprint(len(o.contacts())))
}
