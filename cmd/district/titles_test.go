package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sps-kiosk/kiosk/config"
)

func TestTitlesAreTheCatalogues(t *testing.T) {
	s := &settings{data: t.TempDir(), norms: norms{"ready": 5 * time.Minute}}
	built, err := s.titles()
	if err != nil || built["docs"] != "Подать документы" {
		t.Fatalf("built in: got %q, %v, want «Подать документы»", built["docs"], err)
	}
	path := filepath.Join(s.data, config.CatalogName)
	if len(s.norms) != 1 {
		t.Errorf("built in: got norms %v, want the usual one but for the flag's", s.norms)
	}
	own := strings.ReplaceAll(string(config.CatalogReference), "Подать документы", "Сдать бумаги")
	own = strings.ReplaceAll(own, "sla_minutes = 15", "sla_minutes = 20")
	if err := os.WriteFile(path, []byte(own), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := s.titles(); err != nil || got["docs"] != "Сдать бумаги" || len(got) != len(built) {
		t.Errorf("of a file: got %q and %d words, %v, want «Сдать бумаги» and %d", got["docs"], len(got), err, len(built))
	}
	if s.norms["docs"] != 20*time.Minute || s.norms["ready"] != 5*time.Minute {
		t.Errorf("of a file: got norms %v, want 20 minutes, and the flag's 5", s.norms)
	}
	if err := os.WriteFile(path, []byte("version = 7"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.titles(); err == nil || !strings.Contains(err.Error(), "каталог услуг") {
		t.Errorf("of a broken file: got %v, want it said", err)
	}
}
