package russian

import "testing"

func TestPlural(t *testing.T) {
	for n, want := range map[int]string{0: "страниц", 1: "страница", 2: "страницы", 4: "страницы", 5: "страниц", 11: "страниц", 12: "страниц", 14: "страниц",
		21: "страница", 22: "страницы", 111: "страниц", 112: "страниц", 121: "страница", -1: "страница", -12: "страниц"} {
		if got := Plural(n, "страница", "страницы", "страниц"); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}
