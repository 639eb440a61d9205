package stick

import (
	"log/slog"
	"os"
	"testing"
	"time"
)

// TestLostNews looks at every socket after news of the kernel were lost: what is in use stays in use, what is
// gone or another one is noticed.
func TestLostNews(t *testing.T) {
	const port = "1-1.3"
	dev := newSocket(t, Ports{port: Citizen}, port, device(0, bulk))
	s := &Socket{Gate: dev.g, Log: slog.New(slog.DiscardHandler), decided: map[string]string{}}
	ready := time.NewTimer(time.Hour)
	gone := 0
	look := func() {
		s.all(ready, func(port string) {
			gone++
			delete(s.decided, port)
		})
	}
	look()
	probed := func() string { return dev.read("../drivers_probe") }
	if probed() == "" || dev.read(port+"/authorized") != "1" {
		t.Fatal("a stick is not let in")
	}
	dev.write("../drivers_probe", "")
	asked := 0
	dev.says = func(bool) []byte { asked++; return dev.kept }
	look()
	if asked != 0 || probed() != "" || gone != 0 || dev.read(port+"/authorized") != "1" {
		t.Errorf("a stick in use was asked %d times, looked for a driver at %q, gone %d times", asked, probed(), gone)
	}
	select {
	case <-ready.C:
	case <-time.After(5 * settle):
		t.Error("nobody looks at the disks of the stick, whose news were lost")
	}
	dev.write(port+"/devnum", "9")
	look()
	if gone != 1 || asked == 0 || probed() == "" {
		t.Errorf("another stick: gone %d times, asked %d times, a driver looked for at %q", gone, asked, probed())
	}
	if err := os.RemoveAll(dev.g.at(port)); err != nil {
		t.Fatal(err)
	}
	look()
	if gone != 2 || len(s.decided) != 0 {
		t.Errorf("a stick that went: gone %d times, still known %v", gone, s.decided)
	}
}
