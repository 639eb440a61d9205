package demo

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"sps-kiosk/sync/ident"
)

// stopping is how long a program may take to end before it is killed.
const stopping = 25 * time.Second

// start starts a program, waits until it has printed a line with each of some words, in that order, and
// returns these lines. The program ends with ctx; that it ends earlier ends everything.
func (s Settings) start(ctx context.Context, group *errgroup.Group, program string, args []string, ready ...string) (lines []string, err error) {
	c := exec.CommandContext(ctx, program, args...)
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
	c.WaitDelay = stopping
	c.Stderr = s.Log
	read, write, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("pipe: %w", err)
	}
	c.Stdout = write
	err = c.Start()
	write.Close() // the program has its own end
	if err != nil {
		read.Close()
		return nil, fmt.Errorf("start %s: %w", program, err)
	}
	said := make(chan string, len(ready))
	go listen(read, ready, said) // it ends with the program
	group.Go(func() error {
		err := c.Wait()
		if ctx.Err() != nil {
			return nil
		}
		return fmt.Errorf("%s ended: %w", filepath.Base(program), errors.Join(err, errEnded))
	})
	for range ready {
		select {
		case line, ok := <-said:
			if !ok {
				return nil, fmt.Errorf("%s: %w before it was ready", filepath.Base(program), errEnded)
			}
			lines = append(lines, line)
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	return lines, nil
}

var errEnded = errors.New("the program ended")

// listen reads what a program prints and tells the lines with the words that are waited for.
func listen(from io.ReadCloser, ready []string, said chan<- string) {
	defer from.Close()
	defer close(said)
	for lines := bufio.NewScanner(from); lines.Scan(); {
		if len(ready) > 0 && strings.Contains(lines.Text(), ready[0]) {
			said <- lines.Text()
			ready = ready[1:]
		}
	}
}

// kiosk starts a live kiosk with a file of its own and returns its pages. A kiosk that was connected in
// an earlier run (nil) keeps its card, its key and its tickets.
func (s Settings) kiosk(ctx context.Context, group *errgroup.Group, number int, enrolment []byte) (p Live, err error) {
	home := filepath.Join(s.Dir, fmt.Sprint("kiosk", number))
	boot := filepath.Join(home, "boot")
	if err := os.MkdirAll(boot, 0o700); err != nil {
		return p, fmt.Errorf("folder of a kiosk: %w", err)
	}
	if enrolment != nil {
		if err := os.WriteFile(filepath.Join(boot, ident.EnrollFile), enrolment, 0o600); err != nil {
			return p, fmt.Errorf("file of a kiosk: %w", err)
		}
	}
	args := []string{"-board", "bench", "-data", filepath.Join(home, "data"), "-config", boot, "-page", "127.0.0.1:0", "-contact", "2s"}
	lines, err := s.start(ctx, group, s.Kiosk, args, drawn, "Табло зала: ", console)
	if err != nil {
		return p, err
	}
	p.Page, p.Board, p.Console = address(lines[0]), address(lines[1]), address(lines[2])
	for _, door := range []string{p.Board, p.Console} { // or the next kiosk would take it for free
		if err := answers(ctx, door); err != nil {
			return p, err
		}
	}
	return p, nil
}

// What a kiosk on a drawn machine says of itself.
const (
	drawn   = "Учебный киоск: "
	console = "Пульт специалиста: "
)

// address is what stands after the colon of a line.
func address(line string) string {
	_, rest, _ := strings.Cut(line, ": ")
	return strings.TrimSpace(rest)
}

// opening is how long a page may take to be there.
const opening = 30 * time.Second

// answers waits until somebody listens at an address.
func answers(ctx context.Context, page string) error {
	u, err := url.Parse(page)
	if err != nil {
		return fmt.Errorf("address of a page: %w", err)
	}
	ctx, stop := context.WithTimeout(ctx, opening)
	defer stop()
	for {
		c, err := (&net.Dialer{}).DialContext(ctx, "tcp", u.Host)
		if err == nil {
			return c.Close()
		}
		if !sleep(ctx, 50*time.Millisecond) {
			return fmt.Errorf("nobody answers at %s: %w", page, err)
		}
	}
}
