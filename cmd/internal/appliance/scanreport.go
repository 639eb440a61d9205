package appliance

import (
	"context"
	"fmt"
	"image"

	"sps-kiosk/drivers/escpos"
	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/slip"
)

// scanSentence tells a fact of a scan session in Russian. There is no page and nobody in it (A35).
func scanSentence(e event.Event) string {
	switch e.Kind {
	case event.ScanBegan:
		return "Посетитель начал сканировать"
	case event.ScanSaved:
		return fmt.Sprintf("Страниц на флешке посетителя: %d", e.Count)
	case event.ScanWiped:
		if e.Code == "restart" {
			return "Прерванный сеанс сканирования удалён при запуске"
		}
		return fmt.Sprintf("Сеанс сканирования окончен, удалено страниц: %d", e.Count)
	case event.Reminded:
		return "На памятке: «Вы вышли из личного кабинета?»"
	}
	return "Подсказка посетителю: " + map[string]string{"no_stick": "вставьте флешку", "scan_failed": "сканирование не удалось трижды",
		"stick_pulled": "флешку вынули слишком рано", "stick_refused": "флешка не подходит", "jam": "лист застрял в сканере"}[e.Code]
}

// memoPage is a paper without a number for the printer attached.
type memoPage struct {
	slip.Memo
	renderer *slip.Renderer
}

// Image implements escpos.Page.
func (p memoPage) Image(dots int) (image.Image, error) {
	drawn, err := p.renderer.Memo(p.Memo, dots)
	if err != nil {
		return nil, err
	}
	return drawn, nil
}

// Lines implements escpos.Page.
func (p memoPage) Lines(columns int) ([]escpos.Line, error) {
	written, err := slip.TextMemo(p.Memo, columns)
	lines := make([]escpos.Line, len(written))
	for i, l := range written {
		lines[i] = escpos.Line(l)
	}
	return lines, err
}

// PrintMemo implements kiosk.MemoPrinter.
func (p printer) PrintMemo(ctx context.Context, m slip.Memo) (kiosk.Outcome, error) {
	return p.put(ctx, memoPage{m, p.renderer})
}
