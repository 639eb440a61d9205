//go:build image

package boottest

import (
	"crypto/sha256"
	"fmt"
	"io"
	"strings"
	"testing"
)

// fixed is a digest of what no normal boot may write.
func fixed(t *testing.T, d *Disk) string {
	t.Helper()
	sum := sha256.New()
	for _, name := range []string{"kiosk", "state", "boot_a", "boot_b", "root_a", "root_b"} {
		err := d.With(name, func(p Part) error {
			_, err := io.Copy(sum, io.NewSectionReader(p, 0, p.size))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return strings.ToLower(fmt.Sprintf("%x", sum.Sum(nil)))
}
