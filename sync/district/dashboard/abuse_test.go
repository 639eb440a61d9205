package dashboard_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/district/dashboard"
	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/wire"
)

func TestOddRequestsAreAnsweredWithAReason(t *testing.T) {
	w := newSmallWorld(t, newRig(t, named))
	c := w.as("вера")
	for _, q := range []struct{ query, say string }{
		{"office=99", "Такого центра нет"}, {"office=-1", "Такого центра нет"}, {"office=1%20OR%201=1", "Такого центра нет"}, {"office=" + strings.Repeat("9", 400), "Такого центра нет"},
		{"from=2026-11-10&to=2026-11-01", "Начало периода позже конца"}, {"from=2020-01-01&to=2026-11-01", "Период длиннее года"}, {"from=0001-01-01&to=9999-12-31", "Дата не читается"},
		{"from=2026-02-30", "Дата не читается"}, {"to=вчера", "Дата не читается"}, {"from=2027-01-01", "ещё не начался"}, {"period=2027-Q1", "ещё не начался"},
		{"period=2026-Q5", "Период не читается"}, {"period=2026-13", "Период не читается"}, {"period=-1", "Период не читается"}, {"period=99999", "Период не читается"},
		{"period=<script>alert(1)</script>", "Период не читается"}, {"period=%ff%fe", "Период не читается"}, {"period=2026-1e", "Период не читается"}, {"a=1;b=2", "Адрес страницы не читается"}, {"office=%zz", "Адрес страницы не читается"},
	} {
		for _, path := range []string{"/", "/period", "/services", "/sps", "/windows", "/availability", "/compliance", "/offices"} {
			code, text, _ := w.get(c, path+"?"+strings.ReplaceAll(strings.ReplaceAll(q.query, "<", "%3C"), ">", "%3E"))
			if code != http.StatusBadRequest || !strings.Contains(text, q.say) || strings.Contains(text, "<script>alert") || !strings.Contains(text, "<h1>") {
				t.Errorf("%s?%s: got %d, want 400 with %q in the layout: %.600s", path, q.query, code, q.say, text)
			}
		}
	}
	began := time.Now()
	if code, _, _ := w.get(c, "/period?from=2025-11-18&to=2026-11-18"); code != http.StatusOK {
		t.Errorf("the longest period: got %d, want 200", code)
	}
	t.Logf("the longest period took %v", time.Since(began))
}

// bad is a name that would do harm where it is not escaped.
const bad = `<script>alert(1)</script><img src=x onerror=alert(2)>" onfocus="alert(3)' {{.}}`

func TestNamesAndCodesAreOnlyWords(t *testing.T) {
	w := newSmallWorld(t, newRig(t, func(o *dashboard.Options) {
		o.Name = bad
		o.Titles = map[string]string{"docs": bad, "purpose.pension": bad, "course.internet": bad}
	}))
	office, err := w.AddOffice(t.Context(), "test", district.Office{Name: bad, Zone: "Europe/Samara"})
	if err != nil {
		t.Fatal(err)
	}
	w.play(office, bad, 1)
	d := district.Delivery{Kiosk: w.kiosks[len(w.kiosks)-1], At: worldNow}
	d.Head = wire.Head{Version: 1, Stream: wire.NewStreamID(), Boot: 2, First: 1, Count: 1, Anchors: []wire.Anchor{{Up: 1000, Lo: worldNow.UnixMilli() - 100, Hi: worldNow.UnixMilli() + 100, Source: "ntp"}}}
	d.Beat = &wire.Beat{Up: 2000, Firmware: bad, Catalog: bad, Devices: []wire.Device{{Name: bad, State: bad}}}
	d.Events = []wire.Event{{Seq: 1, Up: 1000, Kind: "issued", Day: 40, Service: bad, Number: 1, Queue: bad}}
	d.Bad = []wire.Bad{{Seq: 1, Why: bad, Raw: []byte(bad)}}
	if _, err := w.store.Append(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if err := w.Roll(t.Context()); err != nil {
		t.Fatal(err)
	}
	c, seen := w.as("анна"), 0
	for _, path := range append(w.paths(), fmt.Sprintf("/windows?office=%d", office), fmt.Sprintf("/?office=%d", office)) {
		code, text, _ := w.get(c, path)
		low := strings.ToLower(text)
		if code != http.StatusOK || strings.Contains(low, "<script") || strings.Contains(low, "<img") || strings.Contains(low, `" onfocus`) {
			t.Errorf("%s: got %d with something of the name unescaped", path, code)
		}
		seen += strings.Count(text, "&lt;script&gt;")
	}
	if seen < 20 {
		t.Errorf("got %d escaped names on these pages, want the names to be there", seen)
	}
}

func TestBrokenZoneIsSaid(t *testing.T) {
	w := newSmallWorld(t, newRig(t, named))
	err := w.store.ChangeOffice(t.Context(), w.offices[0], func(o *district.Office) error { o.Zone = "Mars/Olympus"; return nil })
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range w.paths() {
		code, text, _ := w.get(w.as("вера"), path)
		if code != http.StatusOK {
			t.Errorf("%s: got %d, want 200", path, code)
		}
		if path == "/period" && !strings.Contains(text, "Mars/Olympus") {
			t.Errorf("%s does not say that the zone is not known", path)
		}
	}
}

func TestEmptyDistrictSaysSo(t *testing.T) {
	r := newRig(t, named)
	c := r.as("вера")
	for _, path := range []string{"/", "/period", "/services", "/sps", "/windows", "/availability", "/kiosks", "/compliance", "/offices", "/quality"} {
		code, text, _ := r.get(c, path)
		if code != http.StatusOK {
			t.Errorf("%s: got %d, want 200", path, code)
		}
		for _, f := range figuresOf(t, text) {
			if f.known && !strings.HasPrefix(f.name, "kiosks") {
				t.Errorf("%s: %s is %s where there is no kiosk: want it unknown", path, f.name, f.text)
			}
		}
		said := map[string]string{"/": "Киосков ещё нет", "/kiosks": "Киосков ещё нет", "/quality": "Киосков ещё нет", "/offices": "Центров ещё нет"}[path]
		if !strings.Contains(text, said) {
			t.Errorf("%s: the page does not say %q", path, said)
		}
	}
}

// An office whose kiosk came once and is silent since does not look like one without visitors.
func TestSilentKioskIsNotAnEmptyOffice(t *testing.T) {
	w := newSmallWorld(t, newRig(t, named))
	c := w.as("вера")
	silent, quiet := w.offices[2], w.offices[1]
	_, text, _ := w.get(c, fmt.Sprintf("/?office=%d", silent))
	for _, f := range figuresOf(t, text) {
		if f.known && (f.name == "issued" || f.name == "scans" || f.name == "service_level") {
			t.Errorf("%s: got %s of a silent kiosk, want it unknown", f.name, f.text)
		}
	}
	for _, want := range []string{"не знаем", "данные 0 киосков из 1", "молчит 25 часов", "до 17.11.2026 14:20"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page of a silent kiosk does not say %q", want)
		}
	}
	if !strings.Contains(text, `<tr class="is-bad">`) || !strings.Contains(text, `<span class="status status--bad">`) {
		t.Error("a kiosk silent for a day is not marked as bad")
	}
	_, text, _ = w.get(c, fmt.Sprintf("/period?office=%d&period=2026-11-15", quiet)) // a Sunday
	if !strings.Contains(text, `<data data-f="issued" value="0">0</data>`) || !strings.Contains(text, "данные 1 киоска из 1") {
		t.Error("a Sunday of a kiosk that told everything: want a zero that is known")
	}
	if strings.Contains(text, "НaN") || strings.Contains(text, "+Inf") {
		t.Error("a number of nothing on the page")
	}
}

// What is wrong with the data themselves is counted and named.
func TestQualityNamesWhatIsMissing(t *testing.T) {
	r := newRig(t, named)
	r.now = worldNow
	office, err := r.AddOffice(t.Context(), "test", district.Office{Name: "Кошки", Zone: "Europe/Samara"})
	if err != nil {
		t.Fatal(err)
	}
	kiosk, err := r.AddKiosk(t.Context(), "test", office, "у входа")
	if err != nil {
		t.Fatal(err)
	}
	key := ident.NewKey()
	err = r.store.ChangeKiosk(t.Context(), kiosk, func(k *district.Kiosk) error {
		k.Status, k.Card, k.Ring.Current = ident.Active, 1, key.Public()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	before := wire.NewStreamID()
	d := district.Delivery{Kiosk: kiosk, At: worldNow.Add(-time.Minute)}
	d.Head = wire.Head{Version: 1, Stream: wire.NewStreamID(), Boot: 2, First: 11, Count: 4, Lost: &wire.Lost{From: 1, Why: wire.Dropped}, Prev: &wire.Prev{Stream: before, Last: 7, Up: 5000}}
	d.Beat = &wire.Beat{Up: 9_000_000, Firmware: "1.4", Backlog: 3, Disk: 4}
	for i := range 3 {
		d.Events = append(d.Events, wire.Event{Seq: uint64(11 + i), Up: int64(i+1) * 1000, Kind: "issued", Day: 1, Service: "docs", Number: i + 1, Queue: "docs"})
	}
	d.Bad = []wire.Bad{{Seq: 14, Why: "form", Raw: []byte(`{"s":14,"oops":1}`)}}
	if _, err := r.store.Append(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if err := r.Roll(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, text, _ := r.get(r.as("вера"), "/quality")
	got := map[string]int64{}
	for _, f := range figuresOf(t, text) {
		got[f.name] = f.raw
	}
	for name, want := range map[string]int64{"missing": 7, "lost": 10, "bad": 1, "undated": 3} {
		if got[name] != want || got[fmt.Sprintf("%s@kiosk.%d", name, kiosk)] != want {
			t.Errorf("%s: got %d, want %d", name, got[name], want)
		}
	}
	if got[fmt.Sprintf("backlog@kiosk.%d", kiosk)] != 3 {
		t.Errorf("backlog: got %v, want 3", got)
	}
	for _, want := range []string{"на карте не было места", "form", "передано не всё", "не позже"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if strings.Contains(text, "oops") {
		t.Error("what is in a line that was not read stands on the page: it may be anything")
	}
	if _, text, _ := r.get(r.as("вера"), "/kiosks"); !strings.Contains(text, "is-bad") || !strings.Contains(text, "время не установлено") {
		t.Error("a kiosk with a full card and no clock: want it marked")
	}
}
