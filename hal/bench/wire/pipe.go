package wire

import (
	"context"
	"errors"

	"sps-kiosk/hal/usb"
)

// bus implements usb.Bus.
type bus struct{ b *Board }

// Devices implements usb.Bus.
func (u bus) Devices() ([]usb.Device, error) {
	a, err := u.b.ask(request{Op: opDevices})
	return a.Devices, err
}

// Open implements usb.Bus.
func (u bus) Open(d usb.Device, number, alternate int) (usb.Pipe, error) {
	a, err := u.b.ask(request{Op: opOpen, Device: d, A: int64(number), B: int64(alternate)})
	if err != nil {
		return nil, err
	}
	return &pipe{u.b, a.N}, nil
}

// pipe implements usb.Pipe.
type pipe struct {
	b      *Board
	handle int
}

// transfer carries one call of the pipe. A cancellation comes back as the caller's own error.
func (p *pipe) transfer(ctx context.Context, r request) (answer, error) {
	if err := ctx.Err(); err != nil {
		return answer{}, err
	}
	r.Handle = p.handle
	a, err := p.b.call(ctx, r)
	switch {
	case !errors.Is(err, context.Canceled):
	case ctx.Err() != nil:
		err = ctx.Err()
	default: // the machine's side ended it: that process is going
		err = errGone
	}
	return a, err
}

// Write implements usb.Pipe.
func (p *pipe) Write(ctx context.Context, b []byte) (int, error) {
	a, err := p.transfer(ctx, request{Op: opPipeWrite, Data: b})
	return a.N, err
}

// Read implements usb.Pipe.
func (p *pipe) Read(ctx context.Context, b []byte) (int, error) {
	a, err := p.transfer(ctx, request{Op: opPipeRead, A: int64(len(b))})
	return copy(b, a.Data), err
}

// Control implements usb.Pipe.
func (p *pipe) Control(ctx context.Context, s usb.Setup, data []byte) (int, error) {
	r := request{Op: opPipeControl, Setup: s, A: int64(len(data))}
	if s.RequestType&0x80 == 0 {
		r.Data = data
	}
	a, err := p.transfer(ctx, r)
	copy(data, a.Data)
	return a.N, err
}

// ClearHalt implements usb.Pipe.
func (p *pipe) ClearHalt(in bool) error {
	_, err := p.transfer(context.Background(), request{Op: opPipeClear, On: in})
	return err
}

// Close implements usb.Pipe.
func (p *pipe) Close() error {
	if _, err := p.b.ask(request{Op: opPipeClose, Handle: p.handle}); !errors.Is(err, errGone) {
		return err
	}
	return nil // released with the connection
}
