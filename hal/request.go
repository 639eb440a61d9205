package hal

import (
	"fmt"

	"github.com/warthog618/go-gpiocdev"
	"periph.io/x/conn/v3/gpio"
)

// The methods below expect l.mu to be held.

// renew gives the line back and requests it again: the kernel does not change a request with
// edges. Closing waits for the event handler, which never takes l.mu.
func (l *line) renew(options ...gpiocdev.LineReqOption) error {
	if l.req != nil {
		err := l.req.Close()
		l.req = nil
		if err != nil {
			return fmt.Errorf("give back: %w", err)
		}
	}
	req, err := l.request(options...)
	if err != nil {
		l.stopEdges()
		return err
	}
	l.req = req
	return nil
}

func (l *line) read() (gpio.Level, error) {
	if l.req == nil {
		return l.level, nil
	}
	v, err := l.req.Value()
	if err != nil {
		return l.level, err
	}
	l.level = v != 0
	return l.level, nil
}

func (l *line) stopEdges() {
	if l.edges != nil {
		l.edges.stop()
		l.edges = nil
	}
}

// release gives the line back; the kernel keeps its direction and level.
func (l *line) release() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stopEdges()
	if l.req == nil {
		return nil
	}
	err := l.req.Close()
	l.req = nil
	return err
}

// biasOf translates a pull; Float switches the bias off rather than leaving what was there.
func biasOf(p gpio.Pull) gpiocdev.LineBias {
	switch p {
	case gpio.PullUp:
		return gpiocdev.LineBiasPullUp
	case gpio.PullDown:
		return gpiocdev.LineBiasPullDown
	case gpio.Float:
		return gpiocdev.LineBiasDisabled
	}
	return gpiocdev.LineBiasUnknown
}

func edgeOf(e gpio.Edge) gpiocdev.LineEdge {
	switch e {
	case gpio.RisingEdge:
		return gpiocdev.LineEdgeRising
	case gpio.FallingEdge:
		return gpiocdev.LineEdgeFalling
	}
	return gpiocdev.LineEdgeBoth
}
