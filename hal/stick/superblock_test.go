package stick

import (
	"bytes"
	"io"
	"testing"
)

// TestSuperblocksAtTheirBounds changes one field of what the tools make: the kernel is asked to mount only what the
// specification allows.
func TestSuperblocksAtTheirBounds(t *testing.T) {
	first := func(args ...string) []byte {
		b := make([]byte, 512)
		if _, err := io.ReadFull(formatted(t, 64*mib, args...), b); err != nil {
			t.Fatal(err)
		}
		return b
	}
	vfat, exfat := first("mkfs.vfat", "-F", "32"), first("mkfs.exfat")
	const jump, sector, cluster, reserved, fats, media, sectors, each = 0, 11, 13, 14, 16, 21, 32, 36
	const must, power, clusterPower, copies = 11, 108, 109, 110
	for _, c := range []struct {
		name string
		of   []byte
		at   int
		to   string
		want FS
	}{
		{"as it is", vfat, jump, "\xeb", VFAT},
		{"the other jump", vfat, jump, "\xe9", VFAT},
		{"no jump", vfat, jump, "\x90", ""},
		{"sectors of 256 bytes", vfat, sector, "\x00\x01", ""},
		{"sectors of 512 bytes", vfat, sector, "\x00\x02", VFAT},
		{"sectors of 1000 bytes", vfat, sector, "\xe8\x03", ""},
		{"sectors of 4096 bytes", vfat, sector, "\x00\x10", VFAT},
		{"sectors of 8192 bytes", vfat, sector, "\x00\x20", ""},
		{"clusters of no sector", vfat, cluster, "\x00", ""},
		{"clusters of three sectors", vfat, cluster, "\x03", ""},
		{"clusters of 128 sectors", vfat, cluster, "\x80", VFAT},
		{"no place for itself", vfat, reserved, "\x00\x00", ""},
		{"no table", vfat, fats, "\x00", ""},
		{"one table", vfat, fats, "\x01", VFAT},
		{"three tables", vfat, fats, "\x03", ""},
		{"a medium", vfat, media, "\xf0", VFAT},
		{"no medium", vfat, media, "\xf1", ""},
		{"nearly a medium", vfat, media, "\xf7", ""},
		{"the first of the others", vfat, media, "\xf8", VFAT},
		{"no sectors", vfat, sectors, "\x00\x00\x00\x00", ""},
		{"a table of no sectors", vfat, each, "\x00\x00\x00\x00", ""},
		{"as it is", exfat, copies, "\x01", ExFAT},
		{"two tables", exfat, copies, "\x02", ExFAT},
		{"no table", exfat, copies, "\x00", ""},
		{"three tables", exfat, copies, "\x03", ""},
		{"something where nothing may be", exfat, must, "\x01", ""},
		{"something at the end of that", exfat, 63, "\x01", ""},
		{"sectors of 256 bytes", exfat, power, "\x08", ""},
		{"sectors of 512 bytes", exfat, power, "\x09", ExFAT},
		{"sectors of 4096 bytes", exfat, power, "\x0c", ExFAT},
		{"sectors of 8192 bytes", exfat, power, "\x0d", ""},
		{"clusters of 32 MiB", exfat, power, "\x09\x10", ExFAT},
		{"clusters of 64 MiB", exfat, power, "\x09\x11", ""},
		{"clusters of 32 MiB in large sectors", exfat, power, "\x0c\x0d", ExFAT},
		{"clusters of 64 MiB in large sectors", exfat, clusterPower, "\x1a", ""},
		{"no signature at the end", vfat, 510, "\x00", ""},
		{"half a signature at the end", vfat, 511, "\x00", ""},
	} {
		b := bytes.Clone(c.of)
		copy(b[c.at:], c.to)
		got, err := Recognise(bytes.NewReader(b))
		if got != c.want || (err == nil) != (c.want != "") || c.want == "" && ProblemOf(err) != Unknown {
			t.Errorf("%s: got %q, %v, want %q", c.name, got, err, c.want)
		}
	}
}
