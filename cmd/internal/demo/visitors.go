package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"
)

// Lines of the built-in settings: the buttons of the panel and the handsets of the windows.
func buttons() []string  { return []string{"GPIO17", "GPIO17", "GPIO27", "GPIO22", "GPIO23", "GPIO24"} }
func handsets() []string { return []string{"GPIO4", "GPIO5", "GPIO6", "GPIO3"} }

// A press lasts so long, and the next hand comes after so long on average.
const (
	press    = 200 * time.Millisecond
	nextHand = 4 * time.Second
)

// visit presses the buttons of a drawn machine now and then, as visitors and specialists do, until ctx
// ends. A machine whose plug somebody pulled answers nothing, and is left alone until it does.
func visit(ctx context.Context, page string, seed uint64) error {
	chance := rand.New(rand.NewPCG(seed, 0x4a4d))
	touch := func(act, line string) {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(page, "/")+"/"+act, strings.NewReader(fmt.Sprintf(`{"line":%q}`, line)))
		if err != nil {
			return
		}
		r.Header.Set("Content-Type", "application/json")
		if res, err := http.DefaultClient.Do(r); err == nil {
			res.Body.Close()
		}
	}
	for wait := nextHand / 2; ; wait = time.Duration(chance.ExpFloat64() * float64(nextHand)) {
		if !sleep(ctx, wait) {
			return nil
		}
		line := handsets()[chance.IntN(len(handsets()))]
		if chance.Float64() < 0.4 {
			line = buttons()[chance.IntN(len(buttons()))]
		}
		touch("press", line)
		sleep(ctx, press)
		touch("release", line)
	}
}

// sleep waits; false if ctx ended meanwhile.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
