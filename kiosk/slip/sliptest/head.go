package sliptest

import (
	"crypto/sha256"
	"fmt"
	"image"
)

// Head is a fingerprint of a slip from its first ink to the end of the large number, as both a bystander
// and a test know it again: two tickets of one number have the same, a ticket and the slip of its transfer,
// which repeats the number under other words, have not. A piece of paper without a number has none.
func Head(slip image.Image) (print string, found bool) {
	if slip == nil {
		return "", false
	}
	number, found := FindNumber(slip)
	if !found {
		return "", false
	}
	h, b, inked := sha256.New(), slip.Bounds(), false
	for y := b.Min.Y; y < number.Max.Y; y++ {
		if inked = inked || !inkInRow(slip, y).Empty(); !inked {
			continue // how much white goes before depends on the printer
		}
		for x := b.Min.X; x < b.Max.X; x++ {
			h.Write([]byte{brightness(slip, x, y)})
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:8]), true
}
