package dashboard

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/wire"
)

// machine is a kiosk with all that is known of how it is.
type machine struct {
	district.Kiosk
	office  string
	silent  time.Duration
	grade   int // 2 bad, 1 warn, 0 well, -1 not expected
	reach   district.Completeness
	catalog string // the newest one of the district, to be held against
}

// The shares of a card's free room, percent, from which on it is worth a look, and a trouble.
const (
	diskWarn = 15
	diskBad  = 5
)

// machines reads every kiosk of what was asked, the worst first.
func (s *Site) machines(ctx context.Context, a ask) ([]machine, error) {
	all, err := s.Store.Kiosks(ctx)
	if err != nil {
		return nil, err
	}
	names, reach := map[int64]string{}, map[int64]district.Completeness{}
	for _, o := range a.Offices {
		names[o.ID] = o.Name
	}
	for _, k := range a.Kiosks {
		reach[k.Kiosk] = k
	}
	newest := newestCatalog(all)
	var list []machine
	for _, k := range all {
		if a.Office.ID != 0 && k.Office != a.Office.ID {
			continue
		}
		m := machine{Kiosk: k, office: names[k.Office], reach: reach[k.ID], catalog: newest}
		if !k.Seen.IsZero() {
			m.silent = max(0, a.Now.Sub(k.Seen))
		}
		m.grade = s.grade(m)
		list = append(list, m)
	}
	slices.SortStableFunc(list, func(x, y machine) int {
		return cmp.Or(cmp.Compare(y.grade, x.grade), cmp.Compare(y.silent, x.silent), strings.Compare(x.office, y.office), strings.Compare(x.Name, y.Name))
	})
	return list, nil
}

// newestCatalog is the catalogue that most kiosks have: the others are behind, or ahead.
func newestCatalog(all []district.Kiosk) (most string) {
	votes := map[string]int{}
	for _, k := range all {
		if k.Beat != nil && k.Beat.Catalog != "" {
			votes[k.Beat.Catalog]++
		}
	}
	for version, n := range votes {
		if n > votes[most] || n == votes[most] && version > most {
			most = version
		}
	}
	return most
}

// quiet and mute are for how long a kiosk may be silent before it is worth a look, and a trouble.
func (s *Site) quiet() time.Duration { return 6 * s.Every }
func (s *Site) mute() time.Duration  { return 24 * s.Every }

// grade says how bad it is.
func (s *Site) grade(m machine) int {
	switch {
	case m.Status == ident.Revoked || m.Seen.IsZero():
		return -1
	case m.Cloned || m.Status != ident.Active || m.silent > s.mute() || m.part("printer") == "bad" || m.Beat != nil && m.Beat.Disk < diskBad:
		return 2
	case m.silent > s.quiet() || m.troubles() > 0 || m.Beat != nil && m.Beat.Disk < diskWarn || m.reach.Missing > 0:
		return 1
	}
	return 0
}

// state is a device's word; "" where nothing is wrong, known is false where nobody knows.
func (m machine) state(name string) (word string, known bool) {
	if m.Beat == nil {
		return "", false
	}
	i := slices.IndexFunc(m.Beat.Devices, func(d wire.Device) bool { return d.Name == name })
	if i < 0 {
		return "", true
	}
	return m.Beat.Devices[i].State, true
}

// part grades a device: "ok", "warn", "bad", "" for not known.
func (m machine) part(name string) string {
	word, known := m.state(name)
	switch {
	case !known:
		return ""
	case word == "" || word == "ok":
		return "ok"
	case word == "paper_low" || word == "slow" || word == "unfamiliar" || word == "space_low":
		return "warn"
	}
	return "bad"
}

// troubles counts the devices that need somebody.
func (m machine) troubles() (n int) {
	if m.Beat == nil {
		return 0
	}
	for _, d := range m.Beat.Devices {
		if d.State != "" && d.State != "ok" && d.State != "unfamiliar" {
			n++
		}
	}
	return n
}

// stateText says a device's word.
func stateText(word string) string {
	switch word {
	case "", "ok":
		return "исправно"
	case "paper_low":
		return "бумага кончается"
	case "paper_out":
		return "нет бумаги"
	case "cover_open":
		return "открыта крышка"
	case "jam":
		return "замятие"
	case "offline":
		return "не готов"
	case "absent":
		return "не найден"
	case "stuck":
		return "кнопка зажата"
	case "slow":
		return "медленно"
	case "wrong":
		return "неисправен"
	case "unfamiliar":
		return "незнакомая модель"
	case "space_low":
		return "мало места"
	case "full":
		return "нет места"
	case "no_link":
		return "нет связи"
	case "unregistered":
		return "не зарегистрирован"
	}
	return word
}

// link says whether a kiosk is heard.
func (s *Site) link(m machine) cell {
	switch {
	case m.Status == ident.Revoked:
		return is("off", "снят с учёта")
	case m.Seen.IsZero():
		return is("off", "ещё не подключался")
	case m.Cloned:
		return is("bad", "два устройства под одним ключом")
	case m.Status != ident.Active:
		return is("bad", m.Status.Text())
	case m.silent > s.mute():
		return is("bad", "молчит "+ago(m.silent))
	case m.silent > s.quiet():
		return is("warn", "молчит "+ago(m.silent))
	}
	return is("ok", ago(m.silent)+" назад")
}

// reported is a cell of what the kiosk told when it was last heard; it is old, and said to be, where the
// kiosk is silent.
func (s *Site) reported(m machine, text string) cell {
	switch {
	case m.Beat == nil || m.silent > s.mute():
		return is("off", "не знаем")
	}
	return say(text)
}

// device is the cell of a device.
func (s *Site) device(m machine, name, well string) cell {
	word, known := m.state(name)
	if !known || m.silent > s.mute() {
		return is("off", "не знаем")
	}
	if kind := m.part(name); kind != "ok" {
		return is(kind, stateText(word))
	}
	return say(well)
}

// paper and cover are two sides of what a printer tells.
func (s *Site) paper(m machine) cell {
	if word, _ := m.state("printer"); word == "cover_open" {
		return is("off", "не знаем")
	}
	return s.device(m, "printer", "есть")
}

func (s *Site) cover(m machine) cell {
	switch word, known := m.state("printer"); {
	case !known || m.silent > s.mute() || word == "absent" || word == "offline":
		return is("off", "не знаем")
	case word == "cover_open":
		return is("bad", "открыта")
	}
	return say("закрыта")
}

// disk is the free part of a card.
func (s *Site) disk(m machine) cell {
	if m.Beat == nil || m.silent > s.mute() {
		return is("off", "не знаем")
	}
	text := strconv.Itoa(m.Beat.Disk) + nbsp + "%"
	switch {
	case m.Beat.Disk < diskBad:
		return is("bad", text)
	case m.Beat.Disk < diskWarn:
		return is("warn", text)
	}
	return say(text)
}

// catalogue is the version in force, held against that of the others (A6).
func (s *Site) catalogue(m machine) cell {
	switch {
	case m.Beat == nil || m.Beat.Catalog == "":
		return is("off", "не знаем")
	case m.Beat.Catalog != m.catalog:
		return is("warn", m.Beat.Catalog+", у других "+m.catalog)
	}
	return say(m.Beat.Catalog)
}

// clock is how well the kiosk's time is known.
func (s *Site) clock(m machine, clocks map[int64]time.Duration) cell {
	bound, known := clocks[m.ID]
	switch {
	case m.reach.Undated > 0 && !known:
		return is("warn", "время не установлено")
	case !known:
		return is("off", "не знаем")
	case bound >= time.Minute:
		return is("warn", "±"+nbsp+ago(bound))
	}
	return say("±" + nbsp + decimal(bound.Seconds()) + nbsp + "с")
}

// others names the devices that are in trouble, but for the printer, which has columns of its own.
func (s *Site) others(m machine) cell {
	if m.Beat == nil || m.silent > s.mute() {
		return is("off", "не знаем")
	}
	var said []string
	for _, d := range m.Beat.Devices {
		if d.Name == "printer" || d.State == "" || d.State == "ok" {
			continue
		}
		said = append(said, deviceTitle(d.Name)+": "+stateText(d.State))
	}
	if len(said) == 0 {
		return say("исправны")
	}
	return is("warn", strings.Join(said, "; "))
}

// deviceTitle is a device's name for people: «Пульт окна 2».
func deviceTitle(name string) string {
	for _, d := range devices() {
		if d.Name == name {
			return d.Title
		}
	}
	base := strings.TrimSuffix(name, ".gestures")
	if n, is := strings.CutPrefix(base, "handset."); is {
		return "Пульт окна " + n
	}
	if n, is := strings.CutPrefix(base, "button."); is {
		return "Кнопка " + n
	}
	return name
}

// class colours a row by how bad it is; the words and shapes in it say the same.
func (m machine) class() string {
	switch m.grade {
	case 2:
		return "is-bad"
	case 1:
		return "is-warn"
	}
	return ""
}

// kiosks is the page of machines.
func (s *Site) kiosks(r *http.Request) (view, error) {
	a, err := s.ask(r, thisDay)
	if err != nil {
		return view{}, err
	}
	list, err := s.machines(r.Context(), a)
	if err != nil {
		return view{}, err
	}
	clocks, err := s.Store.Clocks(r.Context(), a.Office.ID)
	if err != nil {
		return view{}, err
	}
	f := a.filterOf("/kiosks")
	f.Periods = nil
	v := view{H1: "Киоски", Lead: a.Office.Name + ". Сначала те, которым нужен человек. Чего киоск не сообщил, того не знаем.", Filter: f}
	v.KPIs = s.tallyMachines(a, list)
	p := panel{ID: "all", Title: "Все киоски", Aside: "молчит дольше " + longer(s.mute()) + " — звоним в центр"}
	t := table{Caption: "Киоски: связь, устройства, версии", Cols: append(left("Киоск", "Центр", "Связь", "Данные", "Бумага", "Крышка", "Другие устройства", "Часы", "Версия", "Каталог"), right("Ждёт передачи", "Свободно на карте", "Нагрев", "Включений всего")...)}
	for _, m := range list {
		t.Rows = append(t.Rows, tableRow{Class: m.class(), Cells: s.machineCells(a, m, clocks)})
	}
	if len(list) == 0 {
		p.Text = []string{"Киосков ещё нет. Администратор добавляет их в разделе управления."}
	} else {
		p.Table = &t
	}
	v.Panels = []panel{p}
	return v, nil
}

// machineCells is the line of a kiosk.
func (s *Site) machineCells(a ask, m machine, clocks map[int64]time.Duration) []cell {
	heat, version := "не знаем", ""
	backlog := is("off", "не знаем")
	if m.Beat != nil {
		version = m.Beat.Firmware
		if m.silent <= s.mute() {
			backlog = put(Figure{Name: "backlog@kiosk." + strconv.FormatInt(m.ID, 10), Known: true, Raw: strconv.FormatUint(m.Beat.Backlog, 10), Text: count(int64(m.Beat.Backlog))})
		}
		if m.Beat.Heat != 0 {
			heat = fmt.Sprintf("%d"+nbsp+"°C", m.Beat.Heat)
		}
	}
	if version == "" {
		version = "не знаем"
	}
	boots := is("off", "не знаем")
	if m.Boot > 0 {
		boots = put(Figure{Name: "boot@kiosk." + strconv.FormatInt(m.ID, 10), Known: true, Raw: strconv.Itoa(int(m.Boot)), Text: count(int64(m.Boot))})
	}
	return []cell{say(m.Name), say(m.office), s.link(m), s.reach(a, m), s.paper(m), s.cover(m), s.others(m), s.clock(m, clocks), say(version), s.catalogue(m), backlog, s.disk(m), s.reported(m, heat), boots}
}

// reach is how far the data of a kiosk go.
func (s *Site) reach(a ask, m machine) cell {
	switch {
	case m.reach.Complete.IsZero():
		return is("off", "данных нет")
	case m.reach.Missing > 0:
		return is("warn", "передано не всё")
	}
	t := m.reach.Complete.In(a.Zone)
	if t.YearDay() == a.Now.YearDay() && t.Year() == a.Now.Year() {
		return say("до " + t.Format("15:04"))
	}
	return say("до " + moment(t))
}

// tallyMachines counts kiosks by how they are.
func (s *Site) tallyMachines(a ask, list []machine) []kpi {
	w := a.whole()
	var silent, trouble, owed, off int64
	for _, m := range list {
		switch {
		case m.grade < 0:
			off++
		case m.silent > s.quiet():
			silent++
		case m.grade > 0:
			trouble++
		}
		if m.Beat != nil && m.Beat.Backlog > 0 {
			owed++
		}
	}
	n := func(name, title string, x int64) kpi {
		return kpi{Title: title, Figure: Figure{Name: name, Known: true, Raw: strconv.FormatInt(x, 10), Text: count(x)}, Whole: w}
	}
	first := n("kiosks", "Киосков на учёте", int64(len(list))-off)
	first.Lead = true
	return []kpi{first, n("kiosks_silent", "Молчат дольше "+longer(s.quiet()), silent), n("kiosks_trouble", "На связи, но нужен человек", trouble), n("kiosks_owe", "Не всё передали", owed), n("kiosks_off", "Не подключались или сняты", off)}
}

// troubled are the kiosks that need somebody, for the first page.
func (s *Site) troubled(ctx context.Context, a ask) (panel, error) {
	list, err := s.machines(ctx, a)
	if err != nil {
		return panel{}, err
	}
	p := panel{ID: "trouble", Title: "Киоски, которым нужен человек", Aside: "все — в разделе «Киоски»"}
	t := table{Caption: "Киоски, которым нужен человек", Cols: append(left("Киоск", "Центр", "Связь", "Данные", "Бумага", "Другие устройства"), right("Ждёт передачи", "Свободно на карте")...)}
	for _, m := range list {
		if m.grade < 1 {
			continue
		}
		if len(t.Rows) == mostTroubled {
			p.Note = fmt.Sprintf("Показаны первые %d.", mostTroubled)
			break
		}
		backlog := is("off", "не знаем")
		if m.Beat != nil && m.silent <= s.mute() {
			backlog = say(count(int64(m.Beat.Backlog)))
		}
		t.Rows = append(t.Rows, tableRow{Class: m.class(), Cells: []cell{say(m.Name), say(m.office), s.link(m), s.reach(a, m), s.paper(m), s.others(m), backlog, s.disk(m)}})
	}
	switch {
	case len(list) == 0:
		p.Text = []string{"Киосков ещё нет."}
	case len(t.Rows) == 0:
		p.Text = []string{"Все киоски на связи и исправны."}
	default:
		p.Table = &t
	}
	return p, nil
}

// mostTroubled is how many kiosks the first page names.
const mostTroubled = 20
