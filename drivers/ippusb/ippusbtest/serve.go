package ippusbtest

import (
	"net"
	"net/http"
)

// HTTP returns a Serve function with net/http's own server behind the bulk pipes. There is no
// end of connection on USB: when the server closes, a new one takes the next request.
func HTTP(h http.Handler) func(int, *Wire) {
	return func(_ int, w *Wire) {
		l := &listener{conns: make(chan net.Conn), done: w.gone}
		server := &http.Server{Handler: h}
		go server.Serve(l)
		for l.connect(w) {
		}
		server.Close()
	}
}

// connect carries one connection; false means that the device was unplugged.
func (l *listener) connect(w *Wire) bool {
	ours, theirs := net.Pipe()
	defer ours.Close()
	first, err := w.Read()
	if err != nil {
		return false
	}
	select {
	case l.conns <- theirs:
	case <-w.gone:
		return false
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		buf := make([]byte, 16384)
		for {
			n, err := ours.Read(buf)
			if err != nil || w.Write(buf[:n]) != nil {
				return
			}
		}
	}()
	for data := first; ; {
		if _, err := ours.Write(data); err != nil {
			<-ended
			return true
		}
		select {
		case data = <-w.out:
		case <-ended:
			return true
		case <-w.gone:
			return false
		}
	}
}

// listener hands the server one connection at a time.
type listener struct {
	conns chan net.Conn
	done  chan struct{}
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (l *listener) Close() error { return nil }

// Addr implements net.Listener.
func (l *listener) Addr() net.Addr { return &net.UnixAddr{Name: "bulk", Net: "usb"} }
