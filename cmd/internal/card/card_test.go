package card

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sps-kiosk/image/slot"
)

// card is a folder that looks like the card's places: slot A runs and holds version 2026.11.2.
func card(t *testing.T, s slot.State) Paths {
	t.Helper()
	dir := t.TempDir()
	p := Paths{State: filepath.Join(dir, "state"), CmdLine: filepath.Join(dir, "cmdline"),
		Version: filepath.Join(dir, "version"), Update: filepath.Join(dir, "update"), Refused: filepath.Join(dir, "refused")}
	for name, data := range map[string][]byte{p.State: slot.Format(s), p.CmdLine: []byte("quiet kiosk.slot=A rauc.slot=A\n"),
		p.Version: []byte("2026.11.2\n")} {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(p.Update, 0o700); err != nil {
		t.Fatal(err)
	}
	return p
}

func held(t *testing.T, p Paths) slot.State {
	t.Helper()
	s, err := p.state()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestBackend plays what RAUC asks during an installation (reference manual, "Custom"): the other slot is bad while it is
// written, then it is on trial, and RAUC's word alone never keeps it.
func TestBackend(t *testing.T) {
	p := card(t, slot.Fresh())
	ask := func(args ...string) string {
		t.Helper()
		var out bytes.Buffer
		if err := p.Backend(args, &out); err != nil {
			t.Fatalf("%v: %v", args, err)
		}
		return strings.TrimSpace(out.String())
	}
	if got := ask("get-current") + ask("get-primary") + ask("get-state", "A") + ask("get-state", "B"); got != "AAgoodbad" {
		t.Errorf("before: got %s", got)
	}
	ask("set-state", "B", "bad")
	ask("set-primary", "B")
	if got, want := held(t, p), (slot.State{Good: slot.A, Try: slot.B, Left: slot.Tries}); got != want {
		t.Errorf("installed: got %v, want %v", got, want)
	}
	ask("set-state", "B", "good")
	if got := held(t, p); got.Good != slot.A {
		t.Errorf("RAUC alone kept slot B: %v", got)
	}
	ask("set-primary", "A")
	if got := held(t, p); got != slot.Fresh() {
		t.Errorf("back: got %v", got)
	}
	for _, args := range [][]string{{"set-state", "A", "bad"}, {"set-state", "B", "odd"}, {"set-primary", "C"}, {"flash"}, nil} {
		if err := p.Backend(args, &bytes.Buffer{}); err == nil {
			t.Errorf("%v: no error", args)
		}
	}
}

// TestVersions refuses what is not newer, and what is no version.
func TestVersions(t *testing.T) {
	p, mounted := card(t, slot.Fresh()), t.TempDir()
	t.Setenv("RAUC_BUNDLE_MOUNT_POINT", mounted)
	if err := p.Check(); err == nil {
		t.Error("a bundle without a manifest: got no error")
	}
	for offered, want := range map[string]bool{"2026.11.3": true, "2026.12.1": true, "2027.1": true, "2026.11.2.1": true, "2026.11.10": true,
		"2026.11.2": false, "2026.11.1.9": false, "2026.11": false, "2025.12.31": false, "": false, "new": false, "2026.11.03": false, "9999999999.1": false} {
		manifest := "[update]\ncompatible=sps-kiosk-arm64\nversion=" + offered + "\n\n[bundle]\nversion=9999\n"
		if err := os.WriteFile(filepath.Join(mounted, "manifest.raucm"), []byte(manifest), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := p.Check(); (err == nil) != want {
			t.Errorf("%q: got %v, want taken %v", offered, err, want)
		}
	}
}

// TestProof keeps a system that served long enough in one go, and no other.
func TestProof(t *testing.T) {
	trial := slot.State{Good: slot.B, Try: slot.A, Left: 1}
	for name, c := range map[string]struct {
		restarts func(at time.Duration) string
		serves   func(at time.Duration) bool
		kept     bool
	}{
		"serves":             {func(time.Duration) string { return "0" }, func(time.Duration) bool { return true }, true},
		"late":               {func(time.Duration) string { return "4" }, func(at time.Duration) bool { return at > 5*time.Minute }, true},
		"never":              {func(time.Duration) string { return "0" }, func(time.Duration) bool { return false }, false},
		"starts every 30 s":  {func(at time.Duration) string { return string(rune('a' + at/(30*time.Second))) }, func(time.Duration) bool { return true }, false},
		"stops at the end":   {func(time.Duration) string { return "0" }, func(at time.Duration) bool { return at%(59*time.Second) != 0 }, false},
		"serves too late":    {func(time.Duration) string { return "0" }, func(at time.Duration) bool { return at > 10*time.Minute-30*time.Second }, false},
		"restarts once more": {func(at time.Duration) string { return map[bool]string{true: "1", false: "0"}[at > time.Minute/2] }, func(time.Duration) bool { return true }, true},
	} {
		t.Run(name, func(t *testing.T) {
			p := card(t, trial)
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				said := ""
				err := p.Prove(t.Context(), Proof{Serve: time.Minute, Most: 10 * time.Minute, Every: time.Second,
					Service: func(context.Context) (string, bool, error) {
						at := time.Since(began)
						return c.restarts(at), c.serves(at), nil
					}}, func(s string) { said = s })
				want := slot.State{Good: slot.B, Try: slot.None}
				if c.kept {
					want = slot.State{Good: slot.A, Try: slot.None}
				}
				if got := held(t, p); got != want || (err == nil) != c.kept || strings.HasPrefix(said, "KIOSK-KEPT") != c.kept {
					t.Errorf("got %v, %v, %q, want %v", got, err, said, want)
				}
			})
		})
	}
}

// TestProofCutShort: a machine that goes down in the middle costs the trial nothing but that boot.
func TestProofCutShort(t *testing.T) {
	trial := slot.State{Good: slot.B, Try: slot.A, Left: 1}
	p := card(t, trial)
	ctx, cancel := context.WithCancel(t.Context())
	err := p.Prove(ctx, Proof{Serve: time.Minute, Most: time.Hour, Every: time.Second,
		Service: func(context.Context) (string, bool, error) { cancel(); return "0", true, nil }}, func(string) {})
	if got := held(t, p); got != trial || err == nil {
		t.Errorf("got %v, %v, want %v", got, err, trial)
	}
}

// TestTrialTime is what the system's own boot partition asks for.
func TestTrialTime(t *testing.T) {
	p := card(t, slot.Fresh())
	for line, want := range map[string]time.Duration{"kiosk.slot=A": 10 * time.Minute, "kiosk.trial=15m kiosk.slot=A": 15 * time.Minute,
		"kiosk.trial=soon": 10 * time.Minute, "kiosk.trial=-1s": 10 * time.Minute} {
		if err := os.WriteFile(p.CmdLine, []byte(line+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := p.trialTime(); got != want {
			t.Errorf("%s: got %v, want %v", line, got, want)
		}
	}
}

// TestNothingToProve says that the queue serves, at once, and writes nothing where there is no trial.
func TestNothingToProve(t *testing.T) {
	p := card(t, slot.Fresh())
	if err := os.Chmod(p.State, 0o400); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(p.State)
	if err != nil {
		t.Fatal(err)
	}
	said := ""
	proof := Proof{Serve: time.Hour, Most: time.Hour, Service: func(context.Context) (string, bool, error) { return "0", true, nil }}
	if err := p.Prove(t.Context(), proof, func(s string) { said += s }); err != nil || said != "KIOSK-READY version=2026.11.2 slot=A good=A try=none left=0" {
		t.Errorf("got %q, %v", said, err)
	}
	if after, err := os.Stat(p.State); err != nil || !after.ModTime().Equal(before.ModTime()) {
		t.Errorf("the state block was written: %v", err)
	}
}

// TestFallback: the good slot runs although another is on trial, because that one cannot be started; the trial ends.
func TestFallback(t *testing.T) {
	p := card(t, slot.State{Good: slot.A, Try: slot.B, Left: 2})
	synctest.Test(t, func(t *testing.T) {
		err := p.Prove(t.Context(), Proof{Serve: time.Minute, Most: time.Hour, Every: time.Second,
			Service: func(context.Context) (string, bool, error) { return "0", true, nil }}, func(string) {})
		if got := held(t, p); err != nil || got != slot.Fresh() {
			t.Errorf("got %v, %v, want %v", got, err, slot.Fresh())
		}
	})
}

// bundle writes a file of n bytes and opens it.
func bundle(t *testing.T, n int) *os.File {
	t.Helper()
	name := filepath.Join(t.TempDir(), "kiosk-update.raucb")
	if err := os.WriteFile(name, bytes.Repeat([]byte{7}, n), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// TestStageAndInstall takes a bundle over, installs it once whatever comes of it, and leaves nothing behind.
func TestStageAndInstall(t *testing.T) {
	for program, works := range map[string]bool{"/bin/true": true, "/bin/false": false} {
		p := card(t, slot.Fresh())
		if err := p.Stage(bundle(t, 1000)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Join(p.Update, waiting)); err != nil || len(got) != 1000 {
			t.Fatalf("staged %d bytes, %v", len(got), err)
		}
		if err := os.WriteFile(filepath.Join(p.Update, "part-1"), nil, 0o600); err != nil { // of a copy that lost power
			t.Fatal(err)
		}
		if err := p.Install(t.Context(), program); (err == nil) != works {
			t.Errorf("%s: got %v", program, err)
		}
		if left, err := os.ReadDir(p.Update); err != nil || len(left) != 0 {
			t.Errorf("%s: left behind %v, %v", program, left, err)
		}
		if _, err := os.Stat(p.Refused); (err != nil) != works {
			t.Errorf("%s: the mark of a refusal: %v, want one %v", program, err, !works)
		}
	}
}

// TestInstallAgain: a power cut during an installation leaves the bundle taken; the next start installs it.
func TestInstallAgain(t *testing.T) {
	p := card(t, slot.Fresh())
	if err := p.Stage(bundle(t, 10)); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(p.Update, waiting), filepath.Join(p.Update, taken)); err != nil {
		t.Fatal(err)
	}
	if err := p.Install(t.Context(), "/bin/true"); err != nil {
		t.Error(err)
	}
}

// TestNoRoom refuses a bundle that the partition has no room for and leaves no part of it. The file only says that it is
// longer than any partition, and cannot be read: a copy that began would not fill the disk of who tests.
func TestNoRoom(t *testing.T) {
	p := card(t, slot.Fresh())
	name := bundle(t, 0).Name()
	if err := os.Truncate(name, 1<<43); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := p.Stage(f); !errors.Is(err, ErrNoRoom) {
		t.Errorf("got %v, want ErrNoRoom", err)
	}
	if left, err := os.ReadDir(p.Update); err != nil || len(left) != 0 {
		t.Errorf("left behind %v, %v", left, err)
	}
}
