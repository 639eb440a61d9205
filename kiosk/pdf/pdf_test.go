package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"pgregory.net/rapid"
)

// every is one leaf of each kind.
func every(t testing.TB) []leaf {
	t.Helper()
	colour := encoded(t, arrow(248, 350), 80)
	return []leaf{
		{colour, 300, 0}, {encoded(t, grey(arrow(248, 350)), 80), 300, 0},
		{colour, 300, 90}, {colour, 150, 180}, {colour, 600, 270},
		{sample(t, "progressive"), 75, 0}, {sample(t, "restart"), 75, 0}, {sample(t, "rgb"), 75, 0},
		{sample(t, "scans"), 75, 0}, {sample(t, "sampled"), 75, 0}, {sample(t, "grey"), 75, 90},
		{withSegment(colour, markAPP0, jfif(1, 200)), 0, 0},
		{withSegment(colour, markAPP1, exifBody(6)), 300, 0},
		{withSegment(colour, markAPP1, exifBody(5)), 300, 0},
		{append(bytes.Clone(colour), 0, 0, 0), 300, 0},
	}
}

// TestPeersReadWhatWasPutIn: qpdf finds nothing wrong, pdfimages gives the same bytes back, pdfinfo
// the size on paper.
func TestPeersReadWhatWasPutIn(t *testing.T) {
	pages := every(t)
	path := saved(t, "scan.pdf", bound(t, Options{}, pages...))
	if out := command(t, "qpdf", "--check", path); strings.Contains(strings.ToLower(out), "warn") {
		t.Errorf("qpdf: %s", out)
	}
	into := filepath.Dir(path)
	command(t, "pdfimages", "-all", path, filepath.Join(into, "p"))
	for i, l := range pages {
		got, err := os.ReadFile(filepath.Join(into, fmt.Sprintf("p-%03d.jpg", i)))
		if err != nil {
			t.Fatal(err)
		}
		if want := l.jpg[:inspected(t, l.jpg).Size]; !bytes.Equal(got, want) {
			t.Errorf("page %d: got %d bytes other than the %d put in", i+1, len(got), len(want))
		}
	}
	info := command(t, "pdfinfo", "-f", "1", "-l", "99", path)
	for _, want := range []string{"Page    1 size:  59.52 x 84 pts", "Page    3 rot:   90", "Page    4 size:  119.04 x 168 pts",
		"Page    5 size:  29.76 x 42 pts", "Page    6 size:  88.32 x 67.2 pts", "Page   12 size:  89.28 x 126 pts",
		"Page   13 rot:   90", "Page   14 rot:   270", fmt.Sprintf("Pages:           %d", len(pages))} {
		if !strings.Contains(info, want) {
			t.Errorf("pdfinfo does not say %q:\n%s", want, info)
		}
	}
}

// TestLateHeightIsPutWhereReadersLook: the two bytes of the height are the one exception to «byte for
// byte», as pages of several HP feeders open in no reader without it.
func TestLateHeightIsPutWhereReadersLook(t *testing.T) {
	plain := encoded(t, arrow(248, 350), 80)
	late := lateHeight(t, plain)
	c, err := check(bound(t, Options{}, leaf{late, 300, 0}))
	if err != nil {
		t.Fatal(err)
	}
	want := bytes.Clone(late)
	copy(want[frameAt(t, late)+1:], plain[frameAt(t, plain)+1:][:2])
	if got := c.picture(0); !bytes.Equal(got.stream, want) || !strings.Contains(got.dict, "/Height 350 ") {
		t.Errorf("got %d bytes, %s", len(got.stream), got.dict)
	}
	s := &shelf{}
	if err := NewFolder(s.next, Options{}).AddPage(bytes.NewReader(late), leaf{late, 300, 0}.page(t)); err != nil || !bytes.Equal(s.parts[0].Bytes(), want) {
		t.Errorf("JPEG: got %d bytes, %v", s.parts[0].Len(), err)
	}
}

// TestClauses holds the file against the clauses of ISO 19005-2 that an image-only PDF/A-2b meets.
func TestClauses(t *testing.T) {
	at := time.Date(2026, 11, 21, 18, 54, 3, 0, time.FixedZone("Samara", 4*3600))
	raw := bound(t, Options{Created: at}, every(t)...)
	c, err := check(raw) // 6.1.2 head, 6.1.4 cross-reference rows, 6.1.7 streams, 6.1.8 objects
	if err != nil {
		t.Fatal(err)
	}
	dicts := c.trailer
	for _, o := range c.objects {
		dicts += "\n" + o.dict
	}
	catalog, xmp := c.objects[1].dict, string(c.objects[3].stream)
	for _, clause := range []struct {
		number, where, pattern string
		has                    bool
	}{
		{"6.1.3 ID", c.trailer, `/ID \[<[0-9A-F]{32}> <[0-9A-F]{32}>\]`, true},
		{"6.1.3 no encryption", dicts, `/Encrypt`, false},
		{"6.1.7.2 no external streams", dicts, `/F |/FFilter|/FDecodeParms|/LZWDecode|/Crypt`, false},
		{"6.2.3 output intent", catalog, `/OutputIntents \[4 0 R\]`, true},
		{"6.2.3 its kind and profile", c.objects[4].dict, `/S /GTS_PDFA1 /OutputConditionIdentifier \(sRGB\).* /DestOutputProfile 5 0 R`, true},
		{"6.2.4.2 components of the profile", c.objects[5].dict, `/N 3`, true},
		{"6.2.4.3 no CMYK beside an RGB intent", dicts, `/DeviceCMYK|/Pattern|/Separation`, false},
		{"6.2.5 no graphics state", dicts, `/ExtGState|/TR|/HTP|/RI`, false},
		{"6.2.8 images", dicts, `/Alternates|/OPI|/Interpolate|/SMask|/Intent`, false},
		{"6.2.9 no forms, no PostScript", dicts, `/Form|/PS|/Ref `, false},
		{"6.2.10 no transparency", dicts, `/Group|/BM|/ca`, false},
		{"6.3 no annotations", dicts, `/Annots|/AcroForm`, false},
		{"6.5 no actions", dicts, `/A |/AA|/OpenAction|/JavaScript|/Names`, false},
		{"6.6.2 metadata", catalog, `/Metadata 3 0 R`, true},
		{"6.6.2 unfiltered XML", c.objects[3].dict, `^/Type /Metadata /Subtype /XML /Length \d+$`, true},
		{"6.6.2.1 packet", xmp, "^<\\?xpacket begin=\"\uFEFF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"\\?>(?s:.*)<\\?xpacket end=\"r\"\\?>$", true},
		{"6.6.3 no Info to disagree with", c.trailer, `/Info`, false},
		{"6.6.4 part and level", xmp, `<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>`, true},
		{"6.6.4 date", xmp, `<xmp:CreateDate>2026-11-21T18:54:03\+04:00</xmp:CreateDate>`, true},
		{"6.8 no files in it", dicts, `/EF|/AF|/Filespec`, false},
		{"6.9 no optional content", catalog, `/OCProperties`, false},
		{"6.10 no XFA", catalog, `/NeedsRendering`, false},
	} {
		if got := regexp.MustCompile(clause.pattern).MatchString(clause.where); got != clause.has {
			t.Errorf("%s: got %v for %s, want %v", clause.number, got, clause.pattern, clause.has)
		}
	}
	for i := range c.pages { // 6.2.4.3: device colours only as the intent has them; 6.1.13: page size
		if !regexp.MustCompile(`/ColorSpace /Device(RGB|Gray) /BitsPerComponent 8 /Filter /DCTDecode`).MatchString(c.picture(i).dict) {
			t.Errorf("picture %d: %s", i, c.picture(i).dict)
		}
	}
	if got := string(bound(t, Options{}, every(t)[0])); strings.Contains(got, "Date>") {
		t.Error("got a date from a clock that is not trusted")
	}
}

func TestPageSizeOutOfRange(t *testing.T) {
	jpg := encoded(t, arrow(92, 70), 80)
	for dpi, ok := range map[int]bool{1: true, 75: true, 1200: true, 1700: false} {
		s := &shelf{}
		w := New(s.next, Options{})
		err := w.AddPage(bytes.NewReader(jpg), leaf{jpg, dpi, 0}.page(t))
		if (err == nil) != ok || !ok && !errors.Is(err, ErrPageSize) {
			t.Errorf("%d per inch: got %v", dpi, err)
		}
	}
}

func TestPageTooLong(t *testing.T) {
	if _, err := newSheet(Page{Picture: Picture{Width: 100, Height: 65535, Components: 1}, DPI: 300}); !errors.Is(err, ErrPageSize) {
		t.Errorf("got %v, want %v", err, ErrPageSize)
	}
}

// TestDictionaries: what peers cannot tell apart on a page.
func TestDictionaries(t *testing.T) {
	colour := encoded(t, arrow(92, 70), 80)
	for name, c := range map[string]struct {
		of   leaf
		want []string
	}{
		"colour":          {leaf{colour, 72, 0}, []string{"/MediaBox [0 0 92 70] /Rotate 0 ", "q 92 0 0 70 0 0 cm /P Do Q", "/DeviceRGB", "/DCTDecode /Length"}},
		"grey":            {leaf{sample(t, "grey"), 72, 0}, []string{"/DeviceGray"}},
		"RGB":             {leaf{sample(t, "rgb"), 72, 0}, []string{"/DecodeParms << /ColorTransform 0 >>"}},
		"mirrored":        {leaf{withSegment(colour, markAPP1, exifBody(2)), 72, 0}, []string{"q -92 0 0 70 92 0 cm /P Do Q", "/Rotate 0 "}},
		"turned to start": {leaf{withSegment(colour, markAPP1, exifBody(6)), 72, 270}, []string{"/Rotate 0 "}},
		"a third":         {leaf{colour, 216, 0}, []string{"[0 0 30.6667 23.3333]"}},
	} {
		got, err := check(bound(t, Options{}, c.of))
		if err != nil {
			t.Fatal(err)
		}
		all := got.objects[6].dict + string(got.objects[7].stream) + got.objects[8].dict
		for _, want := range c.want {
			if !strings.Contains(all, want) {
				t.Errorf("%s: got %s, want %s", name, all, want)
			}
		}
	}
}

// TestRefusedPageSpoilsNothing: what is refused before the first byte leaves the output usable.
func TestRefusedPageSpoilsNothing(t *testing.T) {
	jpg := encoded(t, arrow(92, 70), 80)
	good := leaf{jpg, 300, 0}.page(t)
	for name, page := range map[string]Page{
		"size": {Picture: good.Picture, DPI: 2000}, "turn": {Picture: good.Picture, DPI: 300, Turn: 45},
		"turn back": {Picture: good.Picture, DPI: 300, Turn: -90}, "no picture": {},
	} {
		s := &shelf{}
		w := New(s.next, Options{})
		for i, p := range []Page{good, page, good} {
			if err := w.AddPage(bytes.NewReader(jpg), p); (err != nil) != (i == 1) {
				t.Errorf("%s, page %d: got %v", name, i, err)
			}
		}
		if err := w.Close(); err != nil {
			t.Errorf("%s: close: %v", name, err)
		}
		if c, err := check(s.parts[0].Bytes()); err != nil || len(c.pages) != 2 {
			t.Errorf("%s: got %d pages, %v, want 2", name, len(c.pages), err)
		}
	}
}

// TestChangedPageSpoils: bytes other than those inspected are noticed, and no part is closed as whole.
func TestChangedPageSpoils(t *testing.T) {
	jpg := encoded(t, arrow(92, 70), 80)
	wider := bytes.Clone(jpg)
	wider[frameAt(t, wider)+4]++
	good := leaf{jpg, 300, 0}.page(t)
	for name, c := range map[string]struct {
		r    io.Reader
		want error
	}{
		"cut":         {bytes.NewReader(jpg[:len(jpg)/2]), ErrChanged},
		"another":     {bytes.NewReader(wider), ErrChanged},
		"nothing":     {bytes.NewReader(nil), ErrChanged},
		"vault fails": {io.MultiReader(bytes.NewReader(jpg[:len(jpg)/2]), iotest.ErrReader(errStick)), errStick},
	} {
		for kind, open := range outputs() {
			s := &shelf{}
			out := open(s.next, Options{})
			err := out.AddPage(c.r, good)
			if !errors.Is(err, c.want) {
				t.Errorf("%s, %s: got %v, want %v", kind, name, err, c.want)
			}
			if again := out.AddPage(bytes.NewReader(jpg), good); again != err {
				t.Errorf("%s, %s: next page: got %v, want %v", kind, name, again, err)
			}
			if closed := out.Close(); closed != err || s.closed[0] {
				t.Errorf("%s, %s: close: got %v, part closed %v", kind, name, closed, s.closed[0])
			}
		}
	}
}

// output is what both kinds are.
type output interface {
	AddPage(r io.Reader, p Page) error
	Close() error
	Parts() int
}

func outputs() map[string]func(Next, Options) output {
	return map[string]func(Next, Options) output{
		"PDF":  func(n Next, o Options) output { return New(n, o) },
		"JPEG": func(n Next, o Options) output { return NewFolder(n, o) },
	}
}

// failing is a stick that takes so many bytes.
type failing struct{ left int }

func (f *failing) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errStick
	}
	return len(p), nil
}

func (f *failing) Close() error { return errors.New("closed though it is not whole") }

func TestStickFailsAnywhere(t *testing.T) {
	jpg := encoded(t, arrow(600, 800), 95)
	page := leaf{jpg, 300, 0}.page(t)
	for kind, open := range outputs() {
		for left := 0; left < len(jpg); left += 4096 {
			out := open(func(int) (io.WriteCloser, error) { return &failing{left}, nil }, Options{})
			err := out.AddPage(bytes.NewReader(jpg), page)
			if closed := out.Close(); !errors.Is(closed, errStick) || err != nil && !errors.Is(err, errStick) {
				t.Fatalf("%s, %d bytes: got %v, %v, want %v", kind, left, err, closed, errStick)
			}
		}
		out := open(func(int) (io.WriteCloser, error) { return nil, errStick }, Options{})
		if err := out.AddPage(bytes.NewReader(jpg), page); !errors.Is(err, errStick) {
			t.Errorf("%s, no room: got %v", kind, err)
		}
	}
}

func TestNoPages(t *testing.T) {
	for kind, open := range outputs() {
		s := &shelf{}
		if err := open(s.next, Options{}).Close(); !errors.Is(err, ErrNoPages) || len(s.parts) != 0 {
			t.Errorf("%s: got %v and %d files, want %v and none", kind, err, len(s.parts), ErrNoPages)
		}
	}
}

func TestPageAfterClose(t *testing.T) {
	jpg := encoded(t, arrow(92, 70), 80)
	page := leaf{jpg, 300, 0}.page(t)
	for kind, open := range outputs() {
		s := &shelf{}
		out := open(s.next, Options{})
		for _, err := range []error{out.AddPage(bytes.NewReader(jpg), page), out.Close()} {
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := out.AddPage(bytes.NewReader(jpg), page); err == nil || out.Parts() != 1 {
			t.Errorf("%s: got %v and %d parts, want an error and 1", kind, err, out.Parts())
		}
	}
}

// TestFolderTurnsByExif: only the orientation differs, so the picture data stay what they were.
func TestFolderTurnsByExif(t *testing.T) {
	plain := encoded(t, arrow(92, 70), 80)
	for _, c := range []struct {
		name string
		jpg  []byte
		turn int
		want int
		same bool
	}{
		{"as it came", plain, 0, 0, true}, {"turned", plain, 90, 6, false}, {"upside down", plain, 180, 3, false},
		{"after JFIF", withSegment(plain, markAPP0, jfif(1, 300)), 270, 8, false},
		{"said before", withSegment(plain, markAPP1, exifBody(6)), 0, 6, true},
		{"said and turned", withSegment(plain, markAPP1, exifBody(6)), 90, 3, false},
		{"mirrored and turned", withSegment(plain, markAPP1, exifBody(2)), 90, 7, false},
		{"turned back", withSegment(plain, markAPP1, exifBody(8)), 90, 1, false},
	} {
		s := &shelf{}
		out := NewFolder(s.next, Options{})
		if err := out.AddPage(bytes.NewReader(c.jpg), leaf{c.jpg, 300, c.turn}.page(t)); err != nil {
			t.Fatal(err)
		}
		got := s.parts[0].Bytes()
		if p := inspected(t, got); p.Orientation != c.want || bytes.Equal(got, c.jpg) != c.same {
			t.Errorf("%s: got orientation %d, same bytes %v, want %d, %v", c.name, p.Orientation, !c.same, c.want, c.same)
		}
		if !s.closed[0] {
			t.Errorf("%s: not closed", c.name)
		}
		if c.name == "after JFIF" && !bytes.HasPrefix(got[2:], []byte{0xFF, markAPP0}) {
			t.Errorf("%s: got % x, want JFIF first", c.name, got[:24])
		}
		if from := bytes.Index(plain, []byte{0xFF, markDQT}); !bytes.HasSuffix(got, plain[from:]) {
			t.Errorf("%s: the picture itself is not the same", c.name)
		}
	}
}

// TestAnyMixOfPages: whatever is bound, in however many parts, an independent reader finds every
// page in its order, whole, and no part over the limit.
func TestAnyMixOfPages(t *testing.T) {
	kinds := every(t)
	rapid.Check(t, func(r *rapid.T) {
		pages := rapid.SliceOfN(rapid.SampledFrom(kinds), 1, 30).Draw(r, "pages")
		most := rapid.Int64Range(30_000, 300_000).Draw(r, "most")
		s := &shelf{}
		w := New(s.next, Options{MaxBytes: most})
		for i := range pages {
			pages[i].turn = 90 * rapid.IntRange(0, 3).Draw(r, "turn")
			if err := w.AddPage(bytes.NewReader(pages[i].jpg), pages[i].page(t)); err != nil {
				r.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			r.Fatal(err)
		}
		n, ids := 0, map[string]bool{}
		for i, part := range s.parts {
			if !s.closed[i] || int64(part.Len()) > most {
				r.Fatalf("part %d of %d bytes, closed %v; most %d", i+1, part.Len(), s.closed[i], most)
			}
			c, err := check(part.Bytes())
			if err != nil {
				r.Fatalf("part %d: %v", i+1, err)
			}
			ids[c.trailer[strings.LastIndex(c.trailer, "<"):]] = true
			for page := range c.pages {
				want := pages[n].jpg
				if got := c.picture(page).stream; !bytes.HasPrefix(want, got) || len(want)-len(got) > 3 {
					r.Fatalf("page %d is not what was put in", n+1)
				}
				n++
			}
		}
		if n != len(pages) || len(ids) != len(s.parts) {
			r.Fatalf("got %d pages and %d IDs in %d parts, want %d pages", n, len(ids), len(s.parts), len(pages))
		}
	})
}

// TestPartsAreFull: a part ends only where the next page would not have fitted.
func TestPartsAreFull(t *testing.T) {
	jpg := encoded(t, arrow(600, 800), 90)
	s := &shelf{}
	const most = 200_000
	w := New(s.next, Options{MaxBytes: most})
	for range 20 {
		if err := w.AddPage(bytes.NewReader(jpg), leaf{jpg, 300, 0}.page(t)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil || w.Parts() != len(s.parts) || w.Parts() < 2 {
		t.Fatalf("got %d parts, %v", w.Parts(), err)
	}
	const slack = 6 << 10 // of bounds that are estimated
	for i, part := range s.parts[:len(s.parts)-1] {
		if part.Len()+len(jpg) < most-slack {
			t.Errorf("part %d: got %d bytes, room for one more page of %d", i+1, part.Len(), len(jpg))
		}
	}
	for kind, open := range outputs() {
		out := open(s.next, Options{MaxBytes: int64(len(jpg))})
		if err := out.AddPage(bytes.NewReader(jpg), leaf{jpg, 300, 0}.page(t)); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: got %v, want %v", kind, err, ErrTooLarge)
		}
	}
}

// TestBounds: what is estimated before a byte is written is enough.
func TestBounds(t *testing.T) {
	f := newFile(slot{&shelf{parts: []*bytes.Buffer{{}}, closed: []bool{false}}, 0}, Options{}.filled(), 1)
	f.head(time.Now())
	if f.at > headBytes || f.at < headBytes/2 {
		t.Errorf("got a head of %d bytes, bound %d", f.at, headBytes)
	}
}
