package slip

import (
	"strings"
	"time"
)

// Transfer is what the slip of a redirected visitor tells (A23): the number stays, and where to go.
type Transfer struct {
	Centre, Kiosk string
	Label         string   // «С005»
	Service       string   // of the new queue: «Подтвердить учётную запись»
	Places        []string // windows that call it: «окно 3»
	Back          bool     // the visitor comes back afterwards
	At            time.Time
	Dated         bool
}

// Memo returns the slip.
func (t Transfer) Memo() Memo {
	m := Memo{Centre: t.Centre, Kiosk: t.Kiosk, At: t.At, Dated: t.Dated, Title: "Номер остаётся тот же",
		Number: t.Label, Band: []string{directions(t.Places), t.Service},
		Notes: []string{"Новый талон брать не" + nbsp + "нужно: мы учли, что вы уже ждали. Вас вызовут на" + nbsp + "табло."}}
	if t.Back {
		m.Notes = append(m.Notes, "Потом вернитесь сюда: вызовем вас без новой очереди.")
	}
	m.Lines = []string{isFree} // A14
	return m
}

// directions tells where to go: «Идите к окну 3». Names that cannot be put into the dative are listed as
// they are.
func directions(places []string) string {
	switch {
	case len(places) == 0:
		return "Куда идти, покажет табло"
	case len(places) > mostPlaces:
		return "Номер окна покажет табло"
	}
	parts := toPlaces(places)
	if parts == nil {
		return "Идите сюда: " + strings.Join(places, ", ")
	}
	return "Идите " + enumerate(parts)
}
