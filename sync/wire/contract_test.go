package wire

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/queue"
)

var update = flag.Bool("update", false, "write the golden files again")

// TestNoFieldCanCarryAPerson walks every type that crosses the wire (A8, A13, A35). A new text
// field must be put on the list by somebody who has made sure what can be in it.
func TestNoFieldCanCarryAPerson(t *testing.T) {
	closed := map[string]string{
		"Event.Kind":     "kindWords, or kind_ and a number",
		"Event.Service":  "a service code of the settings, by its shape",
		"Event.Queue":    "a service code of the settings, by its shape",
		"Event.Code":     "the list of code(); memos, courses and versions of a catalogue by their shape",
		"Event.State":    "the lists of state() and answer(); purposes and outcomes by the shape of a service code",
		"Lost.Why":       "Purged, Unreadable, Refused",
		"Anchor.Source":  "a word of clock.Source",
		"Beat.Firmware":  "the release, by its shape",
		"Beat.Catalog":   "the version of the catalogue, by its shape",
		"Update.Version": "a release, by its shape",
		"Update.End":     "the list of NewUpdate",
		"Offer.Version":  "a release in numbers, towards the device",
		"Offer.SHA256":   "64 hexadecimal digits, towards the device",
		"Device.Name":    "the list of device()",
		"Device.State":   "the list of state()",
		"Answer.Status":  "a word of ident.Status, towards the device",
		"Answer.NextKey": "a public key of the district, towards the device",
		"Answer.Renew":   "the name of the device's own key, towards the device",
	}
	var walk func(typ reflect.Type, name string)
	walk = func(typ reflect.Type, name string) {
		switch typ.Kind() {
		case reflect.Struct:
			for i := range typ.NumField() {
				walk(typ.Field(i).Type, typ.Name()+"."+typ.Field(i).Name)
			}
		case reflect.Pointer, reflect.Slice:
			if typ.Elem().Kind() != reflect.Struct {
				t.Errorf("%s is a %s: it could carry anything", name, typ)
				return
			}
			walk(typ.Elem(), name)
		case reflect.String:
			if closed[name] == "" {
				t.Errorf("%s is a text of no closed list: a name or a phone number would fit", name)
			}
			delete(closed, name)
		case reflect.Array:
			if typ != reflect.TypeFor[StreamID]() {
				t.Errorf("%s is a %s: only the random name of a stream may be", name, typ)
			}
		case reflect.Int, reflect.Int64, reflect.Uint32, reflect.Uint64, reflect.Bool:
		default:
			t.Errorf("%s is a %s: it could carry anything", name, typ)
		}
	}
	for _, typ := range []reflect.Type{reflect.TypeFor[Event](), reflect.TypeFor[Head](), reflect.TypeFor[Answer]()} {
		walk(typ, typ.Name())
	}
	for name := range closed {
		t.Errorf("%s is on the list and in no type", name)
	}
}

// TestEveryFieldOfAFactIsDecided names what becomes of each field of kiosk/event: a new one stays
// at home until somebody decides.
func TestEveryFieldOfAFactIsDecided(t *testing.T) {
	decided := map[string]string{
		"Event.Seq": "replaced by the place in the stream", "Event.Kind": "leaves", "Event.Queue": "leaves",
		"Event.Window": "leaves", "Event.Leg": "leaves", "Event.Code": "leaves", "Event.State": "leaves", "Event.Count": "leaves",
		"Time.Boot": "is the stream's", "Time.Up": "leaves, in ms",
		"Time.Wall": "stays: the district dates by anchors", "Time.Error": "stays",
		"TicketID.Day": "leaves", "TicketID.Service": "leaves", "TicketID.Number": "leaves",
	}
	var walk func(reflect.Type)
	walk = func(typ reflect.Type) {
		for i := range typ.NumField() {
			f := typ.Field(i)
			if f.Type.Kind() == reflect.Struct {
				walk(f.Type)
			} else if decided[typ.Name()+"."+f.Name] == "" {
				t.Errorf("%s.%s: nobody decided whether it leaves", typ.Name(), f.Name)
			}
		}
	}
	walk(reflect.TypeFor[event.Event]())
}

// TestEveryKindHasAWord reads the constants of kiosk/event, so that a new kind is named here too.
func TestEveryKindHasAWord(t *testing.T) {
	kinds := len(constants(t, "../../kiosk/event/event.go", "Kind"))
	seen := map[string]bool{}
	for k := 1; k <= kinds; k++ {
		word := kindWord(event.Kind(k))
		if strings.HasPrefix(word, kindNumber) || !shaped(word) || seen[word] {
			t.Errorf("kind %d: got the word %q, want one of its own", k, word)
		}
		seen[word] = true
		if back, ok := kindOf(word); !ok || back != event.Kind(k) {
			t.Errorf("%q: got back %d, %v, want %d", word, back, ok, k)
		}
	}
	if kinds != len(kindWords)-1 {
		t.Errorf("words: got %d, want %d", len(kindWords)-1, kinds)
	}
}

// constants returns the constants of a type in a file, as they are written.
func constants(t *testing.T, path, typ string) (values []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(node ast.Node) bool {
		v, ok := node.(*ast.ValueSpec)
		if !ok || len(v.Values) != 1 {
			return true
		}
		name, named := v.Type.(*ast.Ident)
		value, literal := v.Values[0].(*ast.BasicLit)
		if named && literal && name.Name == typ {
			values = append(values, value.Value)
		}
		return true
	})
	if len(values) == 0 {
		t.Errorf("no constants of %s in %s", typ, path)
	}
	return values
}

// TestTheKiosksOwnWordsLeave holds the lists here against what the kiosk says.
func TestTheKiosksOwnWordsLeave(t *testing.T) {
	for _, quoted := range constants(t, "../../kiosk/health/health.go", "State") {
		w, err := strconv.Unquote(quoted)
		if got := state(w); err != nil || got != w {
			t.Errorf("health %q leaves as %q, %v", w, got, err)
		}
	}
	for kind, words := range map[event.Kind][]string{
		event.Issued:       {queue.ByAdministrator},
		event.Refused:      {"exhausted", string(queue.ClosedDay), string(queue.BeforeOpening), string(queue.AfterLastCall)},
		event.Printed:      {kiosk.NotStarted.String(), kiosk.Confirmed.String(), kiosk.Uncertain.String()},
		event.Transferred:  {"return"},
		event.Copied:       {"console", "help"},
		event.HelpAnswered: {"handset", "console", "expired"},
		event.ScanSaved:    {"pdf", "jpeg"},
		event.ScanWiped:    {"done", "cancelled", "timed_out", "worker_lost", "porter_lost", "restart"},
		event.Misused:      {"no_stick", "scan_failed", "stick_pulled", "stick_refused", "jam"},
		event.Reminded:     {"slip", "screen", "console"},
		event.Stepped:      event.Steps(),
		event.Memoed:       {"epgu", "steps3"}, event.Enrolled: {"internet"}, event.Attended: {"internet"},
		event.Announced: {"opens", "closes"}, event.Adopted: {"decree84.1"},
		event.Device: {"printer", "display", "lamps", "store", "button.docs", "handset.2", "handset.2.gestures"},
	} {
		for _, w := range append(words, "") {
			if got := code(kind, w); got != w {
				t.Errorf("%s: code %q leaves as %q", kindWord(kind), w, got)
			}
		}
	}
}

// TestAnswersLeave holds the lists of answers against the procedure (A21–A31): each leaves under its own
// step and under no other, purposes and outcomes by the shape of a code of the catalogue.
func TestAnswersLeave(t *testing.T) {
	free := []string{"", "purpose", "outcome"}
	for _, step := range event.Steps() {
		for _, word := range event.StepAnswers(step) {
			for _, under := range event.Steps() {
				want := other
				if slices.Contains(free, under) || slices.Contains(event.StepAnswers(under), word) {
					want = word
				}
				e := FromEvent(1, event.Event{Kind: event.Stepped, Code: under, State: word})
				if e.State != want || e.Code != under {
					t.Errorf("%s of %s: left as %q of %q, want %q", word, under, e.State, e.Code, want)
				}
			}
		}
	}
	for _, word := range []string{"Иванов", "+79270000000", "a.b", "a_purpose_code_that_is_too_long", "a b"} {
		for _, step := range append(event.Steps(), "who") {
			if e := FromEvent(1, event.Event{Kind: event.Stepped, Code: step, State: word}); e.State != other {
				t.Errorf("answer %q to %s left as %q", word, step, e.State)
			}
		}
		for _, kind := range []event.Kind{event.Memoed, event.Enrolled, event.Attended, event.Announced} {
			if e := FromEvent(1, event.Event{Kind: kind, Code: word}); e.Code != other {
				t.Errorf("%s: code %q left as %q", kindWord(kind), word, e.Code)
			}
		}
	}
	for word, want := range map[string]string{"decree84.2": "decree84.2", "Указ": other, "84": other, "decree84.with_a_long_name": other} {
		if e := FromEvent(1, event.Event{Kind: event.Adopted, Code: word}); e.Code != want {
			t.Errorf("catalogue %q left as %q, want %q", word, e.Code, want)
		}
	}
}

// TestAGroundForPriorityStaysAtHome: that a ticket went first may be known, that its owner is ill not.
func TestAGroundForPriorityStaysAtHome(t *testing.T) {
	for _, p := range queue.Privileges() {
		if got := FromEvent(1, event.Event{Kind: event.Granted, Code: string(p)}).Code; got != "privilege" {
			t.Errorf("%s: left as %q", p, got)
		}
	}
}

// TestWhatIsOnNoListLeavesAsOther tries what must never leave.
func TestWhatIsOnNoListLeavesAsOther(t *testing.T) {
	for _, w := range []string{"Иванов", "ivanov", "+79270000000", "p79270000000", "паспорт.pdf", "a\nb", `"`, "handset.ivanov",
		"handset.02", "handset.-1", "handset.1000", "button.ИВАНОВ", "button.", "printer ", "button.79270000000"} {
		e := FromEvent(1, event.Event{Kind: event.Device, Code: w, State: w})
		if e.Code != other || e.State != other {
			t.Errorf("%q: left as code %q, state %q, want %q", w, e.Code, e.State, other)
		}
		if d := NewDevice(w, w); d.Name != other || d.State != other {
			t.Errorf("%q: left as device %+v, want other", w, d)
		}
	}
	for _, w := range []string{"Иванов", "+79270000000", "7927", "docs.x", "a_service_code_that_is_too_long"} {
		e := FromEvent(1, event.Event{Kind: event.Issued, Queue: w, Ticket: event.TicketID{Service: w}})
		if e.Service != other || e.Queue != other {
			t.Errorf("%q: left as service %q, queue %q, want %q", w, e.Service, e.Queue, other)
		}
	}
}

// TestWhatIsOutOfRangeLeavesAsTheNearest keeps one odd fact from holding up all that follow.
func TestWhatIsOutOfRangeLeavesAsTheNearest(t *testing.T) {
	e := FromEvent(1, event.Event{Kind: 200, At: event.Time{Up: -time.Hour}, Window: -1, Leg: -5, Count: 1 << 62})
	if want := (Event{Seq: 1, Kind: "kind_200", Count: maxCount}); e != want || !e.valid() {
		t.Errorf("got %+v, want %+v", e, want)
	}
	if _, known := e.Fact(1); known {
		t.Error("kind_200: got known, want unknown")
	}
	if fact, known := (Event{Seq: 1, Kind: "kind_3"}).Fact(1); !known || fact.Kind != event.Recalled {
		t.Errorf("kind_3: got %v, %v, want recalled, from a kiosk that had no name for it", fact.Kind, known)
	}
}

// TestGolden is the contract as a lawyer can read it: every field that may leave, once.
func TestGolden(t *testing.T) {
	stream, before := StreamID{1, 2, 3}, StreamID{4, 5, 6}
	facts := []event.Event{
		{Kind: event.Issued, At: event.Time{Boot: 37, Up: 8_001_234 * time.Millisecond, Wall: 1_790_000_000_000},
			Ticket: event.TicketID{Day: 12, Service: "docs", Number: 3}, Queue: "docs"},
		{Kind: event.Transferred, At: event.Time{Up: 8_101_000 * time.Millisecond},
			Ticket: event.TicketID{Day: 12, Service: "sps", Number: 7}, Queue: "docs", Window: 4, Leg: 1},
		{Kind: event.Device, At: event.Time{Up: 8_102_000 * time.Millisecond}, Code: "printer", State: "paper_low"},
		{Kind: event.Lost, At: event.Time{Up: 8_103_000 * time.Millisecond}, Count: 4},
		{Kind: event.ScanWiped, At: event.Time{Up: 8_104_000 * time.Millisecond}, Code: "done", State: "exited", Count: 5},
		{Kind: event.Stepped, At: event.Time{Up: 8_105_000 * time.Millisecond},
			Ticket: event.TicketID{Day: 12, Service: "sps", Number: 7}, Queue: "sps", Window: 4, Code: "account", State: "confirmed"},
		{Kind: event.Stepped, At: event.Time{Up: 8_106_000 * time.Millisecond},
			Ticket: event.TicketID{Day: 12, Service: "sps", Number: 7}, Queue: "sps", Window: 4, Code: "purpose", State: "pension"},
		{Kind: event.Memoed, At: event.Time{Up: 8_107_000 * time.Millisecond}, Code: "epgu"},
		{Kind: event.Tipped, At: event.Time{Up: 8_108_000 * time.Millisecond}, Queue: "docs"},
		{Kind: event.Enrolled, At: event.Time{Up: 8_109_000 * time.Millisecond}, Code: "internet", Count: 3},
		{Kind: event.Attended, At: event.Time{Up: 8_110_000 * time.Millisecond}, Code: "internet", Count: 9},
		{Kind: event.Uncovered, At: event.Time{Up: 8_111_000 * time.Millisecond}, Queue: "esia_register"},
		{Kind: event.Covered, At: event.Time{Up: 8_112_000 * time.Millisecond}, Queue: "esia_register"},
		{Kind: event.Announced, At: event.Time{Up: 8_113_000 * time.Millisecond}, Code: "opens", Count: 480},
		{Kind: event.Announced, At: event.Time{Up: 8_113_000 * time.Millisecond}, Code: "closes", Count: 1080},
		{Kind: event.Adopted, At: event.Time{Up: 8_114_000 * time.Millisecond}, Code: "decree84.1"},
	}
	var list []Event
	for i, f := range facts {
		list = append(list, FromEvent(uint64(1201+i), f))
	}
	full := Head{Stream: stream, Boot: 37, First: 1201, Lost: &Lost{1190, Purged}, Prev: &Prev{before, 511, 35_411_307},
		Anchors: []Anchor{{8_000_000, 1_790_000_000_123, 1_790_000_000_977, "server"}, {Up: 900, Lo: 1_789_999_000_000, Source: "saved"}},
		Beat:    &Beat{8_123_456, "1.4.2", 50, 81, 52, []Device{NewDevice("printer", "paper_low")}, "decree84.1", 2, NewUpdate("1.4.1", RolledBack)}}
	golden(t, "batch.ndjson", lines(t, full, list))
	golden(t, "heartbeat.ndjson", lines(t, Head{Stream: stream, Boot: 37, First: 1, Beat: &Beat{Up: 31_000, Firmware: "1.4.2"}}, nil))
	answer, err := Answer{Stream: stream, Ack: 1204, Now: 1_790_000_000_456, Error: 20, Next: 300, Most: 500, Bad: 1, Status: "active",
		Want: []Mark{{before, 400}}, NextKey: strings.Repeat("A", 43), Renew: strings.Repeat("B", 22), Offer: &Offer{"1.5.0", strings.Repeat("0a", 32), 104_857_600}}.Encode()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "answer.json", append(answer, '\n'))
}

// lines returns a batch without its compression, and proves that it reads back.
func lines(t *testing.T, h Head, list []Event) []byte {
	t.Helper()
	var enc Encoder
	body, err := enc.Encode(h, list)
	if err != nil {
		t.Fatal(err)
	}
	var dec Decoder
	b, err := dec.Decode(body)
	h.Version, h.Count = Version, len(list)
	if err != nil || !reflect.DeepEqual(b.Head, h) || len(b.Bad) > 0 || !equal(b.Events, list) {
		t.Fatalf("read back: got %+v, %v, want %+v %+v", b, err, h, list)
	}
	gz, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(gz)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

func equal(a, b []Event) bool {
	return len(a) == len(b) && (len(a) == 0 || reflect.DeepEqual(a, b))
}

// golden compares with a file in testdata; -update writes it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s changed, and with it the privacy contract: got\n%s\nwant\n%s", name, got, want)
	}
	for i, line := range bytes.Split(bytes.TrimSpace(got), []byte{'\n'}) {
		if !json.Valid(line) {
			t.Errorf("%s, line %d is not JSON: %s", name, i+1, line)
		}
	}
}
