package usbredir

import (
	"encoding/binary"
	"fmt"
	"io"

	"sps-kiosk/hal/bench/virtusb"
)

// Packet types of the usbredir protocol, version 0.7; those not named here are for devices with
// interrupt or isochronous endpoints and never come.
const (
	typeHello           = 0
	typeDeviceConnect   = 1
	typeDeviceGone      = 2
	typeReset           = 3
	typeInterfaceInfo   = 4
	typeEndpointInfo    = 5
	typeSetConfig       = 6
	typeGetConfig       = 7
	typeConfigStatus    = 8
	typeSetAlt          = 9
	typeGetAlt          = 10
	typeAltStatus       = 11
	typeCancel          = 21
	typeFilterReject    = 22
	typeDisconnectAck   = 24
	typeControl         = 100
	typeBulk            = 101
	helloText           = 64 // bytes of the version text, then a word of capabilities
	maxPacket           = 32 << 20
	maxInterfaces       = 32
	endpointSlots       = 32 // 16 OUT, then 16 IN
	noEndpoint          = 255
	controlHeaderLength = 10
	bulkHeaderLength    = 10
)

// Capabilities, as bits. QEMU refuses a device on xHCI unless packet sizes, 64-bit ids and long
// bulk transfers are among ours; the disconnect acknowledgement tells old packets from new ones.
const (
	capConnectVersion = 1 << 1
	capDisconnectAck  = 1 << 3
	capPacketSize     = 1 << 4
	capLongIDs        = 1 << 5
	capLongBulk       = 1 << 6

	capsNeeded = capPacketSize | capLongIDs | capLongBulk
	capsOurs   = capsNeeded | capConnectVersion | capDisconnectAck
)

// packet is one packet: a type, an id that pairs requests with answers, and the rest.
type packet struct {
	kind uint32
	id   uint64
	body []byte
}

var order = binary.LittleEndian

// encode lays a packet out; ids have 32 bits in the hello and 64 in all that follows.
func (p packet) encode(longID bool) []byte {
	b := make([]byte, 0, 16+len(p.body))
	b = order.AppendUint32(b, p.kind)
	b = order.AppendUint32(b, uint32(len(p.body)))
	if longID {
		b = order.AppendUint64(b, p.id)
	} else {
		b = order.AppendUint32(b, uint32(p.id))
	}
	return append(b, p.body...)
}

func readPacket(r io.Reader, longID bool) (p packet, err error) {
	head := make([]byte, 16)
	if !longID {
		head = head[:12]
	}
	if _, err = io.ReadFull(r, head); err != nil {
		return p, err
	}
	n := order.Uint32(head[4:])
	if n > maxPacket {
		return p, fmt.Errorf("packet of %d bytes", n)
	}
	p.kind, p.id = order.Uint32(head), uint64(order.Uint32(head[8:]))
	if longID {
		p.id = order.Uint64(head[8:])
	}
	p.body = make([]byte, n)
	_, err = io.ReadFull(r, p.body)
	return p, err
}

func hello() packet {
	b := make([]byte, helloText)
	copy(b, "sps-kiosk bench")
	return packet{kind: typeHello, body: order.AppendUint32(b, capsOurs)}
}

// checkHello reports what stands against talking to a peer that sent this.
func checkHello(p packet) error {
	if p.kind != typeHello || len(p.body) < helloText+4 {
		return fmt.Errorf("packet of type %d instead of a hello", p.kind)
	}
	if caps := order.Uint32(p.body[helloText:]); caps&capsNeeded != capsNeeded {
		return fmt.Errorf("peer has capabilities %#x, %#x are needed", caps, capsNeeded)
	}
	return nil
}

// shortest is how long the body of a packet from QEMU must be.
func shortest(kind uint32) int {
	switch kind {
	case typeSetConfig, typeGetAlt:
		return 1
	case typeSetAlt:
		return 2
	case typeControl:
		return controlHeaderLength
	case typeBulk:
		return bulkHeaderLength
	}
	return 0
}

// transferOf reads a control or bulk packet as a transfer for the device.
func transferOf(p packet, finish virtusb.Finish) *virtusb.Transfer {
	b := p.body
	if p.kind == typeBulk {
		n := int(order.Uint16(b[2:])) | int(order.Uint16(b[8:]))<<16
		return virtusb.NewTransfer(b[0], n, b[bulkHeaderLength:], finish)
	}
	s := virtusb.Setup{Type: b[2], Request: b[1], Value: order.Uint16(b[4:]),
		Index: order.Uint16(b[6:]), Length: order.Uint16(b[8:])}
	return virtusb.NewControl(s, b[controlHeaderLength:], finish)
}

// answer repeats a request's header with status and length, and carries what the device sent.
func answer(request packet, st virtusb.Status, data []byte, n int) packet {
	b := append([]byte(nil), request.body[:bulkHeaderLength]...)
	if request.kind == typeBulk {
		b[1] = byte(st)
		order.PutUint16(b[2:], uint16(n))
		order.PutUint16(b[8:], uint16(n>>16))
	} else {
		b[3] = byte(st)
		order.PutUint16(b[8:], uint16(n))
	}
	return packet{request.kind, request.id, append(b, data...)}
}

// connect announces the device itself: speed, class, ids and version.
func connect(d *virtusb.Device) packet {
	c := make([]byte, 18)
	copy(c, d.Desc) // a device that lies may have less
	return packet{kind: typeDeviceConnect, body: []byte{byte(d.Speed), c[4], c[5], c[6], c[8], c[9], c[10], c[11], c[12], c[13]}}
}

// describe lists the interfaces and endpoints of the present settings. QEMU wants both packets
// before the device and again before it is told of another configuration or setting.
func describe(d *virtusb.Device) []packet {
	interfaces, endpoints := d.Current()
	interfaces = interfaces[:min(len(interfaces), maxInterfaces)]
	info := make([]byte, 4+4*maxInterfaces)
	order.PutUint32(info, uint32(len(interfaces)))
	for i, f := range interfaces {
		for column, field := range []int{2, 5, 6, 7} { // number, class, subclass, protocol
			info[4+column*maxInterfaces+i] = f[field]
		}
	}
	return []packet{{kind: typeInterfaceInfo, body: info}, {kind: typeEndpointInfo, body: endpointInfo(d, endpoints)}}
}

func endpointInfo(d *virtusb.Device, endpoints []virtusb.Endpoint) []byte {
	const kinds, intervals, owners, sizes = 0, endpointSlots, 2 * endpointSlots, 3 * endpointSlots
	b := make([]byte, 5*endpointSlots)
	for i := range endpointSlots {
		b[kinds+i] = noEndpoint
	}
	for _, slot := range []int{0, 16} { // endpoint 0 both ways
		b[kinds+slot] = 0
		order.PutUint16(b[sizes+2*slot:], 64)
	}
	for _, e := range endpoints {
		slot := int(e.Raw[2]&0x0f) + int(e.Raw[2]>>7)*16
		b[kinds+slot] = e.Raw[3] & 3
		b[intervals+slot] = e.Raw[6]
		if periodic := e.Raw[3]&1 == 1; periodic {
			b[intervals+slot] = max(1, e.Raw[6]) // QEMU refuses a device with 0 there; the kernel reads the descriptor itself
		}
		b[owners+slot] = e.Interface
		copy(b[sizes+2*slot:], e.Raw[4:6])
	}
	return b
}
