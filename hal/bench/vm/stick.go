package vm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strconv"
)

// Stick is a USB stick or card reader: what an owner of documents puts into the kiosk.
type Stick struct {
	LUNs []LUN // the disks in it; a card reader has several
}

// LUN is one disk of a stick.
type LUN struct {
	Image    string // file with its content; it stays as the guest leaves it
	Disk     Disk   // or something that answers for it, as a stick that lies about its size
	ReadOnly bool   // the switch on its side
}

// plugged is the stick in the socket and what QEMU calls its parts.
type plugged struct {
	nodes  []string
	server net.Listener
}

const stickID = "stick"

// Insert puts a stick into the socket for sticks. The guest's kernel sees it some time later.
func (g *Guest) Insert(ctx context.Context, s Stick) error {
	if g.stick != nil {
		return errors.New("insert stick: there is one in the socket")
	}
	g.sticks++
	g.stick = &plugged{}
	err := g.insert(ctx, s)
	if err != nil {
		err = fmt.Errorf("insert stick: %w", err)
		return errors.Join(err, g.Pull(ctx))
	}
	return nil
}

// insert builds the device out of the bus and plugs it in when it is whole: the kernel looks for
// disks once.
func (g *Guest) insert(ctx context.Context, s Stick) error {
	for i, l := range s.LUNs {
		if err := g.addDisk(ctx, fmt.Sprintf("stick%d-%d", g.sticks, i), l); err != nil {
			return err
		}
	}
	port := strconv.Itoa(len(g.USB) + 1)
	_, err := g.Command(ctx, "device_add", map[string]any{
		"driver": "usb-bot", "id": stickID, "bus": "xhci.0", "port": port, "attached": false,
	})
	for i, node := range g.stick.nodes {
		if err == nil {
			_, err = g.Command(ctx, "device_add", map[string]any{
				"driver": "scsi-hd", "bus": stickID + ".0", "lun": i, "drive": node, "removable": true,
			})
		}
	}
	if err != nil {
		return err
	}
	_, err = g.Command(ctx, "qom-set", map[string]any{
		"path": "/machine/peripheral/" + stickID, "property": "attached", "value": true,
	})
	return err
}

func (g *Guest) addDisk(ctx context.Context, node string, l LUN) error {
	from := map[string]any{"driver": "file", "filename": l.Image}
	if l.Disk != nil {
		path, err := g.serveStick(node, l.Disk)
		if err != nil {
			return err
		}
		from = map[string]any{"driver": "nbd", "server": map[string]any{"type": "unix", "path": path}}
	}
	_, err := g.Command(ctx, "blockdev-add", map[string]any{
		"driver": "raw", "node-name": node, "file": from, "read-only": l.ReadOnly,
	})
	if err == nil {
		g.stick.nodes = append(g.stick.nodes, node)
	}
	return err
}

// serveStick answers for a disk at a socket of its own for as long as the stick is in.
func (g *Guest) serveStick(name string, d Disk) (path string, err error) {
	path = g.path(name)
	l, err := net.Listen("unix", path)
	if err != nil {
		return "", err
	}
	g.stick.server = l
	g.servers.Go(func() {
		conn, err := l.Accept()
		l.Close()
		if err != nil {
			return
		}
		g.cfg.Log("%s: %v", name, d.Serve(conn))
	})
	return path, nil
}

// Pull takes the stick out, whatever the guest is doing with it, and returns when QEMU has let its
// images go.
func (g *Guest) Pull(ctx context.Context) error {
	if g.stick == nil {
		return errors.New("pull stick: there is none in the socket")
	}
	gone := g.listen("DEVICE_DELETED", func(data json.RawMessage) bool {
		var of struct{ Device string }
		return json.Unmarshal(data, &of) == nil && of.Device == stickID
	})
	defer g.deafen(gone)
	_, err := g.Command(ctx, "device_del", map[string]any{"id": stickID})
	if err == nil {
		err = g.hear(ctx, gone)
	}
	for _, node := range g.stick.nodes {
		_, e := g.Command(ctx, "blockdev-del", map[string]any{"node-name": node})
		err = errors.Join(err, e)
	}
	if g.stick.server != nil {
		g.stick.server.Close()
	}
	g.stick = nil
	if err != nil {
		return fmt.Errorf("pull stick: %w", err)
	}
	return nil
}
