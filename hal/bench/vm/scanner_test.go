//go:build vm

package vm

import (
	"strings"
	"testing"

	"sps-kiosk/hal/bench/scanner"
)

// TestScanners plugs the bench's scanner into a stock kernel with one, two and three interfaces.
func TestScanners(t *testing.T) {
	t.Parallel()
	r := &rig{t: t}
	if out := r.play("TestScanners"); !strings.Contains(out, "--- PASS: TestScanners") {
		t.Error("got no word of success")
	}
}

// scanner plugs in a scanner with so many interfaces.
func (r *rig) scanner(interfaces int) error {
	m := scanner.Sound()
	m.USB = scanner.Lanes(interfaces)
	s := scanner.New(m, scanner.Hooks{})
	s.PowerOn()
	return r.g.USB[0].Plug(s.Device())
}
