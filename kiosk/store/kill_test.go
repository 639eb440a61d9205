package store

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/queue"
)

// childVar names the part this test binary plays when it is started by itself.
const childVar = "STORE_TEST_CHILD"

func TestMain(m *testing.M) {
	switch os.Getenv(childVar) {
	case "":
		code := m.Run()
		_ = os.RemoveAll(crashedDir())
		os.Exit(code)
	case "work":
		die(workForEver(os.Args[1], os.Args[2], os.Args[3]))
	case "fill":
		die(fillAndIssue(os.Args[1]))
	case "serve":
		die(serveOnce(os.Args[1], os.Args[2]))
	case "full":
		die(fillTheCard(os.Args[1], os.Args[2]))
	case "card":
		die(playCard(os.Args[1], os.Args[2], os.Args[3]))
	case "memory":
		die(fillAndMeasure(os.Args[1]))
	}
}

func die(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// child returns the command that plays a part in another process.
func child(part string, args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), childVar+"="+part)
	cmd.Stderr = os.Stderr
	return cmd
}

// witness is what the people in the hall saw: every ticket that came out of the machine, and what
// every step had done when it was acknowledged.
type witness struct {
	printed map[string]bool    // by id
	issued  map[string]bool    // what the events said at any check
	kinds   map[event.Kind]int // acknowledged events that were there
	acked   []intent           // since the last check
	next    *intent            // begun, not acknowledged: it may or may not be there
	last    *intent            // the last one that was there at a check
	pruned  bool
	// foretold is the serial of a day that a killed step was about to begin; 0 = none.
	foretold uint32
}

// watch starts a kiosk, kills it after delay and notes everything it said. The delay counts from its
// start, or from its first step.
func (w *witness) watch(t *testing.T, cmd *exec.Cmd, delay time.Duration, atWork bool) {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(out)
	if atWork {
		_, _ = in.Peek(1) // an end is an error below
	}
	kill := time.AfterFunc(delay, func() { _ = cmd.Process.Kill() })
	defer kill.Stop()
	w.note(t, in)
	if err := cmd.Wait(); err == nil || err.Error() != "signal: killed" {
		t.Fatalf("child ended by itself: %v", err)
	}
}

func (w *witness) note(t *testing.T, in *bufio.Reader) {
	t.Helper()
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return // a line the kill cut short was not printed
		}
		switch sign, rest, _ := strings.Cut(strings.TrimSpace(line), " "); {
		case sign == "?":
			w.next = new(intent)
			if _, err := fmt.Sscanf(rest, "%q %d %d %d %d %d", &w.next.deed, &w.next.first, &w.next.last,
				&w.next.events, &w.next.serial, &w.next.people); err != nil {
				t.Fatalf("child said %q: %v", line, err)
			}
		case sign == "=":
			w.acked, w.next = append(w.acked, *w.next), nil
		case w.printed[rest]:
			t.Fatalf("ticket %s was printed twice", rest)
		default:
			w.printed[rest] = true
		}
	}
}

// check opens what the kill left and compares it with the witness and with itself.
func (w *witness) check(t *testing.T, dir, boot string) {
	t.Helper()
	s := open(t, dir, boot)
	defer shut(t, s)
	l := load(t, s)
	if l.Loss.Any() {
		t.Fatalf("got loss %+v, want none", l.Loss)
	}
	issued, first := checkEvents(t, s, l.State)
	w.pruned = w.pruned || first > 1
	for id := range issued {
		w.issued[id] = true
	}
	for id := range w.printed {
		if !w.issued[id] {
			t.Errorf("ticket %s was printed and is lost", id)
		}
	}
	w.checkSteps(t, events(t, s), l.State)
}

// checkSteps holds events and state against the steps: every acknowledged one is there whole, the
// one under way is there whole or not at all, and the queue is as the last of them left it.
func (w *witness) checkSteps(t *testing.T, have []event.Event, st queue.State) {
	t.Helper()
	for _, i := range w.acked {
		there := i.among(have)
		if sum(there) != i.events {
			t.Errorf("%s, events %d to %d: acknowledged and not there as they were", i.deed, i.first, i.last)
		}
		for _, e := range there {
			w.kinds[e.Kind]++
		}
	}
	if n := len(w.acked); n > 0 {
		w.last = &w.acked[n-1]
	}
	if w.next != nil && st.Seq >= w.next.first {
		if sum(w.next.among(have)) != w.next.events {
			t.Errorf("%s, events %d to %d: begun and there in part", w.next.deed, w.next.first, w.next.last)
		}
		w.last = w.next
	}
	if len(w.acked) > 0 || w.next == w.last {
		w.foretold = 0
	}
	if w.next != nil && w.next != w.last {
		w.foretold = w.next.serial // the mark may have got it, and keeps it until something is committed
	}
	w.acked, w.next = nil, nil
	switch i := w.last; {
	case i == nil:
	case st.Seq != i.last || sumPeople(st) != i.people || st.Day.Serial != i.serial && st.Day.Serial != w.foretold:
		t.Errorf("after %s: got event %d, day %d, and %+v, want event %d, day %d, and the same tickets and windows",
			i.deed, st.Seq, st.Day.Serial, st, i.last, i.serial)
	}
}

// among returns those of the events that have the numbers of a step's.
func (i intent) among(have []event.Event) []event.Event {
	if len(have) == 0 || i.first < have[0].Seq || i.last > have[len(have)-1].Seq {
		return nil
	}
	from := i.first - have[0].Seq
	return have[from : from+i.last-i.first+1]
}

// checkEvents asserts that the events have no hole, agree with seq, counters and the acknowledgement, and
// returns every ticket they issue and the first of them.
func checkEvents(t *testing.T, s *Store, st queue.State) (issued map[string]bool, first uint64) {
	t.Helper()
	issued = make(map[string]bool)
	counters, seq := make(map[string]int), uint64(0)
	for _, e := range events(t, s) {
		if first == 0 {
			first, seq = e.Seq, e.Seq-1
		}
		if seq++; e.Seq != seq {
			t.Fatalf("got event %d, want %d", e.Seq, seq)
		}
		if e.Kind != event.Issued {
			continue
		}
		if issued[e.Ticket.String()] {
			t.Errorf("ticket %s was issued twice", e.Ticket)
		}
		issued[e.Ticket.String()] = true
		if e.Ticket.Day == st.Day.Serial {
			counters[e.Ticket.Service] = e.Ticket.Number
		}
	}
	for service, n := range counters {
		if st.Counters[service] < n {
			t.Errorf("counter of %s is %d, number %d was issued", service, st.Counters[service], n)
		}
	}
	ack, err := s.acknowledged(0)
	if err != nil {
		t.Fatal(err)
	}
	if st.Seq != seq || ack > seq || first > ack+1 {
		t.Errorf("got seq %d, acknowledged %d, first event %d, want %d, at most that, at most %d",
			st.Seq, ack, first, seq, ack+1)
	}
	return issued, first
}

// missing returns the kinds of events that never were acknowledged, but for those that do not come
// from a person's deed.
func (w *witness) missing() (kinds []event.Kind) {
	for kind := event.Issued; kind <= event.HelpAnswered; kind++ {
		others := []event.Kind{event.Refused, event.Booted, event.Lost, event.Device}
		if w.kinds[kind] == 0 && !slices.Contains(others, kind) {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// Nothing acknowledged is lost and no number comes twice, whenever the process dies and whatever it
// was doing: the queue comes back as the last step left it. KILLS sets how often it dies at least, until
// every kind of deed was among them; SEED repeats a run.
func TestKilledAtAnyMoment(t *testing.T) {
	kills, seed := fromEnv(t, "KILLS", 30), fromEnv(t, "SEED", uint64(time.Now().UnixNano()))
	t.Logf("SEED=%d KILLS=%d", seed, kills)
	r := rand.New(rand.NewPCG(seed, 0))
	dir := t.TempDir()
	w := &witness{printed: make(map[string]bool), issued: make(map[string]bool), kinds: make(map[event.Kind]int)}
	var empty int
	for round := 0; uint64(round) < kills || len(w.missing()) > 0 && uint64(round) < 10*kills; round++ {
		boot := fmt.Sprint("boot ", round/2)
		before := len(w.printed)
		cmd := child("work", dir, boot, fmt.Sprint(r.Uint64()))
		w.watch(t, cmd, time.Duration(r.IntN(120_000))*time.Microsecond, round%2 == 0)
		w.check(t, dir, boot)
		if t.Failed() {
			t.Fatalf("in round %d", round)
		}
		if len(w.printed) == before {
			empty++
		}
	}
	t.Logf("%d tickets printed, %d kills before the first of a round, pruned %v, events by kind: %v", len(w.printed), empty, w.pruned, w.kinds)
	if kinds := w.missing(); len(kinds) > 0 {
		t.Errorf("no event of the kinds %d was acknowledged: nothing is proved of them", kinds)
	}
}

func fromEnv(t *testing.T, name string, fallback uint64) uint64 {
	t.Helper()
	v := os.Getenv(name)
	if v == "" {
		return fallback
	}
	n, err := strconv.ParseUint(v, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}
