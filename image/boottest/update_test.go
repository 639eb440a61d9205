//go:build image

package boottest

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"sps-kiosk/image/slot"
)

// next is a bundle of a later version, signed with the card's keys: one of IMAGE_NEXT, or else this version's own system under
// a later number.
func next(t *testing.T, c Card) string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(os.Getenv("IMAGE_NEXT"), "sps-kiosk-base-"+c.Arch+"-*.raucb"))
	if err != nil || len(all) > 1 {
		t.Fatalf("the next version: got %v, %v, want one file", all, err)
	}
	if len(all) == 1 {
		return all[0]
	}
	return signedAgain(t, c.Bundle, "s/^version=.*/version=9999.1.1/", os.Getenv("IMAGE_KEYS"))
}

// copied is a bundle of the test's own, on the same disk as its card.
func copied(t *testing.T, from string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "bundle.raucb")
	if out, err := exec.Command("cp", from, to).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return to
}

// TestUpdate has a card install the next version, boot it on trial and keep it.
func TestUpdate(t *testing.T) {
	t.Parallel()
	c := made(t)
	d := flashed(t, c)
	if err := d.NewData(copied(t, next(t, c))); err != nil {
		t.Fatal(err)
	}
	m, wait := on(t, c, d)
	wait(`KIOSK-BOOT: slot A\b`)
	wait(`KIOSK-INSTALL done`)
	wait(`trial of slot B, 2 left`)
	wait(`KIOSK-READY version=\S+ slot=B good=A try=B left=2`)
	wait(`KIOSK-KEPT slot=B`)
	m.Cut()
	wantState(t, d, slot.State{Good: slot.B, Try: slot.None})
}

// TestRefused offers bundles that must not be installed; the card goes on with what it has and writes no slot.
func TestRefused(t *testing.T) {
	t.Parallel()
	c := made(t)
	for name, bundle := range map[string]func(*testing.T) string{
		"older": func(t *testing.T) string {
			return signedAgain(t, c.Bundle, "s/^version=.*/version=2026.1.1/", os.Getenv("IMAGE_KEYS"))
		},
		"a flipped byte": func(t *testing.T) string {
			b := copied(t, next(t, c))
			flip(t, b, 1<<20)
			return b
		},
		"a flipped byte in the signature": func(t *testing.T) string {
			b := copied(t, next(t, c))
			flip(t, b, -300)
			return b
		},
		"another's key": func(t *testing.T) string { return signedAgain(t, next(t, c), "", "") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := flashed(t, c)
			if err := d.NewData(bundle(t)); err != nil {
				t.Fatal(err)
			}
			before := fixed(t, d)
			m, wait := on(t, c, d)
			const ready = `KIOSK-READY version=\S+ slot=A good=A try=none left=0`
			if text := wait(`KIOSK-INSTALL refused:[^\n]+`); !regexp.MustCompile(ready).MatchString(text) { // which comes first is the machine's affair
				wait(ready)
			}
			m.Cut()
			wantState(t, d, slot.Fresh())
			if fixed(t, d) != before {
				t.Error("something was written for a bundle that was refused")
			}
		})
	}
}

// flip changes a byte of a file; a negative place counts from the end.
func flip(t *testing.T, path string, at int64) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil {
		t.Fatal(err)
	} else if at < 0 {
		at += info.Size()
	}
	b := make([]byte, 1)
	if _, err := f.ReadAt(b, at); err != nil {
		t.Fatal(err)
	}
	b[0] ^= 1
	if _, err := f.WriteAt(b, at); err != nil {
		t.Fatal(err)
	}
}

// signedAgain is the same system with another manifest, as sed makes it, signed with the keys of a folder; "" makes new ones,
// which no card trusts.
func signedAgain(t *testing.T, bundle, sed, keys string) string {
	t.Helper()
	dir := t.TempDir()
	out := filepath.Join(dir, "bundle.raucb")
	script := `set -e; [ -n "$4" ] || ../keys "$1/keys" >/dev/null; keys=${4:-$1/keys}
rauc --keyring="$3/ca.pem" extract "$0" "$1/tree" >/dev/null 2>&1; sed -i "$5" "$1/tree/manifest.raucm"
rauc bundle --cert="$keys/release.pem" --key="$keys/release.key" "$1/tree" "$2" >/dev/null; rm -r "$1/tree"`
	if said, err := exec.Command("bash", "-c", script, bundle, dir, out, os.Getenv("IMAGE_KEYS"), keys, sed).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	return out
}
