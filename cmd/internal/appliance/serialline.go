package appliance

import (
	"fmt"
	"io"
	"sync"
	"time"

	"sps-kiosk/kiosk/config"
)

// framePause is the least time between two frames on one line, whichever boards they are for.
const framePause = 250 * time.Millisecond

// serialLines shares serial lines: several boards hang on one RS-485 line, each with an address, and
// a port can be opened once.
type serialLines struct {
	board board
	lines map[string]*serialLine
}

// of returns the board as one display is to see it.
func (l *serialLines) of(d config.Display) board {
	ports, ok := l.board.(serialBoard)
	if d.Kind != config.Candle || !ok {
		return l.board
	}
	if l.lines == nil {
		l.lines = map[string]*serialLine{}
	}
	if l.lines[d.Serial] == nil {
		l.lines[d.Serial] = &serialLine{open: func() (io.WriteCloser, error) { return ports.Serial(d.Serial, d.Baud) }}
	}
	return sharing{l.board, l.lines[d.Serial]}
}

// sharing is a board whose one serial line is shared.
type sharing struct {
	board
	line *serialLine
}

// Serial returns a share in the line.
func (s sharing) Serial(string, int) (io.WriteCloser, error) { return s.line, nil }

// serialLine is a serial line for several displays. A share is closed after a fault, and so is the
// port then; the next frame opens it again.
type serialLine struct {
	mu    sync.Mutex
	open  func() (io.WriteCloser, error)
	port  io.WriteCloser
	ready time.Time // when the line may carry the next frame
}

// Write sends one frame, after the pause that the boards need.
func (l *serialLine) Write(frame []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.port == nil {
		port, err := l.open()
		if err != nil {
			return 0, fmt.Errorf("open line: %w", err)
		}
		l.port = port
	}
	time.Sleep(time.Until(l.ready))
	n, err := l.port.Write(frame)
	l.ready = time.Now().Add(framePause)
	return n, err
}

// Close closes the port.
func (l *serialLine) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.port == nil {
		return nil
	}
	port := l.port
	l.port = nil
	return port.Close()
}
