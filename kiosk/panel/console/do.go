package console

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/gesture"
	"sps-kiosk/kiosk/panel/pair"
	"sps-kiosk/kiosk/queue"
)

// patience is how long an act waits for the commit. A page then says that nothing is known.
const patience = 5 * time.Second

// commands are what a console may ask for, by the word in its pages. There is none of a scan (A34).
func commands(word string) (gesture.Command, bool) {
	c, known := map[string]gesture.Command{
		"call": gesture.CallNext, "recall": gesture.Recall, "start": gesture.Start, "no-show": gesture.NoShow,
		"no-show-next": gesture.NoShowAndNext, "take-back": gesture.TakeBack, "finish": gesture.Finish, "finish-pause": gesture.FinishAndPause,
		"transfer": gesture.Transfer, "park": gesture.SetAside, "resume": gesture.Resume, "pause": gesture.Pause, "open": gesture.Open,
		"help": gesture.Acknowledge, "reprint": gesture.Reprint, "issue": gesture.Issue, "grant": gesture.Grant, "void": gesture.Void,
		"note": gesture.Note, "memo": gesture.Memo, "enrol": gesture.Enrol, "attend": gesture.Attend, "switch": gesture.SwitchTo,
	}[word]
	return c, known
}

// do gives one command to the machine and waits until it is on the card.
func (c *Console) do(w http.ResponseWriter, r *http.Request, v pair.Visitor) {
	order, problem := c.order(r, v.Place)
	if problem != "" {
		http.Error(w, problem, http.StatusBadRequest)
		return
	}
	if !may(v.Place, order.Command) {
		http.Error(w, "На этом рабочем месте так нельзя", http.StatusForbidden)
		return
	}
	answer, err := c.ask(r.Context(), order)
	if err == nil {
		err = answer.Err
	}
	if err != nil {
		http.Error(w, reason(err), http.StatusConflict)
		return
	}
	if order.Command == gesture.SwitchTo && !c.move(v.Browser, pair.Place{Window: order.To}) {
		http.Error(w, "Введите ПИН-код ещё раз", http.StatusUnauthorized)
		return
	}
	w.Write([]byte(done(order.Command, answer.Ticket)))
}

// order reads what was pressed. The window is the place's, whatever the page says.
func (c *Console) order(r *http.Request, p pair.Place) (o kiosk.Ordered, problem string) {
	if err := r.ParseForm(); err != nil {
		return o, "Слишком длинно"
	}
	command, known := commands(r.PostForm.Get("do"))
	if !known {
		return o, "Такой команды нет"
	}
	f := r.PostForm.Get
	o = kiosk.Ordered{Command: command, Window: p.Window, Service: f("service"), Return: f("return") != "", Privilege: c.privilege(f("privilege")),
		Step: f("step"), Answer: f("answer"), Memo: f("memo"), Course: f("course")}
	if text := f("ticket"); text != "" {
		ticket, ok := id(text)
		if !ok {
			return o, "Такого талона нет"
		}
		o.Ticket = ticket
	}
	if needsTicket(command) && f("ticket") == "" {
		return o, "Сначала выберите талон в списке"
	}
	if command == gesture.Transfer && o.Service == "" {
		o.Return = false // as configured for the window
	}
	o.Count, _ = atoi(f("count"))
	o.To, _ = atoi(f("to"))
	return o, ""
}

func needsTicket(c gesture.Command) bool {
	return c == gesture.Reprint || c == gesture.Grant || c == gesture.Void
}

var errBusy = errors.New("the loop takes nothing")

// ask hands an order to the loop and waits for its answer.
func (c *Console) ask(ctx context.Context, o kiosk.Ordered) (kiosk.Answer, error) {
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	answers := make(chan kiosk.Answer, 1)
	o.Reply = func(a kiosk.Answer) { answers <- a }
	if !c.machine.Order(o) {
		return kiosk.Answer{}, errBusy
	}
	select {
	case a := <-answers:
		return a, nil
	case <-ctx.Done():
		return kiosk.Answer{}, ctx.Err()
	}
}

// done says in a word what happened; "" where the page shows it anyway.
func done(c gesture.Command, t queue.Ticket) string {
	switch c {
	case gesture.CallNext, gesture.Resume, gesture.NoShowAndNext:
		if t.Label == "" {
			return "Никто не ждёт"
		}
		return "Вызван " + t.Label
	case gesture.Recall:
		return "Вызов " + t.Label + " повторён"
	case gesture.Issue:
		return "Выдан талон " + t.Label
	case gesture.Reprint:
		return "Печатается КОПИЯ талона " + t.Label
	case gesture.Grant:
		return t.Label + " — вне очереди"
	case gesture.Void:
		return "Талон " + t.Label + " аннулирован"
	case gesture.Finish, gesture.FinishAndPause:
		return "Приём " + t.Label + " завершён"
	case gesture.Transfer:
		return t.Label + " перенаправлен, номер тот же"
	case gesture.SetAside:
		return t.Label + " отложен"
	case gesture.NoShow:
		return t.Label + " — неявка"
	case gesture.TakeBack:
		return t.Label + " — неявка отменена"
	case gesture.Acknowledge:
		return "Отмечено: к киоску идут"
	case gesture.Memo:
		return "Памятка печатается"
	case gesture.Enrol:
		return "Талон на курс печатается"
	case gesture.Attend:
		return "Отмечено, сколько пришло"
	}
	return ""
}

// reason tells in Russian why not, and what to do.
func reason(err error) string {
	for _, r := range reasons() {
		if errors.Is(err, r.err) {
			return r.text
		}
	}
	return "Так сейчас нельзя"
}

type because struct {
	err  error
	text string
}

func reasons() []because {
	return []because{
		{errBusy, "Киоск занят. Повторите через секунду"},
		{context.DeadlineExceeded, "Киоск не ответил. Посмотрите на номер и повторите"},
		{queue.ErrPaused, "Окно на перерыве. Сначала откройте его"},
		{queue.ErrBusyWindow, "У окна уже есть посетитель. Сначала завершите приём"},
		{queue.ErrTooLate, "Прошло больше 5 секунд: неявку уже не отменить"},
		{queue.ErrNoTransferTarget, "Перенаправить некуда: эту очередь никто не вызывает"},
		{queue.ErrUnknownPrivilege, "Выберите основание для приёма вне очереди"},
		{queue.ErrExhausted, "Номера этой услуги на сегодня закончились"},
		{queue.ErrClosed, "Сейчас не приёмное время"},
		{queue.ErrUnknownService, "Такой услуги нет"},
		{queue.ErrNoTicket, "Такого талона здесь уже нет"},
		{queue.ErrHere, "Вы уже на этом месте"},
		{kiosk.ErrNoHelp, "Помощь уже не нужна"},
		{kiosk.ErrNoPrinter, "Принтер не работает. Номер показан на табло"},
		{kiosk.ErrPrinting, "Талон ещё печатается"},
		{kiosk.ErrNoSwitch, "На это место отсюда не переходят"},
		{kiosk.ErrUnknownAnswer, "Такого ответа нет"},
		{kiosk.ErrUnknownCommand, "Такой команды нет"},
	}
}

func itoa(n int) string { return strconv.Itoa(n) }

// atoi reads a whole number that fits into an identity.
func atoi(text string) (int, bool) {
	n, err := strconv.ParseUint(text, 10, 31)
	return int(n), err == nil
}
