// Package units holds the units of the card against systemd's own review of what they may do.
package units

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var (
	point   = regexp.MustCompile(`(?m)^✗ (\S+)`)
	overall = regexp.MustCompile(`Overall exposure level for \S+: ([0-9.]+)`)
)

// TestExposure rates each service and looks for the reason of every point that is left.
func TestExposure(t *testing.T) {
	for column, c := range []struct {
		unit string
		most float64
	}{{"sps-kiosk.service", 2}, {"sps-kiosk-porter.service", 3}, {"sps-kiosk-scan@.service", 2}} {
		path, err := filepath.Abs(c.unit)
		if err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("systemd-analyze", "security", "--offline=yes", "--no-pager", path).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v: %s", c.unit, err, out)
		}
		m := overall.FindSubmatch(out)
		if m == nil {
			t.Fatalf("%s: no rating in %s", c.unit, out)
		}
		got, err := strconv.ParseFloat(string(m[1]), 64)
		if err != nil || got > c.most {
			t.Errorf("%s: got exposure %s, %v, want at most %v", c.unit, m[1], err, c.most)
		}
		t.Logf("%s: exposure %v", c.unit, got)
		explained := reasons(t, column)
		for _, p := range point.FindAllSubmatch(out, -1) {
			if !explained[string(p[1])] {
				t.Errorf("%s: %s has no reason in README.md", c.unit, p[1])
			}
			delete(explained, string(p[1]))
		}
		for p := range explained {
			t.Errorf("%s: README.md explains %s, which is not left open", c.unit, p)
		}
	}
}

// reasons are the points that README.md explains for the service of a column.
func reasons(t *testing.T, column int) map[string]bool {
	t.Helper()
	b, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	for line := range strings.Lines(string(b)) {
		cells := strings.Split(strings.ReplaceAll(strings.TrimSpace(line), `\|`, "\x00"), "|")
		if len(cells) == 7 && strings.TrimSpace(cells[2+column]) == "x" {
			all[strings.ReplaceAll(strings.Trim(strings.TrimSpace(cells[1]), "`"), "\x00", "|")] = true
		}
	}
	if len(all) == 0 {
		t.Fatal("README.md has no table of points")
	}
	return all
}

// TestWords finds a key or a value that systemd does not know: it would be ignored.
func TestWords(t *testing.T) {
	paths, err := filepath.Glob("*.s[eo][rc][vk]*")
	if err != nil || len(paths) != 7 {
		t.Fatalf("got units %v, %v, want 7", paths, err)
	}
	for i, p := range paths {
		if paths[i], err = filepath.Abs(p); err != nil {
			t.Fatal(err)
		}
	}
	out, _ := exec.Command("systemd-analyze", append([]string{"verify"}, paths...)...).CombinedOutput() // no kiosk is installed here
	for line := range strings.Lines(string(out)) {
		for _, bad := range []string{"Unknown", "Failed to parse", "Invalid", "not a valid"} {
			// cachestat is younger than Debian 12's systemd, and known to that of the card.
			if strings.Contains(line, bad) && !strings.Contains(line, "cachestat") {
				t.Error(strings.TrimSpace(line))
			}
		}
	}
}

// TestTheScreenEndsWithTheSession: the end of a session's unit, however it ended, ends the browser that has shown the pages, as often
// as it must, and the browser's profile lies in a folder of memory that goes with its unit.
func TestTheScreenEndsWithTheSession(t *testing.T) {
	const units, renew = "../rootfs-screen/usr/lib/systemd/system/", "sps-kiosk-screen-renew.service"
	for path, want := range map[string][]string{
		units + "sps-kiosk-scan@.service.d/10-screen.conf": {"OnSuccess=" + renew, "OnFailure=" + renew},
		units + renew: {"ExecStart=/usr/bin/systemctl --no-block try-restart sps-kiosk-screen.service"},
		units + "sps-kiosk-screen.service": {"StartLimitIntervalSec=0", "RuntimeDirectory=sps-kiosk-screen", "XDG_RUNTIME_DIR=/run/sps-kiosk-screen ",
			"ExecStart=/usr/bin/cage -d -- /usr/lib/sps-kiosk/browser", "LimitCORE=0", "MemorySwapMax=0"},
		"../rootfs-screen/usr/lib/sps-kiosk/browser": {` --user-data-dir="$XDG_RUNTIME_DIR/profile" `},
	} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range want {
			if !strings.Contains(string(text), w) {
				t.Errorf("%s has no %q", path, w)
			}
		}
	}
}
