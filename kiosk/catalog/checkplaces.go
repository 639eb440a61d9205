package catalog

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// windows looks at the places: numbers that come twice, codes and places that do not exist, transfers
// and changes of place that could not work.
func (c *checker) windows() {
	services := codesOf(c.Services, func(s Service) string { return s.Code })
	known := codesOf(c.Competencies, func(k Competency) string { return k.Code })
	categories := codesOf(c.Categories, func(k Category) string { return k.Code })
	for i, w := range c.Windows {
		path := fmt.Sprintf("window[%d]", i)
		if slices.ContainsFunc(c.Windows[:i], func(o Window) bool { return o.Number == w.Number }) {
			c.add(path+".number", "окно %d уже есть. Дайте другой номер", w.Number)
		}
		c.unknown(path+".serves", "услуги", w.Serves, services)
		c.unknown(path+".competencies", "компетенции", w.Competencies, known)
		if w.Category != "" {
			c.unknown(path+".category", "категории", []string{w.Category}, categories)
		}
		c.transfer(path, w, services)
		c.change(path, w)
		if len(c.Calls(w)) == 0 {
			c.add(path+".serves", "%s никого не вызывает: ни для одной услуги нет компетенции или serves пуст. "+
				"Добавьте, например: serves = [\"docs\"]", placeOf(w))
		}
	}
	if len(c.Windows) == 0 {
		c.add("window", "нет ни одного окна. Добавьте раздел [[window]]")
	}
}

// transfer looks at where one gesture sends to (A23).
func (c *checker) transfer(path string, w Window, services []string) {
	switch calls := c.Calls(w); {
	case w.TransferTo == "":
	case !slices.Contains(services, w.TransferTo):
		c.add(path+".transfer_to", "некуда перенаправлять: нет услуги %q. Есть: %s", w.TransferTo, quoted(services))
	case len(calls) == 1 && calls[0] == w.TransferTo:
		c.add(path+".transfer_to", "%s перенаправляет в свою же очередь. Укажите другую услугу или пустые кавычки", placeOf(w))
	}
}

// change looks at the places that a universal specialist changes to (A19): whoever does must be able
// to do there what is done there.
func (c *checker) change(path string, w Window) {
	path += ".switch_to"
	for _, number := range w.SwitchTo {
		to, known := c.Window(number)
		switch {
		case !known:
			c.add(path, "окна %d нет. Есть: %s", number, c.numbersOfWindows())
		case number == w.Number:
			c.add(path, "%s не может перейти само в себя. Укажите другое место", placeOf(w))
		default:
			for _, code := range c.Calls(to) {
				s, _ := c.Service(code)
				if lacks := c.Lacks(w, s); len(lacks) > 0 {
					c.add(path, "из места «%s» нельзя перейти в «%s»: там принимают «%s», а компетенции %s здесь нет. "+
						"Добавьте её в competencies или уберите это место из switch_to", placeOf(w), placeOf(to), s.Title, quoted(lacks))
					break
				}
			}
		}
	}
}

func (c *checker) numbersOfWindows() string {
	return strings.Join(codesOf(c.Windows, func(w Window) string { return strconv.Itoa(w.Number) }), ", ")
}

// staff looks at the register of staff: aliases instead of names (A13), known categories and
// competencies.
func (c *checker) staff() {
	var seen []string
	known := codesOf(c.Competencies, func(k Competency) string { return k.Code })
	categories := codesOf(c.Categories, func(k Category) string { return k.Code })
	for i, s := range c.Staff {
		path := fmt.Sprintf("staff[%d]", i)
		switch {
		case !aliasShape.MatchString(s.Alias):
			c.add(path+".alias", "%q похоже на имя, а имён здесь не бывает: нужны буква и номер, например \"s1\". "+
				"Кто это, знает только руководитель", s.Alias)
		case slices.Contains(seen, s.Alias):
			c.add(path+".alias", "сотрудник %q уже есть. Дайте другой номер", s.Alias)
		}
		seen = append(seen, s.Alias)
		c.unknown(path+".category", "категории", []string{s.Category}, categories)
		c.unknown(path+".confirmed", "компетенции", sortedKeys(s.Confirmed), known)
	}
}

func sortedKeys(m map[string]string) (keys []string) {
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
