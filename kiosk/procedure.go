package kiosk

import (
	"errors"
	"fmt"
	"slices"

	"sps-kiosk/kiosk/catalog"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/queue"
)

// ErrUnknownAnswer means an answer that the step does not have.
var ErrUnknownAnswer = errors.New("unknown answer")

// ErrNoSwitch means that the catalogue does not let a specialist of the one place change to the other.
var ErrNoSwitch = errors.New("no change between these places")

// StepView is one step of the procedure for a visit (A37), in the decree's order.
type StepView struct {
	Code    string       // a word of event.Steps
	Title   string       // «Учётная запись»
	Answer  string       // code of the answer given in this leg, "" = not asked
	Answers []AnswerView // what may be answered
}

// AnswerView is one answer to a step.
type AnswerView struct{ Code, Title string }

// stepTitle is what a specialist reads over a step (copy deck, «Пульт»).
func stepTitle(step string) string {
	return map[string]string{
		event.StepAccount: "Учётная запись", event.StepOffer: "Предложить регистрацию или подтверждение",
		event.StepPurpose: "Цель обращения", event.StepSupport: "Поддержка", event.StepResource: "Ресурс",
		event.StepReached: "До какого шага дошли", event.StepEquipment: "Помощь с оборудованием",
		event.StepFeedback: "Обращение через ПОС", event.StepReminders: "Напомнить", event.StepOutcome: "Результат обращения",
	}[step]
}

// answerTitles are the words of the answers that every catalogue has.
func answerTitles(step string) map[string]string {
	return map[string]map[string]string{
		event.StepAccount:   {"confirmed": "подтверждена", "unconfirmed": "не подтверждена", "none": "нет"},
		event.StepOffer:     {"offered": "предложено", "accepted": "согласие", "declined": "отказ"},
		event.StepSupport:   {"consult": "консультация", "tech": "техническая", "both": "и то и другое", "none": "не нужна"},
		event.StepReached:   {"signed_in": "вход на портал", "account_open": "кабинет", "service_found": "услуга найдена"},
		event.StepEquipment: {"scanner": "сканер", "stick": "флешка", "computer": "компьютер", "print": "печать"},
		event.StepFeedback:  {"told": "рассказали", "helped": "помогли подать"},
		event.StepReminders: {"files": "удалить файлы с компьютера", "sign_out": "выйти из личного кабинета", "both": "и то и другое"},
	}[step]
}

// answersTo returns what may be answered to a step: purposes, resources and outcomes as the catalogue words
// them (A6).
func (m *Machine) answersTo(step string) []AnswerView {
	var list []AnswerView
	words, catalogued := map[string][]catalog.Word{event.StepPurpose: m.settings.Catalog.Purposes,
		event.StepResource: m.settings.Catalog.Resources, event.StepOutcome: m.settings.Catalog.Outcomes}[step]
	for _, w := range words {
		list = append(list, AnswerView{w.Code, w.Title})
	}
	if catalogued {
		return list
	}
	titles := answerTitles(step)
	for _, code := range event.StepAnswers(step) {
		list = append(list, AnswerView{code, titles[code]})
	}
	return list
}

// steps returns the procedure for a visit, with the answers of its leg.
func (m *Machine) steps(t queue.Ticket) []StepView {
	var list []StepView
	for _, step := range event.Steps() {
		list = append(list, StepView{Code: step, Title: stepTitle(step), Answer: t.AnswerTo(step), Answers: m.answersTo(step)})
	}
	return list
}

// answer notes the answer to a step (A21–A31) for a visitor being served. It fails with
// queue.ErrUnknownStep, ErrUnknownAnswer, and as queue.Answer does.
func (m *Machine) answer(now event.Time, o Ordered) (queue.Ticket, error) {
	known := slices.ContainsFunc(m.answersTo(o.Step), func(a AnswerView) bool { return a.Code == o.Answer })
	if event.StepIndex(o.Step) >= 0 && o.Answer != "" && !known {
		return queue.Ticket{}, fmt.Errorf("note %q to %s: %w", o.Answer, o.Step, ErrUnknownAnswer)
	}
	before := m.queue.At(o.Window)
	t, err := m.queue.Answer(now, o.Window, o.Ticket, o.Step, o.Answer)
	was := slices.IndexFunc(before, func(b queue.Ticket) bool { return b.ID == t.ID })
	if err == nil && saidSignOut(t) && !saidSignOut(before[was]) {
		m.note(event.Event{Kind: event.Reminded, At: now, Code: "console"}) // A30
	}
	return t, err
}

// saidSignOut reports whether the visitor was told to sign out in this leg (A30).
func saidSignOut(t queue.Ticket) bool {
	answer := t.AnswerTo(event.StepReminders)
	return answer == event.RemindedSignOut || answer == event.RemindedBoth
}

// transfer sends a visitor to another queue. From the queue of the sector to the window's configured one it
// is the decree's redirection to the document window (A23), and the outcome says so.
func (m *Machine) transfer(now event.Time, o Ordered) (queue.Ticket, error) {
	send := func() (queue.Ticket, error) {
		return m.queue.TransferTicket(now, o.Window, o.Ticket, o.Service, o.Return)
	}
	if o.Service == "" {
		send = func() (queue.Ticket, error) { return m.queue.Redirect(now, o.Window, o.Ticket, sector) }
	}
	t, err := send()
	if err == nil {
		m.transferSlip(now, t)
	}
	return t, err
}

// sector is the service of the sector (A2): from its queue a redirection has an outcome.
const sector = "sps"

// switchTo lets a universal specialist change places (A19, A10). It fails with ErrNoSwitch where the
// catalogue knows no such way, and as queue.Switch does.
func (m *Machine) switchTo(now event.Time, o Ordered) error {
	from, known := m.settings.Window(o.Window)
	if _, there := m.settings.Window(o.To); known && there && o.To != o.Window && !slices.Contains(from.SwitchTo, o.To) {
		return fmt.Errorf("switch from window %d to %d: %w", o.Window, o.To, ErrNoSwitch)
	}
	return m.queue.Switch(now, o.Window, o.To)
}
