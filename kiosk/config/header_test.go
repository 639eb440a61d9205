package config

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"sps-kiosk/kiosk/catalog"
)

// freeLines hands out the lines of a Raspberry Pi's header: lamps from the top, which are low while the
// board starts, buttons from the bottom.
type freeLines struct{ low, high int }

func newFreeLines() *freeLines { return &freeLines{firstButton, lastLine} }

// button returns the next free line for a button; the display's SPI has 7 to 11.
func (h *freeLines) button() (int, bool) {
	if h.low == 7 {
		h.low = 12
	}
	h.low++
	return h.low - 1, h.low-1 <= h.high
}

func (h *freeLines) lamp() (int, bool) {
	h.high--
	return h.high + 1, h.high+1 >= max(h.low, firstLamp)
}

// wired is a settings file with a panel and n windows of a kind, as README's table names them. It
// reports false where the header has no line left.
func wired(panel, kind string, n int) (file string, ok bool) {
	h, all := newFreeLines(), true
	take := func(next func() (int, bool)) int {
		line, ok := next()
		all = all && ok
		return line
	}
	var b strings.Builder
	b.WriteString("[site]\nname = \"МФЦ\"\n")
	services := 5
	if strings.HasPrefix(panel, "one") {
		services = 1
	}
	for i := range services {
		fmt.Fprintf(&b, "[[service]]\ncode = %q\nbutton = %d\n", []string{"docs", "ready", "sps", "esia", "consult"}[i], take(h.button))
		if !strings.Contains(panel, "without") {
			fmt.Fprintf(&b, "lamp = %d\n", take(h.lamp))
		}
	}
	if strings.Contains(panel, "help") {
		fmt.Fprintf(&b, "[help]\nbutton = %d\n", take(h.button))
	}
	if strings.Contains(panel, "help with lamp") {
		fmt.Fprintf(&b, "lamp = %d\n", take(h.lamp))
	}
	if strings.Contains(panel, "sounder") {
		fmt.Fprintf(&b, "[sounder]\nline = %d\n", take(h.lamp))
	}
	if strings.Contains(panel, "SCAN and DONE") {
		fmt.Fprintf(&b, "[scan]\nbutton = %d\ndone = %d\n", take(h.button), take(h.button))
	}
	for i := range n {
		fmt.Fprintf(&b, "[[window]]\nnumber = %d\n", i+1)
		if strings.HasPrefix(kind, "four") {
			fmt.Fprintf(&b, "buttons = { next = %d, done = %d, transfer = %d, park = %d }\n", take(h.button), take(h.button), take(h.button), take(h.button))
		} else {
			fmt.Fprintf(&b, "button = %d\n", take(h.button))
		}
		if strings.HasSuffix(kind, "lamp") {
			fmt.Fprintf(&b, "lamp = %d\n", take(h.lamp))
		}
	}
	return b.String(), all
}

// joined reads a kiosk.txt with a catalogue.
func joined(file string, book Book) (Settings, error) {
	device, err := ParseDevice([]byte(file))
	if err != nil {
		return Settings{}, err
	}
	return device.Join(book)
}

// TestWindowsAHeaderCarries holds the table of drivers/README.md against the settings: so many windows
// are accepted, and for one more there is no line.
func TestWindowsAHeaderCarries(t *testing.T) {
	readme, err := os.ReadFile("../../drivers/README.md")
	if err != nil {
		t.Fatal(err)
	}
	large := BuiltIn()
	for n := 5; n <= 30; n++ {
		large.Catalog.Windows = append(large.Catalog.Windows, catalog.Window{Number: n, Title: "окно", Serves: []string{"docs"}, Category: catalog.Intake})
	}
	kinds, cells := []string{"one button and lamp", "one button", "four buttons and lamp", "four buttons"}, 0
	for row := range strings.Lines(string(readme)) {
		column := strings.Split(row, "|")
		if len(column) != 8 || !strings.Contains(column[1], "service") {
			continue
		}
		for i, kind := range kinds {
			most, err := strconv.Atoi(strings.TrimSuffix(strings.Fields(column[3+i])[0], ","))
			if err != nil {
				t.Fatalf("%s: %v", row, err)
			}
			cells++
			panel := strings.TrimSpace(column[1])
			file, ok := wired(panel, kind, most)
			if _, err := joined(file, large); !ok || err != nil {
				t.Errorf("%s, %d windows with %s: got lines left %t, %v, want them accepted", panel, most, kind, ok, err)
			}
			if _, ok := wired(panel, kind, most+1); ok {
				t.Errorf("%s: got lines for %d windows with %s, the table says %d", panel, most+1, kind, most)
			}
		}
	}
	if cells != 20 {
		t.Errorf("got %d cells of the table, want 20", cells)
	}
}
