package paneltest

import (
	"context"
	"net"
)

// door is a listener that can be cut and opened again at the same address.
type door struct {
	listener net.Listener
	stop     context.CancelFunc
	ended    chan error
}

// openScreen serves the loopback door on a listener.
func (k *Kiosk) openScreen(l net.Listener) {
	ctx, stop := context.WithCancel(context.Background())
	k.screen = door{l, stop, make(chan error, 1)}
	go func(d door) { d.ended <- k.Panel.ServeScreen(ctx, l) }(k.screen)
}

// CutScreen ends the loopback door and every line through it, as a kiosk that loses its power does; back
// opens it again at the same address.
func (k *Kiosk) CutScreen() (back func()) {
	k.t.Helper()
	address := k.screen.listener.Addr().String()
	k.screen.stop()
	k.must(<-k.screen.ended)
	return func() {
		k.t.Helper()
		l, err := net.Listen("tcp", address)
		k.must(err)
		k.openScreen(l)
	}
}
