package blockdev

import (
	"encoding/binary"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// Numbers of the kernel's FUSE protocol, include/uapi/linux/fuse.h, version 7.31 and later.
const (
	opForget      = 2
	opGetattr     = 3
	opSetattr     = 4
	opOpen        = 14
	opRead        = 15
	opWrite       = 16
	opRelease     = 18
	opFsync       = 20
	opFlush       = 25
	opInit        = 26
	opInterrupt   = 36
	opDestroy     = 38
	opBatchForget = 42
	opFallocate   = 43

	headerIn  = 40 // fuse_in_header
	headerOut = 16 // fuse_out_header
	writeIn   = 40 // fuse_write_in

	flagBigWrites = 1 << 5
	flagMaxPages  = 1 << 22
	openDirect    = 1 // FOPEN_DIRECT_IO: no page of the file is cached

	maxWrite = 1 << 20
)

var order = binary.LittleEndian

// device is what the one file of the file system is made of.
type device interface {
	ReadAt(b []byte, at int64) (int, error)
	Write(at int64, data []byte)
	Flush()
	Size() int64
}

// server answers the kernel's requests, one after the other: the order of the answers is the order of
// the device.
type server struct {
	fd     int
	device device
}

// serve answers until the file system is unmounted.
func (s *server) serve() error {
	b := make([]byte, maxWrite+headerIn+writeIn+4096)
	for {
		n, err := unix.Read(s.fd, b)
		switch {
		case errors.Is(err, unix.ENODEV): // unmounted
			return nil
		case errors.Is(err, unix.EINTR), errors.Is(err, unix.ENOENT), errors.Is(err, unix.EAGAIN):
			continue // the request was taken back
		case err != nil:
			return fmt.Errorf("read a request: %w", err)
		case n < headerIn:
			return fmt.Errorf("request of %d bytes", n)
		}
		op, unique := order.Uint32(b[4:]), order.Uint64(b[8:])
		answer, errno := s.answer(op, b[headerIn:n])
		if op == opForget || op == opBatchForget || op == opInterrupt {
			continue
		}
		if err := s.reply(unique, errno, answer); err != nil && !errors.Is(err, unix.ENOENT) {
			return fmt.Errorf("answer request %d: %w", op, err)
		}
	}
}

func (s *server) reply(unique uint64, errno unix.Errno, answer []byte) error {
	out := make([]byte, headerOut, headerOut+len(answer))
	order.PutUint32(out, uint32(headerOut+len(answer)))
	order.PutUint32(out[4:], uint32(-int32(errno)))
	order.PutUint64(out[8:], unique)
	_, err := unix.Write(s.fd, append(out, answer...))
	return err
}

// answer does what a request asks for. The root of the file system is the file itself.
func (s *server) answer(op uint32, in []byte) ([]byte, unix.Errno) {
	switch op {
	case opInit:
		return initOut(), 0
	case opGetattr, opSetattr:
		return s.attributes(), 0
	case opOpen:
		out := make([]byte, 16) // fuse_open_out: handle, flags
		order.PutUint32(out[8:], openDirect)
		return out, 0
	case opRead:
		return s.read(in)
	case opWrite:
		return s.write(in)
	case opFsync:
		s.device.Flush()
		return nil, 0
	case opFallocate:
		return s.clear(in)
	case opFlush, opRelease, opDestroy:
		return nil, 0
	}
	return nil, unix.ENOSYS
}

// initOut is a fuse_init_out of version 7.31.
func initOut() []byte {
	out := make([]byte, 64)
	order.PutUint32(out, 7)
	order.PutUint32(out[4:], 31)
	order.PutUint32(out[8:], maxWrite)                    // read ahead
	order.PutUint32(out[12:], flagBigWrites|flagMaxPages) // flags
	order.PutUint16(out[16:], 16)                         // requests in the background
	order.PutUint16(out[18:], 12)
	order.PutUint32(out[20:], maxWrite)
	order.PutUint32(out[24:], 1)             // time in ns
	order.PutUint16(out[28:], maxWrite/4096) // pages of one request
	return out
}

// attributes is a fuse_attr_out: how long it holds, then the file.
func (s *server) attributes() []byte {
	out := make([]byte, 16+88)
	order.PutUint64(out, 3600)
	order.PutUint64(out[16:], 1) // inode
	order.PutUint64(out[24:], uint64(s.device.Size()))
	order.PutUint64(out[32:], uint64(s.device.Size()/512))
	order.PutUint32(out[76:], unix.S_IFREG|0o600)
	order.PutUint32(out[80:], 1) // links
	order.PutUint32(out[96:], 4096)
	return out
}

func (s *server) read(in []byte) ([]byte, unix.Errno) {
	if len(in) < 24 {
		return nil, unix.EINVAL
	}
	at, n := int64(order.Uint64(in[8:])), int64(order.Uint32(in[16:]))
	b := make([]byte, max(0, min(n, s.device.Size()-at, maxWrite)))
	if _, err := s.device.ReadAt(b, at); err != nil {
		return nil, unix.EIO
	}
	return b, 0
}

func (s *server) write(in []byte) ([]byte, unix.Errno) {
	if len(in) < writeIn {
		return nil, unix.EINVAL
	}
	at, n := int64(order.Uint64(in[8:])), int(order.Uint32(in[16:]))
	data := in[writeIn:]
	if n != len(data) || at < 0 || at+int64(n) > s.device.Size() {
		return nil, unix.EINVAL
	}
	s.device.Write(at, data)
	out := make([]byte, 8)
	order.PutUint32(out, uint32(n))
	return out, 0
}

// clear writes zeros where the file system above asks for a hole or for zeros.
func (s *server) clear(in []byte) ([]byte, unix.Errno) {
	if len(in) < 32 {
		return nil, unix.EINVAL
	}
	at, n, mode := int64(order.Uint64(in[8:])), int64(order.Uint64(in[16:])), order.Uint32(in[24:])
	if mode&(unix.FALLOC_FL_PUNCH_HOLE|unix.FALLOC_FL_ZERO_RANGE) == 0 || at < 0 || n < 0 || at+n > s.device.Size() {
		return nil, unix.EOPNOTSUPP
	}
	zeros := make([]byte, maxWrite)
	for n > 0 {
		part := min(n, maxWrite)
		s.device.Write(at, zeros[:part])
		at, n = at+part, n-part
	}
	return nil, 0
}
