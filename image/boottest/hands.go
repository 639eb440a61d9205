package boottest

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Hands are a root's shell in the booted card, over its third serial line: they look at what nobody outside can see. It comes by
// systemd's credentials as the bench's board does; the card is the one to flash.
type Hands struct {
	mu   sync.Mutex
	conn net.Conn
	in   *bufio.Reader
}

const handsUnit = `[Unit]
Description=The bench's hands
[Service]
ExecStart=/bin/sh -c 'stty -F /dev/ttyS2 raw -echo; exec /bin/sh </dev/ttyS2 >/dev/ttyS2 2>&1'
`

const handsRule = `KERNEL=="ttyS2", TAG+="systemd", ENV{SYSTEMD_WANTS}="h.service"
`

// arguments are QEMU's; dir is for files.
func (h *Hands) arguments(dir, socket string) ([]string, error) {
	const names = "name=opt/io.systemd.credentials/"
	unit, rule := filepath.Join(dir, "hands-unit"), filepath.Join(dir, "hands-rule")
	if err := errors.Join(os.WriteFile(unit, []byte(handsUnit), 0o600), os.WriteFile(rule, []byte(handsRule), 0o600)); err != nil {
		return nil, err
	}
	return []string{"-chardev", "socket,id=hands,path=" + socket, "-device", "isa-serial,chardev=hands,index=2",
		"-fw_cfg", names + "systemd.extra-unit.h.service,file=" + unit, "-fw_cfg", names + "udev.rules.h,file=" + rule}, nil
}

// accept takes one life of the line after the other. It is Ask that reads.
func (h *Hands) accept(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return // closed
		}
		h.mu.Lock()
		h.conn, h.in = c, bufio.NewReader(c)
		h.mu.Unlock()
	}
}

// Ask runs a command of the shell and returns what it prints; it may take as long as patient says. The line
// loses nothing, but what the shell was given before it began is gone: the mark is asked for first.
func (h *Hands) Ask(command string, patient time.Duration) (string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.conn == nil {
		return "", errors.New("the emulated computer is off")
	}
	if err := h.conn.SetDeadline(time.Now().Add(patient)); err != nil {
		return "", err
	}
	mark := strconv.FormatInt(time.Now().UnixNano(), 36)
	if _, err := fmt.Fprintf(h.conn, "( %s ) 2>&1; echo \"@$?\"@%s\n", command, mark); err != nil {
		return "", err
	}
	var said strings.Builder
	for {
		line, err := h.in.ReadString('\n')
		if err != nil {
			return said.String(), fmt.Errorf("ask %q: %w", command, err)
		}
		line = strings.TrimRight(line, "\r\n")
		if before, status, ok := strings.Cut(line, "@"); ok && strings.HasSuffix(status, "@"+mark) {
			said.WriteString(before)
			if status != "0@"+mark {
				return said.String(), fmt.Errorf("ask %q: status %s: %s", command, strings.TrimSuffix(status, "@"+mark), said.String())
			}
			return said.String(), nil
		}
		said.WriteString(line + "\n")
	}
}
