package stick

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"unicode"
)

// TestProblems says what each of the kernel's numbers means, while the stick is in and once it is out.
func TestProblems(t *testing.T) {
	for _, c := range []struct {
		err        error
		want, gone Problem
	}{
		{nil, "", Pulled},
		{syscall.EIO, Broken, Pulled},
		{syscall.ENODEV, Pulled, Pulled},
		{syscall.ENXIO, Pulled, Pulled},
		{syscall.ENOSPC, Full, Pulled},
		{syscall.EROFS, WriteProtected, Pulled},
		{syscall.EFBIG, TooLarge, TooLarge},
		{syscall.EBUSY, Busy, Pulled},
		{syscall.ENOENT, Broken, Pulled},
		{fmt.Errorf("3 bytes where 2 fit: %w", Full), Full, Full},
		{Fake, Fake, Pulled},
		{errors.New("something else"), Broken, Pulled},
	} {
		err := c.err
		if err != nil {
			err = fmt.Errorf("save: %w", &os.PathError{Op: "write", Path: "x", Err: err})
		}
		if got := ProblemOf(err); got != c.want {
			t.Errorf("%v: got %q, want %q", c.err, got, c.want)
		}
		if got := Gone(err); got != c.gone {
			t.Errorf("%v, and gone: got %q, want %q", c.err, got, c.gone)
		}
	}
}

// TestTexts holds every sentence against the rules of what a citizen reads.
func TestTexts(t *testing.T) {
	allowed := []string{"FAT32", "exFAT", "NTFS", "BitLocker", "Linux", "Apple"}
	seen := map[string]Problem{}
	for p, text := range texts {
		if other, twice := seen[text]; twice || p.Text() != text {
			t.Errorf("%q and %q have one text", p, other)
		}
		seen[text] = p
		for _, word := range allowed {
			text = strings.ReplaceAll(text, word, "")
		}
		latin := strings.IndexFunc(text, func(r rune) bool { return r < unicode.MaxASCII && unicode.IsLetter(r) })
		if latin >= 0 || strings.HasSuffix(text, ".") || len([]rune(text)) > 130 {
			t.Errorf("%q: %s", p, text)
		}
	}
	if got := Problem("from another build").Text(); got != texts[Broken] {
		t.Errorf("unknown: got %q", got)
	}
}
