package kiosk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/gesture"
	"sps-kiosk/kiosk/queue"
)

// asked is one command as a client gave it; number is 0 where it named no ticket.
type asked struct {
	command gesture.Command
	window  byte
	number  byte
}

// told is what the client was answered: a number, or the sentinel of an error.
type told struct {
	number byte
	err    error
}

// hall is the queue of one service at four open windows once more, as letters: the last number, then
// five for each live ticket, in the order of arrival. As a string it is compared by value.
type hall string

const (
	hallNumber = iota
	hallPhase  // 'w'aiting, 'c'alled, 's'erving, 'p'arked
	hallWindow
	hallParker
	hallFirst // by privilege
	hallSize
)

// step is the naive sequential queue: what a command answers in a state, and the state after it.
func (h hall) step(in asked) (hall, told) {
	b := []byte(h)
	tickets := func() (list [][]byte) {
		for i := 1; i < len(b); i += hallSize {
			list = append(list, b[i:i+hallSize])
		}
		return list
	}
	find := func(so func(t []byte) bool) []byte {
		if i := slices.IndexFunc(tickets(), so); i >= 0 {
			return tickets()[i]
		}
		return nil
	}
	at := func(phase byte) []byte {
		return find(func(t []byte) bool { return t[hallWindow] == in.window && t[hallPhase] == phase })
	}
	named := func(phases string) []byte {
		return find(func(t []byte) bool {
			return t[hallNumber] == in.number && bytes.IndexByte([]byte(phases), t[hallPhase]) >= 0
		})
	}
	leave := func(t []byte, phase, window byte) (hall, told) {
		number := t[hallNumber]
		t[hallPhase], t[hallWindow] = phase, window
		if phase == 0 {
			i := bytes.Index(b[1:], t) + 1
			return hall(append(b[:i:i], b[i+hallSize:]...)), told{number: number}
		}
		return hall(b), told{number: number}
	}
	first := func(sos ...func(t []byte) bool) []byte {
		for _, so := range sos {
			if t := find(so); t != nil {
				return t
			}
		}
		return nil
	}
	switch in.command {
	case gesture.Issue:
		b[0]++
		return hall(append(b, b[0], 'w', 0, 0, 0)), told{number: b[0]}
	case gesture.CallNext, gesture.Resume:
		if at('c') != nil || at('s') != nil {
			return h, told{err: queue.ErrBusyWindow}
		}
		t := first(func(t []byte) bool { return t[hallPhase] == 'w' && t[hallFirst] == 1 },
			func(t []byte) bool { return t[hallPhase] == 'w' })
		if in.command == gesture.Resume {
			own := func(t []byte) bool { return t[hallPhase] == 'p' && t[hallParker] == in.window }
			t = first(func(t []byte) bool { return own(t) && t[hallFirst] == 1 }, own,
				func(t []byte) bool { return t[hallPhase] == 'p' && t[hallFirst] == 1 },
				func(t []byte) bool { return t[hallPhase] == 'p' })
		}
		if t == nil {
			return h, told{}
		}
		return leave(t, 'c', in.window)
	case gesture.Recall, gesture.Start, gesture.NoShow:
		if t := at('c'); t != nil {
			return leave(t, map[gesture.Command]byte{gesture.Recall: 'c', gesture.Start: 's'}[in.command], in.window)
		}
	case gesture.Finish:
		if t := at('s'); t != nil {
			return leave(t, 0, 0)
		}
	case gesture.SetAside:
		t := at('c')
		if t == nil {
			t = at('s')
		}
		if t != nil {
			t[hallParker] = in.window
			return leave(t, 'p', 0)
		}
	case gesture.Void:
		if t := named("wcp"); t != nil {
			return leave(t, 0, 0)
		}
	case gesture.Grant:
		if t := named("wp"); t != nil {
			t[hallFirst] = 1
			return hall(b), told{number: in.number}
		}
	}
	return h, told{err: queue.ErrNoTicket}
}

// sequential is hall as the checker wants it.
func sequential() porcupine.Model {
	return porcupine.Model{
		Init: func() any { return hall("\x00") },
		Step: func(state, in, out any) (bool, any) {
			next, want := state.(hall).step(in.(asked))
			got := out.(told)
			return got.number == want.number && errors.Is(got.err, want.err), next
		},
		DescribeOperation: func(in, out any) string { return fmt.Sprintf("%+v → %+v", in, out) },
	}
}

// slowCard is a store whose commits take unequal times, so that calls overlap.
type slowCard struct{}

func (slowCard) Commit(queue.Change) error {
	time.Sleep(time.Duration(rand.IntN(80)) * time.Microsecond)
	return nil
}

// startHall runs a loop with four open windows that all serve one queue, and returns its inputs.
func startHall(t *testing.T) chan<- Input {
	t.Helper()
	s := config.Default()
	s.Hours.Days = [7]queue.Span{}
	for i := range s.Windows {
		s.Windows[i].Serves = []string{"docs"}
	}
	m, err := NewMachine(s, queue.State{})
	if err != nil {
		t.Fatal(err)
	}
	inputs, begun := make(chan Input, 16), time.Now()
	loop := &Loop{Machine: m, Store: slowCard{}, Inputs: inputs, Act: func(Action) {},
		Now: func() event.Time { return event.Time{Boot: 1, Up: time.Since(begun), Error: event.Unknown} }}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- loop.Run(ctx, Loss{}) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the loop ended with %v", err)
		}
	})
	for w := range s.Windows {
		inputs <- Ordered{Command: gesture.Open, Window: w + 1}
	}
	return inputs
}

// call gives one command and waits for the answer.
func (in asked) call(inputs chan<- Input) told {
	answers := make(chan Answer, 1)
	o := Ordered{Command: in.command, Window: int(in.window), Service: "docs", Privilege: queue.Veteran,
		Reply: func(a Answer) { answers <- a }}
	if in.number != 0 {
		o.Ticket = event.TicketID{Day: 1, Service: "docs", Number: int(in.number)}
	}
	inputs <- o
	a := <-answers
	if a.Err != nil {
		return told{err: a.Err}
	}
	return told{number: byte(a.Ticket.ID.Number)}
}

// TestCallsAreLinearizable: four windows and four consoles give commands at the same time, at each
// other's windows too, and every answer fits one order of the commands, in which none comes before
// it was given or after it was answered.
func TestCallsAreLinearizable(t *testing.T) {
	inputs, begun := startHall(t), time.Now()
	const clients, each = 8, 60
	everywhere := []gesture.Command{gesture.CallNext, gesture.CallNext, gesture.Start, gesture.Start, gesture.Finish, gesture.Finish,
		gesture.Recall, gesture.NoShow, gesture.SetAside, gesture.Resume}
	atConsoles := append(slices.Clone(everywhere), gesture.Issue, gesture.Issue, gesture.Issue, gesture.Issue, gesture.Void, gesture.Grant)
	histories := make([][]porcupine.Operation, clients)
	var wait sync.WaitGroup
	for client := range clients {
		wait.Go(func() {
			random := rand.New(rand.NewPCG(uint64(client), 7))
			for range each {
				in := asked{command: everywhere[random.IntN(len(everywhere))], window: byte(client + 1)}
				if client >= 4 { // a console: any window, any command
					in = asked{command: atConsoles[random.IntN(len(atConsoles))], window: byte(1 + random.IntN(4))}
				}
				if in.command == gesture.Void || in.command == gesture.Grant {
					in.number = byte(1 + random.IntN(40))
				}
				op := porcupine.Operation{ClientId: client, Input: in, Call: time.Since(begun).Nanoseconds()}
				op.Output = in.call(inputs)
				op.Return = time.Since(begun).Nanoseconds()
				histories[client] = append(histories[client], op)
			}
		})
	}
	wait.Wait()
	history := slices.Concat(histories...)
	if got := porcupine.CheckOperationsTimeout(sequential(), history, time.Minute); got != porcupine.Ok {
		t.Errorf("the history of %d commands: got %v, want %v", len(history), got, porcupine.Ok)
	}
	used, overlaps := map[gesture.Command]bool{}, 0
	for i, op := range history {
		if out := op.Output.(told); out.err == nil && out.number != 0 {
			used[op.Input.(asked).command] = true
		}
		if i > 0 && slices.ContainsFunc(history[:i], func(o porcupine.Operation) bool {
			return o.ClientId != op.ClientId && o.Call < op.Return && op.Call < o.Return
		}) {
			overlaps++
		}
	}
	for _, c := range atConsoles {
		if !used[c] {
			t.Errorf("%v never succeeded", c)
		}
	}
	if overlaps < len(history)/4 {
		t.Errorf("%d of %d commands overlapped another one: too few to show anything", overlaps, len(history))
	}
	forge(t, history)
}

// forge is the check of the check: an answer that another command had is noticed.
func forge(t *testing.T, history []porcupine.Operation) {
	t.Helper()
	for i, op := range history {
		in, out := op.Input.(asked), op.Output.(told)
		if in.command != gesture.CallNext || out.number == 0 {
			continue
		}
		forged := slices.Clone(history)
		forged[i].Output = told{number: out.number + 1}
		if got := porcupine.CheckOperationsTimeout(sequential(), forged, time.Minute); got != porcupine.Illegal {
			t.Errorf("a forged call of number %d: got %v, want %v", out.number+1, got, porcupine.Illegal)
		}
		return
	}
}
