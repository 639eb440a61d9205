package panel

import (
	"errors"
	"fmt"
	"strings"

	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/panel/pair"
	"sps-kiosk/kiosk/slip"
)

// errBusy means that the loop has no room for one more input.
var errBusy = errors.New("the loop takes nothing")

// Card prints a pairing card: where the pages are, the fingerprint to compare, and a code for one browser.
// Only this paper ever shows the code.
func (p *Panel) Card() error {
	code, err := p.options.Desk.Card()
	if err != nil {
		return err
	}
	if !p.options.Machine.Give(kiosk.PaperOrdered{Memo: p.card(code)}) {
		return errBusy
	}
	p.options.Log.Info("pairing card ordered", "device", "panel")
	return nil
}

// card is the paper of a code.
func (p *Panel) card(code string) slip.Memo {
	s, now := p.options.Settings, p.options.Machine.Now()
	m := slip.Memo{Centre: s.Site.Name, Title: "Карточка подключения", Kiosk: fmt.Sprintf("Киоск %d", s.Site.Kiosk),
		Notes: []string{"Откройте адрес в браузере рабочего места и введите код. Код подходит к одному браузеру и действует час.",
			"Сравните отпечаток SHA-256 с тем, что показывает браузер: значок у адреса, «Сертификат». Не совпал — не вводите код."},
		At: now.In(p.options.zone()), Dated: now.Trusted()}
	for i, address := range p.options.Addresses {
		if i == 0 {
			m.Online = address + "/pair"
		}
		m.Facts = append(m.Facts, slip.Fact{Heading: "Адрес", Value: address})
	}
	m.Facts = append(m.Facts, slip.Fact{Heading: "Код", Value: code[:5] + " " + code[5:]})
	groups := strings.Fields(pair.Fingerprint(p.options.Certificate))
	m.Lines = append(m.Lines, "Отпечаток SHA-256:")
	for ; len(groups) >= 4; groups = groups[4:] {
		m.Lines = append(m.Lines, strings.Join(groups[:4], " "))
	}
	return m
}
