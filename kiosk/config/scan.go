package config

import (
	"regexp"
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
	Budget         int64  // bytes of pages in one session
	Cipher         string // of the pages while they are in the kiosk
	Scanner        string // Auto, or a backend of SANE: "genesys"
}

// backendShape is what a backend of SANE is called.
var backendShape = regexp.MustCompile(`^[a-z][a-z0-9_]{0,23}$`)

// scanOf reads [scan].
func scanOf(t *table) Scan {
	s := Scan{
		Button:    t.line("button", firstButton, false),
		Lamp:      t.line("lamp", firstLamp, false),
		Done:      t.line("done", firstButton, false),
		DoneLamp:  t.line("done_lamp", firstLamp, false),
		StickLamp: t.line("stick_lamp", firstLamp, false),
		Format:    t.oneOf("format", "pdf", "pdf", "jpeg"),
		DPI:       t.number("dpi", 300, 100, 600),
		Color:     t.flag("color"),
		Duplex:    t.flag("duplex"),
		Idle:      time.Duration(t.number("idle_seconds", 120, 60, 600)) * time.Second,
		Budget:    int64(t.number("budget_mb", 1024, 64, 16384)) << 20,
		Cipher:    t.oneOf("cipher", "xchacha20-poly1305", "xchacha20-poly1305", "aes-256-gcm"),
		Scanner:   t.text("scanner", Auto, 24),
	}
	if !backendShape.MatchString(s.Scanner) {
		t.out.add(t.at("scanner"), "%q не подходит: нужно \"auto\" или имя драйвера SANE, например \"genesys\"", s.Scanner)
	}
	if (s.Button == "") != (s.Done == "") {
		t.out.add(t.at("done"), "кнопки «Сканировать» и «Готово» бывают только вместе: задайте button и done или уберите обе")
	}
	t.finish()
	return s
}
