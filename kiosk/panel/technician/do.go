package technician

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/gesture"
	"sps-kiosk/kiosk/panel/pair"
	"sps-kiosk/kiosk/slip"
)

// watchTime is how long presses are turned away from the queue: time to walk to the panel and back.
const watchTime = 90 * time.Second

// patience is how long an act waits for the machine.
const patience = 5 * time.Second

// Whatever an act may fail with besides the machine's errors.
var (
	errBusy = errors.New("the loop takes nothing")
	errDay  = errors.New("no such day")
	errOwn  = errors.New("the own browser")
	errNone = errors.New("no such act")
	errLamp = errors.New("no such lamp")
)

// do carries out one act.
func (t *Technician) do(w http.ResponseWriter, r *http.Request, v pair.Visitor) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "Слишком длинно", http.StatusBadRequest)
		return
	}
	said, err := t.act(r.Context(), r.PostForm.Get, v)
	if errors.Is(err, errNone) {
		http.Error(w, "Такой проверки нет", http.StatusBadRequest)
		return
	}
	if err != nil {
		http.Error(w, reason(err), http.StatusConflict)
		return
	}
	w.Write([]byte(said))
}

// act does what is asked for and says what can be seen of it.
func (t *Technician) act(ctx context.Context, f func(string) string, v pair.Visitor) (string, error) {
	switch f("do") {
	case "ticket":
		return "Пробный талон печатается", t.give(kiosk.PaperOrdered{Memo: t.trial()})
	case "display":
		return "На всех табло 20 секунд восьмёрки. Вызов посетителя их сменит", t.give(kiosk.Tried{Part: kiosk.TryDisplay})
	case "sound":
		return "Слушайте: сигнал, потом голос", t.give(kiosk.Tried{Part: kiosk.TrySound})
	case "lamp":
		if !t.o.Device.TryLamp(f("lamp")) {
			return "", errLamp
		}
		return "Лампа мигает четыре секунды", nil
	case "buttons":
		t.o.Device.Watch(watchTime)
		t.o.Hub.Touch()
		return "Нажимайте кнопки: талонов и вызовов не будет полторы минуты", nil
	case "buttons-end":
		t.o.Device.Watch(0)
		t.o.Hub.Touch()
		return "Кнопки снова работают как обычно", nil
	case "report":
		return "Отчёт печатается", t.report(ctx, f("report"))
	case "act":
		return "Акт печатается", t.wipes(f("day"))
	case "card":
		return "Карточка подключения печатается", t.o.Card()
	case "stick":
		return "Вставьте флешку с файлом kiosk-update.raucb. Десять минут разъём — для обновления, сканировать нельзя", t.o.Device.TakeFromStick(ctx)
	case "forget":
		return "Браузер отключён", t.forget(f("browser"), v)
	}
	return "", errNone
}

func (t *Technician) give(in kiosk.Input) error {
	if !t.o.Machine.Give(in) {
		return errBusy
	}
	return nil
}

// trial is a paper that says that it is none.
func (t *Technician) trial() slip.Memo {
	now := t.o.Machine.Now()
	s := t.o.Settings
	return slip.Memo{Centre: s.Site.Name, Title: "Пробный талон", Kiosk: fmt.Sprintf("Киоск %d", s.Site.Kiosk),
		Facts: []slip.Fact{{Heading: "Очередь", Value: "не занимает"}},
		Notes: []string{"Если эти строки видны целиком и без полос, принтер печатает как надо.", "Ёё Щщ Ъъ № 0123456789"},
		At:    now.In(s.Hours.Zone), Dated: now.Trusted()}
}

// report has a paper of figures printed by the machine that counts them.
func (t *Technician) report(ctx context.Context, which string) error {
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	answers := make(chan kiosk.Answer, 1)
	if err := t.give(kiosk.Ordered{Command: gesture.Report, Report: which, Reply: func(a kiosk.Answer) { answers <- a }}); err != nil {
		return err
	}
	select {
	case a := <-answers:
		return a.Err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// wipes prints «акт об уничтожении» of a day (A29).
func (t *Technician) wipes(day string) error {
	s := t.o.Settings
	at, err := time.ParseInLocation(time.DateOnly, day, s.Hours.Zone)
	if err != nil {
		return errDay
	}
	act, err := kiosk.Act(s, at, t.o.Machine.Now(), t.o.Device.Each)
	if err != nil {
		return err
	}
	for _, paper := range act.Memos() {
		if err := t.give(kiosk.PaperOrdered{Memo: paper}); err != nil {
			return err
		}
	}
	return nil
}

// forget ends the pairing of another browser.
func (t *Technician) forget(number string, v pair.Visitor) error {
	n, err := strconv.Atoi(number)
	if err != nil {
		return pair.ErrGone
	}
	if n == v.Browser {
		return errOwn
	}
	defer t.o.Hub.Touch()
	return t.o.Desk.Forget(n)
}

// reason tells in Russian why not.
func reason(err error) string {
	for _, r := range []struct {
		err  error
		text string
	}{
		{errBusy, "Киоск занят. Повторите через секунду"}, {errDay, "Выберите день"}, {errLamp, "Такой лампы нет"},
		{errOwn, "Это ваш браузер: с ним вы работаете"}, {pair.ErrGone, "Этот браузер уже отключён"},
		{pair.ErrSoon, "Карточка только что напечатана. Подождите 20 секунд"},
		{kiosk.ErrNoPrinter, "Принтер не работает: печатать не на чем"}, {kiosk.ErrUnknownReport, "Такого отчёта нет"},
		{context.DeadlineExceeded, "Киоск не ответил. Повторите"},
	} {
		if errors.Is(err, r.err) {
			return r.text
		}
	}
	return "Не получилось. Посмотрите журнал и повторите"
}
