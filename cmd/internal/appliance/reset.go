package appliance

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/store"
)

// resetName is the file that keeps the word of the last factory reset, in the data folder.
const resetName = "reset"

// resetIfAsked returns the kiosk to its first day if kiosk.txt has another word for it than the card keeps (C10).
// The word is kept last: a power cut in between begins it again.
func resetIfAsked(o Options, b board, word string) error {
	kept, err := os.ReadFile(filepath.Join(o.Data, resetName))
	if word == "" || word == string(kept) {
		return nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read the word of the last reset: %w", err)
	}
	served, err := forget(o.Data)
	if err != nil {
		return fmt.Errorf("factory reset: %w", err)
	}
	if err := keepFile(filepath.Join(o.Data, resetName), []byte(word)); err != nil {
		return fmt.Errorf("factory reset: %w", err)
	}
	if served {
		o.Log.Warn("factory reset is done", "word", word)
		journal(b, "Сброс до заводских настроек выполнен", 0)
	}
	return nil
}

// forget takes away what this process keeps in its data folder, and nothing of anybody else. It reports whether
// there was anything.
func forget(folder string) (any bool, err error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return false, err
	}
	_, err = os.Stat(filepath.Join(folder, "queue"))
	any = err == nil
	err = store.Remove(folder)
	for _, name := range []string{config.CatalogName, "identity", "panel", "printing", goodName} {
		err = errors.Join(err, os.RemoveAll(filepath.Join(folder, name)))
	}
	return any, err
}
