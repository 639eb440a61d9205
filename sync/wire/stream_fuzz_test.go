package wire

import "testing"

// FuzzStreamID gives any text for a stream's name: one that is taken has this one spelling.
func FuzzStreamID(f *testing.F) {
	f.Add(StreamID{1, 2, 3}.String())
	f.Add("AAAAAAAAAAAAAAAAAAAAAB")
	f.Add("AAAAAAAAAAAAAAAAAAAA\nA")
	f.Fuzz(func(t *testing.T, text string) {
		if id, err := ParseStreamID(text); err == nil && id.String() != text {
			t.Errorf("%q is taken as %q", text, id)
		}
	})
}
