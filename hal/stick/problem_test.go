package stick

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"testing"
)

// TestProblems says what each of the kernel's numbers means.
func TestProblems(t *testing.T) {
	for _, c := range []struct {
		err  error
		want Problem
	}{
		{nil, ""},
		{syscall.EIO, Broken},
		{syscall.ENODEV, Pulled},
		{syscall.ENXIO, Pulled},
		{syscall.ESHUTDOWN, Pulled}, // a device that is asked while it goes
		{syscall.ENOSPC, Full},
		{syscall.EROFS, WriteProtected},
		{syscall.EACCES, WriteProtected}, // mount(2): the device cannot be written
		{syscall.EFBIG, TooLarge},
		{syscall.EBUSY, Busy},
		{syscall.ENOMEDIUM, NoMedium},
		{syscall.ENOENT, Broken},
		{fmt.Errorf("3 bytes where 2 fit: %w", Full), Full},
		{Fake, Fake},
		{errors.Join(Busy, syscall.EIO, Fake), Busy},
		{errors.New("something else"), Broken},
	} {
		err := c.err
		if err != nil {
			err = fmt.Errorf("save: %w", &os.PathError{Op: "write", Path: "x", Err: err})
		}
		if got := ProblemOf(err); got != c.want {
			t.Errorf("%v: got %q, want %q", c.err, got, c.want)
		}
	}
}
