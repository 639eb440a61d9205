package scanner

import (
	"io"
	"net"
	"net/http"
	"sync"

	"sps-kiosk/hal/bench/virtusb"
)

// lane is one interface: bytes out of the host's transfers go into a connection of the HTTP server,
// bytes of the server wait for the host's IN transfers. The device has no idea of a host that gave
// up: what was not read stays and comes first next time.
//
// When the server closes the connection the host is told nothing, as there is no way to; its next
// bytes begin a new one.
type lane struct {
	server *http.Server
	http   func() bool // the interface's present setting is 7/1/4

	mu      sync.Mutex
	conn    net.Conn // our end; nil = none
	life    int      // grows with every reset: what began before is over
	writing bool     // this life's writer runs
	deaf    bool
	out, in []*virtusb.Transfer
	data    []byte
	room    chan struct{} // signalled when data got shorter
}

// stored bounds what waits for the host, as the memory of a device does.
const stored = 64 << 10

// take queues an IN transfer.
func (l *lane) take(t *virtusb.Transfer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.in = append(pruned(l.in), t)
	l.feed()
}

// pruned leaves out what the host cancelled.
func pruned(list []*virtusb.Transfer) (still []*virtusb.Transfer) {
	for _, t := range list {
		if !t.Over() {
			still = append(still, t)
		}
	}
	return still
}

// feed completes IN transfers with what there is: a full one or a short one; the lock is held.
func (l *lane) feed() {
	for len(l.in) > 0 && len(l.data) > 0 {
		t := l.in[0]
		l.in = l.in[1:]
		n := min(len(l.data), t.Len)
		if t.Reply(l.data[:n]) { // else cancelled meanwhile: the data waits for the next one
			l.data = l.data[n:]
		}
	}
	select {
	case l.room <- struct{}{}:
	default:
	}
}

// offer queues an OUT transfer. The first one opens the connection.
func (l *lane) offer(t *virtusb.Transfer) {
	if !l.http() { // the old printer prints it
		t.Reply(nil)
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.out = append(l.out, t)
	if !l.writing && !l.deaf {
		l.writing = true
		go l.write(l.life)
	}
}

// write moves OUT transfers into the connection until none is left or the lane is reset.
func (l *lane) write(life int) {
	for {
		t, conn := l.due(life)
		if t == nil {
			return
		}
		taken := l.push(t, conn)
		l.mu.Lock()
		switch {
		case l.life != life:
		case taken:
			l.out = l.out[1:]
		case l.conn == conn:
			l.conn = nil // the server closed it: the transfer goes to a new one
		}
		l.mu.Unlock()
	}
}

// due returns the transfer whose turn it is and the connection for it, nil if the writer is to end.
func (l *lane) due(life int) (*virtusb.Transfer, net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.life != life {
		return nil, nil
	}
	if len(l.out) == 0 || l.deaf {
		l.writing = false
		return nil, nil
	}
	return l.out[0], l.connect()
}

// push writes a transfer, packet by packet; false = the connection is closed. It is then written
// from its beginning to the next one: a server that closes may have eaten a byte while it did.
func (l *lane) push(t *virtusb.Transfer, conn net.Conn) bool {
	for data := t.Data; len(data) > 0 && !t.Over(); {
		n, err := conn.Write(data[:min(packet, len(data))])
		if err != nil {
			return false
		}
		data = data[n:]
		t.Taken(t.Len - len(data))
	}
	t.Reply(nil)
	return true
}

// connect returns the connection or makes one; the lock is held.
func (l *lane) connect() net.Conn {
	if l.conn != nil {
		return l.conn
	}
	if l.room != nil {
		close(l.room)
	}
	ours, theirs := net.Pipe()
	l.conn = ours
	l.room = make(chan struct{}, 1)
	go l.server.Serve(&single{conn: theirs})
	go l.read(ours, l.room)
	return ours
}

// read moves the server's bytes to where the host gets them, until the connection closes.
func (l *lane) read(conn net.Conn, room <-chan struct{}) {
	b := make([]byte, 16<<10)
	for {
		n, err := conn.Read(b)
		l.mu.Lock()
		current := l.conn == conn
		if current {
			l.data = append(l.data, b[:n]...)
			l.feed()
		}
		if err != nil && current {
			l.conn = nil
		}
		full := len(l.data) >= stored
		l.mu.Unlock()
		if err != nil || !current {
			conn.Close()
			return
		}
		for full {
			<-room
			l.mu.Lock()
			full = l.conn == conn && len(l.data) >= stored
			l.mu.Unlock()
		}
	}
}

// reset closes the connection and forgets what is under way: OUT transfers end as if taken. IN
// transfers of the host stay and wait for what comes next.
func (l *lane) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn != nil {
		l.conn.Close()
		l.conn = nil
	}
	if l.room != nil {
		close(l.room)
		l.room = nil
	}
	for _, t := range l.out {
		t.Reply(nil)
	}
	l.life++
	l.writing, l.deaf, l.out, l.data = false, false, nil, nil
	l.in = pruned(l.in)
}

// deafen makes the lane take nothing and say nothing until the next reset.
func (l *lane) deafen() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.deaf = true
}

// single is a listener with one connection to give.
type single struct {
	mu   sync.Mutex
	conn net.Conn
}

// Accept implements net.Listener.
func (s *single) Accept() (net.Conn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.conn
	if s.conn = nil; c == nil {
		return nil, io.EOF
	}
	return c, nil
}

// Close implements net.Listener.
func (s *single) Close() error { return nil }

// Addr implements net.Listener.
func (s *single) Addr() net.Addr { return &net.UnixAddr{Net: "usb", Name: "usb"} }
