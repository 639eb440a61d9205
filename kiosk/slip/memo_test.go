package slip

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func memos() map[string]Memo {
	at := time.Date(2025, 11, 18, 10, 52, 0, 0, time.UTC)
	end := End{Centre: "МФЦ Кошкинского района", Kiosk: "Киоск 1", Saved: 5, Wiped: 5, At: at, Dated: true}
	blind := end
	blind.Dated, blind.Saved, blind.Wiped = false, 1, 2
	act := Act{Centre: end.Centre, Kiosk: end.Kiosk, Day: at, Printed: at.Add(8 * time.Hour), Dated: true, Wipes: []Wipe{
		{at, true, 5, "done", "exited"}, {at.Add(time.Hour), true, 1, "timed_out", "killed"}, {at, false, 0, "restart", "swept"}}}
	moved := Transfer{Centre: end.Centre, Kiosk: end.Kiosk, Label: "С005", Service: "Подтвердить учётную запись", Places: []string{"окно 3"},
		Back: true, At: at, Dated: true}
	some := moved
	some.Places, some.Back = []string{"окно 1", "окно 2", "место СПС"}, false
	return map[string]Memo{"transfer": moved.Memo(), "transfersome": some.Memo(), "day": someDay().Memo(), "compliance": someCompliance().Memo(),
		"availability": someAvailability().Memo(), "end": end.Memo(), "endnoclock": blind.Memo(), "act": act.Memos()[0]}
}

func TestMemoGolden(t *testing.T) { golden(t, memos()) }

// golden holds papers at 576 dots against their pictures.
func golden(t *testing.T, papers map[string]Memo) {
	t.Helper()
	r := renderer(t)
	for name, m := range papers {
		got, err := r.Memo(m, 576)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", name+".png")
		if *update {
			write(t, path, got)
		}
		want := read(t, path)
		if got.Bounds() != want.Bounds() || differing(got, want) > 0 {
			t.Errorf("%s: got another picture than %s", name, path)
		}
	}
}

// TestMemosFitEveryHead draws and writes each for every width.
func TestMemosFitEveryHead(t *testing.T) {
	r := renderer(t)
	for name, m := range memos() {
		for _, dots := range []int{384, 512, 576} {
			if _, err := r.Memo(m, dots); err != nil {
				t.Errorf("%s, %d dots: %v", name, dots, err)
			}
		}
		for _, columns := range []int{24, 32, 48} {
			lines, err := TextMemo(m, columns)
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			for _, l := range lines {
				if utf8.RuneCountInString(l.Text) > columns {
					t.Errorf("%s: %q is longer than %d", name, l.Text, columns)
				}
			}
		}
	}
	if _, err := r.Memo(Memo{}, 100); err == nil {
		t.Error("a head of 100 dots: got a picture, want an error")
	}
	if _, err := TextMemo(Memo{}, 10); err == nil {
		t.Error("ten columns: got lines, want an error")
	}
}

func TestTheEndSlipAsksAboutTheAccount(t *testing.T) {
	text := strings.Join(memos()["end"].Notes, " ")
	if !strings.Contains(text, "Вы вышли из личного кабинета?") {
		t.Errorf("got %q, want the question (A30)", text)
	}
}

func TestALongActTakesSeveralPapers(t *testing.T) {
	a := Act{Wipes: make([]Wipe, 250)}
	for i := range a.Wipes {
		a.Wipes[i] = Wipe{Pages: 1, Why: "done", How: "exited"}
	}
	papers := a.Memos()
	if len(papers) != 5 || len(papers[4].Lines) != 10 || papers[4].Facts[2].Value != "250\u00a0страниц" {
		t.Errorf("got %d papers, want four of 60 and one of 10 lines with one total", len(papers))
	}
	r := renderer(t)
	for _, p := range papers {
		if _, err := r.Memo(p, 384); err != nil {
			t.Errorf("a full paper: %v", err)
		}
	}
	if got := (Act{}).Memos(); len(got) != 1 {
		t.Errorf("a day without sessions: got %d papers, want one that says so", len(got))
	}
}
