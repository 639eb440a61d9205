package catalog

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sps-kiosk/kiosk/queue"
)

// centre is a small centre: a document window, a consultant, a seat with a universal specialist.
func centre(mode Mode) Catalog {
	return Catalog{
		Version: "test.1", Mode: mode, AsOf: "2026-06-01", StaleMonths: 6, FamiliarMonths: 3,
		Services: []Service{
			{Code: "docs", Title: "Документы", Prefix: "А", First: 1, Last: 999, Digits: 3, Requires: []string{LegalActs}},
			{Code: "esia", Title: "Учётная запись", Prefix: "Е", First: 1, Last: 999, Digits: 3, Requires: []string{ESIARegister, ESIAConfirm}},
			{Code: "sps", Title: "Помощь", Prefix: "С", First: 1, Last: 999, Digits: 3, Requires: []string{SPS}},
		},
		Windows: []Window{
			{Number: 1, Title: "окно 1", Category: Intake, Serves: []string{"docs", "esia", "sps"}},
			{Number: 2, Title: "окно 2", Category: Consult},
			{Number: 4, Title: "место СПС", Category: Consult, Competencies: []string{SPS}, Serves: []string{"sps"}},
		},
		Competencies: []Competency{{LegalActs, "акты", "п. 4.1"}, {ESIARegister, "регистрация", "п. 4.2"}, {ESIAConfirm, "подтверждение", "п. 4.2"}, {SPS, "СПС", "п. 3"}},
		Categories: []Category{{Code: Intake, Competencies: []string{LegalActs}},
			{Code: Consult, Competencies: []string{ESIARegister, ESIAConfirm}, Includes: []string{Intake}}},
		Outcomes:  []Word{{"solved", "р"}, {"consulted", "к"}, {"redirected", "п"}, {"return_visit", "в"}, {"unsolved", "н"}},
		Resources: []Word{{"epgu", "г"}, {"agency", "в"}, {"other", "д"}},
	}
}

// TestModeDecidesTheRouting: in the special mode a window calls what its own staff can, in the common one
// whatever any category can (B15); a competency that no category has stays where it is (A7).
func TestModeDecidesTheRouting(t *testing.T) {
	for mode, want := range map[Mode][3]string{
		Special: {"docs", "docs esia", "sps"},
		Common:  {"docs esia", "docs esia", "sps"},
	} {
		c := centre(mode)
		for i, w := range c.Windows {
			if got := strings.Join(c.Calls(w), " "); got != want[i] {
				t.Errorf("%s: %s calls %q, want %q", mode, w.Title, got, want[i])
			}
		}
		if p := Check(c); len(p) > 0 {
			t.Errorf("%s: got %+v, want none", mode, p)
		}
	}
	if w := centre(Special).Warnings(time.Time{}); len(w) != 2 || !strings.Contains(w[0].Text, `окно 1 не будет вызывать «Учётная запись»: нет компетенции "esia_register", "esia_confirm"`) {
		t.Errorf("got %+v, want two queues that window 1 lists in vain", w)
	}
}

// TestDates: what is out of date on which day (B6, B16).
func TestDates(t *testing.T) {
	c := centre(Special)
	c.Staff = []Staff{{Alias: "s1", Category: Intake, Familiar: "2026-08-31"}, {Alias: "s2", Category: Intake, Familiar: "2026-10-01"}, {Alias: "s3", Category: Intake}}
	for day, want := range map[string]struct {
		stale   bool
		overdue int
	}{
		"2026-11-30": {false, 1}, "2026-12-01": {false, 1}, "2026-12-02": {true, 2}, "2027-01-02": {true, 3}, "2026-09-01": {false, 1},
	} {
		today, err := time.ParseInLocation(time.DateOnly, day, time.FixedZone("", 4*3600))
		if err != nil {
			t.Fatal(err)
		}
		if c.Stale(today) != want.stale || c.Overdue(today) != want.overdue {
			t.Errorf("%s: got stale %t, overdue %d, want %+v", day, c.Stale(today), c.Overdue(today), want)
		}
	}
}

// TestStaffIsSeen: who is not identified in ESIA, and whose competencies are not confirmed, by alias alone
// (B2–B4, B12); with every date there is nothing to say.
func TestStaffIsSeen(t *testing.T) {
	c := centre(Special)
	c.Windows[0].Serves = nil
	c.Staff = []Staff{{Alias: "s1", Category: Consult, Confirmed: map[string]string{LegalActs: "2026-01-01", ESIARegister: "2026-01-01"}}}
	var got []string
	for _, p := range c.Warnings(time.Time{}) {
		got = append(got, p.Path+": "+p.Text)
	}
	want := []string{"staff[0].confirmed: у сотрудника s1 не подтверждены компетенции его категории: esia_confirm",
		"staff[0].esia: сотрудник s1 не прошёл идентификацию в ЕСИА (п. 4.3)"}
	if !slices.Equal(got[:min(2, len(got))], want) {
		t.Errorf("got %q, want %q first", got, want)
	}
	c.Staff[0].Confirmed[ESIAConfirm], c.Staff[0].ESIA, c.Staff[0].Familiar = "2026-01-01", "2026-01-12", "2026-05-01"
	c.Staff = append(c.Staff, Staff{Alias: "s2", Category: Intake, Confirmed: map[string]string{LegalActs: "2026-01-01", SPS: "2026-01-01"},
		ESIA: "2026-01-12", Familiar: "2026-05-01"})
	if got := c.Warnings(time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)); len(got) != 0 {
		t.Errorf("got %+v, want none", got)
	}
}

// TestGaps: hours in which by the plan nobody competent is there, and competencies nobody has confirmed (A33).
func TestGaps(t *testing.T) {
	c := centre(Special)
	c.Hours.Days[time.Monday] = queue.Span{Begin: 8 * 60, End: 18 * 60}
	if g := c.Gaps(); len(g) != 0 {
		t.Errorf("got %+v, want none while all windows work all hours", g)
	}
	c.Windows[2].Planned = queue.Span{Begin: 9 * 60, End: 13 * 60}
	c.Windows = append(c.Windows, Window{Number: 5, Category: Consult, Competencies: []string{SPS}, Serves: []string{"sps"}, Planned: queue.Span{Begin: 12 * 60, End: 17*60 + 30}})
	within := c.Windows[3]
	within.Number, within.Planned = 6, queue.Span{Begin: 10 * 60, End: 11 * 60}
	c.Windows = append(c.Windows, within)
	c.Staff = []Staff{{Alias: "s1", Category: Intake, Confirmed: map[string]string{LegalActs: "2026-01-01", SPS: "2026-01-01", ESIARegister: "2026-01-01"}, ESIA: "2026-01-01"}}
	var got []string
	for _, g := range c.Gaps() {
		got = append(got, g.Text)
	}
	want := []string{"понедельник, 8:00–9:00: услугу «Помощь» по плану никто не принимает",
		"понедельник, 17:30–18:00: услугу «Помощь» по плану никто не принимает",
		"компетенция \"esia_confirm\" (п. 4.2) ни у кого из сотрудников не подтверждена. Впишите дату подтверждения в confirmed"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestNextCourse(t *testing.T) {
	zone := time.FixedZone("", 4*3600)
	x := Course{Dates: []string{"2026-12-08 10:00", "2026-12-01 10:00", "nonsense"}}
	at := func(day, hour int) time.Time { return time.Date(2026, 12, day, hour, 0, 0, 0, zone) }
	for now, want := range map[time.Time]time.Time{at(1, 9): at(1, 10), at(1, 10): at(8, 10), at(8, 10): {}} {
		if got, ok := x.Next(now); !got.Equal(want) || ok == want.IsZero() {
			t.Errorf("after %v: got %v, %t, want %v", now, got, ok, want)
		}
	}
}

// word draws codes that exist, and others.
func word() *rapid.Generator[string] {
	return rapid.SampledFrom([]string{"", "docs", "esia", "sps", "intake", "consult", "legal_acts", "esia_register", "s1", "Иванов", "x", "solved", "epgu"})
}

// drawn is any catalogue at all.
func drawn(t *rapid.T) Catalog {
	words := func(name string) []string { return rapid.SliceOfN(word(), 0, 3).Draw(t, name) }
	span := func(name string) queue.Span {
		return queue.Span{Begin: rapid.IntRange(-10, 1500).Draw(t, name), End: rapid.IntRange(-10, 1500).Draw(t, name)}
	}
	c := Catalog{Version: word().Draw(t, "version"), AsOf: word().Draw(t, "as of"), Mode: rapid.SampledFrom([]Mode{"", Common, Special}).Draw(t, "mode")}
	for range rapid.IntRange(0, 4).Draw(t, "services") {
		c.Services = append(c.Services, Service{Code: word().Draw(t, "code"), Title: "Т", Prefix: rapid.SampledFrom([]string{"", "А", "З", "АА"}).Draw(t, "prefix"),
			First: rapid.IntRange(-1, 20).Draw(t, "first"), Last: rapid.IntRange(-1, 2000).Draw(t, "last"), Digits: rapid.IntRange(-1, 4).Draw(t, "digits"), Requires: words("requires")})
	}
	for range rapid.IntRange(0, 4).Draw(t, "windows") {
		c.Windows = append(c.Windows, Window{Number: rapid.IntRange(-1, 4).Draw(t, "number"), Serves: words("serves"), TransferTo: word().Draw(t, "to"), Category: word().Draw(t, "category"),
			Competencies: words("competencies"), SwitchTo: rapid.SliceOfN(rapid.IntRange(-1, 5), 0, 2).Draw(t, "switch"), Planned: span("planned")})
	}
	for range rapid.IntRange(0, 3).Draw(t, "categories") {
		c.Categories = append(c.Categories, Category{Code: word().Draw(t, "category"), Competencies: words("has"), Includes: words("includes")})
		c.Competencies = append(c.Competencies, Competency{Code: word().Draw(t, "competency"), Clause: word().Draw(t, "clause")})
		c.Groups = append(c.Groups, Group{Code: word().Draw(t, "group"), Services: words("of group")})
		c.Staff = append(c.Staff, Staff{Alias: word().Draw(t, "alias"), Category: word().Draw(t, "of"), Confirmed: map[string]string{word().Draw(t, "confirmed"): "x"}})
		c.Outcomes = append(c.Outcomes, Word{Code: word().Draw(t, "outcome")})
		c.Courses = append(c.Courses, Course{Code: word().Draw(t, "course"), Topic: word().Draw(t, "topic"), Dates: words("dates")})
		c.Memos = append(c.Memos, Memo{Code: word().Draw(t, "memo")})
	}
	for i := range c.Hours.Days {
		c.Hours.Days[i] = span("hours")
	}
	return c
}

// TestNeverPanics: whatever a file holds, it is judged; each message says something, and nothing loops.
func TestNeverPanics(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawn(t)
		for _, p := range append(Check(c), c.Warnings(time.Now())...) {
			if p.Path == "" || p.Text == "" {
				t.Fatalf("got %+v, want a place and words", p)
			}
		}
	})
}

// TestOnlyTheCompetentCall: whatever the catalogue, a window calls from no queue that it lacks a competency for
// (A7, B8–B10), and in a catalogue without a fault every queue has somebody.
func TestOnlyTheCompetentCall(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawn(t)
		var seen []string // a code that comes twice is refused
		c.Services = slices.DeleteFunc(c.Services, func(s Service) bool {
			seen = append(seen, s.Code)
			return slices.Contains(seen[:len(seen)-1], s.Code)
		})
		called := map[string]bool{}
		for _, w := range c.Windows {
			has := c.Competent(w)
			for _, code := range c.Calls(w) {
				called[code] = true
				s, _ := c.Service(code)
				for _, need := range s.Requires {
					if !slices.Contains(has, need) {
						t.Fatalf("window %d calls %s without %s: it has %v", w.Number, code, need, has)
					}
				}
			}
		}
		if len(Check(c)) > 0 {
			return
		}
		for _, s := range c.Services {
			if !called[s.Code] {
				t.Fatalf("nobody calls %s of a catalogue without a fault", s.Code)
			}
		}
	})
}
