//go:build vm

package vm

import (
	"fmt"
	"regexp"
	"testing"
	"time"

	"sps-kiosk/hal/bench/scanner"
	"sps-kiosk/hal/bench/scanner/sheet"
)

var (
	pageLine  = regexp.MustCompile(`(?m)^PAGE ([0-9a-f]{64})`)
	ratioLine = regexp.MustCompile(`(?m)^RATIO .*`)
)

// TestScanner scans in the guest through real libusb, on a scanner in the second USB socket: a
// feeder of two, the glass, an unplugging in the middle of a page, the next session. What arrived is
// compared here with what the model sent; how fast it was beside a bare bulk read is printed only,
// as a guest's time is not a machine's.
func TestScanner(t *testing.T) {
	t.Parallel()
	dev := scanner.New(scanner.Sound(), scanner.Hooks{})
	g := boot(t, Config{Files: []File{guestTest(t, Arch(), "scanprobe")}, Modules: []string{"usblp"}})
	ctx := within(t, 3*time.Minute)
	begun := time.Now()
	p, err := g.Start(ctx, "scanprobe", nil, "/bin/scanprobe", "-test.v", "-test.timeout=170s", "-test.run=^TestScan$")
	if err != nil {
		t.Fatal(err)
	}
	out := follow(t, ctx, p, func(what string) error {
		switch what {
		case "plug":
			return g.USB[1].Plug(dev.Device())
		case "unplug":
			defer dev.Disconnect()
			return g.USB[1].Unplug()
		case "load":
			heavy := *sheet.Certificate("VM-G")
			heavy.Grain = 32
			dev.PutOnGlass(&heavy)
			dev.Load(sheet.Stack("VM", 2)...)
			return nil
		}
		return fmt.Errorf("unknown hook %q", what)
	})
	t.Logf("%s; %v after boot", ratioLine.FindString(out), time.Since(begun).Round(time.Second))
	arrived(t, dev, pageLine.FindAllStringSubmatch(out, -1))
}

// arrived holds every page that came against those sent; two of the feeder come first.
func arrived(t *testing.T, dev *scanner.Scanner, pages [][]string) {
	t.Helper()
	marks := map[string]string{}
	for _, s := range dev.Sent() {
		if s.Whole {
			marks[fmt.Sprintf("%x", s.SHA256)] = s.Mark
		}
	}
	var got []string
	for _, p := range pages {
		got = append(got, marks[p[1]])
	}
	if want := "[VM-1 VM-2 VM-G VM-G VM-G VM-G VM-G]"; fmt.Sprint(got) != want {
		t.Errorf("got pages %v, want %s as sent", got, want)
	}
}
