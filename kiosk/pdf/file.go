package pdf

import (
	"bufio"
	"fmt"
	"io"
	"time"
)

// Objects that stand once in a part, by number; pages follow, three objects each.
const (
	objCatalog = 1 + iota
	objPages
	objMetadata
	objIntent
	objProfile
	objFirst
)

// file writes the objects of one part and remembers where they begin: eight bytes an object is all
// it keeps of a page. Its writer keeps the first error, which flush tells.
type file struct {
	out     io.WriteCloser
	buf     *bufio.Writer
	id      [16]byte
	part    int
	at      int64
	offsets []int64 // by object number
	pages   []int   // object numbers
}

// buffered is one write to the output.
const buffered = 64 << 10

func newFile(out io.WriteCloser, o Options, part int) *file {
	f := &file{out: out, id: o.ID, part: part, offsets: make([]int64, objFirst)}
	f.buf = bufio.NewWriterSize(out, buffered)
	return f
}

// Write counts what goes into the part.
func (f *file) Write(p []byte) (int, error) {
	n, err := f.buf.Write(p)
	f.at += int64(n)
	return n, err
}

func (f *file) printf(format string, args ...any) {
	fmt.Fprintf(f, format, args...) // the buffer keeps the error
}

// begin starts an object. Its number stands after an end of line, as do endobj and endstream
// (ISO 19005-2, 6.1.7, 6.1.8).
func (f *file) begin(object int) {
	f.offsets[object] = f.at
	f.printf("%d 0 obj\n", object)
}

// stream writes an object that holds bytes, with what else its dictionary says.
func (f *file) stream(object int, dict string, data []byte) {
	f.begin(object)
	f.printf("<< %s /Length %d >>\nstream\n%s\nendstream\nendobj\n", dict, len(data), data)
}

// head writes what no page is needed for.
func (f *file) head(created time.Time) {
	f.printf("%%PDF-1.7\n%%\xE2\xE3\xCF\xD3\n") // four bytes over 127: not a text (6.1.2)
	f.begin(objCatalog)
	f.printf("<< /Type /Catalog /Pages %d 0 R /Metadata %d 0 R /OutputIntents [%d 0 R] >>\nendobj\n",
		objPages, objMetadata, objIntent)
	f.stream(objMetadata, "/Type /Metadata /Subtype /XML", metadata(created))
	f.begin(objIntent)
	f.printf("<< /Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier (sRGB) /Info (sRGB IEC61966-2.1) "+
		"/DestOutputProfile %d 0 R >>\nendobj\n", objProfile)
	f.stream(objProfile, "/N 3", profile())
}

// takes reports whether a page fits in front of the end.
func (f *file) takes(s sheet, most int64) bool {
	return f.at+s.bytes()+tailBytes(len(f.pages)+1) <= most
}

// add writes a page's three objects.
func (f *file) add(r io.Reader, s sheet) error {
	page := len(f.offsets)
	f.offsets = append(f.offsets, 0, 0, 0)
	f.pages = append(f.pages, page)
	f.begin(page)
	f.printf("<< /Type /Page /Parent %d 0 R %s /Resources << /XObject << /P %d 0 R >> >> /Contents %d 0 R >>\nendobj\n",
		objPages, s.box, page+2, page+1)
	f.stream(page+1, "", []byte(s.draw))
	f.begin(page + 2)
	f.printf("<< %s /Length %d >>\nstream\n", s.image, s.picture.Size)
	if err := embed(f, r, s.picture); err != nil {
		return err
	}
	f.printf("\nendstream\nendobj\n")
	return nil
}

// finish writes the tree of pages, the cross-reference table and the trailer, and closes the part.
func (f *file) finish() error {
	f.begin(objPages)
	f.printf("<< /Type /Pages /Count %d /Kids [", len(f.pages))
	for _, page := range f.pages {
		f.printf("\n%d 0 R", page)
	}
	f.printf("] >>\nendobj\n")
	start := f.at
	f.printf("xref\n0 %d\n0000000000 65535 f\r\n", len(f.offsets))
	for _, at := range f.offsets[1:] {
		f.printf("%010d 00000 n\r\n", at)
	}
	// Parts of one scan are different files: the first half of the ID is common, the second is not.
	own := f.id
	own[15] ^= byte(f.part)
	own[14] ^= byte(f.part >> 8)
	f.printf("trailer\n<< /Size %d /Root %d 0 R /ID [<%X> <%X>] >>\nstartxref\n%d\n%%%%EOF\n",
		len(f.offsets), objCatalog, f.id, own, start)
	if err := f.buf.Flush(); err != nil {
		return err
	}
	return f.out.Close()
}
