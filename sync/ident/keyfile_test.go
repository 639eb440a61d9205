package ident

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestKeyIsMadeOnceForItsOwnerAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "device.key")
	k, made, err := LoadOrMakeKey(path)
	if err != nil || !made {
		t.Fatalf("first boot: made %v, %v, want a key made", made, err)
	}
	checkMode(t, path)
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	again, made, err := LoadOrMakeKey(path)
	if err != nil || made || again.ID() != k.ID() {
		t.Errorf("second boot: got %v, made %v, %v, want %v", again.ID(), made, err, k.ID())
	}
	checkMode(t, path)
	if other := NewKey(); other.ID() == k.ID() {
		t.Error("two keys are one")
	}
}

func checkMode(t *testing.T, path string) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("mode: got %v, %v, want 0600", info.Mode(), err)
	}
	if names, err := os.ReadDir(filepath.Dir(path)); err != nil || len(names) != 1 {
		t.Errorf("beside the key: got %v, %v, want nothing", names, err)
	}
}

// TestADamagedKeyIsNotReplaced: a new key would be a new kiosk, and that is for a person to decide.
func TestADamagedKeyIsNotReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "device.key")
	if err := NewKey().Save(path); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(curve)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{
		"empty":        {},
		"zeros":        make([]byte, len(whole)),
		"cut":          whole[:len(whole)/2],
		"other letter": append([]byte("-----BEGIN PRIVATE KEY-----\nAAAA\n"), "-----END PRIVATE KEY-----\n"...),
		"other kind":   pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}),
	} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if k, made, err := LoadOrMakeKey(path); !errors.Is(err, ErrKeyDamaged) || made || k != nil {
			t.Errorf("%s: got %v, made %v, %v, want ErrKeyDamaged", name, k, made, err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != string(text) {
			t.Errorf("%s: the file was touched", name)
		}
	}
}

// TestAFailedWriteLeavesNothingBehind: the old file stays, and no half of a new one.
func TestAFailedWriteLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "taken")
	if err := os.MkdirAll(filepath.Join(path, "full"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := NewKey().Save(path); err == nil {
		t.Error("over a directory: got no error")
	}
	if names, err := os.ReadDir(dir); err != nil || len(names) != 1 {
		t.Errorf("left behind: got %v, %v, want the directory alone", names, err)
	}
	if err := NewKey().Save(filepath.Join(dir, "none", "key")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no such directory: got %v, want ErrNotExist", err)
	}
}

func TestBindingComesBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "district.json")
	if _, err := LoadBinding(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("none: got %v, want ErrNotExist", err)
	}
	e := Enrolment{Address: "https://rayon.example", Server: NewKey().Public(), Token: Token{1}}
	b := Bind(e)
	b.Status = Active
	if err := b.Save(path); err != nil {
		t.Fatal(err)
	}
	checkMode(t, path)
	got, err := LoadBinding(path)
	if err != nil || got.Address != b.Address || len(got.Keys) != 1 || got.Keys[0] != b.Keys[0] || got.Status != Active {
		t.Fatalf("got %+v, %v, want %+v", got, err, b)
	}
	if !got.Stems(e) || got.Stems(Enrolment{Address: e.Address, Server: e.Server, Token: Token{2}}) || (Binding{}).Stems(e) {
		t.Error("stems: want true for its own file alone")
	}
	for _, text := range []string{"", "{}", `{"address":"https://x","keys":[]}`, `{"address":"https://x","keys":["AA"]}`} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := LoadBinding(path); err == nil || got.Address != "" {
			t.Errorf("%q: got %+v, %v, want an error", text, got, err)
		}
	}
}

func TestTheDistrictAnnouncesItsNextKey(t *testing.T) {
	old, next, third := NewKey().Public(), NewKey().Public(), NewKey().Public()
	b := Binding{Keys: []Public{old}}
	two, changed := b.Announce(old.ID(), next)
	if !changed || len(two.Keys) != 2 || two.Keys[0] != old || two.Keys[1] != next {
		t.Errorf("announced: got %v, %v, want both", two.Keys, changed)
	}
	if same, changed := two.Announce(old.ID(), next); changed || len(same.Keys) != 2 {
		t.Errorf("announced again: got %v, %v, want no change", same.Keys, changed)
	}
	if three, changed := two.Announce(next.ID(), third); !changed || len(three.Keys) != 2 || three.Keys[0] != next || three.Keys[1] != third {
		t.Errorf("the one after: got %v, %v, want the last two", three.Keys, changed)
	}
	if b, changed := b.Announce(third.ID(), next); changed || len(b.Keys) != 1 {
		t.Errorf("by a stranger: got %v, %v, want no change", b.Keys, changed)
	}
	if _, changed := b.Announce(old.ID(), Public{}); changed {
		t.Error("no key: got a change")
	}
}
