package appliance

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"

	"sps-kiosk/cmd/internal/launch"
	"sps-kiosk/cmd/internal/porter"
	"sps-kiosk/hal/stick"
)

// BenchPorter is the program `kiosk bench-porter`: the porter of a drawn machine or a developer's computer.
// The stick is a folder that is there or not, workers are children of the same user; everything else is
// the porter of the card.
func BenchPorter(ctx context.Context, args []string, log *slog.Logger) error {
	flags := flag.NewFlagSet("bench-porter", flag.ContinueOnError)
	board := flags.String("board", "", "сокет учебного киоска вида bench:ПУТЬ")
	listen := flags.String("listen", "", "где слушать")
	folder := flags.String("stick", "", "папка вместо флешки")
	dir := flags.String("vault", "", "папка зашифрованных страниц")
	settings := flags.String("config", "", "файл настроек")
	if err := flags.Parse(args); err != nil {
		return err
	}
	socket, isBench := strings.CutPrefix(*board, "bench:")
	if !isBench || *listen == "" || *folder == "" || *dir == "" {
		return errors.New("bench-porter: -board bench:SOCKET, -listen, -stick and -vault are needed")
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	os.Remove(*listen) // of a porter that was killed
	l, err := net.ListenUnix("unixpacket", &net.UnixAddr{Name: *listen, Net: "unixpacket"})
	if err != nil {
		return fmt.Errorf("listen for the kiosk: %w", err)
	}
	worker := launch.Fork{Command: launch.Command{Program: self, Args: []string{"-vault", *dir, "-config", *settings, "-bench"},
		Wipe: []string{"-wipe", "-vault", *dir}, Extra: func() ([]*os.File, error) { return benchFiles(socket) }}}
	return porter.Run(ctx, porter.Options{Listen: l, Peer: os.Getuid(), Medium: stick.Folder{Path: *folder}, Launcher: worker, Log: log})
}

// benchFiles are a worker's descriptors beyond its connections: the listener of previews, the machine.
func benchFiles(socket string) ([]*os.File, error) {
	preview, err := launch.Preview()
	if err != nil {
		return nil, err
	}
	c, err := net.Dial("unix", socket)
	if err != nil {
		return []*os.File{preview}, fmt.Errorf("reach the bench machine: %w", err)
	}
	defer c.Close()
	machine, err := c.(*net.UnixConn).File()
	return []*os.File{preview, machine}, err
}

// Names below the data directory.
func vaultDir(data string) string { return filepath.Join(data, "scan") }
