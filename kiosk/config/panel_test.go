package config

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestPanel(t *testing.T) {
	s, err := Parse([]byte("[site]\nname = \"МФЦ\"\n[panel]\nscreen_port = 8088\nlan_port = 8443\n" +
		"pins = [\"1:4821\", \"administrator:5562\", \"technician:904415\"]\n[voice]\nkind = \"espeak\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []Pass{{Window: 1, Pin: "4821"}, {Role: Administrator, Pin: "5562"}, {Role: Technician, Pin: "904415"}}
	if s.Panel.Screen != 8088 || s.Panel.LAN != 8443 || !slices.Equal(s.Panel.Pins, want) {
		t.Errorf("got %+v, want both ports and %v", s.Panel, want)
	}
	if s.Voice.Kind != "espeak" || s.Voice.Device != "default" || s.Voice.Volume != 80 {
		t.Errorf("got %+v, want espeak on the default card at 80", s.Voice)
	}
	if d := Default(); d.Panel.LAN != 0 || d.Panel.Screen != 0 || d.Voice.Kind != "off" {
		t.Errorf("a new kiosk: got %+v %+v, want no pages in the network and no voice", d.Panel, d.Voice)
	}
}

// TestPanelProblems: what is wrong is told on its line, and a PIN stands in no message.
func TestPanelProblems(t *testing.T) {
	for text, want := range map[string]string{
		`pins = ["1:48"]`:                       "от четырёх",
		`pins = ["1:482а"]`:                     "от четырёх",
		`pins = ["1:1111"]`:                     "слишком простой",
		`pins = ["1:4321"]`:                     "слишком простой",
		`pins = ["technician:9044"]`:            "не меньше шести",
		`pins = ["окно 1:9044"]`:                "номер окна",
		`pins = ["0:9044"]`:                     "номер окна",
		`pins = ["1:9044", "2:9044"]`:           "уже есть",
		`pins = ["1:9044", "1:9045"]`:           "уже есть",
		`lan_port = 70000`:                      "от 0 до 65535",
		"screen_port = 8443\nlan_port = 8443":   "занят",
		"[voice]\nkind = \"recorded\"":          "папка",
		"[voice]\nkind = \"gramophone\"":        "не подходит",
		"[voice]\nkind = \"off\"\nvolume = 101": "от 1 до 100",
	} {
		_, err := Parse([]byte("[site]\nname = \"МФЦ\"\n[panel]\n" + text + "\n"))
		var wrong *Error
		if !errors.As(err, &wrong) || !strings.Contains(wrong.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
			continue
		}
		if strings.Contains(wrong.Error(), "9044") || strings.Contains(wrong.Error(), "4321") {
			t.Errorf("%s: the PIN is in the message: %v", text, wrong)
		}
	}
}
