//go:build vmguest

package devices

import (
	"testing"

	"sps-kiosk/drivers/max7219"
)

// TestMAX7219 shows texts on a chip at SPI0.1.
func TestMAX7219(t *testing.T) {
	b, do := board(t), outside(t)
	port, err := b.SPI("SPI0.1")
	if err != nil {
		t.Fatal(err)
	}
	defer port.Close()
	d, err := max7219.New(port, max7219.Options{Intensity: 5})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"А001-02", "С801-11"} {
		if err := d.Show(text); err != nil {
			t.Fatal(err)
		}
		do("decode " + text)
	}
}
