package appliance

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/user"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"sps-kiosk/cmd/internal/card"
	"sps-kiosk/cmd/internal/launch"
	"sps-kiosk/cmd/internal/porter"
	"sps-kiosk/hal/stick"
)

// porterFlags are what image/units/sps-kiosk-porter.service says.
type porterFlags struct {
	ports, kiosk, worker, listen, mount, unit, vault, config *string
}

func readPorterFlags(args []string) (f porterFlags, err error) {
	flags := flag.NewFlagSet("porter", flag.ContinueOnError)
	f.ports = flags.String("usb", "", "разъёмы: citizen=1-1.3 hub=1-1 network=1-1.1 printer=* scanner=1-1.4 touch=1-2")
	f.kiosk = flags.String("kiosk", "kiosk", "пользователь, от имени которого работает kiosk")
	f.worker = flags.String("worker", "kiosk-scan", "пользователь, от имени которого сканируют")
	f.listen = flags.String("listen", "", "где слушать, если сокет не передала systemd")
	f.mount = flags.String("mount", "/run/sps-kiosk-porter/stick", "куда монтировать флешку")
	f.unit = flags.String("unit", "", "сокет sps-kiosk-scan.socket: процессы сканирования запускает systemd")
	f.vault = flags.String("vault", "", "папка зашифрованных страниц, если без -unit")
	f.config = flags.String("config", "", "файл настроек kiosk.txt или папка с ним: разъёмы в нём важнее, чем -usb")
	return f, flags.Parse(args)
}

// Porter is the program `kiosk porter`: the one process of the card that is root (ARCHITECTURE §3).
func Porter(ctx context.Context, args []string, log *slog.Logger) error {
	f, err := readPorterFlags(args)
	if err != nil {
		return err
	}
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return fmt.Errorf("forbid core dumps: %w", err)
	}
	ports, err := portsOf(*f.ports, *f.config, log)
	if err != nil {
		return fmt.Errorf("porter: -usb: %w", err)
	}
	kiosk, err := userOf(*f.kiosk)
	if err != nil {
		return err
	}
	worker, err := userOf(*f.worker)
	if err != nil {
		return err
	}
	sockets, err := inherited()
	if err != nil {
		return err
	}
	l, err := porterSocket(sockets, *f.listen)
	if err != nil {
		return err
	}
	launcher, err := launcherOf(f, worker, sockets["preview"])
	if err != nil {
		return err
	}
	o := porter.Options{Listen: l, Peer: int(kiosk.Uid), Log: log, Launcher: launcher,
		Medium: &stick.Socket{Gate: stick.Gate{Sys: "/sys", Dev: "/dev", Ports: ports}, At: *f.mount,
			Owner: stick.Owner{UID: int(worker.Uid), GID: int(worker.Gid)}, Log: log}}
	return runPorter(ctx, o, sockets["update"], technicianMark, card.OnCard().Stage, log)
}

// portsOf returns the sockets of the board as kiosk.txt moves them. What cannot be read, or would take a socket from
// another part, moves none: the board's stay, and the log says so.
func portsOf(board, settings string, log *slog.Logger) (stick.Ports, error) {
	ports, err := stick.ParsePorts(board)
	if err != nil || settings == "" {
		return ports, err
	}
	device, _, err := deviceAt(settings)
	if err != nil {
		log.Warn("the sockets are as the board has them", "device", "stick", "err", err)
		return ports, nil
	}
	s, moved := device.Settings(), ports
	for _, m := range []struct {
		role  stick.Role
		ports []string
	}{{stick.Citizen, s.Scan.StickPorts}, {stick.Scanner, strings.Fields(s.Scan.Port)}, {stick.Printer, strings.Fields(s.Printer.Port)}} {
		if moved, err = moved.Move(m.role, m.ports...); err != nil {
			log.Error("the sockets are as the board has them", "device", "stick", "err", err)
			return ports, nil
		}
	}
	return moved, nil
}

// launcherOf chooses who starts workers: systemd on the card, we ourselves elsewhere. Previews listen on a
// socket of systemd's, if it handed one over: the card's porter may open none.
func launcherOf(f porterFlags, worker *unix.Ucred, preview *os.File) (porter.Launcher, error) {
	extra := func() ([]*os.File, error) {
		if preview != nil {
			fd, err := unix.FcntlInt(preview.Fd(), unix.F_DUPFD_CLOEXEC, 0)
			return []*os.File{os.NewFile(uintptr(fd), "preview")}, err
		}
		l, err := launch.Preview()
		return []*os.File{l}, err
	}
	if *f.unit != "" {
		return launch.Unit{Socket: *f.unit, Extra: extra}, nil
	}
	command, err := workerCommand(*f.vault, *f.config, extra)
	return launch.Fork{User: launch.Credential(worker.Uid, worker.Gid), Command: command}, err
}

// workerCommand is how a worker is called on a real machine.
func workerCommand(vault, config string, extra func() ([]*os.File, error)) (launch.Command, error) {
	self, err := os.Executable()
	if err != nil {
		return launch.Command{}, fmt.Errorf("find this program: %w", err)
	}
	return launch.Command{Program: self, Args: []string{"-vault", vault, "-config", config},
		Wipe: []string{"-wipe", "-vault", vault}, Extra: extra}, nil
}

// ScanUnit is the program `kiosk scan-unit`: an instance of sps-kiosk-scan@.service, which becomes the
// worker that the porter asked for.
func ScanUnit(_ context.Context, args []string, _ *slog.Logger) error {
	flags := flag.NewFlagSet("scan-unit", flag.ContinueOnError)
	vault := flags.String("vault", "", "папка зашифрованных страниц")
	config := flags.String("config", "", "файл настроек")
	if err := flags.Parse(args); err != nil {
		return err
	}
	command, err := workerCommand(*vault, *config, nil)
	if err != nil {
		return err
	}
	return launch.Enter(command)
}

// userOf finds a user by name or number.
func userOf(name string) (*unix.Ucred, error) {
	u, err := user.Lookup(name)
	if err != nil {
		if u, err = user.LookupId(name); err != nil {
			return nil, fmt.Errorf("find user %q: %w", name, err)
		}
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("find user %q: %w", name, err)
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	return &unix.Ucred{Uid: uint32(uid), Gid: uint32(gid)}, err
}

// inherited are the sockets that systemd has opened, by the names of their units (sd_listen_fds(3)).
func inherited() (map[string]*os.File, error) {
	all := map[string]*os.File{}
	if os.Getenv("LISTEN_PID") != strconv.Itoa(os.Getpid()) {
		return all, nil
	}
	n, err := strconv.Atoi(os.Getenv("LISTEN_FDS"))
	names := strings.Split(os.Getenv("LISTEN_FDNAMES"), ":")
	if err != nil || n != len(names) {
		return nil, errors.New("sockets of systemd: number and names do not agree")
	}
	for i, name := range names {
		unix.CloseOnExec(3 + i)
		all[name] = os.NewFile(uintptr(3+i), name)
	}
	return all, nil
}

// porterSocket is where the kiosk calls.
func porterSocket(sockets map[string]*os.File, path string) (*net.UnixListener, error) {
	f := sockets["porter"]
	if f == nil {
		os.Remove(path) // of a porter that was killed
		l, err := net.ListenUnix("unixpacket", &net.UnixAddr{Name: path, Net: "unixpacket"})
		if err == nil {
			err = os.Chmod(path, 0o666) // who calls is asked of the kernel
		}
		if err != nil {
			return nil, fmt.Errorf("listen for the kiosk: %w", err)
		}
		return l, nil
	}
	return unixListener(f)
}
