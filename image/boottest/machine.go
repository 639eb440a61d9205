package boottest

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Card is what `make image` left in a folder.
type Card struct {
	Arch   string   // "amd64", "arm64"
	Image  string   // the file to flash
	Bundle string   // the same system as an update
	ROM    string   // U-Boot for the emulated computer
	Board  string   // the bench's kernel module; "" boots a computer without buttons
	More   []string // further words for QEMU
	Bench  *Station // the hardware around it; nil for none but the board
	Log    string   // file that QEMU notes every command to the card in, with ".1", ".2" … behind it for each restart; "" for none
}

// Machine is one emulated computer with its card.
type Machine struct {
	off     context.CancelFunc
	console string // file that the serial line is written to
	read    int    // bytes of it that Wait has passed
	done    chan error
}

// board is loaded by systemd's own means as soon as udev sees the disk that it is on. From then on the kernel's words reach the console by
// the journal alone: said directly they would stand in the middle of another's line, when the emulated processors are late.
const boardUnit = `[Unit]
Description=The bench's board
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'echo 1 >/proc/sys/kernel/printk; cat /dev/vdb >/run/board.ko && insmod /run/board.ko && { @RELAY@ echo TEST-BOARD >/dev/console; (journalctl -b -f -n all -o cat >/dev/console) & }'
`

const boardRule = `KERNEL=="vdb", TAG+="systemd", ENV{SYSTEMD_WANTS}="b.service"
`

// Start switches a computer with the card on. Its files are in dir; it is off when ctx ends. A restart of the guest is a new
// start of QEMU: U-Boot on x86 takes the processor's counter for its clock, which a reset does not set back, and at times
// ended with «Could not read count from timer» again and again.
func (c Card) Start(ctx context.Context, dir, image string) (*Machine, error) {
	m := &Machine{console: filepath.Join(dir, "console.log"), done: make(chan error, 1)}
	ctx, m.off = context.WithCancel(ctx)
	args := append(c.computer(), "-display", "none", "-monitor", "none", "-device", "virtio-rng-pci", "-no-reboot",
		"-chardev", "file,id=line,append=on,path="+m.console, "-serial", "chardev:line")
	if c.ROM != "" {
		args = append(args, "-bios", c.ROM)
	}
	if len(c.More) == 0 {
		args = append(args, "-nic", "none")
	}
	if c.Bench != nil {
		args = append(args, c.Bench.arguments()...)
	}
	args = append(args, c.More...)
	var board []string
	if c.Board != "" {
		var err error
		if board, err = c.board(dir); err != nil {
			return nil, err
		}
	}
	go func() {
		runtime.LockOSThread() // a killed test leaves no machine: that signal comes when this thread ends, not the process
		for n := 1; ; n++ {
			if err := c.once(ctx, slices.Concat(args, c.disk(image, n), board)); err != nil {
				m.done <- err
				return
			}
		}
	}()
	return m, nil
}

// once is one run of QEMU; nil means that the guest restarts.
func (c Card) once(ctx context.Context, args []string) error {
	cmd := exec.CommandContext(ctx, c.program(), args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("QEMU ended: %w: %s", err, said.Bytes())
	}
	return nil
}

func (c Card) program() string {
	if c.Arch == "arm64" {
		return "qemu-system-aarch64"
	}
	return "qemu-system-x86_64"
}

// computer is emulated the same everywhere: TCG with one thread (hal/bench/vm/README.md says why).
func (c Card) computer() []string {
	if c.Arch == "arm64" {
		return []string{"-M", "virt", "-cpu", "cortex-a53", "-smp", "2", "-m", "1024", "-accel", "tcg,thread=single"}
	}
	// Without a graphics card: U-Boot runs its option ROM, and hung in it once («Exception 1 while executing option rom»).
	return []string{"-M", "pc", "-vga", "none", "-cpu", "Nehalem", "-smp", "2", "-m", "1024", "-accel", "tcg,thread=single"}
}

// disk is the card in its slot. Without a log each write is on the card when the guest hears so; with one the card has a cache
// that the guest flushes, and the log tells what was certain when.
// Each run of QEMU, n, has a log of its own.
func (c Card) disk(image string, n int) []string {
	if c.Log == "" {
		return []string{"-drive", "if=none,id=card,format=raw,cache=writethrough,file=" + image, "-device", "virtio-blk-pci,drive=card"}
	}
	return []string{"-blockdev", "driver=blklogwrites,node-name=card,log-sector-size=512,file.driver=file,file.filename=" + image +
		",log.driver=file,log.filename=" + c.log(n), "-device", "virtio-blk-pci,drive=card,write-cache=on"}
}

// log is the log of one run of QEMU, which wants a file to be there.
func (c Card) log(n int) string {
	path := fmt.Sprintf("%s.%d", c.Log, n)
	if f, err := os.Create(path); err == nil { // QEMU tells what is wrong with the folder
		f.Close()
	}
	return path
}

func (c Card) board(dir string) ([]string, error) {
	const names = "name=opt/io.systemd.credentials/"
	unit, rule := filepath.Join(dir, "unit"), filepath.Join(dir, "rule")
	text := strings.Replace(boardUnit, "@RELAY@ ", "", 1)
	if c.Bench != nil {
		text = strings.Replace(boardUnit, "@RELAY@ ", relay, 1)
	}
	if err := os.WriteFile(unit, []byte(text), 0o600); err != nil {
		return nil, err
	}
	if err := os.WriteFile(rule, []byte(boardRule), 0o600); err != nil {
		return nil, err
	}
	return []string{"-drive", "if=none,id=board,format=raw,readonly=on,file=" + c.Board, "-device", "virtio-blk-pci,drive=board",
		"-fw_cfg", names + "systemd.extra-unit.b.service,file=" + unit, "-fw_cfg", names + "udev.rules.b,file=" + rule}, nil
}

// Wait returns what stood on the console between the last Wait and a match of pattern, the match included. The computer may
// be as slow as it likes; only ctx ends the waiting, and QEMU's own end.
func (m *Machine) Wait(ctx context.Context, pattern string) (string, error) {
	re := regexp.MustCompile(pattern)
	for {
		all, err := os.ReadFile(m.console)
		if err != nil && !os.IsNotExist(err) {
			return "", err
		}
		if at := re.FindIndex(all[min(m.read, len(all)):]); at != nil {
			text := string(all[m.read : m.read+at[1]])
			m.read += at[1]
			return text, nil
		}
		select {
		case <-ctx.Done():
			return "", fmt.Errorf("wait for %q: %w; the console ends: %s", pattern, ctx.Err(), all[max(0, len(all)-1500):])
		case err := <-m.done:
			m.done <- err
			return "", fmt.Errorf("wait for %q: %w", pattern, err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// Said tells whether something stands on the console already.
func (m *Machine) Said(text string) bool {
	all, err := os.ReadFile(m.console)
	return err == nil && bytes.Contains(all, []byte(text))
}

// Cut takes the power away.
func (m *Machine) Cut() {
	m.off()
	m.done <- <-m.done
}
