package dashboard_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"sps-kiosk/sync/district/dashboard"
)

// TestNormsThatDifferAreShown: every service stands with its own norm of waiting, and no heading claims one for all.
func TestNormsThatDifferAreShown(t *testing.T) {
	norm := regexp.MustCompile(`(?s)<th scope="row">([^<]*)</th>.*?<td class="r">(\d+|—)</td><td class="r"><data data-f="service_level`)
	for _, c := range []struct {
		norms map[string]time.Duration
		want  map[string]string
		head  string
	}{
		{nil, map[string]string{"Подать документы": "15", "Помощь с Госуслугами": "15", "Все услуги": "15"}, "не дольше 15 минут"},
		{map[string]time.Duration{"sps": 40 * time.Minute}, map[string]string{"Подать документы": "15", "Помощь с Госуслугами": "40", "Все услуги": "—"}, "не дольше норматива услуги"},
	} {
		w := newSmallWorld(t, newRig(t, func(o *dashboard.Options) { named(o); o.Norms = c.norms }))
		viewer := w.as("вера")
		_, text, _ := w.get(viewer, "/services")
		got := map[string]string{}
		for _, row := range strings.Split(text, "<tr>") {
			if m := norm.FindStringSubmatch(row); m != nil {
				got[m[1]] = m[2]
			}
		}
		for name, want := range c.want {
			if got[name] != want {
				t.Errorf("norms %v, %s: got %q, want %q", c.norms, name, got[name], want)
			}
		}
		if _, text, _ := w.get(viewer, "/period"); !strings.Contains(text, c.head) {
			t.Errorf("norms %v: the page does not say %q", c.norms, c.head)
		}
	}
}

// TestTheServersVersionIsSaid to whoever is signed in, and to nobody else.
func TestTheServersVersionIsSaid(t *testing.T) {
	r := newRig(t, func(o *dashboard.Options) { o.Version = "2026.11.22.7" })
	const said = "Версия сервера 2026.11.22.7"
	for _, path := range []string{"/", "/kiosks", "/quality"} {
		if _, text, _ := r.get(r.as("вера"), path); !strings.Contains(text, said) {
			t.Errorf("%s: want %q", path, said)
		}
	}
	if _, text, _ := r.get(r.as(""), "/login"); strings.Contains(text, "2026.11.22.7") {
		t.Error("the sign-in page tells the version to everybody")
	}
}
