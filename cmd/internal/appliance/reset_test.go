package appliance

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"sps-kiosk/hal/bench"
	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/store"
)

// resetTo is the built-in kiosk.txt with a word for the factory reset.
func resetTo(word string) []byte {
	return bytes.Replace(config.Reference, []byte(`factory_reset = ""`), []byte(`factory_reset = "`+word+`"`), 1)
}

// TestFactoryReset: a new word begins with number 1 and without the keys, an old one changes nothing (C10).
func TestFactoryReset(t *testing.T) {
	data := t.TempDir()
	foreign := filepath.Join(data, "district") // make run and make district share a folder
	put(t, foreign, []byte("not ours"))
	var key []byte
	for _, life := range []struct {
		word, number string
		newKey       bool
	}{
		{"", "А001", true}, {"", "А002", false},
		{"22.11.2026", "А001", true}, {"22.11.2026", "А002", false}, {"", "А003", false},
		{"22.11.2026", "А004", false}, {"23.11.2026", "А001", true},
	} {
		synctest.Test(t, func(t *testing.T) {
			folder := t.TempDir()
			put(t, filepath.Join(folder, "kiosk.txt"), resetTo(life.word))
			s := newStand(t, Options{Config: folder, Data: data, Contact: time.Second}, usual())
			s.digits("-------")
			s.press(docs)
			s.journal("Талон " + life.number + " записан")
			time.Sleep(time.Minute) // the key is made with the first contact
		})
		now, err := os.ReadFile(filepath.Join(data, "identity", "device.key"))
		if err != nil || bytes.Equal(now, key) == life.newKey {
			t.Errorf("word %q: got the old key %t, %v, want %t", life.word, bytes.Equal(now, key), err, !life.newKey)
		}
		key = now
	}
	if text, err := os.ReadFile(foreign); err != nil || string(text) != "not ours" {
		t.Errorf("a file of another program: got %q, %v, want it untouched", text, err)
	}
}

// TestResetGoesOn: a power cut at any moment of a reset leaves one that is finished by the next start.
func TestResetGoesOn(t *testing.T) {
	full := t.TempDir()
	names := []string{"queue", "queue.bad-3", "identity", "panel", config.CatalogName, "mark", "attempts", "reserve", "printing", goodName}
	for cut := range len(names) + 1 {
		dir := filepath.Join(full, "cut", string(rune('a'+cut)))
		for _, name := range names[cut:] {
			if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o700); err != nil {
				t.Fatal(err)
			}
			put(t, filepath.Join(dir, name), []byte("old"))
		}
		m := bench.New(usual())
		if err := resetIfAsked(Options{Data: dir, Log: slog.New(slog.DiscardHandler)}, m, "a"); err != nil {
			t.Error(err)
		}
		m.Close()
		var left []string
		entries, err := os.ReadDir(dir)
		for _, e := range entries {
			left = append(left, e.Name())
		}
		if err != nil || !slices.Equal(left, []string{resetName}) {
			t.Errorf("cut %d: got %v, %v left, want the word alone", cut, left, err)
		}
	}
}

// TestResetBesideAService: a store that another process holds is not taken from under it, and the word stays new.
func TestResetBesideAService(t *testing.T) {
	data := t.TempDir()
	held, err := store.Options{}.Open(data, "boot", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	m := bench.New(usual())
	defer m.Close()
	if err := resetIfAsked(Options{Data: data, Log: slog.New(slog.DiscardHandler)}, m, "a"); err == nil {
		t.Error("got a reset of a store in use, want an error")
	}
	if _, err := os.Stat(filepath.Join(data, resetName)); err == nil {
		t.Error("got the word kept, want it new for the next start")
	}
}
