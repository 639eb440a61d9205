package wire

import (
	"errors"
	"strings"
	"testing"
)

// TestNewer: versions are compared by their numbers; what is no version of numbers is not comparable.
func TestNewer(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"1.5.0", "1.4.9", true}, {"1.10", "1.9.9", true}, {"1.4.2", "1.4.2", false}, {"1.4.1", "1.4.2", false}, {"2.0", "1.99.99", true},
		{"v1.5", "1.4", true}, {"v1.4", "1.4.0", false}, {"1.4.0.1", "1.4", true},
		{"1.5", "b7ff180-dirty", false}, {"b7ff180", "1.0", false}, {"1.5", "unknown", false}, {"1", "0.9", false}, {"1.5-rc1", "1.4", false},
		{"1.05", "1.4", false}, {"1.-5", "1.4", false}, {"1.2.3.4.5", "1.0", false}, {"99999999999.0", "1.0", false}, {"", "1.0", false},
	} {
		if got := Newer(c.a, c.b); got != c.want {
			t.Errorf("%q after %q: got %v, want %v", c.a, c.b, got, c.want)
		}
	}
}

// TestOffersThatCannotBe are refused on both ends.
func TestOffersThatCannotBe(t *testing.T) {
	good := Offer{"1.5.0", strings.Repeat("0a", 32), 1}
	for _, c := range []struct {
		name   string
		change func(*Offer)
	}{
		{"version", func(o *Offer) { o.Version = "newest" }},
		{"short hash", func(o *Offer) { o.SHA256 = "0a" }},
		{"path", func(o *Offer) { o.SHA256 = strings.Repeat("../", 21) + "a" }},
		{"large letters", func(o *Offer) { o.SHA256 = strings.Repeat("0A", 32) }},
		{"empty", func(o *Offer) { o.Size = 0 }},
		{"huge", func(o *Offer) { o.Size = MaxBundle + 1 }},
	} {
		o := good
		c.change(&o)
		if _, err := (Answer{Status: "active", Offer: &o}).Encode(); err == nil {
			t.Errorf("%s: encoded", c.name)
		}
	}
	text, err := Answer{Status: "active", Offer: &good}.Encode()
	if err != nil {
		t.Fatal(err)
	}
	a, err := ParseAnswer(text)
	if err != nil || a.Offer == nil || *a.Offer != good {
		t.Errorf("got %+v, %v, want %+v", a.Offer, err, good)
	}
	wrong := strings.Replace(string(text), `"size":1`, `"size":-1`, 1)
	if _, err := ParseAnswer([]byte(wrong)); !errors.Is(err, ErrMalformed) {
		t.Errorf("got %v, want ErrMalformed", err)
	}
}

// TestEndsOfUpdatesLeave: only the words of the list, and a version that looks like one.
func TestEndsOfUpdatesLeave(t *testing.T) {
	for _, end := range []string{Installed, Failed, RolledBack, RefusedEnd} {
		if got := NewUpdate("1.4", end); got.End != end {
			t.Errorf("%s left as %s", end, got.End)
		}
	}
	if got := NewUpdate("1.4", "Иванов не дал"); got.End != other {
		t.Errorf("left as %q", got.End)
	}
	var enc Encoder
	for _, u := range []*Update{{"1.4", "broken"}, {"Иванов", Failed}, {"", Failed}} {
		h := Head{Stream: StreamID{1}, Boot: 1, First: 1, Beat: &Beat{Firmware: "1.4", Update: u}}
		if _, err := enc.Encode(h, nil); !errors.Is(err, ErrInvalid) {
			t.Errorf("%+v: got %v, want ErrInvalid", u, err)
		}
	}
}
