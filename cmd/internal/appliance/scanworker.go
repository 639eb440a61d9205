package appliance

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"os"
	"time"

	"sps-kiosk/cmd/internal/scanworker"
	"sps-kiosk/hal/bench/wire"
	"sps-kiosk/hal/usb"
	"sps-kiosk/hal/usb/libusb"
	"sps-kiosk/kiosk/ipc"
	"sps-kiosk/kiosk/vault"
)

// ScanWorker is the program `kiosk scan-worker`: one session, or with -wipe what precedes and follows each,
// whose output is the number of files dropped. It is started by the porter, with the descriptors of
// kiosk/ipc.
func ScanWorker(ctx context.Context, args []string, log *slog.Logger) error {
	if err := vault.Harden(); err != nil {
		return err
	}
	flags := flag.NewFlagSet("scan-worker", flag.ContinueOnError)
	dir := flags.String("vault", "", "папка зашифрованных страниц")
	settings := flags.String("config", "", "файл настроек")
	bench := flags.Bool("bench", false, "сканер учебного киоска")
	first := flags.Int("descriptors", ipc.FDKiosk, "номер первого из переданных файлов")
	wipe := flags.Bool("wipe", false, "только удалить то, что осталось")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *dir == "" {
		return errors.New("scan-worker: -vault is missing")
	}
	if *wipe {
		files, err := vault.Wipe(*dir)
		fmt.Println(files)
		return err
	}
	return scanSession(ctx, *dir, *settings, *bench, uintptr(*first-ipc.FDKiosk), log)
}

// scanSession serves one session on inherited descriptors, by so many above their numbers in kiosk/ipc.
func scanSession(ctx context.Context, dir, path string, bench bool, by uintptr, log *slog.Logger) error {
	device, _, err := deviceAt(path)
	if err != nil {
		return fmt.Errorf("read settings: %w", err)
	}
	settings := device.Settings()
	o := scanworker.Options{Fault: faultOfScan, Log: log,
		Vault: vault.Options{Dir: dir, Cipher: vault.Cipher(settings.Scan.Cipher), Budget: settings.Scan.Budget, Log: log}}
	if o.Kiosk, err = ipc.FromFile(os.NewFile(by+ipc.FDKiosk, "kiosk"), ipc.KioskToWorker); err != nil {
		return err
	}
	if o.Porter, err = ipc.FromFile(os.NewFile(by+ipc.FDPorter, "porter"), ipc.PorterToWorker); err != nil {
		return err
	}
	preview := os.NewFile(by+ipc.FDPreview, "preview")
	if o.Preview, err = net.FileListener(preview); err != nil {
		return fmt.Errorf("take over listener: %w", err)
	}
	preview.Close()
	bus, err := busOf(ctx, bench, by)
	if err != nil {
		return err
	}
	o.Open = openScanner(bus, scannerOf(settings.Scan))
	return scanworker.Run(ctx, o)
}

// busOf is the bus that the scanner is on: this computer's, or the drawn machine's.
func busOf(ctx context.Context, bench bool, by uintptr) (usb.Bus, error) {
	if !bench {
		return &libusb.Bus{}, nil
	}
	f := os.NewFile(by+ipc.FDBench, "bench")
	c, err := net.FileConn(f)
	f.Close()
	if err != nil {
		return nil, fmt.Errorf("take over the bench: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	b, err := wire.Attach(ctx, c)
	if err != nil {
		return nil, err
	}
	return b.USB(), nil
}
