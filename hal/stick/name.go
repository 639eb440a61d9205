package stick

import (
	"fmt"
	"iter"
	"time"
)

// Label is what the names on a stick are made of: a date, or where the clock is not to be trusted the
// number of the session. Nothing of a person or of a document is in it (A35).
type Label struct {
	Day     time.Time // in the zone of the site; zero: the clock is not trusted
	Session uint64
}

// names is how many of one kind a stick may hold before the citizen is asked for another.
const names = 999

// Base is what all names begin with: "SCAN_2026-11-22", or "SCAN_N0042" by the session's number.
// Both are legible everywhere and hold no letter that a file system might change.
func (l Label) Base() string {
	if l.Day.IsZero() {
		return fmt.Sprintf("SCAN_N%04d", l.Session)
	}
	return "SCAN_" + l.Day.Format(time.DateOnly)
}

// Folders are the folder's names in the order of trying: SCAN_2026-11-22, SCAN_2026-11-22_2 …
func (l Label) Folders() iter.Seq[string] {
	return func(yield func(string) bool) {
		for n := 1; n <= names; n++ {
			name := l.Base()
			if n > 1 {
				name = fmt.Sprintf("%s_%d", name, n)
			}
			if !yield(name) {
				return
			}
		}
	}
}

// Files are a file's names in the order of trying: SCAN_2026-11-22_1.pdf, SCAN_2026-11-22_2.pdf …
// Which of them are taken is found by trying, never by listing.
func (l Label) Files(extension string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for n := 1; n <= names; n++ {
			if !yield(fmt.Sprintf("%s_%d.%s", l.Base(), n, extension)) {
				return
			}
		}
	}
}
