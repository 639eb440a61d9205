package tape

import (
	"fmt"
	"io"
	"maps"
	"os"
)

// page is the unit in which images share memory, bytes.
const page = 4096

// Image is the content of a device: its pages that are not zero, by number. Pages are never altered once
// they are in an image, so clones share them.
type Image map[int64][]byte

// Clone returns an image that can be written without altering m.
func (m Image) Clone() Image { return maps.Clone(m) }

// Write puts data at a place.
func (m Image) Write(at int64, data []byte) {
	for len(data) > 0 {
		number, from := at/page, at%page
		fresh := make([]byte, page)
		copy(fresh, m[number])
		n := copy(fresh[from:], data)
		m[number] = fresh
		data, at = data[n:], at+int64(n)
	}
}

// Read makes an image of a file, without its zeros.
func Read(path string) (Image, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read image: %w", err)
	}
	defer f.Close()
	m := Image{}
	for number := int64(0); ; number++ {
		b := make([]byte, page)
		n, err := io.ReadFull(f, b)
		if n > 0 && !zero(b[:n]) {
			m[number] = b
		}
		switch err {
		case nil:
		case io.EOF, io.ErrUnexpectedEOF:
			return m, nil
		default:
			return nil, fmt.Errorf("read image: %w", err)
		}
	}
}

// Save writes the image into a sparse file of so many bytes.
func (m Image) Save(path string, size int64) error {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("save image: %w", err)
	}
	defer f.Close()
	if err := f.Truncate(size); err != nil {
		return fmt.Errorf("save image: %w", err)
	}
	for number, b := range m {
		if _, err := f.WriteAt(b, number*page); err != nil {
			return fmt.Errorf("save image: %w", err)
		}
	}
	return f.Close()
}

// ReadAt implements io.ReaderAt without an end: what was never written is zero.
func (m Image) ReadAt(b []byte, at int64) (int, error) {
	for n := 0; n < len(b); {
		number, from := (at+int64(n))/page, (at+int64(n))%page
		part := b[n:min(len(b), n+int(page-from))]
		if have := m[number]; have != nil {
			copy(part, have[from:])
		} else {
			clear(part)
		}
		n += len(part)
	}
	return len(b), nil
}

func zero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}
