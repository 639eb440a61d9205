// Package slip draws what the kiosk prints: a ticket becomes a picture in black and white.
//
// It owns the layout, the words on the paper and the fonts. It refuses to know printers (bytes,
// bands and cutting belong to drivers/escpos), queues, and anything about a person (A13).
// A ticket always comes out: an optional part that cannot be drawn is replaced by something
// shorter, and only a ticket without a readable number is an error.
package slip

import (
	"fmt"
	"sync"

	"github.com/go-fonts/dejavu/dejavusanscondensed"
	"github.com/go-fonts/dejavu/dejavusanscondensedbold"
	"golang.org/x/image/font/sfnt"
)

// Renderer draws slips. It keeps the parsed fonts and the letters already drawn; make one and
// keep it. It may be used by several goroutines.
type Renderer struct {
	regular, bold *sfnt.Font

	mu    sync.Mutex // guards what follows: a plain cache
	buf   sfnt.Buffer
	faces map[faceKey]*face
}

type faceKey struct {
	bold bool
	size int
}

// New parses the fonts: DejaVu Sans Condensed in two weights, which has ё, №, ₽ and the letters
// of Tatar and Chuvash.
func New() (*Renderer, error) {
	regular, err := sfnt.Parse(dejavusanscondensed.TTF)
	if err != nil {
		return nil, fmt.Errorf("parse the regular font: %w", err)
	}
	bold, err := sfnt.Parse(dejavusanscondensedbold.TTF)
	if err != nil {
		return nil, fmt.Errorf("parse the bold font: %w", err)
	}
	return &Renderer{regular: regular, bold: bold, faces: map[faceKey]*face{}}, nil
}

func (r *Renderer) face(bold bool, size int) *face {
	key := faceKey{bold, size}
	if f, ok := r.faces[key]; ok {
		return f
	}
	f := newFace(r.regular, float64(size), 1)
	if bold {
		f = newFace(r.bold, float64(size), 1)
	}
	r.faces[key] = f
	return f
}
