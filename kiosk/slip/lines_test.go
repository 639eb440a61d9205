package slip

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// joined is a written ticket as one text, lines parted by "|", large ones marked.
func joined(lines []Line) string {
	var out []string
	for _, l := range lines {
		text := strings.ReplaceAll(l.Text, nbsp, " ")
		if l.Size > 1 {
			text = fmt.Sprintf("[%s x%d]", text, l.Size)
		}
		out = append(out, text)
	}
	return strings.Join(out, "|")
}

func TestTextGolden(t *testing.T) {
	ticket := Ticket{
		Centre: "МФЦ Кошкинского района", Label: "А012", Service: "Подать документы", Dated: true,
		Issued: time.Date(2026, 11, 20, 9, 5, 0, 0, time.UTC), Ahead: 3, Wait: 15 * time.Minute, WaitKnown: true,
		Places: []string{"окно 1", "окно 2"}, Duty: true, Remind: true, Online: "https://gosuslugi.ru", Kiosk: "Киоск 1", Copy: true,
	}
	for columns, want := range map[int]string{
		48: "МФЦ Кошкинского района|КОПИЯ|Подать документы|[А012 x8]|перед вами: 3 человека|ждать около: 15 минут|" +
			"Ждите в зале, у табло|Вас позовут к окну 1 или 2.|Работали на Госуслугах? Выйдите из личного|кабинета.|" +
			"Сохраняли файлы на компьютере центра? Удалите|их.|Это можно сделать и из дома: услуга есть на|Госуслугах.|" +
			"https://gosuslugi.ru|Бесплатно. Только за саму услугу может быть|госпошлина.|20.11.2026, 09:05|Киоск 1",
		24: "МФЦ Кошкинского района|КОПИЯ|Подать документы|[А012 x6]|перед вами: 3 человека|ждать около: 15 минут|" +
			"Ждите в зале, у табло|Вас позовут к окну 1|или 2.|Работали на Госуслугах?|Выйдите из личного|кабинета.|" +
			"Сохраняли файлы на|компьютере центра?|Удалите их.|Это можно сделать и из|дома: услуга есть на|Госуслугах.|" +
			"https://gosuslugi.ru|Бесплатно. Только за|саму услугу может быть|госпошлина.|20.11.2026, 09:05|Киоск 1",
	} {
		lines, err := Text(ticket, columns)
		if got := joined(lines); got != want || err != nil {
			t.Errorf("%d columns: got\n%s, %v, want\n%s", columns, got, err, want)
		}
	}
}

func TestTextRefuses(t *testing.T) {
	if _, err := Text(Ticket{Label: "А\x00"}, 48); !errors.Is(err, ErrLabel) {
		t.Errorf("got %v, want ErrLabel", err)
	}
	if _, err := Text(Ticket{Label: "А1"}, fewColumns-1); err == nil || errors.Is(err, ErrLabel) {
		t.Errorf("got %v, want an error about the paper", err)
	}
}

// TestAnyTicketFitsItsColumns: whatever is written in the settings.
func TestAnyTicketFitsItsColumns(t *testing.T) {
	text := rapid.OneOf(rapid.StringN(0, 400, -1), rapid.SampledFrom([]string{"", "Подать документы", strings.Repeat("щ", 200)}))
	rapid.Check(t, func(t *rapid.T) {
		columns := rapid.IntRange(fewColumns, 64).Draw(t, "columns")
		lines, err := Text(Ticket{
			Centre: text.Draw(t, "centre"), Service: text.Draw(t, "service"), Kiosk: text.Draw(t, "kiosk"), Online: text.Draw(t, "online"),
			Label: rapid.StringMatching(`[АЕН][0-9]{1,7}`).Draw(t, "label"), Places: rapid.SliceOfN(text, 0, 8).Draw(t, "places"),
			Copy: rapid.Bool().Draw(t, "copy"), Remind: rapid.Bool().Draw(t, "remind"), Duty: rapid.Bool().Draw(t, "duty"),
		}, columns)
		if err != nil || len(lines) > 60 {
			t.Fatalf("got %d lines, %v, want a ticket", len(lines), err)
		}
		for _, l := range lines {
			if n := utf8.RuneCountInString(l.Text) * l.Size; n > columns || n == 0 || strings.ContainsAny(l.Text, "\n\t\x1b") {
				t.Fatalf("got %q in size %d for %d columns", l.Text, l.Size, columns)
			}
		}
	})
}
