package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// table reads the keys of one TOML table and notes what is wrong with them. A key that was never
// asked for is unknown.
type table struct {
	path   string // "service[1]"
	values map[string]any
	asked  []string
	absent []string // required keys that are not there
	out    *list
}

// at returns the full path of a key.
func (t *table) at(key string) string { return strings.TrimPrefix(t.path+"."+key, ".") }

// value fetches a key of a type; ok is false where it is absent or of another type, which is noted.
func value[T any](t *table, key, kind string) (v T, ok bool) {
	t.asked = append(t.asked, key)
	raw, present := t.values[key]
	if !present {
		return v, false
	}
	if v, ok = raw.(T); !ok {
		t.out.add(t.at(key), "здесь нужно: %s, а написано: %s", kind, kindOf(raw))
	}
	return v, ok
}

// text reads a string of at most limit letters, or gives back the default.
func (t *table) text(key, otherwise string, limit int) string {
	v, ok := value[string](t, key, "текст в кавычках")
	if !ok {
		return otherwise
	}
	v = strings.TrimSpace(v)
	if n := len([]rune(v)); n > limit {
		t.out.add(t.at(key), "слишком длинно: %d знаков, можно до %d", n, limit)
		return otherwise
	}
	if strings.ContainsFunc(v, func(r rune) bool { return r < ' ' }) {
		t.out.add(t.at(key), "текст должен быть в одну строку")
		return otherwise
	}
	return v
}

// required reads a string that must be there.
func (t *table) required(key string, limit int) string {
	v := t.text(key, "", limit)
	if _, present := t.values[key]; !present {
		t.absent = append(t.absent, key)
	} else if raw, isText := t.values[key].(string); isText && strings.TrimSpace(raw) == "" {
		t.out.add(t.at(key), "пусто, а здесь нужен текст")
	}
	return v
}

// number reads a whole number between low and high, or gives back the default.
func (t *table) number(key string, otherwise, low, high int) int {
	v, ok := value[int64](t, key, "целое число без кавычек")
	if !ok {
		return otherwise
	}
	if v < int64(low) || v > int64(high) {
		t.out.add(t.at(key), "число %d не подходит, можно от %d до %d", v, low, high)
		return otherwise
	}
	return int(v)
}

// flag reads true or false.
func (t *table) flag(key string) bool {
	v, _ := value[bool](t, key, "true или false без кавычек")
	return v
}

// texts reads a list of strings; ok is false where the key is absent.
func (t *table) texts(key string) (out []string, ok bool) {
	raw, ok := value[[]any](t, key, "список в квадратных скобках")
	for i, item := range raw {
		s, isText := item.(string)
		if !isText {
			t.out.add(t.at(key), "%d-й в списке: нужен текст в кавычках, а написано %s", i+1, kindOf(item))
			continue
		}
		out = append(out, strings.TrimSpace(s))
	}
	return out, ok
}

// numbersOf reads a list of whole numbers between low and high.
func (t *table) numbersOf(key string, low, high int) (out []int) {
	raw, _ := value[[]any](t, key, "список в квадратных скобках")
	for i, item := range raw {
		n, whole := item.(int64)
		if !whole || n < int64(low) || n > int64(high) {
			t.out.add(t.at(key), "%d-й в списке: нужно целое число от %d до %d без кавычек, а написано %s", i+1, low, high, kindOf(item))
			continue
		}
		out = append(out, int(n))
	}
	return out
}

// moved notes keys that stood in this file once and are another one's now.
func (t *table) moved(to string, keys ...string) {
	for _, key := range keys {
		if _, present := t.values[key]; present {
			t.out.add(t.at(key), "это теперь в catalog.toml, раздел %s: перенесите туда. Образец: kiosk config print catalog", to)
			delete(t.values, key)
		}
	}
}

// finish notes every key that nobody asked for, with the nearest known one, and every required key
// that is absent, unless it was only mistyped.
func (t *table) finish() {
	for key := range t.values {
		if slices.Contains(t.asked, key) {
			continue
		}
		hint := ""
		if near := nearest(key, t.asked); near != "" {
			hint = fmt.Sprintf(" Может быть, %s?", near)
			t.absent = slices.DeleteFunc(t.absent, func(k string) bool { return k == near })
		}
		t.out.add(t.at(key), "такого ключа нет.%s Здесь бывают: %s", hint, strings.Join(t.asked, ", "))
	}
	for _, key := range t.absent {
		t.out.add(t.at(key), "не хватает ключа %s. Добавьте строку: %s = \"…\"", key, key)
	}
}

// kindOf names a TOML value for the technician.
func kindOf(v any) string {
	switch v := v.(type) {
	case string:
		return strconv.Quote(v)
	case int64:
		return fmt.Sprintf("число %d", v)
	case float64:
		return "дробное число"
	case bool:
		return strconv.FormatBool(v)
	case []any:
		return "список"
	case map[string]any:
		return "раздел"
	}
	return "дата или время"
}

// nearest returns the known key within two typing errors of key, or "".
func nearest(key string, known []string) string {
	best, name := 3, ""
	for _, k := range known {
		if d := distance(key, k); d < best {
			best, name = d, k
		}
	}
	return name
}

// distance counts the letters to insert, drop or change (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := before
			if a[i] != b[j] {
				cost++
			}
			before = row[j+1]
			row[j+1] = min(cost, row[j]+1, before+1)
		}
	}
	return row[len(b)]
}
