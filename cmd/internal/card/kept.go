package card

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"

	"sps-kiosk/kiosk/config"
)

// Seal puts a digest before a file: what a card that lies about flushes leaves of it may still be settings, of
// another kiosk than this.
func Seal(text []byte) []byte { return fmt.Appendf(nil, "# %x\n%s", sha256.Sum256(text), text) }

// Unseal returns a file without its digest, and whether it is whole.
func Unseal(kept []byte) (text []byte, whole bool) {
	_, text, _ = bytes.Cut(kept, []byte("\n"))
	return text, bytes.Equal(kept, Seal(text))
}

// Settings reads the kiosk.txt in a folder, or else the one that the kiosk served with last. device is nil where neither can be
// read; wrong says what is wrong with the first, an os.ErrNotExist that there is none.
func (p Paths) Settings(folder string) (device *config.Device, wrong error) {
	found, wrong := config.Find(folder)
	if wrong == nil {
		d, err := config.ReadDevice(found)
		if err == nil && len(bytes.TrimSpace(d.Text())) > 0 {
			return &d, nil
		}
		if wrong = err; wrong == nil {
			wrong = errors.New("the file is empty")
		}
	}
	kept, err := os.ReadFile(p.Good)
	if err != nil {
		return nil, wrong
	}
	text, whole := Unseal(kept)
	d, err := config.ParseDevice(text)
	if !whole || err != nil {
		return nil, wrong
	}
	return &d, nil
}
