//go:build image

package boottest

import (
	"encoding/binary"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// wire is the other end of a card's network cable: it answers for every address that the card looks for (RFC 826), sends single
// packets, and writes down everything that the card says. It has no network stack, so that nothing but the card answers.
type wire struct {
	t    *testing.T
	conn *net.UnixConn
	to   *net.UnixAddr // QEMU
	mac  [6]byte       // the card's, since it was heard

	mu    sync.Mutex
	heard map[string]int // "tcp 192.168.77.1:3128": packets that the card began with, by where they went
	open  []int          // TCP ports that took a call
	shut  []string       // what was told to be closed: a firewall says nothing
	pongs int
}

// The two ends of the cable.
var (
	cardAddress = netip.MustParseAddr("192.168.77.20")
	ownAddress  = netip.MustParseAddr("192.168.77.1")
	foreign     = netip.MustParseAddr("198.51.100.7") // of no office's network
)

const ownPort = 40000

// newWire makes a cable and QEMU's words for it.
func newWire(t *testing.T) (*wire, []string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "wire-") // short: a socket's path has 108 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	own, qemu := filepath.Join(dir, "own"), filepath.Join(dir, "qemu")
	w := &wire{t: t, to: &net.UnixAddr{Name: qemu, Net: "unixgram"}, heard: map[string]int{}}
	if w.conn, err = net.ListenUnixgram("unixgram", &net.UnixAddr{Name: own, Net: "unixgram"}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.conn.Close() })
	go w.listen()
	return w, []string{"-netdev", "dgram,id=net,local.type=unix,local.path=" + qemu + ",remote.type=unix,remote.path=" + own,
		"-device", "virtio-net-pci,netdev=net,romfile="}
}

func (w *wire) listen() {
	frame := make([]byte, 1<<16)
	for {
		n, err := w.conn.Read(frame)
		if err != nil {
			return // closed
		}
		if n >= 34 {
			w.take(frame[:n])
		}
	}
}

// take hears one frame of the card's.
func (w *wire) take(f []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	copy(w.mac[:], f[6:12])
	switch kind := binary.BigEndian.Uint16(f[12:]); kind {
	case 0x0806:
		w.answer(f)
	case 0x0800:
		w.takeIP(f[14:])
	case 0x86dd:
		if next := f[20]; next != 0 && next != 58 { // neighbours and routers (RFC 4861), and who listens to them (RFC 3810)
			w.heard[fmt.Sprintf("ipv6 %d", next)]++
		}
	default:
		w.heard[fmt.Sprintf("ethernet %#x", kind)]++
	}
}

// answer says that every address but the card's own is at this end.
func (w *wire) answer(f []byte) {
	asked := [4]byte(f[38:42])
	if binary.BigEndian.Uint16(f[20:]) != 1 || netip.AddrFrom4(asked) == cardAddress || netip.AddrFrom4([4]byte(f[28:32])) != cardAddress {
		return
	}
	a := slices.Clone(f[:42])
	copy(a[0:], f[6:12])
	copy(a[6:], ownMAC)
	a[21] = 2
	copy(a[22:], ownMAC)
	copy(a[28:], asked[:])
	copy(a[32:], f[22:32])
	w.conn.WriteTo(a, w.to) // nobody there: the machine is off
}

var ownMAC = []byte{2, 0, 0, 0, 0, 1}

// takeIP hears a packet of IPv4 (RFC 791).
func (w *wire) takeIP(p []byte) {
	ip, to := p[int(p[0]&15)*4:], netip.AddrFrom4([4]byte(p[16:20]))
	switch p[9] {
	case 1: // ICMP (RFC 792)
		if ip[0] == 0 {
			w.pongs++
		} else {
			w.shut = append(w.shut, fmt.Sprintf("icmp %d/%d to %v", ip[0], ip[1], to))
		}
	case 6: // TCP (RFC 9293)
		from, port := binary.BigEndian.Uint16(ip), binary.BigEndian.Uint16(ip[2:])
		switch flags := ip[13]; {
		case flags&0x12 == 0x12: // SYN and ACK
			w.open = append(w.open, int(from))
			w.send(to, 6, segment(to, cardAddress, port, from, binary.BigEndian.Uint32(ip[8:]), 4)) // RST
		case flags&4 != 0 && port == ownPort:
			w.shut = append(w.shut, fmt.Sprintf("tcp %d", from))
		case flags&2 != 0:
			w.heard[fmt.Sprintf("tcp %v:%d", to, port)]++
		}
	case 17:
		w.heard[fmt.Sprintf("udp %v:%d", to, binary.BigEndian.Uint16(ip[2:]))]++
	default:
		w.heard[fmt.Sprintf("ip %d", p[9])]++
	}
}

// send sends a packet as if from an address; the caller holds mu.
func (w *wire) send(from netip.Addr, protocol byte, body []byte) {
	p := make([]byte, 34, 34+len(body))
	copy(p, w.mac[:])
	copy(p[6:], ownMAC)
	p[12] = 8
	p[14], p[22], p[23] = 0x45, 64, protocol
	binary.BigEndian.PutUint16(p[16:], uint16(20+len(body)))
	a, b := from.As4(), cardAddress.As4()
	copy(p[26:], a[:])
	copy(p[30:], b[:])
	binary.BigEndian.PutUint16(p[24:], checksum(p[14:34]))
	w.conn.WriteTo(append(p, body...), w.to)
}

// probe is send for whoever does not hear at the same time.
func (w *wire) probe(from netip.Addr, protocol byte, body []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.send(from, protocol, body)
}

// segment is a segment of TCP without data.
func segment(from, to netip.Addr, source, port uint16, number uint32, flags byte) []byte {
	s := make([]byte, 20)
	binary.BigEndian.PutUint16(s, source)
	binary.BigEndian.PutUint16(s[2:], port)
	binary.BigEndian.PutUint32(s[4:], number)
	s[12], s[13], s[14] = 5<<4, flags, 4
	a, b := from.As4(), to.As4()
	pseudo := slices.Concat(a[:], b[:], []byte{0, 6, 0, 20}, s)
	binary.BigEndian.PutUint16(s[16:], checksum(pseudo))
	return s
}

// datagram is one of UDP (RFC 768) that carries nothing known; without a checksum.
func datagram(port uint16) []byte {
	d := make([]byte, 20)
	binary.BigEndian.PutUint16(d, ownPort)
	binary.BigEndian.PutUint16(d[2:], port)
	d[5] = 20
	return d
}

// checksum is that of the Internet (RFC 1071).
func checksum(b []byte) uint16 {
	var sum uint32
	for i := 0; i+1 < len(b); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(b[i:]))
	}
	for sum>>16 != 0 {
		sum = sum&0xffff + sum>>16
	}
	return ^uint16(sum)
}

// there waits until the card answers an echo: what was sent before has been looked at.
func (w *wire) there() {
	w.t.Helper()
	w.mu.Lock()
	before := w.pongs
	w.mu.Unlock()
	echo := []byte{8, 0, 0, 0, 0, 1, 0, 1}
	binary.BigEndian.PutUint16(echo[2:], checksum(echo))
	for late := time.Now().Add(patience); time.Now().Before(late); {
		w.probe(ownAddress, 1, echo)
		for range 20 {
			time.Sleep(50 * time.Millisecond)
			w.mu.Lock()
			now := w.pongs
			w.mu.Unlock()
			if now > before {
				return
			}
		}
	}
	w.t.Fatalf("nobody answers at %v", cardAddress)
}

// scan calls every TCP port and the usual ones of UDP, and tells which took the call and what else was answered.
func (w *wire) scan() (open []int, shut []string) {
	w.t.Helper()
	w.there()
	w.mu.Lock()
	w.open, w.shut = nil, nil
	w.mu.Unlock()
	for port := 1; port <= 65535; port++ {
		w.probe(ownAddress, 6, segment(ownAddress, cardAddress, ownPort, uint16(port), uint32(port), 2))
		if port%512 == 0 {
			w.there()
		}
	}
	for _, port := range []uint16{53, 67, 68, 69, 111, 123, 137, 161, 500, 514, 546, 631, 1900, 5353, 5355, 8089} {
		w.probe(ownAddress, 17, datagram(port))
	}
	w.there()
	w.mu.Lock()
	defer w.mu.Unlock()
	slices.Sort(w.open)
	return slices.Compact(slices.Clone(w.open)), slices.Clone(w.shut)
}

// TestDoors boots a card with a fixed address at a cable that a test holds: of all ports only those answer that the settings open, to the
// office's networks alone, and it calls nobody but those whom the settings name. Without key and pages none answers.
func TestDoors(t *testing.T) {
	t.Parallel()
	c := made(t)
	p := &place{t: t, card: c, d: flashed(t, c)}
	w, words := newWire(t)
	p.card.More = words
	text := string(p.settings(nil))
	fixedAddress := strings.NewReplacer("\n"+`address = ""`+"\n# Шлюз", "\n"+`address = "192.168.77.20/24"`+"\n# Шлюз", `gateway = ""`, `gateway = "192.168.77.1"`, `dns = ""`, `dns = "192.168.77.1"`,
		`address = ""`+"\n# Посредник", `address = "https://sps.region.test"`+"\n# Посредник", `proxy = ""`, `proxy = "http://192.168.77.3:3128"`).Replace(text)
	p.settings([]byte(strings.NewReplacer("lan_port = 0", "lan_port = 9443", "pins = []", `pins = ["technician:`+technicianPIN+`"]`).Replace(fixedAddress)))
	p.put("technician.pub", []byte("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJeMn9Y3Uh0nvv7jAfzBTTJ5zb6Fdl6EGnGQnZTWPCCG nobody\n"))
	m, wait := on(t, p.card, p.d)
	wait(`KIOSK-READY`)
	w.opens(22, 9443)
	open, shut := w.scan()
	if want := []int{22, 9443}; !slices.Equal(open, want) || len(shut) > 0 {
		t.Errorf("ports: got open %v and %v told to be closed, want %v and silence", open, shut, want)
	}
	w.foreigners()
	w.until("a call to the proxy", func() bool { return w.heard["tcp 192.168.77.3:3128"] > 0 })
	w.mu.Lock()
	for where, n := range w.heard {
		if !slices.Contains([]string{"udp 192.168.77.1:53", "tcp 192.168.77.1:53", "tcp 192.168.77.3:3128"}, where) {
			t.Errorf("the card called %s %d times", where, n)
		}
	}
	t.Logf("the card called: %v", slices.Sorted(maps.Keys(w.heard)))
	w.mu.Unlock()
	m.Cut()

	_, err := p.d.FAT("kiosk", "mdel", "::technician.pub")
	p.must(err)
	p.settings([]byte(fixedAddress))
	m, wait = on(t, p.card, p.d)
	wait(`KIOSK-READY`)
	if open, shut := w.scan(); len(open) > 0 || len(shut) > 0 {
		t.Errorf("ports without key and pages: got open %v and %v told to be closed, want none", open, shut)
	}
	m.Cut()
}

// opens waits until ports take a call: the technician's door opens when the machine has made its key.
func (w *wire) opens(ports ...int) {
	w.t.Helper()
	for late := time.Now().Add(patience); ; {
		w.mu.Lock()
		w.open = nil
		w.mu.Unlock()
		for _, port := range ports {
			w.probe(ownAddress, 6, segment(ownAddress, cardAddress, ownPort, uint16(port), uint32(time.Now().UnixMicro()), 2))
		}
		w.there()
		time.Sleep(2 * time.Second) // a firewall hears so many calls a minute
		w.mu.Lock()
		got := slices.Compact(slices.Sorted(slices.Values(w.open)))
		w.mu.Unlock()
		if slices.Equal(got, ports) {
			return
		}
		if time.Now().After(late) {
			w.t.Fatalf("waited in vain for ports %v: got %v", ports, got)
		}
	}
}

// foreigners call from an address that is no office's.
func (w *wire) foreigners() {
	w.t.Helper()
	w.mu.Lock()
	w.open = nil
	w.mu.Unlock()
	for _, port := range []uint16{22, 9443} {
		w.probe(foreign, 6, segment(foreign, cardAddress, ownPort, port, 1, 2))
	}
	w.there()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.open) > 0 {
		w.t.Errorf("from outside the office's networks: got an answer at %v", w.open)
	}
}

// until waits until the card has been heard to do something.
func (w *wire) until(what string, ok func() bool) {
	w.t.Helper()
	for late := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
		w.mu.Lock()
		done := ok()
		w.mu.Unlock()
		if done {
			return
		}
		if time.Now().After(late) {
			w.t.Fatalf("waited in vain for %s: the card called %v", what, w.heard)
		}
	}
}
