package uplink

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strconv"
	"strings"
	"time"

	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/wire"
)

// timeout is the longest that one request may take: a batch of the least size over a modem.
const timeout = time.Minute

// reply is an answer that the district has signed.
type reply struct {
	code           int
	body           []byte
	by             ident.ID      // the key it is signed with
	sent, received time.Duration // CLOCK_BOOTTIME
	retry          time.Duration // Retry-After; not signed, so only a hint
}

// What an uplink does differently about.
var (
	// errPost means that no answer came, in contrast to one that cannot be believed.
	errPost = errors.New("no answer")
	// errStale means that an open connection of before led nowhere.
	errStale = errors.New("connection was open for too long")
	// errGateway means that a proxy in front of the district says that there is none behind it.
	errGateway = errors.New("gateway reaches no district")
)

// call makes one request of the protocol and returns its answer if it is signed with one of the keys
// that trust names, which may look into the body. Errors are errPost, ident.ErrSignature and
// ident.ErrStrangerKey.
func (u *Uplink) call(ctx context.Context, address, name string, to ident.ID, body []byte, trust func([]byte) []ident.Public) (r reply, err error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	signed := u.key.Sign(to, name, body)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address+"/v1/"+name, bytes.NewReader(body))
	if err != nil {
		return r, fmt.Errorf("%w: %w", errPost, err)
	}
	reused := false
	req = req.WithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(i httptrace.GotConnInfo) { reused = i.Reused },
	}))
	req.Header.Set(ident.HeaderRequest, signed.Header)
	req.Header["User-Agent"] = nil // thirty bytes that say nothing
	r.sent = u.Now().Up
	resp, err := u.Client.Do(req)
	if err != nil && reused {
		return r, fmt.Errorf("%w: %w", errStale, err)
	}
	if err != nil {
		return r, fmt.Errorf("%w: %w", errPost, err)
	}
	defer resp.Body.Close()
	r.body, err = io.ReadAll(io.LimitReader(resp.Body, wire.MaxHead+1))
	r.received = u.Now().Up
	if err != nil {
		return r, fmt.Errorf("%w: %w", errPost, err)
	}
	header := resp.Header.Get(ident.HeaderAnswer)
	if err := signed.VerifyAnswer(header, trust(r.body), resp.StatusCode, r.body); err != nil {
		if header == "" && resp.StatusCode >= http.StatusBadGateway && resp.StatusCode <= http.StatusGatewayTimeout {
			return r, fmt.Errorf("%w: answer %d", errGateway, resp.StatusCode)
		}
		return r, fmt.Errorf("answer %d: %w", resp.StatusCode, err)
	}
	r.code, r.by = resp.StatusCode, signer(header)
	if seconds, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && seconds > 0 {
		r.retry = min(time.Duration(seconds)*time.Second, longest)
	}
	return r, nil
}

// signer returns the key that a verified header names.
func signer(header string) (id ident.ID) {
	if f := strings.Fields(header); len(f) == 3 && id.UnmarshalText([]byte(f[1])) != nil {
		return ident.ID{}
	}
	return id
}

// ask makes a request to the district and returns its parsed answer. A request names the district's
// key: where the answer is under the other one, the district has changed to it, and is asked again.
func (u *Uplink) ask(ctx context.Context, d *ident.Binding, name string, body []byte) (r reply, a wire.Answer, err error) {
	for range len(d.Keys) {
		to := d.Keys[0].ID()
		r, err = u.call(ctx, d.Address, name, to, body, func([]byte) []ident.Public { return d.Keys })
		if err != nil {
			return r, a, err
		}
		if r.by == to {
			break
		}
		slices.Reverse(d.Keys)
	}
	if a, err = wire.ParseAnswer(r.body); err != nil {
		return r, a, fmt.Errorf("answer %d: %w", r.code, err)
	}
	return r, a, nil
}

// failed notes that a request came to nothing, and returns the pause before the next one.
func (u *Uplink) failed(err error) time.Duration {
	if errors.Is(err, errStale) && !u.short {
		u.short = true
		u.Client.CloseIdleConnections()
		return 0 // once more on a new one: nobody has failed
	}
	if errors.Is(err, context.Canceled) {
		return 0 // the program ends
	}
	kind := "no answer"
	u.state.Link, u.state.Why = NoLink, noLink
	switch {
	case errors.Is(err, ident.ErrStrangerKey):
		kind, u.state.Why = "stranger's key", strangeKey
	case errors.Is(err, ident.ErrSignature):
		kind, u.state.Why = "not the district", notDistrict
	case errors.Is(err, errGateway):
		kind, u.state.Why = "gateway", busyDistrict
	case !errors.Is(err, errPost) && !errors.Is(err, errStale):
		kind, u.state.Why = "unreadable answer", newerServer
	}
	u.complain(kind, err)
	return u.pause(0)
}

// pause returns the pause after a failure; the next round begins with a heartbeat on a connection
// of its own, because the old one may lead nowhere.
func (u *Uplink) pause(hint time.Duration) time.Duration {
	u.greeted = false
	u.Client.CloseIdleConnections()
	return u.pace.failed(hint)
}
