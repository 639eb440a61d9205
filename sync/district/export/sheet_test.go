package export

import (
	"bytes"
	"testing"

	"sps-kiosk/kiosk/figures"
	"sps-kiosk/sync/district"
)

// noted is a roll-up of answers in an hour of 14.09.2026.
func noted(t *testing.T, office int64, hour int, queue, part string, answers, services int64) district.Row {
	t.Helper()
	var row figures.Row
	row.N[figures.Answers], row.N[figures.Services] = answers, services
	data, err := row.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return district.Row{Office: office, Hour: int64(DayOf(2026, 9, 14))*24 + int64(hour), Key: district.Key{Queue: queue, Part: part}, Data: data}
}

// TestSheetOfTheSector: answers stand in the decree's order, what only a catalogue knows by its title or its
// code, and who was not asked is counted of the visits to the sector's queues alone.
func TestSheetOfTheSector(t *testing.T) {
	f := &fake{}
	fill(t, f)
	err := f.PutRows(t.Context(), []district.Row{
		noted(t, 1, 9, "sps", "", 0, 20), noted(t, 1, 9, "sps", "account.confirmed", 7, 0), noted(t, 1, 10, "sps", "account.confirmed", 5, 0),
		noted(t, 1, 9, "sps", "account.none", 2, 0), noted(t, 1, 9, "sps", "purpose.pension", 4, 0), noted(t, 1, 9, "sps", "purpose.boats", 1, 0),
		noted(t, 1, 9, "docs", "", 0, 500), noted(t, 2, 9, "sps", "account.confirmed", 90, 0), noted(t, 1, 24*40, "sps", "account.none", 50, 0),
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Sheet(t.Context(), f, f, Request{Step: Monthly, From: DayOf(2026, 9, 1), To: DayOf(2026, 10, 1), Office: 1}, noon)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int64{}
	order := ""
	for _, l := range r.Lines {
		step, answer := l.words(map[string]string{"purpose.pension": "пенсия"})
		got[step+": "+answer] = l.Visits
		if l.Answer == NotAsked {
			order += l.Step + " "
		}
	}
	for name, want := range map[string]int64{
		"Учётная запись Госуслуг: подтверждена": 12, "Учётная запись Госуслуг: не подтверждена": 0, "Учётная запись Госуслуг: нет": 2,
		"Учётная запись Госуслуг: не спрашивали": 6, "Цель обращения: пенсия": 4, "Цель обращения: boats": 1, "Цель обращения: не спрашивали": 15,
		"Результат обращения: не спрашивали": 20,
	} {
		if n, is := got[name]; !is || n != want {
			t.Errorf("%s: got %d (%v), want %d", name, n, is, want)
		}
	}
	if want := "account offer purpose support resource reached equipment feedback reminders outcome "; order != want {
		t.Errorf("got the order %s, want %s", order, want)
	}
	var b bytes.Buffer
	if err := r.JSON(&b); err != nil || !bytes.Contains(b.Bytes(), []byte(`"answer": "boats"`)) {
		t.Errorf("JSON: %v, %s", err, b.String())
	}
	d, err := Summary(t.Context(), f, f, Request{Step: Monthly, From: DayOf(2026, 9, 1), Office: 1}, nil, noon)
	if err != nil {
		t.Fatal(err)
	}
	if last := d.Tables[len(d.Tables)-1]; last.Lines[0][0] != "Учётная запись Госуслуг: подтверждена" || last.Lines[0][1] != "12" {
		t.Errorf("on paper: got %v", last.Lines[0])
	}
}
