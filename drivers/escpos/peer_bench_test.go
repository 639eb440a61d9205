package escpos

import (
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// The peers of BenchmarkPeer, from npm.
const (
	peerEncoder = "@point-of-sale/receipt-printer-encoder@4.0.1"
	peerDecoder = "npos@0.1.19"
	peerRounds  = 300
)

// bits is a picture behind the interface that kiosk/slip's has, and no more.
type bits struct{ image.PalettedImage }

// BenchmarkPeer encodes a whole ticket, as kiosk/slip draws it, beside ReceiptPrinterEncoder; npos decodes what
// both say. It fails where a dot is wrong that our rule against commands in pictures did not change, or where
// ours is slower.
func BenchmarkPeer(b *testing.B) {
	img := goldenTicket(b)
	profile := Generic80()
	var j job
	took := make([]time.Duration, peerRounds)
	for i := range peerRounds {
		begun := time.Now()
		var err error
		if j, err = profile.encode(bits{img}, processID(1)); err != nil {
			b.Fatal(err)
		}
		took[i] = time.Since(begun)
	}
	slices.Sort(took)
	us, peer := took[len(took)/2], peerSays(b, img, slices.Concat(j.body, j.tail))
	changed := defused(img)
	b.ReportMetric(0, "ns/op")
	micros := float64(us.Nanoseconds()) / 1000
	fmt.Printf("\na ticket of %dx%d dots: %.0f µs, %d bytes; %s (node %s, raster, threshold) %.0f µs = %.1f × ours, %d bytes = %.3f × ours; %s finds %d wrong dots in ours (%d changed on purpose), %d in theirs\n",
		img.Bounds().Dx(), img.Bounds().Dy(), micros, len(j.body)+len(j.tail), peerEncoder, nodeVersion(b), peer.Micros, peer.Micros/micros,
		peer.Bytes, float64(peer.Bytes)/float64(len(j.body)+len(j.tail)), peerDecoder, peer.WrongOurs, changed, peer.WrongTheirs)
	if peer.WrongOurs != changed || peer.WrongTheirs != 0 {
		b.Errorf("got %d and %d wrong dots, want %d and 0", peer.WrongOurs, peer.WrongTheirs, changed)
	}
	if peer.Micros < micros {
		b.Errorf("got %.0f µs, want no more than %.0f", micros, peer.Micros)
	}
}

func goldenTicket(b *testing.B) image.PalettedImage {
	b.Helper()
	f, err := os.Open(filepath.Join("..", "..", "kiosk", "slip", "testdata", "plain.png"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		b.Fatal(err)
	}
	return img.(image.PalettedImage)
}

// defused counts the dots that the driver changes so that no piece of a picture is a command.
func defused(img image.Image) (n int) {
	row := (img.Bounds().Dx() + 7) / 8
	was := pack(img, row)
	now := slices.Clone(was)
	for band := range slices.Chunk(now, row*Generic80().bandRows(row)) {
		defuse(band)
	}
	for i := range was {
		for x := was[i] ^ now[i]; x != 0; x &= x - 1 {
			n++
		}
	}
	return n
}

// peerResult is the line that testdata/peer.cjs prints.
type peerResult struct {
	Micros                        float64
	Bytes, WrongOurs, WrongTheirs int
}

// peerSays installs the peers outside this module and lets them work.
func peerSays(b *testing.B, img image.Image, ours []byte) (r peerResult) {
	dir := b.TempDir()
	run := func(name string, args ...string) []byte {
		cmd := exec.Command(name, args...)
		cmd.Dir = dir
		out, err := cmd.Output()
		if err != nil {
			b.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
		}
		return out
	}
	run("npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", dir, peerEncoder, peerDecoder)
	script, err := os.ReadFile(filepath.Join("testdata", "peer.cjs"))
	if err != nil {
		b.Fatal(err)
	}
	black, size := blackness(img), img.Bounds()
	dots := make([]byte, 0, size.Dx()*size.Dy())
	for y := range size.Dy() {
		for x := range size.Dx() {
			dots = append(dots, flag(black(size.Min.X+x, size.Min.Y+y)))
		}
	}
	for name, data := range map[string][]byte{"peer.cjs": script, "dots": dots, "ours": ours} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	out := run("node", "peer.cjs", "dots", fmt.Sprint(size.Dx()), fmt.Sprint(size.Dy()), "ours", fmt.Sprint(peerRounds))
	if err := json.Unmarshal(out, &r); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	return r
}

func nodeVersion(b *testing.B) string {
	b.Helper()
	out, err := exec.Command("node", "--version").Output()
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}
