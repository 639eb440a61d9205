package citizen

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"sps-kiosk/kiosk/russian"
)

// Pack is the words of one language. A sentence that a pack does not have is said in Russian.
type Pack struct {
	Code   string              `json:"-"`
	Name   string              `json:"name"`   // of the language in itself: «Русский»
	Plural string              `json:"plural"` // "slavic": one, few, many; "one": a single form
	Reader string              `json:"reader"` // who reads it as a native; "" = waiting for one, and not offered
	Text   map[string]string   `json:"text"`
	Counts map[string][]string `json:"counts"` // forms by Plural, with {n} for the number
}

// first is the code of the language that is always first and never missing.
const first = "ru"

// Packs reads *.json of a folder: Russian first, the others by name. A pack that waits for its native reader
// is read and checked, and not offered: nobody gets words that nobody has vouched for.
func Packs(folder fs.FS) ([]Pack, error) {
	names, err := fs.Glob(folder, "*.json")
	if err != nil {
		return nil, err
	}
	var packs []Pack
	for _, name := range names {
		data, err := fs.ReadFile(folder, name)
		if err != nil {
			return nil, fmt.Errorf("read language pack: %w", err)
		}
		p := Pack{Code: strings.TrimSuffix(name, ".json")}
		if err := json.Unmarshal(data, &p); err != nil {
			return nil, fmt.Errorf("language pack %s: %w", name, err)
		}
		if err := p.check(); err != nil {
			return nil, fmt.Errorf("language pack %s: %w", name, err)
		}
		packs = append(packs, p)
	}
	slices.SortStableFunc(packs, func(a, b Pack) int {
		if a.Code == first || b.Code == first {
			return cmp.Compare(b2i(b.Code == first), b2i(a.Code == first))
		}
		return cmp.Compare(a.Name, b.Name)
	})
	if len(packs) == 0 || packs[0].Code != first {
		return nil, fmt.Errorf("language packs: there is no %s.json", first)
	}
	return packs, packs[0].covers(packs[1:])
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// forms is how many forms a count has.
var forms = map[string]int{"slavic": 3, "one": 1}

func (p Pack) check() error {
	want, known := forms[p.Plural]
	if !known {
		return fmt.Errorf("plural %q: known are slavic and one", p.Plural)
	}
	for key, f := range p.Counts {
		if len(f) != want {
			return fmt.Errorf("%s has %d forms, want %d", key, len(f), want)
		}
	}
	return nil
}

// covers reports words of other packs that Russian does not have: nobody would ever read them.
func (p Pack) covers(others []Pack) error {
	for _, other := range others {
		for key := range other.Text {
			if _, known := p.Text[key]; !known {
				return fmt.Errorf("language pack %s: no such sentence: %s", other.Code, key)
			}
		}
		for key := range other.Counts {
			if _, known := p.Counts[key]; !known {
				return fmt.Errorf("language pack %s: no such count: %s", other.Code, key)
			}
		}
	}
	return nil
}

// Words are the words of one language over Russian.
type Words struct{ own, base Pack }

// words returns the words of a language; Russian for one that is not offered.
func words(packs []Pack, code string) Words {
	for _, p := range packs {
		if p.Code == code && p.Reader != "" {
			return Words{p, packs[0]}
		}
	}
	return Words{packs[0], packs[0]}
}

// offered are the packs a citizen may choose from.
func offered(packs []Pack) (list []Pack) {
	for _, p := range packs {
		if p.Reader != "" {
			list = append(list, p)
		}
	}
	return list
}

// T returns a sentence, with pairs of placeholder and value put in: T("page", "n", 3). A key that is none is a
// fault of the program, and shows itself.
func (w Words) T(key string, with ...any) string {
	text, own := w.own.Text[key]
	if !own || text == "" {
		if text = w.base.Text[key]; text == "" {
			return "[" + key + "]"
		}
	}
	return put(text, with)
}

// Has reports whether there is such a sentence.
func (w Words) Has(key string) bool { return w.base.Text[key] != "" }

// N returns the form of a sentence for a count.
func (w Words) N(key string, n int, with ...any) string {
	pack := w.own
	if len(pack.Counts[key]) == 0 {
		pack = w.base
	}
	f := pack.Counts[key]
	if len(f) == 0 {
		return "[" + key + "]"
	}
	return put(f[form(pack.Plural, n)], append(with, "n", n))
}

// form is the index of the form for a count.
func form(plural string, n int) int {
	if plural == "slavic" {
		return russian.Form(n)
	}
	return 0
}

func put(text string, with []any) string {
	for i := 0; i+1 < len(with); i += 2 {
		text = strings.ReplaceAll(text, "{"+fmt.Sprint(with[i])+"}", fmt.Sprint(with[i+1]))
	}
	return text
}

// megabytes writes a size for the eye: "2,1".
func (w Words) megabytes(bytes int64) string {
	text := strconv.FormatFloat(float64(bytes)/1e6, 'f', 1, 64)
	return strings.Replace(text, ".", w.T("size.comma"), 1)
}
