package wire

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sps-kiosk/kiosk/event"
)

// pack compresses text as a device would, whatever it says.
func pack(t testing.TB, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	gz, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := gz.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := gz.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// head is the first line of a batch of n events from 1 on.
func head(n int) string {
	return fmt.Sprintf(`{"v":1,"stream":"AQIDAAAAAAAAAAAAAAAAAA","boot":1,"first":1,"n":%d}`+"\n", n)
}

const good = `{"s":1,"u":5,"k":"issued"}` + "\n"

// anyEvent draws what a decoder takes.
func anyEvent(t *rapid.T, seq uint64) Event {
	word := rapid.StringMatching(`([a-z][a-z0-9_.]{0,39})?`)
	count := rapid.OneOf(rapid.IntRange(0, 3), rapid.IntRange(0, maxCount))
	return Event{Seq: seq, Up: rapid.Int64Range(0, maxMillis).Draw(t, "up"), Kind: rapid.StringMatching(`[a-z][a-z0-9_.]{0,39}`).Draw(t, "kind"),
		Day: rapid.Uint32().Draw(t, "day"), Service: word.Draw(t, "service"), Number: count.Draw(t, "number"), Queue: word.Draw(t, "queue"),
		Window: count.Draw(t, "window"), Leg: count.Draw(t, "leg"), Code: word.Draw(t, "code"), State: word.Draw(t, "state"), Count: count.Draw(t, "count")}
}

// TestLineIsWhatTheTagsSay compares the hand-written line with encoding/json.
func TestLineIsWhatTheTagsSay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := anyEvent(t, rapid.Uint64Range(1, maxSeq).Draw(t, "seq"))
		want, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		if got := appendLine(nil, &e); string(got) != string(want)+"\n" {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

// TestEveryFactCanLeave: whatever the kiosk writes down, its batch can be sent and comes back.
func TestEveryFactCanLeave(t *testing.T) {
	var enc Encoder
	var dec Decoder
	rapid.Check(t, func(t *rapid.T) {
		h := Head{Stream: NewStreamID(), Boot: 1, First: rapid.Uint64Range(1, maxSeq/2).Draw(t, "first")}
		word := rapid.OneOf(rapid.SampledFrom([]string{"", "docs", "printer", "ok", "confirmed", "handset.3", "other"}), rapid.String())
		var list []Event
		for i := range rapid.IntRange(0, 20).Draw(t, "n") {
			list = append(list, FromEvent(h.First+uint64(i), event.Event{
				Kind: event.Kind(rapid.Uint8().Draw(t, "kind")), At: event.Time{Up: time.Duration(rapid.Int64().Draw(t, "up"))},
				Ticket: event.TicketID{Day: rapid.Uint32().Draw(t, "day"), Service: word.Draw(t, "service"), Number: rapid.Int().Draw(t, "number")},
				Queue:  word.Draw(t, "queue"), Window: rapid.Int().Draw(t, "window"), Leg: rapid.Int().Draw(t, "leg"),
				Code: word.Draw(t, "code"), State: word.Draw(t, "state"), Count: rapid.Int().Draw(t, "count"),
			}))
		}
		body, err := enc.Encode(h, list)
		if err != nil {
			t.Fatal(err)
		}
		b, err := dec.Decode(body)
		if err != nil || len(b.Bad) > 0 || !equal(b.Events, list) || b.Stream != h.Stream || b.End() != h.First+uint64(len(list))-1 {
			t.Errorf("got %+v, %v, want %+v", b, err, list)
		}
	})
}

// TestAnyLineComesBack holds for lines of newer kiosks, too.
func TestAnyLineComesBack(t *testing.T) {
	var row []byte
	rapid.Check(t, func(t *rapid.T) {
		want := anyEvent(t, rapid.Uint64Range(1, maxSeq).Draw(t, "seq"))
		line := bytes.TrimSpace(appendLine(nil, &want))
		if got, why := parseLine(line, &row); got != want || why != "" {
			t.Errorf("got %+v, %q, want %+v", got, why, want)
		}
	})
}

// TestFactComesBack loses nothing but the wall time and what is under a millisecond.
func TestFactComesBack(t *testing.T) {
	o := office{r: newRand(3)}
	for _, f := range o.play() {
		want := f
		want.At = event.Time{Boot: 37, Up: f.At.Up.Truncate(time.Millisecond), Error: event.Unknown}
		if got, known := FromEvent(f.Seq, f).Fact(37); got != want || !known {
			t.Fatalf("got %+v, %v, want %+v", got, known, want)
		}
	}
}

// TestBadLinesGoIntoQuarantine: one line that is none must not cost those around it.
func TestBadLinesGoIntoQuarantine(t *testing.T) {
	for why, bad := range map[string][]string{
		"syntax": {``, `{`, `null,`, `[]`, `"s"`, `{"s":2,"u":5,"k":"issued"}}`, `{"s":2.5,"u":5,"k":"issued"}`, `{"s":2,"u":"5","k":"issued"}`,
			`{"s":2,"u":5,"k":"issued","d":-1}`, "\xff\xfe", `{"s":2,"u":5,"k":"issued","d":4294967296}`, `{"s":2,"u":1e99,"k":"issued"}`},
		"range": {`null`, `{}`, `{"s":0,"u":5,"k":"issued"}`, `{"s":2,"u":-5,"k":"issued"}`, `{"s":2,"u":5,"k":""}`, `{"s":2,"u":5,"k":"Issued"}`,
			`{"s":2,"u":5,"k":"issued","c":"Иванов И. И."}`, `{"s":2,"u":5,"k":"issued","v":"+79270000000"}`, `{"s":2,"u":5,"k":"issued","w":-1}`,
			`{"s":2,"u":5,"k":"issued","w":1000000001}`, `{"s":2,"u":5,"k":"` + strings.Repeat("a", 41) + `"}`, `{"s":9007199254740993,"u":5,"k":"issued"}`,
			"{\"s\":2,\"u\":5,\"k\":\"a\xff\"}"},
		"form": {`{"s":2,"u":5,"k":"issued","name":"ivanov"}`, `{"s":2,"u":5,"u":5,"k":"issued"}`, `{"S":2,"u":5,"k":"issued"}`, ` {"s":2,"u":5,"k":"issued"}`,
			`{"u":5,"s":2,"k":"issued"}`, `{"s":2,"u":5,"k":"\u0069ssued"}`, `{"s":2,"u":5,"k":"issued","d":0}`, `{"s":2,"u":5,"k":"issued"}` + "\r"},
		"order": {`{"s":1,"u":5,"k":"issued"}`, `{"s":3,"u":5,"k":"issued"}`},
		"long":  {`{"s":2,"u":5,"k":"issued"` + strings.Repeat(" ", MaxLine) + `}`, strings.Repeat("x", 300_000)},
	} {
		for _, line := range bad {
			var dec Decoder
			b, err := dec.Decode(pack(t, head(3)+good+line+"\n"+`{"s":3,"u":5,"k":"called"}`+"\n"))
			if err != nil || len(b.Events) != 2 || len(b.Bad) != 1 || b.Events[1].Seq != 3 {
				t.Errorf("%.60q: got %+v, %v, want it alone in quarantine", line, b, err)
				continue
			}
			if bad := b.Bad[0]; bad.Seq != 2 || bad.Why != why || !strings.HasPrefix(line, string(bad.Raw)) || len(bad.Raw) != min(len(line), MaxLine) {
				t.Errorf("%.60q: got %+v, want place 2, %q, its bytes", line, bad, why)
			}
		}
	}
}

func TestUnknownKindIsKept(t *testing.T) {
	var dec Decoder
	b, err := dec.Decode(pack(t, head(1)+`{"s":1,"u":5,"k":"levitated","w":3}`+"\n"))
	if err != nil || len(b.Events) != 1 || b.Events[0].Kind != "levitated" || b.Events[0].Window != 3 {
		t.Fatalf("got %+v, %v, want it kept", b, err)
	}
	if f, known := b.Events[0].Fact(1); known || f.Kind != 0 || f.Window != 3 {
		t.Errorf("fact: got %+v, %v, want no kind and unknown", f, known)
	}
}

func TestBrokenBatches(t *testing.T) {
	anchors := `{"v":1,"stream":"AQIDAAAAAAAAAAAAAAAAAA","boot":1,"first":1,"n":0,"anchors":[` + strings.Repeat(`{"up":1,"src":"ntp"},`, 64) + `{"up":1,"src":"ntp"}]}` + "\n"
	with := func(old, new string) string { return strings.Replace(head(0), old, new, 1) }
	for _, c := range []struct {
		name, text string
		want       error
	}{
		{"empty", "", ErrMalformed},
		{"no head", good, ErrMalformed},
		{"head without line feed", strings.TrimSpace(head(0)), ErrMalformed},
		{"head of 17 KiB", `{"v":1` + strings.Repeat(" ", 17<<10) + "}\n", ErrMalformed},
		{"newer version", with(`"v":1`, `"v":2`), ErrVersion},
		{"newer version with another meaning", `{"v":2,"stream":7}` + "\n", ErrVersion},
		{"no stream", with("AQIDAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAA"), ErrMalformed},
		{"stream in another spelling", with("AQIDAAAAAAAAAAAAAAAAAA", "AQIDAAAAAAAAAAAAAAAAAB"), ErrMalformed},
		{"stream with a line break", with("AQIDAAAAAAAAAAAAAAAAAA", `AQIDAAAAAAAAAAAAAAAA\nA`), ErrMalformed},
		{"stream with two", with("AQIDAAAAAAAAAAAAAAAAAA", `AQIDAAAAAAAAAAAAAAAA\n\n`), ErrMalformed},
		{"boot 0", with(`"boot":1`, `"boot":0`), ErrMalformed},
		{"place 0", with(`"first":1`, `"first":0`), ErrMalformed},
		{"place beyond all", with(`"first":1`, `"first":9007199254740993`), ErrMalformed},
		{"events below 0", with(`"n":0`, `"n":-1`), ErrMalformed},
		{"too many events", with(`"n":0`, `"n":5001`), ErrTooLarge},
		{"too many anchors", anchors, ErrTooLarge},
		{"anchor backwards", with(`"n":0`, `"n":0,"anchors":[{"up":1,"lo":5,"hi":4,"src":"ntp"}]`), ErrMalformed},
		{"anchor by a sentence", with(`"n":0`, `"n":0,"anchors":[{"up":1,"lo":5,"src":"my watch"}]`), ErrMalformed},
		{"hole after the first", with(`"n":0`, `"n":0,"lost":{"from":1,"why":"purged"}`), ErrMalformed},
		{"link to itself", with(`"n":0`, `"n":0,"prev":{"stream":"AQIDAAAAAAAAAAAAAAAAAA","last":1,"up":1}`), ErrMalformed},
		{"heartbeat with a name", with(`"n":0`, `"n":0,"beat":{"up":1,"fw":"1.4.2 Иванов","backlog":0,"disk":0}`), ErrMalformed},
		{"heartbeat over 100 percent", with(`"n":0`, `"n":0,"beat":{"up":1,"fw":"1","backlog":0,"disk":101}`), ErrMalformed},
		{"fewer lines", head(2) + good, ErrMalformed},
		{"more lines", head(0) + good, ErrMalformed},
		{"last line without its line feed", head(1) + strings.TrimSpace(good), ErrMalformed},
	} {
		var dec Decoder
		for form, body := range map[string][]byte{"gzip": pack(t, c.text), "plain": []byte(c.text)} {
			if b, err := dec.Decode(body); !errors.Is(err, c.want) {
				t.Errorf("%s, %s: got %+v, %v, want %v", c.name, form, b, err, c.want)
			}
		}
	}
}

// TestTruncatedAnywhere cuts a batch at every byte, and lets bytes follow it.
func TestTruncatedAnywhere(t *testing.T) {
	var enc Encoder
	body, err := enc.Encode(Head{Stream: NewStreamID(), Boot: 1, First: 1}, events(1, 50)[:50])
	if err != nil {
		t.Fatal(err)
	}
	var dec Decoder
	for n := range body {
		if _, err := dec.Decode(body[:n]); !errors.Is(err, ErrMalformed) {
			t.Fatalf("cut at %d of %d: got %v, want ErrMalformed", n, len(body), err)
		}
	}
	for name, more := range map[string][]byte{"a byte": {0}, "another batch": body, "an empty one": pack(t, "")} {
		if _, err := dec.Decode(append(bytes.Clone(body), more...)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s follows: got %v, want ErrMalformed", name, err)
		}
	}
	if _, err := dec.Decode(body); err != nil {
		t.Errorf("whole, after all that: got %v", err)
	}
}

// TestBombs are small bodies that grow: refused by what they would become, not after becoming it.
func TestBombs(t *testing.T) {
	var dec Decoder
	if _, err := dec.Decode(make([]byte, MaxBody+1)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("body over the limit: got %v, want ErrTooLarge", err)
	}
	for name, c := range map[string]struct {
		text string
		want error
	}{
		"one endless line":  {head(1) + strings.Repeat("a", 6<<20), ErrTooLarge},
		"endless head":      {strings.Repeat(" ", 6<<20), ErrMalformed},
		"lines of no sense": {head(5000) + strings.Repeat(strings.Repeat("b", 1<<16)+"\n", 90), ErrTooLarge},
	} {
		body := pack(t, c.text)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := dec.Decode(body)
		runtime.ReadMemStats(&after)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
		if spent := after.TotalAlloc - before.TotalAlloc; spent > 2<<20 {
			t.Errorf("%s: decoding took %d KiB of memory, want at most 2 MiB", name, spent>>10)
		}
	}
}

// TestEncoderRefuses what a program must not send.
func TestEncoderRefuses(t *testing.T) {
	h := Head{Stream: NewStreamID(), Boot: 1, First: 1}
	for name, c := range map[string]struct {
		h    Head
		list []Event
		want error
	}{
		"no stream":       {Head{Boot: 1, First: 1}, nil, ErrInvalid},
		"a hole":          {h, []Event{{Seq: 2, Kind: "issued"}}, ErrInvalid},
		"a person":        {h, []Event{{Seq: 1, Kind: "issued", Code: "Иванов"}}, ErrInvalid},
		"a person, small": {h, []Event{{Seq: 1, Kind: "device", Code: "ivanov"}}, ErrInvalid},
		"another kind":    {h, []Event{{Seq: 1, Kind: "ivanov"}}, ErrInvalid},
		"another device":  {Head{Stream: h.Stream, Boot: 1, First: 1, Beat: &Beat{Firmware: "1", Devices: []Device{{"ivanov", "ok"}}}}, nil, ErrInvalid},
		"another loss":    {Head{Stream: h.Stream, Boot: 1, First: 2, Lost: &Lost{1, "ivanov"}}, nil, ErrInvalid},
		"too many events": {h, make([]Event, MaxEvents+1), ErrTooLarge},
		"a long head":     {Head{Stream: h.Stream, Boot: 1, First: 1, Anchors: make([]Anchor, MaxAnchors+1)}, nil, ErrTooLarge},
		"a sentence":      {Head{Stream: h.Stream, Boot: 1, First: 1, Beat: &Beat{Firmware: "it is I"}}, nil, ErrInvalid},
	} {
		var enc Encoder
		if _, err := enc.Encode(c.h, c.list); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}

// TestFullLimitsFit: what the limits allow together can be sent.
func TestFullLimitsFit(t *testing.T) {
	h := Head{Stream: NewStreamID(), Boot: 1 << 31, First: maxSeq / 2, Beat: &Beat{Up: maxMillis, Firmware: strings.Repeat("f", maxWord)}}
	for range MaxAnchors {
		h.Anchors = append(h.Anchors, Anchor{maxMillis, maxMillis, maxMillis, "operator"})
	}
	for range MaxDevices {
		h.Beat.Devices = append(h.Beat.Devices, NewDevice("button."+strings.Repeat("b", 24)+".gestures", "cover_open"))
	}
	list := make([]Event, MaxEvents)
	for i := range list {
		word := strings.Repeat("w", 24)
		list[i] = Event{h.First + uint64(i), maxMillis, "device", 1<<32 - 1, word, maxCount, word, maxCount, maxCount, "button." + word + ".gestures", "cover_open", maxCount}
	}
	var enc Encoder
	body, err := enc.Encode(h, list)
	if err != nil {
		t.Fatal(err)
	}
	var dec Decoder
	if b, err := dec.Decode(body); err != nil || !equal(b.Events, list) {
		t.Errorf("got %d events, %d bad, %v, want all", len(b.Events), len(b.Bad), err)
	}
}

func TestAnswers(t *testing.T) {
	want := Answer{Stream: NewStreamID(), Ack: 7, Now: 1_790_000_000_000, Next: 300, Status: "active"}
	body, err := want.Encode()
	if err != nil {
		t.Fatal(err)
	}
	want.Version = Version
	if got, err := ParseAnswer(body); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	for name, c := range map[string]struct {
		text string
		want error
	}{
		"a portal's page": {"<html>Войдите в сеть</html>", ErrMalformed},
		"newer":           {strings.Replace(string(body), `"v":1`, `"v":2`, 1), ErrVersion},
		"no status":       {strings.Replace(string(body), "active", "", 1), ErrMalformed},
		"next in a year":  {strings.Replace(string(body), `"next":300`, `"next":31536000`, 1), ErrMalformed},
		"ack below 0":     {strings.Replace(string(body), `"ack":7`, `"ack":-7`, 1), ErrMalformed},
		"now in 1960":     {strings.Replace(string(body), `"now":`, `"now":-`, 1), ErrMalformed},
		"long":            {string(body) + strings.Repeat(" ", MaxHead), ErrTooLarge},
		"many marks":      {strings.Replace(string(body), `"status"`, `"want":[{}`+strings.Repeat(`,{}`, MaxWant)+`],"status"`, 1), ErrTooLarge},
		"mark of nothing": {strings.Replace(string(body), `"status"`, `"want":[{"ack":1}],"status"`, 1), ErrMalformed},
	} {
		if got, err := ParseAnswer([]byte(c.text)); !errors.Is(err, c.want) {
			t.Errorf("%s: got %+v, %v, want %v", name, got, err, c.want)
		}
	}
	if _, err := (Answer{Status: "it is well"}).Encode(); !errors.Is(err, ErrInvalid) {
		t.Errorf("answer with a sentence: got %v, want ErrInvalid", err)
	}
}

func TestStartAndEnd(t *testing.T) {
	h := Head{First: 51, Count: 50}
	if h.Start() != 51 || h.End() != 100 {
		t.Errorf("got %d to %d, want 51 to 100", h.Start(), h.End())
	}
	h = Head{First: 51, Lost: &Lost{From: 41}}
	if h.Start() != 41 || h.End() != 50 {
		t.Errorf("a hole alone: got %d to %d, want 41 to 50", h.Start(), h.End())
	}
}
