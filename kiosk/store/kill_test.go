package store

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
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
	case "issue":
		die(issueForEver(os.Args[1], os.Args[2], os.Args[3]))
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

// keepFew makes pruning a matter of seconds. More events stay than one round writes, so that the
// parent sees every event once.
var keepFew = Options{Reserve: 1 << 20, KeepEvents: 1500}

// issueForEver is a kiosk without rules: it issues, calls and finishes tickets and ends days, while
// another goroutine acknowledges and prunes its events. It
// prints "+ id" when a ticket was committed and "- id" before it commits its end.
func issueForEver(dir, boot, seed string) error {
	n, err := strconv.ParseUint(seed, 10, 64)
	if err != nil {
		return err
	}
	s, err := keepFew.Open(dir, boot, silent())
	if err != nil {
		return err
	}
	l, err := s.Load()
	if err != nil {
		return err
	}
	written := make(chan uint64, 1)
	go func() { die(tidyForEver(s, written)) }()
	if l.Loss.Any() {
		return fmt.Errorf("loss %+v after a kill", l.Loss)
	}
	r := rand.New(rand.NewPCG(n, n))
	h, live := newHand(l.State, s.Boot()), l.State.Tickets
	for {
		select {
		case written <- h.seq:
		default:
		}
		if h.day == 0 || r.IntN(40) == 0 {
			if err := s.Commit(h.begin()); err != nil {
				return err
			}
		}
		if r.IntN(3) > 0 || len(live) == 0 {
			t, c := h.issue([]string{"docs", "esia", "sps"}[r.IntN(3)])
			if err := s.Commit(c); err != nil {
				return err
			}
			fmt.Println("+", t.ID)
			live = append(live, t)
			continue
		}
		t := live[0]
		live = live[1:]
		if err := s.Commit(h.call(t, 1)); err != nil {
			return err
		}
		fmt.Println("-", t.ID)
		if err := s.Commit(h.finish(t, 1)); err != nil {
			return err
		}
	}
}

// tidyForEver acknowledges all but the last events and prunes.
func tidyForEver(s *Store, written <-chan uint64) error {
	for seq := range written {
		if err := s.Acknowledge(seq - min(seq, 20)); err != nil {
			return err
		}
		if _, err := s.Prune(event.Time{Error: event.Unknown}); err != nil {
			return err
		}
	}
	return nil
}

// witness is what the people in the hall saw: every ticket that came out of the machine.
type witness struct {
	printed map[string]bool // by id
	ending  map[string]bool // of those, the ones whose end was begun
	issued  map[string]bool // what the events said at any check
	pruned  bool
}

// watch starts a kiosk, kills it after delay and notes everything it said.
func (w *witness) watch(t *testing.T, cmd *exec.Cmd, delay time.Duration) {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill := time.AfterFunc(delay, func() { _ = cmd.Process.Kill() })
	defer kill.Stop()
	w.note(t, out)
	if err := cmd.Wait(); err == nil || err.Error() != "signal: killed" {
		t.Fatalf("child ended by itself: %v", err)
	}
}

func (w *witness) note(t *testing.T, out io.Reader) {
	t.Helper()
	in := bufio.NewReader(out)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return // a line the kill cut short was not printed
		}
		sign, id, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch {
		case sign == "+" && w.printed[id]:
			t.Fatalf("ticket %s was printed twice", id)
		case sign == "+":
			w.printed[id] = true
		default:
			w.ending[id] = true
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
	issued = w.issued
	live := make(map[string]bool)
	for _, ticket := range l.State.Tickets {
		live[ticket.ID.String()] = true
		if !issued[ticket.ID.String()] {
			t.Errorf("ticket %s is live without an event", ticket.ID)
		}
	}
	for id := range w.printed {
		if !issued[id] {
			t.Errorf("ticket %s was printed and is lost", id)
		}
		if !w.ending[id] && !live[id] {
			t.Errorf("ticket %s was printed, not ended, and is not in the queue", id)
		}
	}
}

// checkEvents asserts that the events have no hole, agree with seq, counters and outbox, and
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
	if st.Seq != seq || outboxKeys(t, s) != int(seq-ack) || first > ack+1 {
		t.Errorf("got seq %d, %d in the outbox, first event %d, want %d, %d, at most %d",
			st.Seq, outboxKeys(t, s), first, seq, seq-ack, ack+1)
	}
	return issued, first
}

// No acknowledged ticket is lost and no number comes twice, whenever the process dies. KILLS sets
// how often it does, SEED repeats a run.
func TestKilledAtAnyMoment(t *testing.T) {
	kills, seed := fromEnv(t, "KILLS", 30), fromEnv(t, "SEED", uint64(time.Now().UnixNano()))
	t.Logf("SEED=%d KILLS=%d", seed, kills)
	r := rand.New(rand.NewPCG(seed, 0))
	dir := t.TempDir()
	w := &witness{printed: make(map[string]bool), ending: make(map[string]bool), issued: make(map[string]bool)}
	var empty int
	for round := range kills {
		boot := fmt.Sprint("boot ", round/2)
		before := len(w.printed)
		cmd := child("issue", dir, boot, fmt.Sprint(r.Uint64()))
		w.watch(t, cmd, time.Duration(r.IntN(120_000))*time.Microsecond)
		w.check(t, dir, boot)
		if t.Failed() {
			t.Fatalf("in round %d", round)
		}
		if len(w.printed) == before {
			empty++
		}
	}
	t.Logf("%d tickets printed, %d kills before the first of a round, pruned %v", len(w.printed), empty, w.pruned)
	if len(w.printed) == 0 {
		t.Error("no kill came after a ticket: the test proved nothing")
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
