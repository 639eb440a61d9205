package boottest

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// command is one that a disk was given: a write, or a flush, which has no data.
type command struct {
	at   int64 // bytes from the beginning of the disk
	data []byte
}

// QEMU's driver blklogwrites notes what a disk is told in the form of the kernel's dm-log-writes (Documentation:
// admin-guide/device-mapper/log-writes): a sector that describes the log, then for each command a sector that describes it
// and the data of a write.
const (
	logMagic   = 0x6a736677736872
	logSector  = 512
	logFlush   = 1
	logFUA     = 2
	logDiscard = 4
)

// readLog returns the commands of a log, oldest first. A log that ends in the middle of a command, since the power went, is
// read up to there. Discards are no writes: what is discarded may still be there.
func readLog(path string) ([]command, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, 1<<20)
	head := make([]byte, logSector)
	if _, err := io.ReadFull(in, head); err != nil {
		return nil, fmt.Errorf("read log: %w", err)
	}
	if magic, version := binary.LittleEndian.Uint64(head), binary.LittleEndian.Uint64(head[8:]); magic != logMagic || version != 1 {
		return nil, fmt.Errorf("read log: %x, version %d", magic, version)
	}
	if n := binary.LittleEndian.Uint32(head[24:]); n != logSector {
		return nil, fmt.Errorf("read log: sectors of %d bytes", n)
	}
	var all []command
	for {
		e, err := readCommand(in)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return all, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read log, command %d: %w", len(all), err)
		}
		all = append(all, e...)
	}
}

// readCommand reads one command: a write may bring a flush before it.
func readCommand(in io.Reader) ([]command, error) {
	b := make([]byte, logSector)
	if _, err := io.ReadFull(in, b); err != nil {
		return nil, err
	}
	at, sectors, flags := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:]), binary.LittleEndian.Uint64(b[16:])
	switch {
	case flags&logFUA != 0:
		return nil, errors.New("a write through the cache: the disk has promised none")
	case flags&logDiscard != 0:
		return nil, nil
	case at == 0 && sectors == 0 && flags == 0: // room that the log had made for itself
		return nil, io.EOF
	}
	var all []command
	if flags&logFlush != 0 {
		all = append(all, command{})
	}
	if sectors > 0 {
		data := make([]byte, sectors*logSector)
		if _, err := io.ReadFull(in, data); err != nil {
			return nil, err
		}
		all = append(all, command{int64(at) * logSector, data})
	}
	return all, nil
}
