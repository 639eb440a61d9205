package appliance

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"sps-kiosk/drivers/button"
	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/slip"
)

// waitWhole is how long all presses may take together.
const waitWhole = 10 * time.Minute

// contactLine is one contact as it is wired, with the lamp beside it.
type contactLine struct {
	name string
	line config.Pin
	lamp string // its name among the lamps
}

// contactsOf lists every contact of the settings, as the service watches them.
func contactsOf(s config.Settings) (list []contactLine) {
	for _, v := range s.Services {
		if v.Button != "" {
			list = append(list, contactLine{"button." + v.Code, v.Button, "service." + v.Code})
		}
	}
	for _, window := range s.Windows {
		for _, b := range handsetButtons(window) {
			list = append(list, contactLine{kiosk.HandsetName(window.Number, b.button), b.line, fmt.Sprintf("window.%d", window.Number)})
		}
	}
	for _, c := range []contactLine{{"button.scan", s.Scan.Button, "scan"}, {"button.done", s.Scan.Done, "done"}, {"button.help", s.Help.Button, "help"}} {
		if c.line != "" {
			list = append(list, c)
		}
	}
	return list
}

// seen is what one contact did.
type seen struct {
	contact int
	stuck   bool
	err     error
}

// contacts has every contact pressed once. The lamp beside one that was not pressed yet is lit; paper and terminal
// say what to do.
func (t *tester) contacts(ctx context.Context) {
	all, lamps := contactsOf(t.settings), t.lamps()
	ctx, cancel := context.WithTimeout(ctx, waitWhole)
	defer cancel()
	events := make(chan seen, len(all))
	var watching sync.WaitGroup
	for i, c := range all {
		watching.Go(func() { t.press(ctx, i, c, events) })
		if lamp := lamps[c.lamp]; lamp != nil {
			_ = lamp(true) // a dead one is told already
		}
	}
	t.print(ctx, t.request(len(all)))
	fmt.Fprintf(t.out, "Нажмите по очереди все кнопки: %d. Лампы горят у тех, что ещё не нажаты.\n", len(all))
	state := t.presses(ctx, all, events, lamps)
	cancel()
	watching.Wait()
	t.pressed(all, state, lamps)
}

// pressed notes what became of every contact.
func (t *tester) pressed(all []contactLine, state []*seen, lamps map[string]kiosk.Lamp) {
	pressed := 0
	for i, c := range all {
		name := deviceName(t.settings, c.name)
		if lamp := lamps[c.lamp]; lamp != nil {
			_ = lamp(false)
		}
		switch s := state[i]; {
		case s == nil:
			t.note(name, "не нажата. Если её нажимали, проверьте провод и номер контакта", true)
		case s.err != nil:
			t.fault(name, "контакт не работает: проверьте его номер. Если служба включена, остановите её", s.err)
		case s.stuck:
			t.note(name, "замкнута всё время: освободите кнопку, проверьте провода", true)
		default:
			pressed++
		}
	}
	t.note("Кнопки", fmt.Sprintf("нажаты %d из %d", pressed, len(all)), false)
}

// request returns the paper that asks for presses.
func (t *tester) request(n int) slip.Memo {
	m := t.page("Проверка кнопок")
	m.Notes = []string{fmt.Sprintf("Нажмите по очереди все кнопки панели и пультов, всего их %d.", n),
		"У кнопок, которые ещё не нажаты, горит лампа. На табло — сколько осталось.",
		"Первой кнопки киоск ждёт минуту, каждой следующей полминуты, потом печатает итог и начинает работу."}
	return m
}

// presses waits until every contact has done something, or nobody presses any more.
func (t *tester) presses(ctx context.Context, all []contactLine, events <-chan seen, lamps map[string]kiosk.Lamp) []*seen {
	state := make([]*seen, len(all))
	idle := time.NewTimer(firstPress)
	defer idle.Stop()
	for slices.Contains(state, nil) {
		t.count(all, state)
		select {
		case <-ctx.Done():
			return state
		case <-idle.C:
			return state
		case s := <-events:
			state[s.contact] = &s
			if lamp := lamps[all[s.contact].lamp]; lamp != nil && t.done(all, state, all[s.contact].lamp) {
				_ = lamp(false)
			}
			if s.err == nil {
				idle.Reset(nextPress)
			}
		}
	}
	return state
}

// done reports whether every contact beside a lamp has been pressed: a handset has up to four and one lamp.
func (t *tester) done(all []contactLine, state []*seen, lamp string) bool {
	for i, c := range all {
		if c.lamp == lamp && state[i] == nil {
			return false
		}
	}
	return true
}

// count shows on the first display how many contacts are left.
func (t *tester) count(all []contactLine, state []*seen) {
	left := 0
	for i := range all {
		if state[i] == nil {
			left++
		}
	}
	if err := showCode(t.board, t.settings.Displays()[:1], fmt.Sprint(left)); err != nil {
		t.log.Warn("show what is left", "device", "display", "err", err)
	}
}

// press waits for one press of a contact, for its being closed all the time, or for its end.
func (t *tester) press(ctx context.Context, i int, c contactLine, events chan<- seen) {
	pin, err := t.line(c.line)
	if err != nil {
		events <- seen{i, false, err}
		return
	}
	b, err := button.New(pin, button.Options{Stuck: stuckInTest})
	if err != nil {
		events <- seen{i, false, err}
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	told := false
	err = b.Run(ctx, func(e button.Edge) {
		if !told && (e.Pressed || e.Stuck) {
			told = true
			events <- seen{i, e.Stuck, nil}
			cancel()
		}
	})
	if err != nil && !told && !errors.Is(err, context.Canceled) {
		events <- seen{i, false, err}
	}
}

// stuckInTest is when a contact that was closed at the start is called stuck: nobody leans on a button so long.
const stuckInTest = 10 * time.Second
