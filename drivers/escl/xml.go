package escl

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// What is read of an answer; real ones have 30 KiB, 800 elements, depth 9.
const (
	documentLimit = 1 << 20
	elementLimit  = 20000
	depthLimit    = 32
	textLimit     = 4096
)

var (
	errHTML   = errors.New("answer is a web page")
	errNoRoot = errors.New("answer is another document")
	errBig    = errors.New("answer is too big")
)

// space is a namespace. Prefixes are the device's own choice and mean nothing; a device that
// forgot to declare one is understood all the same.
type space uint8

const (
	other space = iota // vendors' additions: their Version is not ours
	pwg                // PWG 5108.3, .../2010/12/sm
	scan               // eSCL
)

func spaceOf(uri string) space {
	switch {
	case uri == "pwg" || strings.HasPrefix(uri, "http://www.pwg.org/schemas/"):
		return pwg
	case uri == "scan" || strings.HasPrefix(uri, "http://schemas.hp.com/imaging/escl/"):
		return scan
	}
	return other
}

// node is one element. All methods work on nil: what is absent is empty.
type node struct {
	space     space
	name, ref string // ref: the name or ref attribute of a SettingProfile
	text      string
	kids      []*node
}

// parseXML reads a document with that root. A web page is told apart first: it is what HP 9012e and
// others send now and then (NAPS2 #654), with status 200.
func parseXML(r io.Reader, root string) (*node, error) {
	raw, err := io.ReadAll(io.LimitReader(r, documentLimit+1))
	if err != nil {
		return nil, err
	}
	start := strings.ToLower(string(bytes.TrimLeft(raw[:min(len(raw), 64)], "\xef\xbb\xbf \t\r\n")))
	switch {
	case len(raw) > documentLimit:
		return nil, errBig
	case strings.HasPrefix(start, "<!doctype html") || strings.HasPrefix(start, "<html"):
		return nil, errHTML
	}
	d := xml.NewDecoder(bytes.NewReader(raw))
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	n, err := tree(d)
	switch {
	case err != nil:
		return nil, err
	case n == nil || n.space != scan || n.name != root:
		return nil, errNoRoot
	}
	return n, nil
}

// tree reads one element with all that is in it.
func tree(d *xml.Decoder) (*node, error) {
	var root *node
	var open []*node
	for count := 0; root == nil || len(open) > 0; count++ {
		token, err := d.Token()
		switch {
		case err != nil:
			return nil, fmt.Errorf("read xml: %w", err)
		case count > elementLimit*3 || len(open) > depthLimit:
			return nil, errBig
		}
		switch t := token.(type) {
		case xml.StartElement:
			n := element(t)
			if root == nil {
				root = n
			} else {
				up := open[len(open)-1]
				up.kids = append(up.kids, n)
			}
			open = append(open, n)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if n := len(open); n > 0 && len(open[n-1].text) < textLimit {
				open[n-1].text += string(t[:min(len(t), textLimit)])
			}
		}
	}
	return root, nil
}

func element(t xml.StartElement) *node {
	n := &node{space: spaceOf(t.Name.Space), name: t.Name.Local}
	for _, a := range t.Attr {
		if a.Name.Local == "name" || a.Name.Local == "ref" {
			n.ref = a.Value
		}
	}
	return n
}

// all returns the children of that name.
func (n *node) all(s space, name string) []*node {
	var out []*node
	if n != nil {
		for _, k := range n.kids {
			if k.space == s && k.name == name {
				out = append(out, k)
			}
		}
	}
	return out
}

// get returns the first child of that name, nil if there is none.
func (n *node) get(s space, name string) *node {
	if list := n.all(s, name); len(list) > 0 {
		return list[0]
	}
	return nil
}

// str returns the text of a child.
func (n *node) str(s space, name string) string { return n.get(s, name).value() }

func (n *node) value() string {
	if n == nil {
		return ""
	}
	return strings.TrimSpace(n.text)
}

// size returns a child's number, 0 if it is no number or negative. Numbers that may be negative
// (Kyocera's SharpenSupport: -3) are of no interest here and break nothing.
func (n *node) size(s space, name string) int {
	v, err := strconv.Atoi(n.str(s, name))
	if err != nil {
		return 0
	}
	return min(max(v, 0), 1<<20)
}

// strs returns the texts of all children of that name.
func (n *node) strs(s space, name string) []string {
	var out []string
	for _, k := range n.all(s, name) {
		if v := k.value(); v != "" {
			out = append(out, v)
		}
	}
	return out
}

// malformed reports whether an error of parseXML is about the content, not about getting it.
func malformed(err error) bool {
	var syntax *xml.SyntaxError
	return errors.As(err, &syntax) || errors.Is(err, errHTML) || errors.Is(err, errBig) || errors.Is(err, io.EOF)
}
