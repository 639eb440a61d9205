package scanner

import (
	"bytes"
	"encoding/xml"
	"fmt"
)

// Namespaces of eSCL.
const (
	nsPWG  = "http://www.pwg.org/schemas/2010/12/sm"
	nsScan = "http://schemas.hp.com/imaging/escl/2011/05/03"
)

// node is an element: a name with its prefix, and text or children.
type node struct {
	name string
	attr string // whole, with a leading blank
	text string
	kids []node
}

// tag is an element with children; those without a name are left out.
func tag(name string, kids ...node) node { return node{name: name, kids: kids} }

// leaf is an element with a value.
func leaf(name string, value any) node { return node{name: name, text: fmt.Sprint(value)} }

// each makes an element of every value.
func each[T any](name string, values []T) []node {
	var list []node
	for _, v := range values {
		list = append(list, leaf(name, v))
	}
	return list
}

// document renders an element as an XML file with both namespaces.
func document(n node) []byte {
	var b bytes.Buffer
	b.WriteString(xml.Header)
	n.attr = ` xmlns:scan="` + nsScan + `" xmlns:pwg="` + nsPWG + `"`
	n.write(&b, "")
	return b.Bytes()
}

func (n node) write(b *bytes.Buffer, indent string) {
	if n.name == "" {
		return
	}
	fmt.Fprintf(b, "%s<%s%s>", indent, n.name, n.attr)
	if len(n.kids) == 0 {
		xml.EscapeText(b, []byte(n.text))
	} else {
		b.WriteByte('\n')
		for _, k := range n.kids {
			k.write(b, indent+"  ")
		}
		b.WriteString(indent)
	}
	fmt.Fprintf(b, "</%s>\n", n.name)
}
