package admin

import (
	"errors"
	"net/http"
	"strings"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/district/dashboard"
)

// usersView is what the page of users shows.
type usersView struct {
	Done     string
	Users    []district.User
	Me       string
	Proposed string // a password drawn at random, kept nowhere until the form is sent
	Least    int
}

// users is the page of users.
func (s site) users(r *http.Request, me district.Session) (any, error) {
	list, err := s.Store.Users(r.Context())
	for i := range list {
		list[i].Hash = ""
	}
	return usersView{said(r), list, me.User, district.NewPassword(), district.MinPassword}, err
}

// setUser adds, changes or drops a user.
func (s site) setUser(w http.ResponseWriter, r *http.Request, me district.Session) error {
	name := strings.TrimSpace(r.PostFormValue("name"))
	switch r.PostFormValue("do") {
	case "put":
		if err := s.Acts.PutUser(r.Context(), me.User, name, r.PostFormValue("role"), r.PostFormValue("password")); err != nil {
			return err
		}
		return done(w, r, "/admin/users", "user")
	case "drop":
		if err := s.Acts.DropUser(r.Context(), me.User, name); err != nil {
			return err
		}
		return done(w, r, "/admin/users", "dropped")
	}
	return errUnknownAct
}

// password is the page of the own password.
func (s site) password(*http.Request, district.Session) (any, error) {
	return district.MinPassword, nil
}

// changePassword takes the form of the own password. Everybody who is signed in may send it.
func (s site) changePassword(w http.ResponseWriter, r *http.Request, me district.Session) error {
	next := r.PostFormValue("next")
	if next != r.PostFormValue("again") {
		return dashboard.Wrong("Новые пароли не совпадают", "Вернитесь назад и введите их снова")
	}
	err := s.Acts.ChangePassword(r, me, r.PostFormValue("present"), next)
	switch {
	case errors.Is(err, district.ErrWrongPassword):
		return dashboard.Refusal{Code: http.StatusForbidden, What: "Нынешний пароль не подходит", ToDo: "Вернитесь назад и введите его снова"}
	case errors.Is(err, district.ErrTooMany):
		return dashboard.Refusal{Code: http.StatusTooManyRequests, What: "Слишком много неверных попыток", ToDo: "Подождите 15 минут"}
	case err != nil:
		return err
	}
	dashboard.GoTo(w, r, "/login")
	return nil
}
