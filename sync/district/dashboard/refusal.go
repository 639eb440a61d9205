package dashboard

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"sps-kiosk/sync/district"
)

// Refusal is an error that is shown to whoever asked: a status of HTTP, what is wrong, and what to do.
type Refusal struct {
	Code       int
	What, ToDo string // Russian
}

// Error is error's.
func (r Refusal) Error() string { return r.What + ". " + r.ToDo }

// Wrong returns a Refusal of input that cannot be taken: status 400.
func Wrong(what, toDo string) error {
	return Refusal{Code: http.StatusBadRequest, What: what, ToDo: toDo}
}

var (
	errNoPage    = Refusal{http.StatusNotFound, "Такой страницы нет", "Проверьте адрес или выберите раздел вверху"}
	errAdminOnly = Refusal{http.StatusForbidden, "Это может только администратор", "Обратитесь к администратору района"}
)

// refusalOf says an error to people; whose is false for one that only the log should have.
func refusalOf(err error) (said Refusal, whose bool) {
	switch {
	case errors.As(err, &said):
		return said, true
	case errors.Is(err, district.ErrInput):
		_, why, _ := strings.Cut(err.Error(), district.ErrInput.Error()+": ")
		return Refusal{http.StatusUnprocessableEntity, "Так нельзя", capital(why)}, true
	case errors.Is(err, district.ErrTaken):
		return Refusal{http.StatusConflict, "Такое название уже есть", "Выберите другое"}, true
	case errors.Is(err, district.ErrNoSuch):
		return Refusal{http.StatusNotFound, "Такой записи нет", "Возможно, её уже удалили. Вернитесь к списку"}, true
	case errors.Is(err, context.Canceled):
		return Refusal{Code: http.StatusServiceUnavailable}, true // nobody waits for it any more
	}
	return Refusal{http.StatusServiceUnavailable, "База данных сейчас не отвечает", "Повторите через минуту"}, false
}

// capital writes the first letter large.
func capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}

// fail answers with a page that says what is wrong, in the layout.
func (s *Site) fail(w http.ResponseWriter, r *http.Request, me district.Session, err error) {
	said, whose := refusalOf(err)
	if !whose {
		s.Log.Error("page", "path", r.URL.Path, "err", err)
		w.Header().Set("Retry-After", "60")
	}
	f := s.frame(r, me, said.What)
	f.Data = said
	s.write(w, said.Code, s.trouble, f)
}

// refuse is what the door says to whoever may not come in: the sign-in page, or a page of what is
// wrong.
func (s *Site) refuse(w http.ResponseWriter, r *http.Request, code int, why string) {
	if code != http.StatusUnauthorized {
		s.fail(w, r, district.Session{}, Refusal{Code: code, What: why, ToDo: "Вернитесь назад и повторите"})
		return
	}
	GoTo(w, r, "/login?to="+local(r))
}
