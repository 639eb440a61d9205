package slip

import (
	"strings"
	"testing"
	"time"
)

// plain shows no-break spaces as spaces.
func plain(text string) string { return strings.ReplaceAll(text, nbsp, " ") }

func TestAhead(t *testing.T) {
	for n, want := range map[int]string{
		-1: "никого нет", 0: "никого нет", 1: "1 человек", 2: "2 человека", 4: "4 человека",
		5: "5 человек", 11: "11 человек", 12: "12 человек", 14: "14 человек", 20: "20 человек",
		21: "21 человек", 22: "22 человека", 111: "111 человек", 112: "112 человек", 121: "121 человек",
	} {
		if got := plain(ahead(n)); got != want {
			t.Errorf("ahead of %d: got %q, want %q", n, got, want)
		}
	}
}

func TestWaiting(t *testing.T) {
	for _, c := range []struct {
		d    time.Duration
		want string
	}{
		{-time.Second, "ждать меньше минуты"}, {0, "ждать меньше минуты"},
		{time.Second, "ждать около 1 минуты"}, {time.Minute, "ждать около 1 минуты"},
		{61 * time.Second, "ждать около 2 минут"}, {12 * time.Minute, "ждать около 12 минут"},
		{21 * time.Minute, "ждать около 21 минуты"}, {59 * time.Minute, "ждать около 59 минут"},
		{60 * time.Minute, "ждать около 1 часа"}, {95 * time.Minute, "ждать около 1 ч 35 мин"},
		{118 * time.Minute, "ждать около 2 часов"}, {11 * time.Hour, "ждать около 11 часов"},
	} {
		heading, value := waiting(c.d, true)
		if got := plain(heading + " " + value); got != c.want {
			t.Errorf("wait of %v: got %q, want %q", c.d, got, c.want)
		}
	}
	if heading, value := waiting(time.Minute, false); plain(heading+" "+value) != "сколько ждать пока не знаем" {
		t.Errorf("unknown wait: got %q %q", heading, value)
	}
}

func TestInvitation(t *testing.T) {
	for places, want := range map[string]string{
		"":                     "Куда идти, покажет табло.",
		"окно 1":               "Вас позовут к окну 1.",
		"окно 1|окно 2":        "Вас позовут к окну 1 или 2.",
		"Окно 1|окно 2|окно 5": "Вас позовут к окну 1, 2 или 5.",
		"место СПС":            "Вас позовут к месту СПС.",
		"окно 1|место СПС":     "Вас позовут к окну 1 или к месту СПС.",
		"окно 1|окно 2|место СПС":   "Вас позовут к окну 1, 2 или к месту СПС.",
		"кабинет 3|компьютер 1":     "Вас позовут к кабинету 3 или к компьютеру 1.",
		"стол 1|стойка":             "Вас позовут к столу 1 или к стойке.",
		"окно 1|касса":              "Вас позовут сюда: окно 1, касса.",
		"о 1|о 2|о 3|о 4|о 5|о|о 7": "Номер окна покажет табло.",
	} {
		var list []string
		if places != "" {
			list = strings.Split(places, "|")
		}
		if got := plain(invitation(list)); got != want {
			t.Errorf("places %q: got %q, want %q", places, got, want)
		}
	}
}

func TestClean(t *testing.T) {
	r := renderer(t)
	for text, want := range map[string]string{
		" Ёлка № 5, 100 ₽ ": "Ёлка № 5, 100 ₽", "a\r\n\tb": "a   b", "中\x00я": "??я",
		"1\u00a0мин": "1\u00a0мин", "әҫӳһөүң": "әҫӳһөүң", "\xff": "?",
	} {
		if got := r.clean(text); got != want {
			t.Errorf("clean %q: got %q, want %q", text, got, want)
		}
	}
}
