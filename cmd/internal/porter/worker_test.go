package porter_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"sps-kiosk/hal/stick"
	"sps-kiosk/kiosk/ipc"
)

// TestMain is also the worker that the porter under test starts: it speaks the messages, keeps one file
// in its vault, and misbehaves as its last argument says.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "scan-worker" {
		os.Exit(work(os.Args[2:]))
	}
	os.Exit(m.Run())
}

func work(args []string) int {
	vault := args[slices.Index(args, "-vault")+1]
	if args[0] == "-wipe" {
		fmt.Println(wipe(vault))
		return 0
	}
	manners := args[len(args)-1]
	if err := os.WriteFile(filepath.Join(vault, "000001.vlog"), []byte("sealed"), 0o600); err != nil {
		return 4
	}
	kiosk, err := ipc.FromFile(os.NewFile(ipc.FDKiosk, "kiosk"), ipc.KioskToWorker)
	if err != nil {
		return 5
	}
	porter, err := ipc.FromFile(os.NewFile(ipc.FDPorter, "porter"), ipc.PorterToWorker)
	if err != nil {
		return 6
	}
	lent := make(chan *os.File, 1)
	go func() {
		listen(porter, kiosk, lent, manners)
		os.Exit(7)
	}()
	for {
		m, _, err := kiosk.Receive()
		if err != nil {
			return 8
		}
		switch m := m.(type) {
		case *ipc.Save:
			root := <-lent
			kiosk.Send(save(root, m))
			lent <- root
		case *ipc.Finish:
			kiosk.Send(&ipc.Wiped{Files: wipe(vault)})
			return 0
		case *ipc.Stop:
			return 9 // a crash
		}
	}
}

// listen follows the porter: the stick comes and goes.
func listen(porter, kiosk *ipc.Conn, lent chan *os.File, manners string) {
	for {
		m, files, err := porter.Receive()
		if err != nil {
			return
		}
		switch m.(type) {
		case *ipc.Volume:
			lent <- files[0]
			kiosk.Send(&ipc.Progress{Done: 1, Total: 1})
		case *ipc.Leave:
			if manners == "stubborn" {
				continue
			}
			select {
			case root := <-lent:
				root.Close()
			default:
			}
			porter.Send(&ipc.Left{})
		}
	}
}

func save(root *os.File, m *ipc.Save) ipc.Message {
	s, err := stick.Save(context(), root, stick.Job{Label: stick.Label{Session: 7}, Extension: "pdf", Need: 6, Write: func(w io.Writer) error {
		_, err := io.WriteString(w, "a page")
		return err
	}})
	if err == nil {
		err = stick.Verify(context(), root, s, nil)
	}
	if err != nil {
		return &ipc.Unsaved{Why: ipc.SaveFails}
	}
	return &ipc.Saved{Files: 1, Bytes: s.Size}
}

// wipe drops what is in the vault.
func wipe(vault string) (n int) {
	entries, _ := os.ReadDir(vault)
	for _, e := range entries {
		if os.Remove(filepath.Join(vault, e.Name())) == nil {
			n++
		}
	}
	return n
}
