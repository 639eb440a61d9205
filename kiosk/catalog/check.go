package catalog

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/queue"
)

// Problem is one thing wrong with a catalogue as a whole, told to whoever wrote it in Russian: what is
// wrong, and what to do.
type Problem struct {
	Path string // where: "service[1].prefix", as in the file
	Text string
}

var (
	codeShape    = regexp.MustCompile(`^[a-z][a-z0-9_]{0,23}$`)
	versionShape = regexp.MustCompile(`^[a-z][a-z0-9_.]{0,23}$`)
	aliasShape   = regexp.MustCompile(`^[a-z][0-9]{1,3}$`)
)

// checker gathers problems.
type checker struct {
	Catalog
	problems []Problem
}

func (c *checker) add(path, text string, args ...any) {
	c.problems = append(c.problems, Problem{path, fmt.Sprintf(text, args...)})
}

// Check returns everything for which a catalogue must not come into force. It never panics, whatever
// the catalogue holds.
func Check(catalog Catalog) []Problem {
	c := &checker{Catalog: catalog}
	if !versionShape.MatchString(c.Version) {
		c.add("version", "%q не подходит: нужны маленькие латинские буквы, цифры, точка и подчёркивание, первая — буква, всего до 24, "+
			"например \"decree84.2\"", c.Version)
	}
	c.competencies()
	c.services()
	c.groups()
	c.windows()
	c.staff()
	c.words("purpose", c.Purposes, nil)
	c.words("outcome", c.Outcomes, event.StepAnswers(event.StepOutcome))
	c.words("resource", c.Resources, event.StepAnswers(event.StepResource))
	c.resources()
	c.papers()
	return c.problems
}

// code looks at the code of an entry: its shape, and that it is there once.
func (c *checker) code(path, code string, seen []string) []string {
	switch {
	case !codeShape.MatchString(code):
		c.add(path+".code", "%q не подходит: нужны маленькие латинские буквы, цифры и подчёркивание, первая — буква, всего до 24", code)
	case slices.Contains(seen, code):
		c.add(path+".code", "код %q уже есть в таком же разделе выше. Дайте другой код", code)
	}
	return append(seen, code)
}

// unknown notes a code that a list refers to and that does not exist.
func (c *checker) unknown(path, what string, codes, known []string) {
	for _, code := range codes {
		if !slices.Contains(known, code) {
			c.add(path, "нет %s %q. Есть: %s", what, code, quoted(known))
		}
	}
}

// competencies looks at the register of competencies and categories (B2–B15).
func (c *checker) competencies() {
	var seen []string
	for i, k := range c.Competencies {
		path := fmt.Sprintf("competency[%d]", i)
		seen = c.code(path, k.Code, seen)
		if strings.TrimSpace(k.Clause) == "" {
			c.add(path+".clause", "не сказано, какой пункт требует компетенции «%s». Добавьте, например: clause = \"Рекомендации, п. 4.2\"", k.Title)
		}
	}
	known, seen := codesOf(c.Competencies, func(k Competency) string { return k.Code }), nil
	categories := codesOf(c.Categories, func(k Category) string { return k.Code })
	for i, k := range c.Categories {
		path := fmt.Sprintf("category[%d]", i)
		seen = c.code(path, k.Code, seen)
		c.unknown(path+".competencies", "компетенции", k.Competencies, known)
		c.unknown(path+".includes", "категории", k.Includes, categories)
		for _, inner := range k.Includes {
			if inner == k.Code || c.within(inner, k.Code, nil) {
				c.add(path+".includes", "категории «%s» и «%s» включают друг друга. Уберите одну из двух строк", k.Code, inner)
			}
		}
	}
	c.consultIncludesIntake(categories)
}

// within reports whether a category includes another one, over however many steps.
func (c *checker) within(category, wanted string, seen []string) bool {
	k, known := find(c.Categories, func(k Category) bool { return k.Code == category })
	if !known || slices.Contains(seen, category) {
		return false
	}
	seen = append(slices.Clone(seen), category)
	return slices.ContainsFunc(k.Includes, func(inner string) bool { return inner == wanted || c.within(inner, wanted, seen) })
}

// consultIncludesIntake holds the two categories of the recommendations against each other (B7).
func (c *checker) consultIncludesIntake(categories []string) {
	i := slices.Index(categories, Consult)
	if i < 0 || !slices.Contains(categories, Intake) {
		return
	}
	has := c.Of(Consult)
	for _, code := range c.Of(Intake) {
		if !slices.Contains(has, code) {
			c.add(fmt.Sprintf("category[%d].includes", i), "консультанты умеют всё, что приём (п. 4.2), а компетенции %q нет. "+
				"Добавьте: includes = [\"intake\"]", code)
			return
		}
	}
}

// services looks for numbers that two services would both give out, and for queues nobody may call from.
func (c *checker) services() {
	var seen []string
	known := codesOf(c.Competencies, func(k Competency) string { return k.Code })
	for i, s := range c.Services {
		path := fmt.Sprintf("service[%d]", i)
		seen = c.code(path, s.Code, seen)
		if s.Code == queue.CourseCounter {
			c.add(path+".code", "код %q занят: по нему считаются талоны на курсы. Дайте другой код", s.Code)
		}
		c.unknown(path+".requires", "компетенции", s.Requires, known)
		c.numbers(path, s, c.Services[:i])
		c.somebody(path, s)
	}
	if len(c.Services) == 0 {
		c.add("service", "нет ни одной услуги. Добавьте раздел [[service]]")
	}
}

// numbers looks at the numbers of a service, and holds them against those before it.
func (c *checker) numbers(path string, s Service, before []Service) {
	for _, f := range queue.CheckRanges([]queue.Service{s.Rule()}) {
		c.add(path+".numbers", "%v", f)
	}
	for _, other := range before {
		if clash := queue.Clash(other.Rule(), s.Rule()); clash != nil && other.Code != s.Code {
			c.add(path+".numbers", "%v. Дайте услугам разные буквы (prefix) или разные номера (numbers)", clash)
		}
	}
}

// somebody notes a service that nobody may call, and says why.
func (c *checker) somebody(path string, s Service) {
	var without []string
	for _, w := range c.Windows {
		switch lacks := c.Lacks(w, s); {
		case len(w.Serves) > 0 && !slices.Contains(w.Serves, s.Code):
		case len(lacks) > 0:
			without = append(without, fmt.Sprintf("%s (нет %s)", placeOf(w), quoted(lacks)))
		default:
			return
		}
	}
	if len(without) > 0 {
		c.add(path+".requires", "услугу «%s» некому вызывать: не хватает компетенции — %s. Дайте её окну (competencies) или смените категорию "+
			"его сотрудников (category)", s.Title, strings.Join(without, ", "))
		return
	}
	c.add(path+".code", "услугу «%s» не вызывает ни одно окно. Добавьте %q в serves одного из окон", s.Title, s.Code)
}

// placeOf names a window in a message.
func placeOf(w Window) string {
	if w.Title != "" {
		return w.Title
	}
	return "окно " + strconv.Itoa(w.Number)
}

// groups looks at what a citizen chooses from.
func (c *checker) groups() {
	var seen, offered []string
	known := codesOf(c.Services, func(s Service) string { return s.Code })
	for i, g := range c.Groups {
		path := fmt.Sprintf("group[%d]", i)
		seen = c.code(path, g.Code, seen)
		if len(g.Services) == 0 {
			c.add(path+".services", "в группе «%s» нет услуг. Добавьте, например: services = [\"docs\"]", g.Title)
		}
		c.unknown(path+".services", "услуги", g.Services, known)
		for _, code := range g.Services {
			if slices.Contains(offered, code) {
				c.add(path+".services", "услуга %q уже есть в другой группе или стоит дважды. Оставьте её в одной", code)
			}
			offered = append(offered, code)
		}
	}
	if len(c.Groups) > MostGroups {
		c.add(fmt.Sprintf("group[%d]", MostGroups), "групп %d, а на экране помещается %d. Объедините услуги в группы", len(c.Groups), MostGroups)
	}
}

// words looks at a list of codes that statistics keep; all of want must be there.
func (c *checker) words(name string, list []Word, want []string) {
	var seen []string
	for i, w := range list {
		seen = c.code(fmt.Sprintf("%s[%d]", name, i), w.Code, seen)
	}
	for _, code := range want {
		if !slices.Contains(seen, code) {
			c.add(name, "нет кода %q, а порядок работы его требует. Добавьте раздел [[%s]] с code = %q", code, name, code)
		}
	}
}

// resources are a closed list: statistics of all centres are compared by it (A12).
func (c *checker) resources() {
	known := event.StepAnswers(event.StepResource)
	for i, w := range c.Resources {
		if codeShape.MatchString(w.Code) && !slices.Contains(known, w.Code) {
			c.add(fmt.Sprintf("resource[%d].code", i), "нет ресурса %q. Бывают: %s", w.Code, quoted(known))
		}
	}
}

// papers looks at courses and memos.
func (c *checker) papers() {
	var seen []string
	topics := codesOf(Topics(), func(w Word) string { return w.Code })
	for i, x := range c.Courses {
		path := fmt.Sprintf("course[%d]", i)
		seen = c.code(path, x.Code, seen)
		if !slices.Contains(topics, x.Topic) {
			c.add(path+".topic", "тема курса «%s» — %q, а бывает: %s (п. 4.6)", x.Title, x.Topic, quoted(topics))
		}
	}
	seen = nil
	for i, m := range c.Memos {
		path := fmt.Sprintf("memo[%d]", i)
		seen = c.code(path, m.Code, seen)
		if !m.OfService && len(m.Notes)+len(m.Steps) == 0 {
			c.add(path+".notes", "памятка «%s» пуста. Добавьте notes = [\"…\"], steps = [\"…\"] или of_service = true", m.Title)
		}
	}
}

// codesOf lists the codes of entries.
func codesOf[T any](list []T, code func(T) string) (codes []string) {
	for _, v := range list {
		codes = append(codes, code(v))
	}
	return codes
}

// quoted joins words for a message: "a", "b".
func quoted(words []string) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = strconv.Quote(w)
	}
	return strings.Join(out, ", ")
}
