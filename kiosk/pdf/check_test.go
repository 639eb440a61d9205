package pdf

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// checked is a PDF as an independent reader of its cross-reference table sees it. It knows only the
// syntax this package is allowed to use (ISO 32000-1, 7.5; ISO 19005-2, 6.1).
type checked struct {
	objects map[int]object
	trailer string
	pages   []int
}

type object struct {
	dict   string
	stream []byte // nil for an object without one
}

var (
	startPattern  = regexp.MustCompile(`\nstartxref\n(\d+)\n%%EOF\n$`)
	headPattern   = regexp.MustCompile(`^(\d+) 0 obj\n<< ([^\n]*(?:\n\d+ 0 R)*[^\n]*) >>\n`)
	lengthPattern = regexp.MustCompile(`/Length (\d+)$`)
	refPattern    = regexp.MustCompile(`(\d+) 0 R`)
)

// check walks a file from its end. Every byte must belong to exactly one object, to the head or to
// the tail.
func check(pdf []byte) (checked, error) {
	c := checked{objects: map[int]object{}}
	if !bytes.HasPrefix(pdf, []byte("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n")) {
		return c, fmt.Errorf("head %.20q", pdf)
	}
	m := startPattern.FindSubmatch(pdf)
	if m == nil {
		return c, fmt.Errorf("no startxref at the end")
	}
	start, _ := strconv.Atoi(string(m[1]))
	offsets, err := c.table(string(pdf[start:]))
	if err != nil {
		return c, err
	}
	covered := 15 // the head
	for n, at := range offsets {
		size, err := c.object(n+1, pdf[at:])
		if err != nil {
			return c, fmt.Errorf("object %d at %d: %w", n+1, at, err)
		}
		covered += size
	}
	if covered != start {
		return c, fmt.Errorf("objects cover %d bytes of %d", covered, start)
	}
	return c, c.tree()
}

// table reads the cross-reference section and the trailer.
func (c *checked) table(tail string) (offsets []int, err error) {
	var count int
	if _, err := fmt.Sscanf(tail, "xref\n0 %d\n", &count); err != nil {
		return nil, fmt.Errorf("table: %w", err)
	}
	rows := tail[strings.Index(tail, "\n0 ")+1:]
	rows = rows[strings.Index(rows, "\n")+1:]
	for i := range count {
		row := rows[20*i : 20*i+20]
		want := fmt.Sprintf("%010d 00000 n\r\n", atoi(row[:10]))
		if i == 0 {
			want = "0000000000 65535 f\r\n"
		} else {
			offsets = append(offsets, atoi(row[:10]))
		}
		if row != want {
			return nil, fmt.Errorf("row %d %q", i, row)
		}
	}
	c.trailer = rows[20*count : strings.Index(rows, "\nstartxref")]
	if want := fmt.Sprintf("trailer\n<< /Size %d /Root 1 0 R ", count); !strings.HasPrefix(c.trailer, want) {
		return nil, fmt.Errorf("trailer %q", c.trailer)
	}
	return offsets, nil
}

func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}

// object reads one and returns how long it is.
func (c *checked) object(number int, from []byte) (int, error) {
	m := headPattern.FindSubmatch(from)
	if m == nil || atoi(string(m[1])) != number {
		return 0, fmt.Errorf("begins %.60q", from)
	}
	o, at := object{dict: string(m[2])}, len(m[0])
	if l := lengthPattern.FindStringSubmatch(o.dict); l != nil {
		n := atoi(l[1])
		rest := from[at:]
		if !bytes.HasPrefix(rest, []byte("stream\n")) || !bytes.HasPrefix(rest[7+n:], []byte("\nendstream\n")) {
			return 0, fmt.Errorf("stream of %d bytes", n)
		}
		o.stream = rest[7 : 7+n]
		at += 7 + n + len("\nendstream\n")
	}
	if !bytes.HasPrefix(from[at:], []byte("endobj\n")) {
		return 0, fmt.Errorf("ends %.20q", from[at:])
	}
	c.objects[number] = o
	return at + len("endobj\n"), nil
}

// tree follows every reference and lists the pages.
func (c *checked) tree() error {
	for n, o := range c.objects {
		for _, r := range refPattern.FindAllStringSubmatch(o.dict, -1) {
			if _, ok := c.objects[atoi(r[1])]; !ok {
				return fmt.Errorf("object %d refers to %s", n, r[0])
			}
		}
	}
	kids := c.objects[2].dict
	for _, r := range refPattern.FindAllStringSubmatch(kids, -1) {
		page := atoi(r[1])
		if !strings.HasPrefix(c.objects[page].dict, "/Type /Page /Parent 2 0 R ") {
			return fmt.Errorf("page %d is %q", page, c.objects[page].dict)
		}
		c.pages = append(c.pages, page)
	}
	if !strings.HasPrefix(kids, fmt.Sprintf("/Type /Pages /Count %d /Kids [", len(c.pages))) {
		return fmt.Errorf("pages %q", kids)
	}
	return nil
}

// picture is the object of a page's picture, page from 0 up.
func (c *checked) picture(page int) object {
	m := regexp.MustCompile(`/P (\d+) 0 R`).FindStringSubmatch(c.objects[c.pages[page]].dict)
	return c.objects[atoi(m[1])]
}
