package sim

import (
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
)

// quiet is where cards say what goes wrong: a simulation makes things go wrong.
var quiet = slog.New(slog.DiscardHandler)

// flaky loses requests and answers on the way of a real uplink.
type flaky struct {
	http.RoundTripper
	chance *rand.Rand
	faults Faults
}

// RoundTrip lets a request through, or does not, or not its answer.
func (f flaky) RoundTrip(r *http.Request) (*http.Response, error) {
	x := f.chance.Float64()
	if x < f.faults.RequestLost {
		return nil, errLink
	}
	resp, err := f.RoundTripper.RoundTrip(r)
	if err != nil || x >= f.faults.RequestLost+f.faults.ReplyLost {
		return resp, err
	}
	io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	return nil, errLink
}
