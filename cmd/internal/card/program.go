package card

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"time"
)

// Program is `kiosk card WORD`, called by units and by RAUC, never by people.
func Program(ctx context.Context, args []string, _ *slog.Logger) error {
	p := OnCard()
	if len(args) == 0 {
		return fmt.Errorf("kiosk card backend|check|install|prove|ready|stage FILE")
	}
	switch args[0] {
	case "backend":
		return p.Backend(args[1:], os.Stdout)
	case "check":
		return p.Check()
	case "install":
		return p.installAndRestart(ctx)
	case "prove":
		return p.Prove(ctx, Proof{Serve: time.Minute, Most: 10 * time.Minute, Every: time.Second, Service: Systemd("sps-kiosk.service")},
			func(s string) { fmt.Println(s) })
	case "ready":
		return p.ready()
	}
	return fmt.Errorf("kiosk card %s: no such word", args[0])
}

// installAndRestart installs and boots what was installed.
func (p Paths) installAndRestart(ctx context.Context) error {
	fmt.Println("KIOSK-INSTALL begins")
	if err := p.Install(ctx, "rauc"); err != nil {
		fmt.Println("KIOSK-INSTALL refused:", err)
		return err
	}
	fmt.Println("KIOSK-INSTALL done")
	return exec.CommandContext(ctx, "systemctl", "reboot").Run()
}

// ready says on the console that the queue serves, and from which slot.
func (p Paths) ready() error {
	running, err := p.running()
	if err != nil {
		return err
	}
	version, err := p.version()
	if err != nil {
		return err
	}
	s, err := p.state()
	if err != nil {
		return err
	}
	console, err := os.OpenFile("/dev/console", os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer console.Close()
	_, err = fmt.Fprintf(console, "KIOSK-READY version=%s slot=%s good=%s try=%s left=%d\n", version, running, s.Good, s.Try, s.Left)
	return err
}
