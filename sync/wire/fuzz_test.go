package wire

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// FuzzDecode feeds bytes as a hostile device would send them, compressed and plain.
func FuzzDecode(f *testing.F) {
	var enc Encoder
	all := events(1, 20)[:20]
	body, err := enc.Encode(headFor(all), all)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(bytes.Clone(body))
	f.Add([]byte(head(1) + good))
	f.Add([]byte(head(2) + good + "{}\n"))
	for _, name := range []string{"batch.ndjson", "heartbeat.ndjson"} {
		text, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	var dec Decoder
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := dec.Decode(data)
		if err != nil {
			return
		}
		places := map[uint64]bool{}
		for i := range b.Events {
			places[b.Events[i].Seq] = true
			if !b.Events[i].valid() {
				t.Fatalf("got %+v out of range", b.Events[i])
			}
			b.Events[i].Fact(b.Boot)
		}
		for _, bad := range b.Bad {
			places[bad.Seq] = true
		}
		if len(places) != b.Count || len(b.Events)+len(b.Bad) != b.Count {
			t.Fatalf("got %d events, %d bad, %d places, want %d", len(b.Events), len(b.Bad), len(places), b.Count)
		}
	})
}

// FuzzAnswer feeds what a proxy could make of an answer.
func FuzzAnswer(f *testing.F) {
	body, err := Answer{Stream: StreamID{1}, Ack: 7, Status: "active", Want: []Mark{{StreamID{2}, 3}}}.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(body)
	f.Fuzz(func(t *testing.T, data []byte) {
		if a, err := ParseAnswer(data); err == nil {
			if _, err := a.Encode(); err != nil {
				t.Fatalf("what was read cannot be written: %v", err)
			}
		}
	})
}
