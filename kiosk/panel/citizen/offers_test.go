package citizen

import (
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/event"
)

// lookAt is a screen of these choices.
func lookAt(t *testing.T, s State, more fstest.MapFS) Look {
	t.Helper()
	all, err := packs(t, more)
	if err != nil {
		t.Fatal(err)
	}
	v := kiosk.CitizenView{At: event.Time{Boot: 1, Up: time.Hour}, Choices: []kiosk.ChoiceView{
		{Code: "docs", Title: "Подать документы", Services: []kiosk.ServiceView{{Code: "docs", Title: "Подать документы"}}},
		{Code: "sps", Title: "Помощь", Courses: true, Services: []kiosk.ServiceView{{Code: "sps", Title: "Помощь"}}},
		{Code: "esia", Title: "Учётная запись", Services: []kiosk.ServiceView{{Code: "esia", Title: "Учётная запись"}, {Code: "esia_register", Title: "Создать"}}},
	}, Courses: []kiosk.CourseView{{Code: "web", Title: "Интернет"}}}
	return Look{Words: words(all, s.Lang), CitizenView: v, Kind: Choose(v, s), State: s,
		Local: time.Date(2025, 11, 18, 10, 42, 0, 0, time.UTC)}
}

// TestNothingReadsTwice: in a group no choice is called like the heading above it; the one that was comes last and
// gives what it gave.
func TestNothingReadsTwice(t *testing.T) {
	for group, want := range map[string][]string{"esia": {"service:esia_register", "service:esia"}, "sps": {"service:sps", "courses"}} {
		l := lookAt(t, State{Group: group}, fstest.MapFS{})
		var got []string
		for _, o := range l.Offers() {
			got = append(got, o.Do)
			if o.Title == l.Head && l.Head != "" || o.Title == l.Chosen().Title {
				t.Errorf("%s: %q stands under itself", group, o.Title)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", group, got, want)
		}
	}
}

// TestTheWayToACourse (B18): a group that leads to the courses opens even where it has one service; back leads
// through it; only a course that is shown is taken.
func TestTheWayToACourse(t *testing.T) {
	v := lookAt(t, State{}, fstest.MapFS{}).CitizenView
	s, inputs := State{}.Press(v, "course:web")
	if len(inputs) != 0 {
		t.Errorf("from the start screen: got %v", inputs)
	}
	if s, inputs = s.Press(v, "choose:sps"); s.Group != "sps" || len(inputs) != 0 {
		t.Errorf("the group: got %+v, %v", s, inputs)
	}
	if s, _ = s.Press(v, "courses"); Choose(v, s) != Courses {
		t.Errorf("got %s, want the courses", Choose(v, s))
	}
	if _, inputs = s.Press(v, "course:web"); !slices.Equal(inputs, []kiosk.Input{kiosk.CourseTaken{Course: "web"}}) {
		t.Errorf("a course: got %v", inputs)
	}
	if _, inputs = s.Press(v, "course:dancing"); len(inputs) != 0 {
		t.Errorf("a course that is none: got %v", inputs)
	}
	if s, _ = s.Press(v, "back"); s.Group != "sps" {
		t.Errorf("back: got %q, want the group", s.Group)
	}
	if s, _ = s.Press(v, "back"); s.Group != "" {
		t.Errorf("back again: got %q, want the start", s.Group)
	}
	v.Press = kiosk.PressView{Number: 1, At: v.At, Enrolled: 1203, Title: "Интернет"}
	if s, _ = s.Pass(v); Choose(v, s) != Enrolled || s.Until != v.At.Up+ticketTime {
		t.Errorf("the answer: got %s until %v", Choose(v, s), s.Until)
	}
	v.Press = kiosk.PressView{Number: 2, At: v.At, Refused: kiosk.ClosedView{Reason: kiosk.NoCourse}}
	if s, _ = s.Pass(v); Choose(v, s) != Refused || s.Until != v.At.Up+refusedTime {
		t.Errorf("without paper: got %s until %v", Choose(v, s), s.Until)
	}
}

// TestTheDateSpeaksTheLanguage of the screen, day by day; what a pack does not have stays Russian.
func TestTheDateSpeaksTheLanguage(t *testing.T) {
	if got := lookAt(t, State{}, fstest.MapFS{}).Date(); got != "вторник, 18\u00a0ноября" {
		t.Errorf("in Russian: got %q", got)
	}
	pack := fstest.MapFS{"xx.json": {Data: []byte(`{"name":"Икс","plural":"one","reader":"N","text":{"weekday.2":"ДВ","month.11":"МО","date":"{day} ({weekday})"}}`)}}
	l := lookAt(t, State{Lang: "xx"}, pack)
	if got := l.Date(); got != "18\u00a0МО (ДВ)" {
		t.Errorf("in another language: got %q", got)
	}
	if got := l.When(kiosk.CourseView{Begins: l.Local, Dated: true}); got != "18\u00a0МО, в\u00a010:42" {
		t.Errorf("a course: got %q", got)
	}
	l = lookAt(t, State{Lang: "xx"}, fstest.MapFS{"xx.json": {Data: []byte(`{"name":"Икс","plural":"one","reader":"N"}`)}})
	if got := l.Date(); got != "вторник, 18\u00a0ноября" {
		t.Errorf("a pack without days: got %q", got)
	}
}
