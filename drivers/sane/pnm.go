package sane

import (
	"bufio"
	"errors"
	"fmt"
)

// header is how a PNM begins (pnm(5)): P5 is grey, P6 colour, a byte a sample.
type header struct {
	width, height int
	samples       int // 1 or 3
}

var errNoPNM = errors.New("no picture of eight bits")

// sideLimit is the longest side a JPEG can have (ISO/IEC 10918-1, B.2.2).
const sideLimit = 65500

// readHeader reads up to the single white space before the samples. An io error passes through.
func readHeader(r *bufio.Reader) (header, error) {
	var magic [2]byte
	for i := range magic {
		b, err := r.ReadByte()
		if err != nil {
			return header{}, err
		}
		magic[i] = b
	}
	h := header{samples: map[string]int{"P5": 1, "P6": 3}[string(magic[:])]}
	if h.samples == 0 {
		return header{}, errNoPNM
	}
	var numbers [3]int
	for i := range numbers {
		n, err := readNumber(r)
		if err != nil {
			return header{}, err
		}
		numbers[i] = n
	}
	h.width, h.height = numbers[0], numbers[1]
	if h.width < 1 || h.height < 1 || numbers[2] != 255 {
		return header{}, fmt.Errorf("%w: %d×%d", errNoPNM, h.width, h.height)
	}
	return h, nil
}

const commentLimit = 1000

// readNumber reads a number between white space and comments, and one character behind it.
func readNumber(r *bufio.Reader) (n int, err error) {
	comment, digits := false, 0
	for range commentLimit {
		b, err := r.ReadByte()
		switch {
		case err != nil:
			return 0, err
		case comment:
			comment = b != '\n'
		case b >= '0' && b <= '9':
			digits++
			if n = n*10 + int(b-'0'); n > sideLimit {
				return 0, errNoPNM
			}
		case b != ' ' && b != '\n' && b != '\r' && b != '\t' && b != '#':
			return 0, errNoPNM
		case digits > 0:
			if b == '#' {
				return 0, errNoPNM
			}
			return n, nil
		case b == '#':
			comment = true
		}
	}
	return 0, errNoPNM
}
