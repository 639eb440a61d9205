package cmd

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// floor says what the packages under a path may import beyond the standard library and themselves.
// The longest matching path holds. Change the table here before changing an import.
type floor struct {
	path  string // "hal/usb/..." holds for what is below, too
	may   []string
	why   string
	tests []string // what test files may import besides
}

const module = "sps-kiosk/"

// tools are what any test may use.
var tools = []string{"pgregory.net/rapid"}

var floors = []floor{
	{"cmd", nil, "only this test", []string{"kiosk/gesture"}},
	{"cmd/fleetsim", []string{"sync/sim/stand"}, "flags and exit codes only", nil},
	{"cmd/kiosk", []string{"cmd/internal/appliance", "cmd/internal/card", "kiosk/config"}, "flags and exit codes only", []string{"..."}},
	{"cmd/district", []string{"sync/district", "sync/district/...", "sync/ident", "kiosk/figures", "kiosk/config", "kiosk/catalog"}, "flags, commands and exit codes; names of services", []string{"..."}},
	{"cmd/demo", []string{"cmd/internal/demo"}, "flags and exit codes only", nil},
	{"cmd/internal/demo", []string{"sync/district", "sync/district/sqlite", "sync/ident", "sync/sim/history", "golang.org/x/sync/errgroup"},
		"a district with a past, and the delivered programs started beside it", nil},
	{"cmd/webtest", []string{"github.com/chromedp/..."}, "pages of either tower in a real browser and under axe-core: imported by tests alone", nil},
	{"cmd/internal/appliance", []string{"cmd/internal/...", "hal/...", "drivers/...", "kiosk/...", "sync/...", "periph.io/x/conn/v3/...",
		"golang.org/x/sync/errgroup", "golang.org/x/sys/unix", "github.com/coreos/go-systemd/v22/daemon"},
		"the one package that sees both towers", []string{"..."}},

	{"cmd/torture", []string{"cmd/internal/torture"}, "flags and exit codes only", nil},
	{"cmd/internal/torture/...", []string{"cmd/internal/appliance", "cmd/internal/torture/...", "hal/bench/...", "hal/usb", "kiosk/...", "sync/...",
		"golang.org/x/sys/unix"}, "what tortures the real processes on the drawn machine; part of no product", nil},
	{"cmd/internal/scanworker", []string{"kiosk/ipc", "kiosk/vault", "kiosk/pdf", "hal/stick", "golang.org/x/image/draw", "golang.org/x/sys/unix"},
		"the process that sees pages: scanner in, stick out, wipe", nil},
	{"cmd/internal/porter", []string{"hal/stick", "kiosk/ipc", "golang.org/x/sys/unix"}, "root: short, and nothing that is not needed",
		[]string{"cmd/internal/launch", "cmd/internal/torture/gate", "hal/bench/vm/guest/hook"}},
	{"cmd/internal/intake", []string{"cmd/internal/card", "golang.org/x/sys/unix"}, "the porter's door for new systems: a bundle of the district's, or technician mode", nil},
	{"cmd/internal/card", []string{"image/ext4", "image/slot", "kiosk/config", "golang.org/x/sys/unix"}, "the card's two systems: which boots, how a new one comes and proves itself", nil},
	{"cmd/internal/launch", []string{"cmd/internal/porter", "golang.org/x/sys/unix"}, "starts workers for the porter", nil},

	{"hal", []string{"hal/usb", "periph.io/x/conn/v3/...", "periph.io/x/host/v3/...", "github.com/warthog618/go-gpiocdev/...",
		"golang.org/x/sys/unix"}, "the board: GPIO character device and SPI only here", nil},
	{"hal/usb", nil, "the one seam of USB, pure Go", nil},
	{"hal/usb/libusb", []string{"hal/usb", "github.com/google/gousb"}, "gousb only here", []string{"hal/usb/usbtest"}},
	{"hal/stick", []string{"golang.org/x/sys/unix"}, "the citizen's flash drive, from the socket to the proof that it is written", nil},
	{"hal/usb/usbtest", []string{"hal/usb"}, "contract and playback of a Pipe", nil},
	{"hal/bench", []string{"hal/usb", "hal/bench/...", "periph.io/x/conn/v3/..."},
		"the machine from data sheets: never drivers, never the service", []string{"hal/usb/usbtest"}},
	{"hal/bench/...", []string{"hal/usb", "hal/bench/...", "periph.io/x/conn/v3/...", "golang.org/x/sys/unix"},
		"the same at every depth", []string{"hal/usb/usbtest", "github.com/chromedp/..."}},
	{"hal/bench/printer", []string{"hal/usb", "hal/bench/...", "golang.org/x/image/...", "github.com/go-fonts/dejavu/..."},
		"a printer with letters of its own", nil},
	{"hal/bench/scanner/sheet/...", []string{"hal/bench/scanner/sheet/...", "golang.org/x/image/...", "github.com/go-fonts/dejavu/...",
		"github.com/skip2/go-qrcode", "github.com/makiuchi-d/gozxing/..."}, "paper to scan: letters, a code, and a reader of it for tests", nil},
	{"hal/bench/vm/...", []string{"hal/usb/...", "hal/bench/...", "hal", "periph.io/x/conn/v3/...", "golang.org/x/sys/unix",
		"github.com/warthog618/go-gpiocdev/..."}, "the same models behind a stock kernel; its guest programs use the real board", []string{"..."}},

	{"drivers/...", []string{"hal/usb", "drivers/sevenseg", "periph.io/x/conn/v3/..."}, "chips and protocols over conn and Pipe",
		[]string{"hal/usb/usbtest"}},
	{"drivers/ippusb", []string{"hal/usb"}, "HTTP over bulk endpoints", []string{"drivers/ippusb/ippusbtest"}},
	{"drivers/ippusb/ippusbtest", []string{"hal/usb"}, "an HTTP server behind a fake bus, for tests", []string{"hal/usb/usbtest"}},
	{"drivers/pages", nil, "the words of a scan: port, page, reasons", nil},
	{"drivers/escl", []string{"drivers/pages"}, "pages over any http.RoundTripper", []string{"drivers/ippusb/...", "hal/usb"}},
	{"drivers/sane", []string{"drivers/pages"}, "pages through a scanimage child", nil},
	{"drivers/autoscan", []string{"drivers/pages", "drivers/escl", "drivers/ippusb", "drivers/sane", "hal/usb"},
		"which of the two it is depends on what the first finds: the one driver that imports drivers", nil},

	{"kiosk", []string{"kiosk/..."}, "ports, machine and loop over the rules", []string{"github.com/anishathalye/porcupine", "sync/wire", "modernc.org/sqlite"}},
	{"kiosk/event", nil, "the vocabulary stands on nothing", nil},
	{"kiosk/queue", []string{"kiosk/event"}, "pure rules", nil},
	{"kiosk/gesture", nil, "one table", nil},
	{"kiosk/health", []string{"kiosk/event"}, "what works since when", nil},
	{"kiosk/figures", []string{"kiosk/event", "kiosk/health"}, "every figure, once for the kiosk and the district",
		[]string{"kiosk/queue", "sync/wire", "modernc.org/sqlite"}},
	{"kiosk/catalog", []string{"kiosk/event", "kiosk/queue"}, "the service catalogue as data: checks, routing, gaps", nil},
	{"kiosk/config", []string{"kiosk/catalog", "kiosk/queue", "github.com/pelletier/go-toml/v2/..."}, "kiosk.txt and catalog.toml", []string{"kiosk/event"}},
	{"kiosk/pdf", nil, "pages into files, streaming", nil},
	{"kiosk/ipc", []string{"github.com/fxamacker/cbor/v2", "golang.org/x/sys/unix"}, "messages between three processes", nil},
	{"kiosk/scan", []string{"kiosk/event", "kiosk/ipc"}, "a session's life: pure rules", nil},
	{"kiosk/vault", []string{"github.com/dgraph-io/badger/v4/...", "golang.org/x/crypto/chacha20poly1305", "golang.org/x/sys/unix"},
		"pages under a key that lives in memory alone", nil},
	{"kiosk/russian", nil, "how a count bends a noun", nil},
	{"kiosk/slip", []string{"kiosk/russian", "golang.org/x/image/...", "github.com/go-fonts/dejavu/...", "github.com/skip2/go-qrcode"},
		"paper as a picture", []string{"kiosk/slip/...", "github.com/makiuchi-d/gozxing/..."}},
	{"kiosk/slip/...", []string{"github.com/makiuchi-d/gozxing/..."}, "readers of a slip that are not ours, for tests", nil},
	{"kiosk/store", []string{"kiosk/event", "kiosk/queue", "github.com/dgraph-io/badger/v4/...",
		"github.com/fxamacker/cbor/v2", "golang.org/x/sys/unix"}, "Badger only here", []string{"go.etcd.io/bbolt", "modernc.org/sqlite"}},
	{"kiosk/voice", nil, "calls spoken by child processes", nil},
	{"kiosk/panel", []string{"kiosk/...", "golang.org/x/sync/errgroup"}, "pages and doors over one snapshot; no rules",
		[]string{"cmd/webtest", "github.com/chromedp/..."}},
	{"kiosk/panel/...", []string{"kiosk", "kiosk/...", "golang.org/x/sync/errgroup"}, "one package a surface",
		[]string{"cmd/webtest", "github.com/chromedp/..."}},
	{"kiosk/panel/paneltest", []string{"kiosk", "kiosk/..."}, "a kiosk without hardware behind real pages, for tests", nil},
	{"kiosk/panel/web", []string{"kiosk/russian"}, "what pages stand on: doors, files, streams; knows no kiosk", []string{"cmd/webtest", "github.com/chromedp/..."}},
	{"kiosk/panel/pair", []string{"kiosk/panel/web"}, "who may work at a console: certificate, pairing, PINs", []string{"cmd/webtest", "github.com/chromedp/..."}},

	{"image/slot", nil, "the state block of the card, the same for boot loader, initrd and firmware", nil},
	{"image/ext4", nil, "the data partition is sound before it is mounted: its superblock, and when all is checked", nil},
	{"image/slot/format", []string{"image/slot"}, "the state block of a card being flashed", nil},
	{"image/initrd", []string{"image/slot", "golang.org/x/sys/unix"}, "from the kernel to the checked root, in one static program", nil},
	{"image/boottest", []string{"image/ext4", "image/slot", "hal/bench", "hal/bench/..."}, "QEMU with the unmodified card, seen from outside",
		[]string{"golang.org/x/crypto/ssh", "kiosk/slip/sliptest"}},
	{"image/sbom", nil, "the list of what a card consists of, for programs that look for known faults", nil},
	{"image/mkroot", nil, "puts the root file system together", nil},
	{"image/units", nil, "systemd units, held against systemd's own review", nil},

	{"sync/wire", []string{"kiosk/event"}, "exactly what may leave", []string{"kiosk/queue", "kiosk"}},
	{"sync/clock", nil, "dates without a clock chip: numbers in, numbers out", nil},
	{"sync/ident", nil, "keys and signatures, no network", nil},
	{"sync/outbox", []string{"kiosk/event", "sync/wire", "sync/clock"}, "what the district lacks, from the queue's own log",
		[]string{"kiosk/store", "kiosk/queue", "sync/outbox/outboxtest"}},
	{"sync/outbox/outboxtest", []string{"kiosk/event", "sync/outbox"}, "a log in memory, for tests and simulated fleets", nil},
	{"sync/uplink", []string{"kiosk/event", "sync/wire", "sync/clock", "sync/ident", "sync/outbox"}, "the device's network, one request at a time",
		[]string{"kiosk/store", "kiosk/queue", "sync/outbox/outboxtest", "sync/uplink/uplinktest", "golang.org/x/sys/unix"}},
	{"sync/uplink/uplinktest", []string{"sync/wire", "sync/ident"}, "a small district to hold uplinks against", nil},
	{"sync/sim", []string{"sync/...", "kiosk/event", "kiosk/queue", "kiosk/store", "golang.org/x/sync/errgroup"},
		"a fleet that knows the truth; some of it runs the real store, outbox and uplink on disk", nil},
	{"sync/sim/history", []string{"sync/...", "kiosk/event", "golang.org/x/sync/errgroup"}, "a made-up past, delivered as kiosks deliver",
		[]string{"kiosk/figures"}},
	{"sync/sim/stand", []string{"sync/...", "kiosk/figures", "github.com/jackc/pgx/v5/..."},
		"a real district under the fleet, and its tables past its code", nil},
	{"sync/district", []string{"sync/wire", "sync/clock", "sync/ident", "kiosk/event", "kiosk/figures", "golang.org/x/crypto/argon2",
		"golang.org/x/time/rate", "github.com/prometheus/client_golang/..."}, "the server: calls, dating, roll-ups; knows no database",
		[]string{"sync/district/..."}},
	{"sync/district/...", []string{"sync/district/...", "sync/wire", "sync/clock", "sync/ident"},
		"what both databases have in common, and the suite both are held to", []string{"kiosk/event", "kiosk/figures"}},
	{"sync/district/export", []string{"sync/district", "sync/ident", "kiosk/figures", "github.com/xuri/excelize/v2", "codeberg.org/go-pdf/fpdf",
		"github.com/go-fonts/dejavu/..."}, "reports from roll-ups as data, tables and paper; reads no event",
		[]string{"sync/district/sqlite", "sync/wire", "sync/clock", "kiosk/event"}},
	{"sync/district/dashboard/...", []string{"sync/district", "sync/district/dashboard", "sync/district/export", "sync/clock", "sync/ident", "sync/wire", "kiosk/figures"},
		"pages for officials from roll-ups; reads no event, runs no script",
		[]string{"sync/district/...", "sync/clock", "kiosk/event", "cmd/webtest", "github.com/chromedp/...", "modernc.org/sqlite"}},
	{"sync/district/dashboard/admin", []string{"sync/district", "sync/district/alarm", "sync/district/dashboard", "sync/ident"},
		"forms of administration over the acts of the server", []string{"sync/district/sqlite", "sync/wire", "cmd/webtest", "github.com/chromedp/..."}},
	{"sync/district/dashboard/reports", []string{"sync/district", "sync/district/dashboard", "sync/district/export"},
		"the page that links to the reports", []string{"sync/district/sqlite", "sync/ident", "cmd/webtest", "github.com/chromedp/..."}},
	{"sync/district/alarm", []string{"sync/district", "sync/ident"}, "who is silent and what else is wrong, told by mail or webhook",
		[]string{"sync/district/sqlite", "sync/wire"}},
	{"sync/district/sqlite", []string{"sync/district/...", "sync/wire", "github.com/pressly/goose/v3", "modernc.org/sqlite"},
		"a district in one file", nil},
	{"sync/district/storetest", []string{"sync/district", "sync/wire", "sync/clock", "sync/ident", "kiosk/figures"}, "the contract of a store, for every engine", nil},
	{"sync/district/postgres/pgtest", nil, "a real PostgreSQL for tests, benches and simulations", nil},
	{"sync/district/postgres", []string{"sync/district/...", "sync/wire", "github.com/pressly/goose/v3/...", "github.com/jackc/pgx/v5/..."},
		"a district of several replicas", []string{"sync/ident"}},
}

// listed is what go list tells of a package.
type listed struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
}

// TestFloors holds every package's imports against the table.
func TestFloors(t *testing.T) {
	for _, p := range packages(t) {
		path := strings.TrimPrefix(p.ImportPath, module)
		f, found := floorOf(path)
		if !found {
			t.Errorf("%s has no row in the table of floors: add one, with its reason", path)
			continue
		}
		for _, name := range p.Imports {
			if !allowed(name, path, f.may) {
				t.Errorf("%s imports %s: its floor (%s) does not allow that", path, strings.TrimPrefix(name, module), f.path)
			}
		}
		for _, name := range slices.Concat(p.TestImports, p.XTestImports) {
			if !allowed(name, path, slices.Concat(f.may, f.tests, tools)) {
				t.Errorf("tests of %s import %s: its floor (%s) does not allow that", path, strings.TrimPrefix(name, module), f.path)
			}
		}
	}
}

// TestOnlyTheApplianceSeesTheBench is the one rule worth a test of its own: no driver and no rule
// may ever come to depend on the virtual machine. Who tortures the whole of it stands beside it like a test.
func TestOnlyTheApplianceSeesTheBench(t *testing.T) {
	for _, p := range packages(t) {
		path := strings.TrimPrefix(p.ImportPath, module)
		if path == "cmd/internal/appliance" || path == "image/boottest" || strings.HasPrefix(path, "cmd/internal/torture") || strings.HasPrefix(path, "hal/bench") {
			continue
		}
		for _, name := range p.Imports {
			if strings.HasPrefix(name, module+"hal/bench") {
				t.Errorf("%s imports the bench", path)
			}
		}
	}
}

// packages lists every package of the module, those behind the vm tag too.
func packages(t *testing.T) []listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-tags", "vm", "-json=ImportPath,Imports,TestImports,XTestImports", module+"...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		err := d.Decode(&p)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("decode go list: %v", err)
		}
		all = append(all, p)
	}
}

// floorOf returns the row with the longest path that holds for a package.
func floorOf(path string) (best floor, found bool) {
	for _, f := range floors {
		if f.path == path {
			return f, true
		}
		if matches(f.path, path) && (!found || len(f.path) > len(best.path)) {
			best, found = f, true
		}
	}
	return best, found
}

// allowed reports whether a package may import name.
func allowed(name, self string, may []string) bool {
	first, _, _ := strings.Cut(name, "/")
	if !strings.Contains(first, ".") && first != strings.TrimSuffix(module, "/") {
		return true // the standard library
	}
	name = strings.TrimPrefix(name, module)
	return name == self || slices.ContainsFunc(may, func(pattern string) bool { return matches(pattern, name) })
}

// matches reports whether a pattern holds for a path; "a/..." is a and all below, "..." is all.
func matches(pattern, path string) bool {
	base, below := strings.CutSuffix(pattern, "...")
	if !below {
		return pattern == path
	}
	return base == "" || path+"/" == base || strings.HasPrefix(path, base)
}

// floorTable is the table as README prints it.
func floorTable() string {
	var b strings.Builder
	b.WriteString("| package | may import beyond the standard library | because |\n|---|---|---|\n")
	for _, f := range floors {
		may := "–"
		if len(f.may) > 0 {
			may = "`" + strings.Join(f.may, "` `") + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", f.path, may, f.why)
	}
	return b.String()
}
