package citizen

import (
	"reflect"
	"testing"
	"time"

	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/ipc"
	"sps-kiosk/kiosk/scan"
)

// at is a kiosk that works, so long after it came up.
func at(up time.Duration) kiosk.CitizenView {
	return kiosk.CitizenView{At: event.Time{Boot: 1, Up: up}, Scanner: health.OK, Printer: health.OK, Scan: scan.View{State: scan.StateIdle},
		Choices: []kiosk.ChoiceView{{Code: "docs", Services: []kiosk.ServiceView{{Code: "docs"}}},
			{Code: "esia", Services: []kiosk.ServiceView{{Code: "esia"}, {Code: "esia_register"}}}}}
}

// in is a session in a state with pages 1 to n.
func in(v kiosk.CitizenView, state scan.State, pages int) kiosk.CitizenView {
	v.Scan = scan.View{State: state, Number: 4}
	for n := range pages {
		v.Scan.Pages = append(v.Scan.Pages, scan.PageView{Page: uint32(n + 1)})
	}
	return v
}

// answer is a ticket, or with "" a refusal.
func answer(v kiosk.CitizenView, number uint64, ticket string, paper kiosk.Paper) kiosk.CitizenView {
	v.Press = kiosk.PressView{Number: number, At: v.At, Ticket: ticket, Paper: paper}
	return v
}

// TestWhichScreen is the table: what the kiosk is, what was pressed, what is shown.
func TestWhichScreen(t *testing.T) {
	v := at(time.Minute)
	stick := func(v kiosk.CitizenView) kiosk.CitizenView { v.Scan.Stick.State = ipc.StickReady; return v }
	shown, bye := State{Until: time.Hour}, State{Farewell: time.Hour}
	for name, c := range map[string]struct {
		v    kiosk.CitizenView
		s    State
		want Kind
	}{
		"nothing":                     {v, State{}, Start},
		"no porter":                   {in(v, scan.StateOff, 0), State{}, Start},
		"a group":                     {v, State{Group: "esia"}, Group},
		"a ticket on its way":         {answer(v, 1, "А001", kiosk.OnItsWay), shown, Ticket},
		"a ticket in hand":            {answer(v, 1, "А001", kiosk.InHand), shown, Ticket},
		"a ticket that was looked at": {answer(v, 1, "А001", kiosk.InHand), State{}, Start},
		"no paper":                    {answer(v, 1, "А001", kiosk.NoPaper), shown, Held},
		"half a ticket":               {answer(v, 1, "А001", kiosk.HalfOut), shown, Held},
		"closed":                      {answer(v, 1, "", 0), shown, Refused},
		"a session begins":            {in(v, scan.StateOpening, 0), State{}, Opening},
		"without a stick":             {in(v, scan.StateWaiting, 0), State{}, Insert},
		"with a stick":                {stick(in(v, scan.StateWaiting, 0)), State{}, First},
		"scanning":                    {in(v, scan.StateScanning, 1), State{}, Working},
		"pages":                       {in(v, scan.StateReview, 1), State{}, Pages},
		"pages, and a ticket":         {answer(in(v, scan.StateReview, 1), 1, "А001", kiosk.InHand), shown, Ticket},
		"saving, and a ticket":        {answer(in(v, scan.StateSaving, 1), 1, "А001", kiosk.InHand), shown, Saving},
		"leaving, and a ticket":       {answer(in(v, scan.StateLeaving, 1), 1, "А001", kiosk.InHand), shown, Leaving},
		"to be taken, and a ticket":   {answer(in(v, scan.StateSaved, 1), 1, "А001", kiosk.InHand), shown, Taking},
		"wiping":                      {in(v, scan.StateWiping, 1), State{}, Wiping},
		"wiped":                       {in(v, scan.StateWiped, 0), bye, Wiped},
		"wiped, and seen":             {in(v, scan.StateWiped, 0), State{}, Start},
		"how to sign out":             {v, State{Farewell: time.Hour, How: true}, HowOut},
		"the next session":            {in(v, scan.StateOpening, 0), bye, Opening},
	} {
		if got := Choose(c.v, c.s); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

// TestWhatStaysAndForHowLong: a ticket 30 s, a number without paper 2 minutes, a refusal 20 s, the end of a
// session a minute, a choice a minute; with Ease twice as long.
func TestWhatStaysAndForHowLong(t *testing.T) {
	wiped := func(v kiosk.CitizenView) kiosk.CitizenView {
		v = in(v, scan.StateWiped, 0)
		v.Scan.Result = scan.Result{Why: scan.Done, Scanned: 2, At: event.Time{Boot: 1, Up: time.Minute}}
		return v
	}
	for name, c := range map[string]struct {
		begin func(kiosk.CitizenView) kiosk.CitizenView
		do    string
		kind  Kind
		stays time.Duration
	}{
		"ticket":     {func(v kiosk.CitizenView) kiosk.CitizenView { return answer(v, 1, "А001", kiosk.InHand) }, "", Ticket, 30 * time.Second},
		"held":       {func(v kiosk.CitizenView) kiosk.CitizenView { return answer(v, 1, "А001", kiosk.NoPaper) }, "", Held, 2 * time.Minute},
		"refused":    {func(v kiosk.CitizenView) kiosk.CitizenView { return answer(v, 1, "", 0) }, "", Refused, 20 * time.Second},
		"wiped":      {wiped, "", Wiped, time.Minute},
		"how":        {wiped, "how", HowOut, time.Minute},
		"group":      {func(v kiosk.CitizenView) kiosk.CitizenView { return v }, "choose:esia", Group, time.Minute},
		"not longer": {func(v kiosk.CitizenView) kiosk.CitizenView { return answer(v, 1, "А001", kiosk.InHand) }, "longer", Ticket, 2 * time.Minute},
	} {
		for _, ease := range []bool{false, true} {
			s := State{Ease: ease, Touched: time.Minute}
			v := c.begin(at(time.Minute))
			s, _ = s.Pass(v)
			if c.do != "" {
				s, _ = s.Press(v, c.do)
			}
			stays := s.stretch(c.stays)
			v.At.Up += stays - time.Second
			if s, _ = s.Pass(v); Choose(v, s) != c.kind {
				t.Errorf("%s, ease %v: after %v got %s, want %s", name, ease, stays-time.Second, Choose(v, s), c.kind)
			}
			v.At.Up += time.Second
			if s, _ = s.Pass(v); Choose(v, s) != Start {
				t.Errorf("%s, ease %v: after %v got %s, want the start", name, ease, stays, Choose(v, s))
			}
			if s.Ease || s.Group != "" || s.Lang != "" {
				t.Errorf("%s: the next citizen finds %+v", name, s)
			}
		}
	}
}

// TestAnAnswerIsShownOnce: dismissed it stays so, a newer one shows, an old one of an hour ago does not, and
// paper that fails later changes what is shown.
func TestAnAnswerIsShownOnce(t *testing.T) {
	v := answer(at(time.Minute), 1, "А001", kiosk.OnItsWay)
	s, _ := State{}.Pass(v)
	v.Press.Paper = kiosk.NoPaper
	v.At.Up += 4 * time.Second
	if s, _ = s.Pass(v); Choose(v, s) != Held || s.Until != v.At.Up+2*time.Minute {
		t.Errorf("paper that failed: got %s until %v", Choose(v, s), s.Until)
	}
	if s, _ = s.Press(v, "have"); Choose(v, s) != Start {
		t.Errorf("dismissed: got %s", Choose(v, s))
	}
	v.Press.Paper = kiosk.InHand // paper is back and the ticket comes
	if s, _ = s.Pass(v); Choose(v, s) != Start {
		t.Errorf("its paper afterwards: got %s", Choose(v, s))
	}
	if s, _ = s.Pass(answer(v, 2, "А002", kiosk.OnItsWay)); s.Until == 0 {
		t.Error("the next answer is not shown")
	}
	late := answer(at(time.Minute), 5, "А005", kiosk.InHand)
	late.At.Up = time.Hour
	if s, _ := (State{}).Pass(late); s.Until != 0 {
		t.Error("an answer of an hour ago is shown to whoever comes now")
	}
	if s, _ := (State{Answer: 9, Until: time.Hour}).Pass(at(time.Second)); s.Answer != 0 || s.Until != 0 {
		t.Errorf("after a restart of the kiosk: got %+v", s)
	}
}

// TestPresses: each press gives the input of its button, on its screen, and nothing anywhere else.
func TestPresses(t *testing.T) {
	start, review := at(time.Minute), in(at(time.Minute), scan.StateReview, 3)
	waiting, busy := in(at(time.Minute), scan.StateWaiting, 0), in(at(time.Minute), scan.StateScanning, 0)
	chosen := State{Session: 4, Page: 2}
	say := func(in scan.Input) []kiosk.Input { return []kiosk.Input{kiosk.Scanning{Input: in}} }
	noScanner := start
	noScanner.Scanner = health.Absent
	for name, c := range map[string]struct {
		v    kiosk.CitizenView
		s    State
		do   string
		want []kiosk.Input
	}{
		"a service":            {start, State{}, "choose:docs", []kiosk.Input{kiosk.ServicePressed{Service: "docs"}}},
		"a group":              {start, State{}, "choose:esia", nil},
		"a service of a group": {start, State{Group: "esia", Touched: time.Minute}, "service:esia_register", []kiosk.Input{kiosk.ServicePressed{Service: "esia_register"}}},
		"one of another group": {start, State{Group: "esia", Touched: time.Minute}, "service:docs", nil},
		"one without a group":  {start, State{}, "service:docs", nil},
		"none":                 {start, State{}, "choose:nothing", nil},
		"help":                 {start, State{}, "help", []kiosk.Input{kiosk.HelpPressed{}}},
		"help in a session":    {busy, State{Session: 4}, "help", []kiosk.Input{kiosk.HelpPressed{}}},
		"scan":                 {start, State{}, "scan", say(scan.Enter{})},
		"scan without scanner": {noScanner, State{}, "scan", nil},
		"a page":               {review, State{Session: 4}, "scan", say(scan.ScanPressed{})},
		"save":                 {review, State{Session: 4}, "save", say(scan.DonePressed{})},
		"save without a page":  {waiting, State{Session: 4}, "save", nil},
		"stop":                 {busy, State{Session: 4}, "stop", say(scan.DonePressed{})},
		"stop without a scan":  {review, State{Session: 4}, "stop", nil},
		"turn":                 {review, chosen, "turn", say(scan.Turn{Page: 2})},
		"again":                {review, chosen, "redo", say(scan.Redo{Page: 2})},
		"remove":               {review, chosen, "remove", say(scan.Remove{Page: 2})},
		"earlier":              {review, chosen, "earlier", say(scan.Move{Page: 2, To: 0})},
		"later":                {review, chosen, "later", say(scan.Move{Page: 2, To: 2})},
		"the last one later":   {review, State{Session: 4, Page: 3}, "later", say(scan.Move{Page: 3, To: 2})},
		"turn without a page":  {review, State{Session: 4}, "turn", nil},
		"a page that is gone":  {review, State{Session: 4, Page: 9}, "remove", nil},
		"choosing is a touch":  {review, State{Session: 4}, "page:2", say(scan.Stay{})},
		"still here":           {review, State{Session: 4}, "stay", say(scan.Stay{})},
		"five minutes":         {review, State{Session: 4}, "more", say(scan.More{})},
		"end":                  {review, State{Session: 4, Ask: true}, "end", say(scan.Cancel{})},
		"home without pages":   {waiting, State{Session: 4}, "home", say(scan.Cancel{})},
		"home with pages asks": {review, State{Session: 4}, "home", nil},
		"a new session, ease":  {review, State{Ease: true}, "good", say(scan.Unhurried{On: true})},
		"ease in a session":    {review, State{Session: 4}, "ease", say(scan.Unhurried{On: true})},
		"ease at the start":    {start, State{}, "ease", nil},
		"save at the start":    {start, State{}, "save", nil},
		"cancel at the start":  {start, State{}, "end", nil},
		"nonsense":             {review, State{Session: 4}, "page:99999999999999999999", say(scan.Stay{})},
		"nothing":              {start, State{}, "", nil},
	} {
		s, got := c.s.Press(c.v, c.do)
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
		if s.Revision != c.s.Revision+1 {
			t.Errorf("%s: a press that is not answered", name)
		}
	}
}

// TestWhileAStickMayNotBePulledNothingIsPressed but help.
func TestWhileAStickMayNotBePulledNothingIsPressed(t *testing.T) {
	for _, state := range []scan.State{scan.StateSaving, scan.StateLeaving, scan.StateSaved} {
		v := in(at(time.Minute), state, 2)
		for _, do := range []string{"home", "back", "end", "save", "scan", "stop", "remove", "redo", "choose:docs", "stay", "more", "page:1"} {
			if _, got := (State{Session: 4, Page: 1}).Press(v, do); got != nil {
				t.Errorf("%s while %s: got %+v, want nothing", do, state, got)
			}
		}
	}
}

// TestTheReminderIsTold once a session, and only where somebody stands.
func TestTheReminderIsTold(t *testing.T) {
	for why, want := range map[scan.Why]int{scan.Done: 1, scan.Cancelled: 1, scan.TimedOut: 0, scan.WorkerLost: 0} {
		v := in(at(time.Minute), scan.StateWiped, 0)
		v.Scan.Result = scan.Result{Why: why, Scanned: 1, At: v.At}
		s, got := State{}.Pass(v)
		_, again := s.Pass(v)
		if len(got) != want || len(again) != 0 {
			t.Errorf("%s: got %v, then %v, want %d reminders and none", why, got, again, want)
		}
	}
}
