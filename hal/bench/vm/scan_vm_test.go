//go:build vm

package vm

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"sps-kiosk/hal/bench/scanner"
	"sps-kiosk/hal/bench/scanner/sheet"
)

var (
	pageLine  = regexp.MustCompile(`(?m)^PAGE ([0-9a-f]{64})`)
	pullLine  = regexp.MustCompile(`(?m)^PULLED at `)
	ratioLine = regexp.MustCompile(`(?m)^RATIO [0-9.]+ \([0-9.]+ to ([0-9.]+)\) .*`)
)

// leastOfBare is what escl over libusb must reach of a bare bulk read of the same bytes.
const leastOfBare = 0.9

// TestScanner scans in the guest through real libusb, on a scanner in the second USB socket: a
// feeder of two, the glass, an unplugging at six places of a page with the next session after each.
// What arrived is compared here with what the model sent.
func TestScanner(t *testing.T) {
	t.Parallel()
	dev := scanner.New(scanner.Sound(), scanner.Hooks{})
	out := scanIn(t, dev, "TestScan")
	if n := len(pullLine.FindAllString(out, -1)); n != 6 {
		t.Errorf("got %d unpluggings, want 6", n)
	}
	arrived(t, dev, pageLine.FindAllStringSubmatch(out, -1))
}

// TestScannerRace holds the way through escl and libusb against a bare bulk read in the same boot. It fails
// when even the upper bound of the figure is too little: then it is not the host's other work.
func TestScannerRace(t *testing.T) {
	out := scanIn(t, scanner.New(scanner.Sound(), scanner.Hooks{}), "TestRace")
	line := ratioLine.FindStringSubmatch(out)
	if line == nil {
		t.Fatal("no figure")
	}
	t.Log(line[0])
	if ratio, err := strconv.ParseFloat(line[1], 64); err != nil || ratio < leastOfBare {
		t.Errorf("got at most %s of a bare bulk read, want %v", line[1], leastOfBare)
	}
}

// scanIn runs one test of scanprobe in a guest, with the bench's hands on the scanner.
func scanIn(t *testing.T, dev *scanner.Scanner, test string) string {
	t.Helper()
	g := boot(t, Config{Files: []File{guestTest(t, Arch(), "scanprobe")}, Modules: []string{"usblp"}})
	ctx := within(t, 3*time.Minute)
	p, err := g.Start(ctx, "scanprobe", nil, "/bin/scanprobe", "-test.v", "-test.timeout=170s", "-test.run=^"+test+"$")
	if err != nil {
		t.Fatal(err)
	}
	return follow(t, ctx, p, func(what string) error {
		switch what {
		case "plug":
			return g.USB[1].Plug(dev.Device())
		case "unplug":
			defer dev.Disconnect()
			return g.USB[1].Unplug()
		case "load":
			heavy := *sheet.Certificate("VM-G")
			heavy.Grain = 64
			dev.PutOnGlass(&heavy)
			dev.Load(sheet.Stack("VM", 2)...)
			return nil
		}
		return fmt.Errorf("unknown hook %q", what)
	})
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
	if want := "[VM-1 VM-2" + strings.Repeat(" VM-G", 7) + "]"; fmt.Sprint(got) != want {
		t.Errorf("got pages %v, want %s as sent", got, want)
	}
}
