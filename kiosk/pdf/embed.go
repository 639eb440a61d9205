package pdf

import (
	"fmt"
	"io"
	"slices"
)

// embed copies exactly the bytes of a picture from r to out and walks them on the way: what was
// inspected earlier must be what is written now. Only a height that came after the picture is put
// where readers look for it.
func embed(out io.Writer, r io.Reader, p Picture, edits ...edit) error {
	if p.heightAt > 0 {
		edits = append(edits, edit{p.heightAt, 2, []byte{byte(p.Height >> 8), byte(p.Height)}})
	}
	slices.SortFunc(edits, func(a, b edit) int { return int(a.at - b.at) })
	to := &sink{out: out, edits: edits}
	got, err := Inspect(io.TeeReader(io.LimitReader(r, p.Size), to))
	got.Trailing = p.Trailing
	switch {
	case to.err != nil:
		return to.err
	case err == nil && got == p:
		return nil
	case err == nil:
		return ErrChanged
	case Message(err) == "":
		return err // of the reader
	default:
		return fmt.Errorf("%w: %w", ErrChanged, err)
	}
}

// edit replaces drop bytes at an offset of the picture.
type edit struct {
	at   int64
	drop int
	with []byte
}

// sink passes a picture on with its edits, in the order of their offsets.
type sink struct {
	out   io.Writer
	edits []edit
	at    int64
	drop  int
	err   error
}

// Write takes all of p or returns the error of out.
func (s *sink) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0 && s.err == nil; {
		n := len(rest)
		switch {
		case s.drop > 0:
			n = min(n, s.drop)
			s.drop -= n
		case len(s.edits) > 0 && s.edits[0].at == s.at:
			_, s.err = s.out.Write(s.edits[0].with)
			s.drop = s.edits[0].drop
			s.edits = s.edits[1:]
			n = 0
		default:
			if len(s.edits) > 0 {
				n = int(min(int64(n), s.edits[0].at-s.at))
			}
			_, s.err = s.out.Write(rest[:n])
		}
		s.at += int64(n)
		rest = rest[n:]
	}
	return len(p), s.err
}
