package config

import (
	"fmt"
	"net/url"
	"slices"
	"time"

	"sps-kiosk/kiosk/catalog"
	"sps-kiosk/kiosk/queue"
)

// Most sections of a kind that a catalogue may have: what a kiosk of one centre can need, and a bound for
// a file that was pasted twice too often.
const (
	mostServices = 40
	mostWindows  = 30
	mostStaff    = 200
	mostWords    = 60
)

// catalogOf reads every section of a catalogue.
func catalogOf(file map[string]any, out *list) catalog.Catalog {
	root := &table{values: file, out: out}
	c := catalog.Catalog{
		Version:        root.required("version", 24),
		Act:            root.required("act", 120),
		AsOf:           root.dateOf("as_of", true),
		Mode:           catalog.Mode(root.oneOf("competency_mode", string(catalog.Special), string(catalog.Special), string(catalog.Common))),
		StaleMonths:    root.number("stale_months", 6, 1, 36),
		FamiliarMonths: root.number("familiar_months", 6, 1, 36),
		Slot:           root.oneOf("slot", catalog.Down, catalog.Down, catalog.Right, catalog.Left),
		Hours:          hoursOf(root.section("hours")),
	}
	q := queueOf(root.section("queue"))
	c.CarryOver, c.Privileges = q.CarryOver, q.Privileges
	c.Texts = textsOf(root.section("texts"))
	c.Services = read(root, "service", mostServices, serviceOf)
	c.Windows = read(root, "window", mostWindows, windowOf)
	c.Groups = read(root, "group", mostServices, groupOf)
	c.Competencies = read(root, "competency", mostWords, competencyOf)
	c.Categories = read(root, "category", mostWords, categoryOf)
	c.Staff = read(root, "staff", mostStaff, staffOf)
	c.Purposes = read(root, "purpose", mostWords, wordOf)
	c.Resources = read(root, "resource", mostWords, wordOf)
	c.Outcomes = read(root, "outcome", mostWords, wordOf)
	c.Courses = read(root, "course", mostWords, courseOf)
	c.Memos = read(root, "memo", mostWords, memoOf)
	root.finish()
	return c
}

// plainGroups are the groups of a catalogue that has none: each service by itself, as many as fit.
func plainGroups(c catalog.Catalog) (groups []catalog.Group) {
	for _, s := range c.Services[:min(len(c.Services), catalog.MostGroups)] {
		groups = append(groups, catalog.Group{Code: s.Code, Title: s.Title, Services: []string{s.Code}})
	}
	return groups
}

// read reads the tables of [[name]], of which there may be none.
func read[T any](root *table, name string, most int, one func(*table) T) (all []T) {
	if _, present := root.values[name]; !present {
		root.asked = append(root.asked, name)
		return nil
	}
	for _, t := range root.array(name, most) {
		all = append(all, one(t))
	}
	return all
}

// dateOf reads a date, "" where it is empty and need not be there.
func (t *table) dateOf(key string, required bool) string {
	text := t.text(key, "", 12)
	_, present := t.values[key]
	switch {
	case text == "" && !required:
		return ""
	case !present:
		t.absent = append(t.absent, key)
		return ""
	}
	if _, isText := t.values[key].(string); isText && !t.date(key, text) {
		return ""
	}
	return text
}

func groupOf(t *table) catalog.Group {
	g := catalog.Group{Code: t.required("code", 24), Title: t.required("title", 40), Note: t.text("note", "", 80)}
	g.Services, _ = t.texts("services")
	t.finish()
	return g
}

// serviceOf reads one [[service]] of the catalogue.
func serviceOf(t *table) catalog.Service {
	s := catalog.Service{
		Code:    t.required("code", 24),
		Title:   t.required("title", 60),
		Prefix:  queue.NormalPrefix(t.text("prefix", "", 4)),
		Digits:  t.number("digits", 3, 1, 4),
		Typical: time.Duration(t.number("typical_minutes", 10, 1, 240)) * time.Minute,
		SLA:     time.Duration(t.number("sla_minutes", 15, 1, 240)) * time.Minute,
		Duty:    t.flag("duty"),
		Remind:  t.flag("remind"),
		Online:  t.online(),
		Benefit: t.text("benefit", "", 300),
	}
	if s.Prefix != "" {
		if err := queue.Legible(s.Prefix); err != nil {
			t.out.add(t.at("prefix"), "%v", err)
		}
	}
	s.First, s.Last = t.numbers("numbers", s.Digits)
	s.Requires, _ = t.texts("requires")
	s.Stages, s.Channels = t.lines("stages"), t.lines("channels")
	t.finish()
	return s
}

// online reads an address that becomes a QR code.
func (t *table) online() string {
	v := t.text("online", "", 120)
	if u, err := url.Parse(v); v != "" && (err != nil || u.Scheme != "https" || u.Host == "") {
		t.out.add(t.at("online"), "%q — не адрес. Нужно, например: \"https://gosuslugi.ru\"", v)
	}
	return v
}

// Bounds of what stands on a paper.
const (
	mostLines   = 12
	longestLine = 300
)

// lines reads sentences for a paper.
func (t *table) lines(key string) []string {
	all, _ := t.texts(key)
	if len(all) > mostLines {
		t.out.add(t.at(key), "строк %d, можно до %d", len(all), mostLines)
		return nil
	}
	for i, v := range all {
		switch {
		case v == "":
			t.out.add(t.at(key), "%d-й в списке пуст: впишите текст или уберите кавычки", i+1)
		case len([]rune(v)) > longestLine:
			t.out.add(t.at(key), "%d-й в списке слишком длинный: %d знаков, можно до %d", i+1, len([]rune(v)), longestLine)
		}
	}
	return all
}

// windowOf reads one [[window]] of the catalogue.
func windowOf(t *table) catalog.Window {
	w := catalog.Window{
		Number:     t.windowNumber(),
		TransferTo: t.text("transfer_to", "", 24),
		Return:     t.flag("return_after"),
		Capacity:   t.number("capacity", 1, 1, 20),
		Category:   t.text("category", "", 24),
		SwitchTo:   t.numbersOf("switch_to", 1, 99),
		Planned:    t.span("hours", t.text("hours", "", 20)),
	}
	w.Title = t.text("title", fmt.Sprintf("окно %d", w.Number), 30)
	w.Serves, _ = t.texts("serves")
	w.Competencies, _ = t.texts("competencies")
	t.finish()
	return w
}

func competencyOf(t *table) catalog.Competency {
	k := catalog.Competency{Code: t.required("code", 24), Title: t.required("title", 120), Clause: t.text("clause", "", 80)}
	t.finish()
	return k
}

func categoryOf(t *table) catalog.Category {
	k := catalog.Category{Code: t.required("code", 24), Title: t.required("title", 80)}
	k.Competencies, _ = t.texts("competencies")
	k.Includes, _ = t.texts("includes")
	t.finish()
	return k
}

// staffOf reads one [[staff]].
func staffOf(t *table) catalog.Staff {
	s := catalog.Staff{Alias: t.required("alias", 40), Category: t.required("category", 24), Confirmed: map[string]string{},
		Familiar: t.dateOf("familiar", false), ESIA: t.dateOf("esia", false)}
	dates, _ := value[map[string]any](t, "confirmed", "список дат: { legal_acts = \"2026-09-01\" }")
	for code, raw := range dates {
		date, isText := raw.(string)
		if !isText {
			t.out.add(t.at("confirmed."+code), "здесь нужна дата в кавычках, а написано %s", kindOf(raw))
			continue
		}
		if t.date("confirmed."+code, date) {
			s.Confirmed[code] = date
		}
	}
	t.finish()
	return s
}

func wordOf(t *table) catalog.Word {
	w := catalog.Word{Code: t.required("code", 24), Title: t.required("title", 60)}
	t.finish()
	return w
}

func courseOf(t *table) catalog.Course {
	x := catalog.Course{Code: t.required("code", 24), Title: t.required("title", 60), Topic: t.text("topic", "", 24), Place: t.text("place", "", 40)}
	x.Dates, _ = t.texts("dates")
	for _, d := range x.Dates {
		if _, err := time.Parse(catalog.CourseTime, d); err != nil {
			t.out.add(t.at("dates"), "%q не подходит: нужны дата и время, например \"2026-12-01 10:00\"", d)
		}
	}
	slices.Sort(x.Dates)
	t.finish()
	return x
}

func memoOf(t *table) catalog.Memo {
	m := catalog.Memo{Code: t.required("code", 24), Title: t.required("title", 80), OfService: t.flag("of_service"),
		Notes: t.lines("notes"), Steps: t.lines("steps"), Online: t.online()}
	t.finish()
	return m
}

func textsOf(t *table) catalog.Texts {
	x := catalog.Texts{Uncovered: t.required("uncovered", 160), Prohibition: t.required("prohibition", 160)}
	t.finish()
	return x
}
