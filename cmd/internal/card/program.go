package card

import (
	"context"
	"errors"
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
		return errors.New("kiosk card backend|check|data|grow|install|network|prove")
	}
	switch args[0] {
	case "backend":
		return p.Backend(args[1:], os.Stdout)
	case "check":
		return p.Check()
	case "data":
		return checkData(ctx)
	case "network":
		return p.Network("/boot/firmware", "/run/systemd/network", "/run/sps-kiosk-network/wifi.conf", "/run/sps-kiosk-network/pages.nft")
	case "grow":
		return growData(ctx)
	case "install":
		return p.installAndRestart(ctx)
	case "prove":
		return p.Prove(ctx, Proof{Serve: time.Minute, Most: p.trialTime(), Every: time.Second, Service: Systemd("sps-kiosk.service")},
			func(s string) { fmt.Println(s) })
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

// growData lets the data partition take the rest of the card, which there is to do at the first boot. udev has looked at the
// disk again before anything is mounted from it.
func growData(ctx context.Context) error {
	grown, err := Grow(dataDevice, "data")
	if err != nil || !grown {
		return err
	}
	fmt.Println("KIOSK-GROWN")
	return exec.CommandContext(ctx, "udevadm", "settle", "--timeout=60").Run()
}
