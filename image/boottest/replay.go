package boottest

import (
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
)

// replay makes of a card and what it was told afterwards the cards that a power cut could have left. A write is
// certain when a flush came after it; of the others a cut leaves any sectors.
type replay struct {
	file     *os.File // what is certain behind the first next commands
	commands []command
	next     int
	size     int64
}

// newReplay works on a copy of the card as it was before the first command.
func newReplay(before, work string, commands []command) (*replay, error) {
	if out, err := exec.Command("cp", "--sparse=always", before, work).CombinedOutput(); err != nil {
		return nil, errors.New(string(out))
	}
	f, err := os.OpenFile(work, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return &replay{file: f, commands: commands, size: info.Size()}, nil
}

// fates say which sectors of the writes that are not certain a cut leaves.
var fates = map[string]func(*rand.Rand) bool{
	"none":    func(*rand.Rand) bool { return false },
	"all":     func(*rand.Rand) bool { return true },
	"sectors": func(r *rand.Rand) bool { return r.IntN(2) == 0 },
}

// cut is the card after a power cut behind the first n commands; n must not fall from call to call.
func (p *replay) cut(n int, survives func() bool) (*leftover, error) {
	sure := n
	for sure > p.next && p.commands[sure-1].data != nil {
		sure--
	}
	for ; p.next < sure; p.next++ {
		if c := p.commands[p.next]; c.data != nil {
			if _, err := p.file.WriteAt(c.data, c.at); err != nil {
				return nil, err
			}
		}
	}
	l := &leftover{p.file, map[int64][]byte{}}
	for _, c := range p.commands[sure:n] {
		for at := 0; at < len(c.data); at += logSector {
			if survives() {
				l.over[(c.at+int64(at))/logSector] = c.data[at : at+logSector]
			}
		}
	}
	return l, nil
}

// leftover is a card after a cut.
type leftover struct {
	under io.ReaderAt
	over  map[int64][]byte // sectors, by number
}

// ReadAt implements io.ReaderAt.
func (l *leftover) ReadAt(b []byte, at int64) (int, error) {
	n, err := l.under.ReadAt(b, at)
	for s := at / logSector; s*logSector < at+int64(n); s++ {
		if data := l.over[s]; data != nil {
			from := s*logSector - at
			copy(b[max(0, from):n], data[max(0, -from):])
		}
	}
	return n, err
}

// save writes a part of the card into a file.
func (l *leftover) save(path string, p part) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Truncate(p.size); err != nil {
		return err
	}
	b := make([]byte, 1<<20)
	for at := int64(0); at < p.size; at += int64(len(b)) {
		n, err := l.ReadAt(b[:min(int64(len(b)), p.size-at)], p.start+at)
		if err != nil {
			return err
		}
		if !blank(b[:n]) {
			if _, err := f.WriteAt(b[:n], at); err != nil {
				return err
			}
		}
	}
	return nil
}

func blank(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}
