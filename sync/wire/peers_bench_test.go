package wire

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// otlpModule is the schema of the peer; the format of the kiosk must not be larger than it.
const otlpModule = "go.opentelemetry.io/proto/otlp@v1.7.0"

// spelled is an event as a plain JSON interface would have it: the same facts under whole words.
type spelled struct {
	Seq     uint64 `json:"seq"`
	Up      int64  `json:"uptime_ms"`
	Kind    string `json:"kind"`
	Day     uint32 `json:"day,omitempty"`
	Service string `json:"service,omitempty"`
	Number  int    `json:"number,omitempty"`
	Queue   string `json:"queue,omitempty"`
	Window  int    `json:"window,omitempty"`
	Leg     int    `json:"leg,omitempty"`
	Code    string `json:"code,omitempty"`
	State   string `json:"state,omitempty"`
	Count   int    `json:"count,omitempty"`
}

// BenchmarkPeers compares the bytes of an event on the wire, by size of batch, with OTLP logs and with plain
// JSON of the same events, all under gzip at its best. Ours has the head that a batch cannot do without (two
// streams and their places, 16 random bytes each); what heartbeat and anchor add is printed beside it, the
// peers have neither. From 50 events on it fails where ours is larger than OTLP.
func BenchmarkPeers(b *testing.B) {
	list := events(1, 500)[:500]
	sizes := []int{1, 10, 50, 500}
	otlp := otlpBytes(b, list, sizes)
	b.ReportMetric(0, "ns/op")
	for i, n := range sizes {
		var enc Encoder
		us, beat, plain, packed := 0, 0, 0, 0
		for first := 0; first+n <= len(list); first += n {
			part := list[first : first+n]
			head := headFor(part)
			whole := encodedLength(b, &enc, head, part)
			head.Beat, head.Anchors = nil, nil
			body := encodedLength(b, &enc, head, part)
			bare, small := jsonBytes(b, part)
			us, beat, plain, packed = us+body, beat+whole-body, plain+bare, packed+small
		}
		each := func(sum int) float64 { return float64(sum) / float64(len(list)) }
		fmt.Printf("\nbatches of %d: %.1f bytes an event (heartbeat and anchor %.1f more); OTLP logs (%s, protobuf, gzip -9) %.1f = %.2f × ours; JSON %.1f = %.2f × ours, under gzip -9 %.1f = %.2f × ours",
			n, each(us), each(beat), otlpModule, otlp[i], otlp[i]/each(us), each(plain), float64(plain)/float64(us), each(packed), float64(packed)/float64(us))
		if n >= 50 && each(us) > otlp[i] {
			b.Errorf("batches of %d: got %.1f bytes an event, want no more than OTLP's %.1f", n, each(us), otlp[i])
		}
	}
	fmt.Println()
}

func encodedLength(b *testing.B, enc *Encoder, h Head, part []Event) int {
	b.Helper()
	body, err := enc.Encode(h, part)
	if err != nil {
		b.Fatal(err)
	}
	return len(body)
}

// jsonBytes are the lengths of a batch as plain JSON, and the same under gzip.
func jsonBytes(b *testing.B, part []Event) (bare, small int) {
	all := make([]spelled, len(part))
	for i, e := range part {
		all[i] = spelled(e)
	}
	text, err := json.Marshal(map[string]any{"device": "7Q2M4K", "events": all})
	if err != nil {
		b.Fatal(err)
	}
	var out bytes.Buffer
	gz, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := gz.Write(text); err != nil {
		b.Fatal(err)
	}
	if err := gz.Close(); err != nil {
		b.Fatal(err)
	}
	return len(text), out.Len()
}

// otlpBytes builds the peer outside this module and asks it for bytes an event.
func otlpBytes(b *testing.B, list []Event, sizes []int) []float64 {
	dir := b.TempDir()
	source, err := os.ReadFile(filepath.Join("testdata", "otlp", "main.go"))
	if err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "main.go"), source, 0o600); err != nil {
		b.Fatal(err)
	}
	for _, args := range [][]string{{"mod", "init", "otlp"}, {"get", otlpModule}, {"build", "-mod=mod", "-o", "otlp", "."}} {
		cmd := exec.Command("go", args...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOFLAGS=-mod=mod")
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	cmd := exec.Command(filepath.Join(dir, "otlp"))
	for _, n := range sizes {
		cmd.Args = append(cmd.Args, fmt.Sprint(n))
	}
	var lines bytes.Buffer
	for _, e := range list {
		if err := json.NewEncoder(&lines).Encode(e); err != nil {
			b.Fatal(err)
		}
	}
	cmd.Stdin, cmd.Stderr = &lines, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		b.Fatal(err)
	}
	each := make([]float64, len(sizes))
	for i, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		if n, err := fmt.Sscanf(line, fmt.Sprint(sizes[i])+" %f", &each[i]); n != 1 {
			b.Fatalf("the peer prints %q: %v", line, err)
		}
	}
	return each
}
