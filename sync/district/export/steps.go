package export

import "slices"

// NotAsked is the answer of visits at which a step was passed over.
const NotAsked = "not_asked"

// ProcedureStep is a step of the procedure in words, with the answers that the decree names.
type ProcedureStep struct {
	Code, Title string
	Answers     []Answer
}

// Answer is an answer to a step in words.
type Answer struct{ Code, Title string }

// Procedure returns the steps of the procedure in the decree's order (A21–A31): for the sheet of the sector in
// every form, on a page too. Answers that only a catalogue has, such as purposes, are not in it.
func Procedure() []ProcedureStep {
	return []ProcedureStep{
		{"account", "Учётная запись Госуслуг", []Answer{{"confirmed", "подтверждена"}, {"unconfirmed", "не подтверждена"}, {"none", "нет"}}},
		{"offer", "Предложили зарегистрировать или подтвердить", []Answer{{"offered", "предложили"}, {"accepted", "согласие"}, {"declined", "отказ"}}},
		{"purpose", "Цель обращения", nil},
		{"support", "Какая поддержка нужна", []Answer{{"consult", "консультация"}, {"tech", "техническая"}, {"both", "обе"}, {"none", "не нужна"}}},
		{"resource", "Чем пользовались", []Answer{{"epgu", "Госуслуги"}, {"agency", "портал ведомства"}, {"other", "другое"}}},
		{"reached", "До чего дошли сами", []Answer{{"signed_in", "вошли на портал"}, {"account_open", "открыли кабинет"}, {"service_found", "нашли услугу"}}},
		{"equipment", "Помогли с оборудованием", []Answer{{"scanner", "сканер"}, {"stick", "флешка"}, {"computer", "компьютер"}, {"print", "печать"}}},
		{"feedback", "Платформа обратной связи (ПОС)", []Answer{{"told", "рассказали"}, {"helped", "помогли подать"}}},
		{"reminders", "Напомнили", []Answer{{"files", "удалить файлы с компьютера"}, {"sign_out", "выйти из личного кабинета"}, {"both", "и то и другое"}}},
		{"outcome", "Результат обращения", []Answer{{"solved", "решено"}, {"consulted", "консультация"}, {"redirected", "перенаправлен"}, {"return_visit", "повторный визит"}, {"unsolved", "не решено"}}},
	}
}

// Say returns an answer for people: by the names of a catalogue ("purpose.pension"), else as the decree has it,
// else by its code.
func (s ProcedureStep) Say(answer string, titles map[string]string) string {
	if t := titles[s.Code+"."+answer]; t != "" {
		return t
	}
	if answer == NotAsked {
		return "не спрашивали"
	}
	for _, a := range s.Answers {
		if a.Code == answer {
			return a.Title
		}
	}
	return answer
}

// Codes returns the answers in their order: those that the decree names, then others that were given.
func (s ProcedureStep) Codes(given []string) (codes []string) {
	for _, a := range s.Answers {
		codes = append(codes, a.Code)
	}
	for _, code := range slices.Sorted(slices.Values(given)) {
		if !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
	}
	return codes
}
