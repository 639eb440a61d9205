package ident

import (
	"encoding/json"
	"errors"
	"io/fs"
	"path/filepath"
	"testing"
	"time"
)

func TestRotation(t *testing.T) {
	old, next := NewKey(), NewKey()
	ring := Ring{Current: old.Public()}
	text, err := json.Marshal(old.Rotate(next))
	if err != nil {
		t.Fatal(err)
	}
	var r Rotation
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	turned, err := ring.Rotate(noon, old.ID(), r)
	if err != nil || turned.Current != next.Public() {
		t.Fatalf("got %+v, %v, want the new key", turned, err)
	}
	if again, err := turned.Rotate(noon.Add(time.Hour), old.ID(), r); err != nil || again != turned {
		t.Errorf("its answer was lost, it comes again: got %+v, %v, want no change", again, err)
	}
	for _, c := range []struct {
		name string
		key  *Key
		at   time.Time
		want bool
	}{
		{"new", next, noon.Add(2 * RotationLife), true},
		{"old within its days", old, noon.Add(RotationLife - 1), true},
		{"old after them", old, noon.Add(RotationLife), false},
		{"stranger", NewKey(), noon, false},
	} {
		if p, got := turned.Find(c.at, c.key.ID()); got != c.want || got && p != c.key.Public() {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
	if _, found := ring.Find(noon, Public{}.ID()); found {
		t.Error("no previous key: got the zero key accepted")
	}
}

func TestForgedRotations(t *testing.T) {
	old, next, third := NewKey(), NewKey(), NewKey()
	ring := Ring{Current: next.Public(), Previous: old.Public(), Until: noon.Add(RotationLife)}
	good := next.Rotate(third)
	for name, c := range map[string]struct {
		signed ID
		r      Rotation
	}{
		"by the stolen old key":           {old.ID(), old.Rotate(third)},
		"with its rotation in other hand": {old.ID(), good},
		"without the new key's proof":     {next.ID(), Rotation{third.Public(), Proof{}}},
		"to another's key":                {next.ID(), Rotation{NewKey().Public(), good.Proof}},
		"back to the old key":             {next.ID(), next.Rotate(old)},
	} {
		if got, err := ring.Rotate(noon, c.signed, c.r); !errors.Is(err, ErrSignature) || got != ring {
			t.Errorf("%s: got %+v, %v, want ErrSignature", name, got, err)
		}
	}
}

func TestPromote(t *testing.T) {
	dir := t.TempDir()
	path, next := filepath.Join(dir, "device.key"), filepath.Join(dir, "device.key.next")
	k := NewKey()
	if err := errors.Join(NewKey().Save(path), k.Save(next), Promote(next, path)); err != nil {
		t.Fatal(err)
	}
	if got, err := LoadKey(path); err != nil || got.ID() != k.ID() {
		t.Errorf("got %v, want the next key", err)
	}
	checkMode(t, path)
	if err := Promote(next, path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("nothing to promote: got %v, want ErrNotExist", err)
	}
}
