package dashboard

import (
	"context"
	"fmt"
)

// troubled are the kiosks that need somebody, for the first page.
func (s *Site) troubled(ctx context.Context, a ask) (panel, error) {
	list, err := s.machines(ctx, a)
	if err != nil {
		return panel{}, err
	}
	p := panel{ID: "trouble", Title: "Киоски, которым нужен человек", Aside: "все — в разделе «Киоски»"}
	t := table{Caption: "Киоски, которым нужен человек", Cols: append(left("Киоск", "Центр", "Связь", "Данные", "Бумага", "Другие устройства"), right("Ждёт передачи", "Свободно на карте")...)}
	for _, m := range list {
		if m.grade < 1 {
			continue
		}
		if len(t.Rows) == mostTroubled {
			p.Note = fmt.Sprintf("Показаны первые %d.", mostTroubled)
			break
		}
		backlog := is("off", "не знаем")
		if m.Beat != nil && m.silent <= s.mute() {
			backlog = say(count(int64(m.Beat.Backlog)))
		}
		t.Rows = append(t.Rows, tableRow{Class: m.class(), Cells: []cell{say(m.Name), say(m.office), s.link(m), s.reach(a, m), s.paper(m), s.others(m), backlog, s.disk(m)}})
	}
	switch {
	case len(list) == 0:
		p.Text = []string{"Киосков ещё нет."}
	case len(t.Rows) == 0:
		p.Text = []string{"Все киоски на связи и исправны."}
	default:
		p.Table = &t
	}
	return p, nil
}

// mostTroubled is how many kiosks the first page names.
const mostTroubled = 20
