package sheet

import (
	"fmt"
	"image/color"
)

// Application is a citizen's application on white paper, printed on both sides.
func Application(mark string) *Sheet {
	return &Sheet{
		Mark: mark, Title: "Заявление",
		Lines: []string{
			"В отдел вымышленных услуг № 0 города Примерска",
			"от Образцова Примера Макетовича, которого нет, проживающего по адресу: г. Примерск, ул. Несуществующая, д. 0, кв. 0",
			"Прошу выдать мне справку о том, что этот лист составлен для проверки сканера и не относится ни к одному человеку.",
			"Все сведения в этом заявлении вымышлены. Съешь же ещё этих мягких французских булок, да выпей чаю: 0123456789.",
			"Приложение: копия несуществующей справки на 1 листе.",
			"«00» месяца 0000 года · Подпись: образец",
		},
		Back: &Sheet{
			Mark: mark + "-OB", Title: "Заявление, оборот",
			Lines: []string{"Отметки отдела вымышленных услуг: принято, зарегистрировано под № 000-000, выдано. Сведения вымышлены."},
		},
	}
}

// Certificate is a certificate on tinted paper with a blank back.
func Certificate(mark string) *Sheet {
	return &Sheet{
		Mark: mark, Title: "Справка о составе вымышленной семьи", Paper: color.RGBA{R: 0xfa, G: 0xf3, B: 0xd8, A: 0xff},
		Lines: []string{
			"Дана Образцовой Пробе Тестовне, лицу вымышленному, в том, что по адресу г. Примерск, ул. Несуществующая, д. 0 никто не зарегистрирован.",
			"Справка действительна для проверки сканера и более ни для чего.",
		},
	}
}

// Form is a questionnaire: many short lines.
func Form(mark string) *Sheet {
	s := &Sheet{Mark: mark, Title: "Анкета для проверки сканера"}
	for i, question := range []string{
		"Фамилия, имя, отчество", "Дата рождения", "Место рождения", "Гражданство", "Адрес", "Телефон",
		"Цель обращения", "Способ получения", "Согласие с тем, что всё вымышлено",
	} {
		s.Lines = append(s.Lines, fmt.Sprintf("%d. %s: ____________ (образец, не заполнять)", i+1, question))
	}
	return s
}

// Card is a small card, 105 × 74 mm: it covers a part of the glass only.
func Card(mark string) *Sheet {
	return &Sheet{Mark: mark, Title: "Карточка", Width: 1240, Height: 874,
		Paper: color.RGBA{R: 0xe4, G: 0xee, B: 0xf8, A: 0xff}, Lines: []string{"Образцов П. М.", "Лицо вымышленное"}}
}

// Secured is a form that copiers refuse to copy.
func Secured(mark string) *Sheet {
	s := Certificate(mark)
	s.Title, s.Secured = "Бланк с защитой от копирования", true
	return s
}

// Empty is a sheet with nothing on it.
func Empty() *Sheet { return &Sheet{} }

// Stack is n documents of all kinds, marked PREFIX-1 to PREFIX-n.
func Stack(prefix string, n int) []*Sheet {
	kinds := []func(string) *Sheet{Application, Certificate, Form}
	var all []*Sheet
	for i := range n {
		all = append(all, kinds[i%len(kinds)](fmt.Sprintf("%s-%d", prefix, i+1)))
	}
	return all
}
