package hal

import (
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestWallError(t *testing.T) {
	for _, c := range []struct {
		status int
		max    int64
		err    error
		want   time.Duration
	}{
		{0, 1500, nil, 1500 * time.Microsecond},
		{0x2001, 0, nil, 0}, // STA_PLL, STA_NANO
		{0x40, 1500, nil, Unsynchronised},
		{0x2041, 16000000, nil, Unsynchronised},
		{0, 1500, errors.New("not permitted"), Unsynchronised},
		{0, -1, nil, Unsynchronised},
	} {
		if got := wallError(c.status, c.max, c.err); got != c.want {
			t.Errorf("status %#x, maxerror %d, %v: got %v, want %v", c.status, c.max, c.err, got, c.want)
		}
	}
}

func TestNowAgreesWithTheKernel(t *testing.T) {
	text, err := os.ReadFile("/proc/uptime")
	if err != nil {
		t.Fatal(err)
	}
	seconds, err := strconv.ParseFloat(strings.Fields(string(text))[0], 64)
	if err != nil {
		t.Fatal(err)
	}
	up, wall, maxError := new(Board).Now()
	if d := up - time.Duration(seconds*float64(time.Second)); d < -time.Second || d > 5*time.Second {
		t.Errorf("got up %v, want about %vs", up, seconds)
	}
	if d := time.Since(wall); d < 0 || d > 5*time.Second {
		t.Errorf("got wall %v, want now", wall)
	}
	if maxError < Unsynchronised {
		t.Errorf("got error %v, want Unsynchronised or more", maxError)
	}
	if m := monotonic(); m <= 0 || m > up+time.Second {
		t.Errorf("got monotonic %v, want at most the boot time %v", m, up)
	}
}
