package config

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// Scan is scanning to the citizen's own stick (A5).
type Scan struct {
	Button, Lamp   Pin // «Сканировать», "" = none
	Done, DoneLamp Pin // «Готово»
	StickLamp      Pin // at the stick's socket: put in, take out, flashing: do not touch
	Format         string
	DPI            int
	Color, Duplex  bool
	Idle           time.Duration
	Budget         int64    // bytes of pages in one session
	Cipher         string   // of the pages while they are in the kiosk
	Scanner        string   // Auto, "escl" or "sane"
	Backend        string   // of SANE: "genesys"; "" = none
	Port           string   // physical port of the scanner "1-1.2", "" = any
	StickPorts     []string // physical ports for sticks, none = those of the board
}

// backendShape is what a backend of SANE is called.
var backendShape = regexp.MustCompile(`^[a-z][a-z0-9_]{0,23}$`)

// overNetwork are the backends of SANE that find scanners in a network only.
var overNetwork = []string{"airscan", "dell1600n_net", "escl", "net"}

// scanOf reads [scan].
func scanOf(t *table) Scan {
	s := Scan{
		Button:     t.line("button", firstButton, false),
		Lamp:       t.line("lamp", firstLamp, false),
		Done:       t.line("done", firstButton, false),
		DoneLamp:   t.line("done_lamp", firstLamp, false),
		StickLamp:  t.line("stick_lamp", firstLamp, false),
		Format:     t.oneOf("format", "pdf", "pdf", "jpeg"),
		DPI:        t.number("dpi", 300, 100, 600),
		Color:      t.flag("color"),
		Duplex:     t.flag("duplex"),
		Idle:       time.Duration(t.number("idle_seconds", 120, 60, 600)) * time.Second,
		Budget:     int64(t.number("budget_mb", 1024, 64, 16384)) << 20,
		Cipher:     t.oneOf("cipher", "xchacha20-poly1305", "xchacha20-poly1305", "aes-256-gcm"),
		Scanner:    t.oneOf("scanner", Auto, Auto, "escl", "sane"),
		Backend:    t.text("sane_backend", "", 24),
		Port:       t.text("scanner_port", "", 24),
		StickPorts: strings.Fields(t.text("stick_port", "", 60)),
	}
	checkScanner(t, s)
	if (s.Button == "") != (s.Done == "") {
		t.out.add(t.at("done"), "кнопки «Сканировать» и «Готово» бывают только вместе: задайте button и done или уберите обе")
	}
	t.finish()
	return s
}

// checkScanner notes what no scanner can be found by.
func checkScanner(t *table, s Scan) {
	switch {
	case s.Backend == "" && s.Scanner == "sane":
		t.out.add(t.at("sane_backend"), "для scanner = \"sane\" нужно имя драйвера SANE, например sane_backend = \"genesys\"")
	case s.Backend == "":
	case !backendShape.MatchString(s.Backend):
		t.out.add(t.at("sane_backend"), "%q не подходит: нужно имя драйвера SANE, например \"genesys\", или пустые кавычки", s.Backend)
	case slices.Contains(overNetwork, s.Backend):
		t.out.add(t.at("sane_backend"), "%q не подходит: это драйвер сетевых сканеров, а сканер киоска подключают по USB", s.Backend)
	}
	for i, p := range s.StickPorts {
		if !portShape.MatchString(p) || slices.Contains(s.StickPorts[:i], p) || p == s.Port {
			t.out.add(t.at("stick_port"), "%q не подходит: нужны разные разъёмы вида 1-1.2 через пробел, не разъём сканера, или пустые кавычки", p)
		}
	}
	if s.Port != "" && !portShape.MatchString(s.Port) {
		t.out.add(t.at("scanner_port"), "%q не подходит: нужен разъём вида 1-1.2 или пустые кавычки", s.Port)
	}
}
