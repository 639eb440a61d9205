package cmd

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// phrase is one text that somebody may read, with where it stands.
type phrase struct{ where, text string }

// phrases gathers every Russian text of the program: string literals of sources that are no tests, and the
// files that are shown or read as they are.
func phrases(t *testing.T) (all []phrase) {
	t.Helper()
	for _, folder := range []string{"kiosk", "cmd", "sync", "drivers", "hal"} {
		err := filepath.WalkDir(filepath.Join("..", folder), func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil || d.IsDir() && d.Name() != "testdata":
				return err
			case d.IsDir(), strings.Contains(path, "storetest"), strings.Contains(path, "guest/"): // of tests
				if d.IsDir() {
					return fs.SkipDir
				}
			case strings.HasSuffix(path, ".html"), strings.HasSuffix(path, ".toml"), strings.HasSuffix(path, "kiosk.txt"):
				text, err := os.ReadFile(path)
				for i, line := range strings.Split(string(text), "\n") {
					all = append(all, phrase{fmt.Sprintf("%s:%d", path, i+1), line})
				}
				return err
			case strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go"):
				return literals(path, &all)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return slices.DeleteFunc(all, func(p phrase) bool { return !cyrillic.MatchString(p.text) })
}

// literals appends the string literals of a file.
func literals(path string, all *[]phrase) error {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, nil, 0)
	if err != nil {
		return err
	}
	ast.Inspect(file, func(n ast.Node) bool {
		literal, ok := n.(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING {
			return true
		}
		if text, err := strconv.Unquote(literal.Value); err == nil {
			*all = append(*all, phrase{files.Position(literal.Pos()).String(), text})
		}
		return true
	})
	return nil
}

// verbs are what fmt fills in.
var verbs = regexp.MustCompile(`%[-+#0-9.]*[a-z]`)

// prefixes are the letters that seven segments can show, of either alphabet.
const prefixes = "АГЕНПРСУLFbd"

var cyrillic = regexp.MustCompile(`[А-Яа-яЁё]`)

// withoutYo are words that want their ё, spelt without it. Only what has no other reading is here.
func withoutYo() map[string]bool {
	words := strings.Fields(`еще ее нее свое мое твое чье прием приема приему приемом приеме приемы приемов отчет отчета отчету отчетом
		отчете отчеты отчетов отчетах учет учета учету учетом учете счет счета счету счетом счете расчет расчета расчетом объем объема объемом
		идет ждет придет пройдет уйдет найдет войдет дает дают берет ведет несет возьмет поймет остается остаются начнется вернется
		включен отключен подключен удален сохранен завершен подтвержден введен определен учтен разрешен запрещен прочтен
		трех четырех днем ребенок желтый желтая желтым зеленый зеленая зеленым черный черная темный темная надежный надежно легкий
		легко твердый учетная учетную учетной учетные учетных учетом партнер самолет пойдет зовет шлет поет перечтен приведен`)
	list := map[string]bool{}
	for _, w := range words {
		list[w] = true
	}
	for _, right := range []string{"дают", "остаются", "легко", "счета", "определен"} { // these have none, or two readings
		delete(list, right)
	}
	return list
}

// TestRussianIsProofRead holds every Russian text of the program to what can be told without a reader: ё where
// it belongs, «» and never straight quotes around Russian words, a dash that is one, no word of two alphabets,
// «№ 84» with its space, «вы» with a small letter.
func TestRussianIsProofRead(t *testing.T) {
	wrong := withoutYo()
	rules := map[string]*regexp.Regexp{
		"a hyphen for a dash":         regexp.MustCompile(`[а-яё] - [а-яё]`),
		"three dots for …":            regexp.MustCompile(`[а-яё]\.\.\.`),
		"№ without a space":           regexp.MustCompile(`№\d`),
		"«Вы» with a capital letter":  regexp.MustCompile(`[а-яё,] (Вы|Вас|Вам|Ваш|Ваша|Ваше|Вами)([^а-яё]|$)`),
		"foreign quotes":              regexp.MustCompile(`[„“”]`),
		"two blanks in a sentence":    regexp.MustCompile(`[а-яё,.]  [а-яё]`),
		"a comma without its blank":   regexp.MustCompile(`[а-яё],[а-яё]`),
		"a blank before a comma":      regexp.MustCompile(`[а-яё] [,;!?]`),
		"a number glued to its unit":  regexp.MustCompile(`\d(мин|сек|мм|см|шт|руб)([^а-яё]|$)`),
		"an exclamation":              regexp.MustCompile(`[а-яё]!`),
		"a second word for «центр»":   regexp.MustCompile(`(?i)(^|[^а-яё])офис`),
		"a machine's word in Russian": regexp.MustCompile(`(?i)(^|[^а-яё])(юзер|логин|дефолт|таймаут|токен|эррор|фейл|инвалидн|нулл|баг)`),
	}
	quotes := regexp.MustCompile(`[а-яё]"|"[а-яё]`)
	seen := 0
	for _, p := range phrases(t) {
		seen++
		for what, rule := range rules {
			if found := rule.FindString(p.text); found != "" && !meant(what, p) {
				t.Errorf("%s: %s, %q in %q", p.where, what, found, p.text)
			}
		}
		if strings.Contains(p.where, ".go") && !strings.Contains(p.text, "<") && quotes.MatchString(p.text) && !meant("quotes", p) {
			t.Errorf("%s: straight quotes around a Russian word in %q", p.where, p.text)
		}
		for _, word := range strings.FieldsFunc(verbs.ReplaceAllString(p.text, " "), func(r rune) bool { return !unicode.IsLetter(r) }) {
			if wrong[strings.ToLower(word)] {
				t.Errorf("%s: %q wants its ё, in %q", p.where, word, p.text)
			}
			if mixed(word) && word != prefixes {
				t.Errorf("%s: %q is of two alphabets, in %q", p.where, word, p.text)
			}
		}
	}
	t.Logf("%d Russian texts", seen)
	if seen < 1000 {
		t.Errorf("only %d texts were read", seen)
	}
}

// meant are the texts that a rule does not mean.
func meant(what string, p phrase) bool {
	switch what {
	case "an exclamation":
		return strings.Contains(p.text, "Здравствуйте!") // the one greeting of the copy deck
	case "quotes", "a comma without its blank":
		return strings.Contains(p.where, "kiosk/config/") || strings.Contains(p.where, "kiosk/catalog/") // values as they stand in the file
	}
	return false
}

// mixed reports whether a word has Latin and Cyrillic letters: an А that is an A is not found on the panel.
func mixed(word string) bool {
	latin := strings.ContainsFunc(word, func(r rune) bool { return unicode.Is(unicode.Latin, r) })
	return latin && cyrillic.MatchString(word)
}
