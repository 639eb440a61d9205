package pair

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// browsersName is the file of the paired browsers.
const browsersName = "browsers.json"

// kept is what the file holds.
type kept struct {
	Last     int       `json:"last"`
	Word     string    `json:"word,omitempty"`
	Browsers []Browser `json:"browsers"`
}

// load reads the file. One that holds no JSON is a card that lost its last write: everybody is paired
// anew, which costs a walk to the printer and lets nobody in.
func (d *Desk) load() error {
	data, err := os.ReadFile(filepath.Join(d.path, browsersName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var k kept
	if json.Unmarshal(data, &k) != nil {
		return nil
	}
	d.browsers, d.last, d.word = k.Browsers, k.Last, k.Word
	return nil
}

// save writes the browsers to the card, and only then believes it.
func (d *Desk) save(all []Browser, last int) error {
	data, err := json.Marshal(kept{last, d.word, all})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(d.path, 0o700); err != nil {
		return err
	}
	if err := keep(filepath.Join(d.path, browsersName), data); err != nil {
		return err
	}
	d.browsers, d.last = all, last
	return nil
}
