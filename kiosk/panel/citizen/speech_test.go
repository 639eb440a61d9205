package citizen_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sps-kiosk/kiosk"
)

// TestTheScreenSpeaks: «Вслух» says heading and choices; to whoever asked for larger letters number and window
// are said by themselves, once, and to nobody else.
func TestTheScreenSpeaks(t *testing.T) {
	s := open(t)
	do := func(what string) {
		t.Helper()
		_, page := s.body("/")
		here := strings.TrimSuffix(s.url, "/")
		r, err := http.NewRequest("POST", here+"/citizen/do", strings.NewReader(url.Values{"do": {what}}.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Panel-Token", regexp.MustCompile(`panel-token" content="([0-9a-f]+)"`).FindStringSubmatch(page)[1])
		r.Header.Set("Origin", here)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
	}
	do("loud")
	s.body("/")
	want := []string{"Здравствуйте! Что вам нужно. Подать документы. Получить готовое. Помощь с Госуслугами. Учётная запись. Консультация. Сканировать на свою флешку."}
	if got := s.spoken(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	s.set(issued(kiosk.InHand))
	s.body("/")
	if got := s.spoken(); len(got) != 0 {
		t.Errorf("unasked it says %q", got)
	}
	do("ease")
	s.set(issued(kiosk.InHand))
	s.body("/")
	s.body("/")
	if got := s.spoken(); len(got) != 1 || !strings.HasPrefix(got[0], "Ваш талон. А012. Перед вами 3\u00a0человека.") || !strings.Contains(got[0], "окну\u00a01") {
		t.Errorf("with larger letters: got %q, want number and window once", got)
	}
}
