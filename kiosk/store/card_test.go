package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/queue"
)

// onSmallCard leaves a small card some room beside the reserve.
var onSmallCard = Options{Reserve: 16 << 20}

// card is a store on a small file system, beside a file that eats the rest of it.
type card struct {
	dir string
	s   *Store
	h   *hand
}

func playCard(part, dir, tickets string) error {
	c := &card{dir: dir}
	err := map[string]func(string) error{"grow": c.grow, "still full": c.stillFull, "eaten up": c.eatenUp,
		"no opening": c.noOpening, "comes back": c.comesBack}[part](tickets)
	if err == nil {
		os.Exit(0)
	}
	return err
}

// open opens the store and finds every ticket there.
func (c *card) open(tickets string) error {
	s, err := onSmallCard.Open(filepath.Join(c.dir, "store"), "one boot", silent())
	if err != nil {
		return err
	}
	l, err := s.Load()
	if err != nil {
		return err
	}
	c.s, c.h = s, newHand(l.State, s.Boot())
	live := make(map[string]bool)
	for _, t := range l.State.Tickets {
		live[t.ID.String()] = true
	}
	for id := range strings.FieldsSeq(tickets) {
		if !live[id] {
			return fmt.Errorf("ticket %s is lost", id)
		}
	}
	if l.Loss.Any() {
		return fmt.Errorf("got loss %+v, want none", l.Loss)
	}
	return nil
}

// issue commits a ticket and says so.
func (c *card) issue() error {
	h := *c.h
	h.nums = map[string]int{"docs": c.h.nums["docs"]}
	t, change := h.issue("docs")
	if err := c.s.Commit(change); err != nil {
		return err
	}
	c.h = &h
	_, err := fmt.Println("+", t.ID)
	return err
}

// work commits what no compression makes smaller.
func (c *card) work(r *rand.Rand) error {
	h := *c.h
	var change queue.Change
	for range 160 {
		e := h.event(event.Help, event.TicketID{})
		b := make([]byte, 3500)
		for i := range b {
			b[i] = byte(' ' + r.IntN(95))
		}
		e.Code = string(b)
		change.Events = append(change.Events, e)
	}
	if err := c.s.Commit(change); err != nil {
		return err
	}
	c.h = &h
	return nil
}

// eat takes the room of the card but for leave bytes.
func (c *card) eat(leave int64) error {
	f, err := os.OpenFile(filepath.Join(c.dir, "filler"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	for b := make([]byte, 64<<10); ; {
		free, err := freeBytes(c.dir)
		if err != nil || free <= leave {
			return err
		}
		if _, err := f.Write(b[:min(int64(len(b)), free-leave)]); errors.Is(err, unix.ENOSPC) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// grow lets the store itself fill what is left: new work is refused no later than other work. Then
// the rest goes, and the store is left without a table more.
func (c *card) grow(string) error {
	if err := c.open(""); err != nil {
		return err
	}
	if err := errors.Join(c.s.Commit(c.h.begin()), c.issue(), c.eat(c.s.space.need+2*endRoom)); err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(1, 1))
	issued, after := 0, 0
	for err := error(nil); err == nil && issued+after < 400; {
		switch err := c.issue(); {
		case errors.Is(err, ErrFull):
			after++
		case err != nil:
			return err
		default:
			issued++
		}
		if err = c.work(r); err != nil && !errors.Is(err, ErrFull) {
			return err
		}
	}
	fmt.Printf("%d tickets with changes; %d changes without one; then nothing more\n", issued, after)
	// A log that becomes a table gives room back, sooner or later: what follows is about a card
	// that stays full.
	if err := settle(filepath.Join(c.dir, "store", "queue")); err != nil {
		return err
	}
	if _, err := c.s.space.watch(); err != nil {
		return err
	}
	if err := c.eat(c.s.space.need - slackRoom); err != nil {
		return err
	}
	if err := c.issue(); issued == 0 || !errors.Is(err, ErrFull) {
		return fmt.Errorf("issue: got %v, want it refused after some", err)
	}
	if err := c.s.Close(); !errors.Is(err, ErrFull) {
		return fmt.Errorf("close: got %v, want %v", err, ErrFull)
	}
	return nil
}

// stillFull starts on the full card: it serves without new work, or waits.
func (c *card) stillFull(tickets string) error {
	err := c.open(tickets)
	if errors.Is(err, ErrFull) {
		fmt.Println("waits:", err)
		return nil
	}
	if err != nil {
		return err
	}
	fmt.Println("opens")
	// Opening may have turned waiting logs into tables and given their room back, sooner or later:
	// then new work is taken again, but only into room that is there.
	room := func() int64 {
		free, err := freeBytes(c.dir)
		if err == nil && c.s.space.reserve.held() {
			free += onSmallCard.Reserve
		}
		return free
	}
	before := room()
	switch err, free := c.issue(), max(before, room()); {
	case err == nil && free < c.s.space.need+endRoom:
		return fmt.Errorf("issue: taken with %d bytes of room, %d are needed", free, c.s.space.need+endRoom)
	case err != nil && !errors.Is(err, ErrFull):
		return fmt.Errorf("issue: got %v, want nil or %v", err, ErrFull)
	}
	return nil
}

// eatenUp loses all room to somebody else between two commits, and again when the reserve is gone.
// Where Badger is making a table at that moment no reserve can help, and the process ends.
func (c *card) eatenUp(tickets string) error {
	if err := errors.Join(c.open(tickets), c.issue()); err != nil {
		return err
	}
	if !c.s.space.reserve.held() {
		return errors.New("the reserve was not taken back")
	}
	for range 2 {
		if err := c.eat(0); err != nil {
			return err
		}
		for range 20 {
			if err := c.issue(); err != nil && !errors.Is(err, ErrFull) {
				return err
			}
		}
	}
	return c.eat(0)
}

// noOpening starts without any room: it waits, and condemns nothing.
func (c *card) noOpening(tickets string) error {
	for range 3 {
		if err := c.open(tickets); !errors.Is(err, ErrFull) {
			return fmt.Errorf("open: got %v, want %v", err, ErrFull)
		}
	}
	return nil
}

// comesBack has its room again.
func (c *card) comesBack(tickets string) error {
	if err := errors.Join(c.open(tickets), c.issue()); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	now := func() event.Time { return c.h.now() }
	err := c.s.Run(ctx, now, func(state Space) {
		if fmt.Println("room:", state); state == Enough {
			cancel()
		}
	})
	if err != nil || !c.s.space.reserve.held() {
		return fmt.Errorf("reserve held %v, error %w", c.s.space.reserve.held(), err)
	}
	return c.s.Close()
}
