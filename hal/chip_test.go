package hal

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/warthog618/go-gpiocdev"
)

func TestChooseByLabel(t *testing.T) {
	link := gpiocdev.ErrNotCharacterDevice
	for _, c := range []struct {
		board string
		found []chip
		want  string
	}{
		{"Pi 3", []chip{{name: "gpiochip0", label: "pinctrl-bcm2835"}, {name: "gpiochip1", label: "raspberrypi-exp-gpio"}}, "gpiochip0"},
		{"Pi 4", []chip{{name: "gpiochip0", label: "raspberrypi-exp-gpio"}, {name: "gpiochip1", label: "pinctrl-bcm2711"}}, "gpiochip1"},
		{"Pi 5 before 6.6.45", []chip{{name: "gpiochip0", label: "gpio-brcmstb@107d508500"}, {name: "gpiochip4", label: "pinctrl-rp1"}}, "gpiochip4"},
		{"Pi 5 with a link", []chip{{name: "gpiochip0", label: "pinctrl-rp1"}, {name: "gpiochip4", err: link}}, "gpiochip0"},
		{"a second node first", []chip{{name: "gpiochip0", label: "pinctrl-rp1"}, {name: "gpiochip4", label: "pinctrl-rp1"}}, "gpiochip0"},
		{"one chip is not ours to read", []chip{{name: "gpiochip0", err: fs.ErrPermission}, {name: "gpiochip1", label: "pinctrl-rp1"}}, "gpiochip1"},
		{"virtual machine", []chip{{name: "gpiochip0", label: "9030000.pl061"}, {name: "gpiochip1", label: "pinctrl-bcm2711"}}, "gpiochip1"},
	} {
		got, err := choose(c.found)
		if err != nil || got != c.want {
			t.Errorf("%s: got %q, %v, want %q", c.board, got, err, c.want)
		}
	}
}

func TestNoBoardSaysWhatToDo(t *testing.T) {
	denied := fmt.Errorf("open: %w", fs.ErrPermission)
	for _, c := range []struct {
		found []chip
		want  []string
	}{
		{nil, []string{"плата не найдена", "контроллеров GPIO нет", "-board bench"}},
		{[]chip{{name: "gpiochip0", label: "INTC1055:00"}}, []string{"плата не найдена", "gpiochip0 (INTC1055:00)", "-board bench"}},
		{[]chip{{name: "gpiochip0", err: denied}}, []string{"нет доступа к /dev/gpiochip0", "группу gpio"}},
	} {
		_, err := choose(c.found)
		if err == nil {
			t.Fatalf("%v: got nil, want an error", c.found)
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%v: got %q, want it to say %q", c.found, err, want)
			}
		}
	}
}

func TestNames(t *testing.T) {
	if n, err := bcmNumber("GPIO17"); err != nil || n != 17 {
		t.Errorf("got %d, %v, want 17", n, err)
	}
	for _, name := range []string{"", "17", "GPIO", "GPIO28", "GPIO-1", "GPIO+1", "GPIO07", "gpio17", "GPIO1x"} {
		if n, err := bcmNumber(name); err == nil {
			t.Errorf("%q: got %d, want an error", name, n)
		}
	}
	if b, s, err := spiNumbers("SPI10.2"); err != nil || b != 10 || s != 2 {
		t.Errorf("got %d.%d, %v, want 10.2", b, s, err)
	}
	for _, name := range []string{"", "SPI", "SPI0", "SPI0.", "SPI.0", "SPI00.0", "SPI-1.0", "spi0.0", "SPI0.0.0", "0.0"} {
		if b, s, err := spiNumbers(name); err == nil {
			t.Errorf("%q: got %d.%d, want an error", name, b, s)
		}
	}
}

func TestBootID(t *testing.T) {
	path := filepath.Join(t.TempDir(), "boot_id")
	if _, err := bootID(path); err == nil {
		t.Error("got nil for no file, want an error")
	}
	for content, want := range map[string]string{"8c0d2f0e-1\n": "8c0d2f0e-1", "\n": ""} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := bootID(path); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: got %q, %v, want %q", content, got, err, want)
		}
	}
}

func TestMissingSPISaysWhatToDo(t *testing.T) {
	_, err := new(Board).SPI("SPI250.3")
	if err == nil || !strings.Contains(err.Error(), "dtparam=spi=on") {
		t.Errorf("got %v, want the setting to change", err)
	}
}
