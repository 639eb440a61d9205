package card

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// Numbers of the NBD protocol (doc/proto.md of the NetworkBlockDevice project), as far as QEMU uses
// them: the fixed newstyle handshake and simple replies.
const (
	magicServer  = 0x4e42444d41474943 // "NBDMAGIC"
	magicOption  = 0x49484156454f5054 // "IHAVEOPT"
	magicAnswer  = 0x0003e889045565a9
	magicRequest = 0x25609513
	magicReply   = 0x67446698

	handshakeFlags = 1 | 2 // fixed newstyle, no zeroes after an export

	optionExport = 1
	optionAbort  = 2
	optionInfo   = 6
	optionGo     = 7

	answerAck         = 1
	answerInfo        = 3
	answerUnsupported = 1<<31 | 1

	exportFlags = 1 | 4 | 8 // flags are valid, FLUSH and FUA are understood

	commandRead  = 0
	commandWrite = 1
	commandBye   = 2
	commandFlush = 3
	flagFUA      = 1

	errorIO      = 5
	errorInvalid = 22
	maxTransfer  = 32 << 20
)

var order = binary.BigEndian

// errBye is the orderly end of a connection.
var errBye = errors.New("client has said goodbye")

// Serve serves one client until it leaves.
func (c *Card) Serve(conn net.Conn) error {
	defer conn.Close()
	in := bufio.NewReaderSize(conn, 256<<10)
	if err := c.shakeHands(in, conn); err != nil {
		return fmt.Errorf("handshake: %w", err)
	}
	for {
		err := c.serveOne(in, conn)
		if errors.Is(err, errBye) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (c *Card) shakeHands(in io.Reader, out io.Writer) error {
	b := order.AppendUint64(order.AppendUint64(nil, magicServer), magicOption)
	if _, err := out.Write(order.AppendUint16(b, handshakeFlags)); err != nil {
		return err
	}
	var flags uint32
	if err := binary.Read(in, order, &flags); err != nil {
		return err
	}
	for {
		agreed, err := c.option(in, out)
		if err != nil || agreed {
			return err
		}
	}
}

// option handles one option of the client; agreed means that transmission begins.
func (c *Card) option(in io.Reader, out io.Writer) (agreed bool, err error) {
	var head struct {
		Magic          uint64
		Option, Length uint32
	}
	if err := binary.Read(in, order, &head); err != nil {
		return false, err
	}
	if head.Magic != magicOption || head.Length > 1<<16 {
		return false, fmt.Errorf("option %+v", head)
	}
	if _, err := io.CopyN(io.Discard, in, int64(head.Length)); err != nil {
		return false, err
	}
	answer := func(kind uint32, data []byte) error {
		b := order.AppendUint64(nil, magicAnswer)
		for _, v := range []uint32{head.Option, kind, uint32(len(data))} {
			b = order.AppendUint32(b, v)
		}
		_, err := out.Write(append(b, data...))
		return err
	}
	switch head.Option {
	case optionExport: // the old way, without an answer of its own
		_, err := out.Write(c.export(nil))
		return true, err
	case optionInfo, optionGo:
		if err := answer(answerInfo, c.export([]byte{0, 0})); err != nil {
			return false, err
		}
		return head.Option == optionGo, answer(answerAck, nil)
	case optionAbort:
		return false, errBye
	}
	return false, answer(answerUnsupported, nil)
}

// export is the size and the flags, after a prefix.
func (c *Card) export(b []byte) []byte {
	return order.AppendUint16(order.AppendUint64(b, uint64(c.size())), exportFlags)
}

func (c *Card) serveOne(in io.Reader, out io.Writer) error {
	var r struct {
		Magic         uint32
		Flags, Kind   uint16
		Handle, Start uint64
		Length        uint32
	}
	if err := binary.Read(in, order, &r); err != nil {
		return err
	}
	if r.Magic != magicRequest || r.Length > maxTransfer {
		return fmt.Errorf("request %+v", r)
	}
	if c.lost(r.Kind == commandWrite || r.Kind == commandFlush) {
		_, err := io.Copy(io.Discard, in) // until the guest is off
		return err
	}
	var data []byte
	var err error
	switch r.Kind {
	case commandRead:
		data = make([]byte, r.Length)
		err = c.read(int64(r.Start), data)
	case commandWrite:
		took := make([]byte, r.Length)
		if _, err := io.ReadFull(in, took); err != nil {
			return err // cut in the middle: this write never reached the card
		}
		time.Sleep(c.delay(false))
		err = c.write(int64(r.Start), took, r.Flags&flagFUA != 0)
	case commandFlush:
		time.Sleep(c.delay(true))
		err = c.flush()
	case commandBye:
		return errBye
	default:
		return reply(out, r.Handle, errorInvalid, nil)
	}
	if err != nil {
		return reply(out, r.Handle, errorIO, nil)
	}
	return reply(out, r.Handle, 0, data)
}

func reply(out io.Writer, handle uint64, errno uint32, data []byte) error {
	b := order.AppendUint32(order.AppendUint32(nil, magicReply), errno)
	_, err := out.Write(append(order.AppendUint64(b, handle), data...))
	return err
}
