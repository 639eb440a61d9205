package pair

import (
	"embed"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"

	"sps-kiosk/kiosk/panel/web"
)

//go:embed assets templates
var files embed.FS

// Assets returns the files of the two pages.
func Assets() fs.FS { return web.Folder(files, "assets") }

// cookieName begins so that a browser takes the cookie from this very host over HTTPS only (RFC 6265bis, 4.1.3.2).
const cookieName = "__Host-kiosk"

// cookieAge is as long as browsers keep one, seconds: 400 days.
const cookieAge = 400 * 24 * 3600

// Entry is the way in: the pages for code and PIN, and the check before every other page.
type Entry struct {
	desk   *Desk
	tokens *web.Tokens
	pages  *web.Pages
	title  func(Place) string
	log    *slog.Logger
	// Invite, if set, is called when an unpaired browser stands at the door. On a kiosk in the field it is
	// not: nobody in the network moves paper.
	Invite func()
}

// NewEntry returns the way in over a desk; title names a place for people.
func NewEntry(desk *Desk, assets *web.Assets, title func(Place) string, log *slog.Logger) (*Entry, error) {
	pages, err := web.NewPages(assets, web.Folder(files, "templates"))
	if err != nil {
		return nil, err
	}
	return &Entry{desk: desk, tokens: web.NewTokens(), pages: pages, title: title, log: log}, nil
}

// Routes adds the addresses of the way in.
func (e *Entry) Routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /pair", func(w http.ResponseWriter, r *http.Request) { e.ask(w, http.StatusOK, "code", "pair") })
	mux.HandleFunc("POST /pair", e.pair)
	mux.HandleFunc("POST /sign-in", e.signIn)
	mux.HandleFunc("POST /sign-out", e.signOut)
}

// Visitor is who asks: a paired browser at an open place.
type Visitor struct {
	Browser int
	Place   Place
	Token   string      // for the acts of the page
	Here    func() bool // still: it asks the desk again
	Titled  string      // the place as people read it
}

// Page serves a page to who is allowed, and to everybody else the way in: an unpaired browser is asked
// for its code, a paired one for a PIN.
func (e *Entry) Page(allowed func(Place) bool, next func(http.ResponseWriter, *http.Request, Visitor)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		number, cookie, known := e.browser(r)
		if !known {
			e.ask(w, http.StatusForbidden, "code", "pair")
			return
		}
		place, open := e.desk.Works(number, false)
		if !open || !allowed(place) {
			e.ask(w, http.StatusUnauthorized, "pin", cookie)
			return
		}
		next(w, r, e.visitor(number, cookie, place))
	}
}

// Act lets through an act of who is allowed, from a page that this process gave out.
func (e *Entry) Act(allowed func(Place) bool, next func(http.ResponseWriter, *http.Request, Visitor)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		number, cookie, known := e.browser(r)
		if !known {
			http.Error(w, "Этот браузер не подключён к киоску", http.StatusForbidden)
			return
		}
		place, open := e.desk.Works(number, true)
		if !open || !allowed(place) {
			http.Error(w, "Введите ПИН-код ещё раз", http.StatusUnauthorized)
			return
		}
		if !e.tokens.Holds(r, cookie) {
			http.Error(w, "Страница устарела. Обновите её", http.StatusForbidden)
			return
		}
		next(w, r, e.visitor(number, cookie, place))
	}
}

// Stream lets through a stream of who is allowed; it ends when they no longer are.
func (e *Entry) Stream(allowed func(Place) bool, next func(http.ResponseWriter, *http.Request, Visitor)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		number, cookie, known := e.browser(r)
		place, open := e.desk.Works(number, false)
		if !known || !open || !allowed(place) {
			http.Error(w, "Введите ПИН-код ещё раз", http.StatusUnauthorized)
			return
		}
		next(w, r, e.visitor(number, cookie, place))
	}
}

func (e *Entry) visitor(number int, cookie string, place Place) Visitor {
	return Visitor{Browser: number, Place: place, Token: e.tokens.For(cookie), Titled: e.title(place),
		Here: func() bool {
			now, open := e.desk.Works(number, false)
			return open && now == place
		}}
}

// browser returns the paired browser that asks, and its cookie.
func (e *Entry) browser(r *http.Request) (number int, cookie string, known bool) {
	c, err := r.Cookie(cookieName)
	if err != nil || len(c.Value) != 64 {
		return 0, "", false
	}
	number, known = e.desk.Known(c.Value)
	return number, c.Value, known
}

// ask serves one of the two pages.
func (e *Entry) ask(w http.ResponseWriter, status int, what, who string) {
	if what == "code" && e.Invite != nil && !e.desk.Out() {
		e.Invite()
	}
	title := map[string]string{"code": "Подключить браузер", "pin": "Войти"}[what]
	e.pages.Serve(w, status, web.Page{Title: title, Surface: "door", Token: e.tokens.For(who), Module: "act.js", Data: what})
}

// pair takes the code of a card.
func (e *Entry) pair(w http.ResponseWriter, r *http.Request) {
	if !e.tokens.Holds(r, "pair") {
		http.Error(w, "Страница устарела. Обновите её", http.StatusForbidden)
		return
	}
	code := strings.Map(digit, r.PostFormValue("code"))
	cookie, err := e.desk.Redeem(code)
	switch {
	case errors.Is(err, ErrCode):
		http.Error(w, "Код не подходит. Проверьте цифры или напечатайте новую карточку", http.StatusForbidden)
		return
	case errors.Is(err, ErrFull):
		http.Error(w, "Подключено слишком много браузеров. Техник может отключить лишние", http.StatusForbidden)
		return
	case err != nil:
		e.log.Error("pair a browser", "device", "panel", "err", err)
		http.Error(w, "Киоск не смог записать подключение. Повторите", http.StatusInternalServerError)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: cookieName, Value: cookie, Path: "/", MaxAge: cookieAge, Secure: true, HttpOnly: true,
		SameSite: http.SameSiteStrictMode})
	e.log.Info("browser paired", "device", "panel")
	w.Write([]byte("Браузер подключён"))
}

// signIn takes a PIN from a paired browser.
func (e *Entry) signIn(w http.ResponseWriter, r *http.Request) {
	number, cookie, known := e.browser(r)
	if !known {
		http.Error(w, "Этот браузер не подключён к киоску", http.StatusForbidden)
		return
	}
	if !e.tokens.Holds(r, cookie) {
		http.Error(w, "Страница устарела. Обновите её", http.StatusForbidden)
		return
	}
	place, err := e.desk.SignIn(number, r.PostFormValue("pin"))
	switch {
	case errors.Is(err, ErrPin):
		http.Error(w, "ПИН-код не подходит", http.StatusUnauthorized)
	case errors.Is(err, ErrLocked):
		e.log.Warn("too many wrong PINs", "device", "panel", "browser", number)
		http.Error(w, "Слишком много попыток. Подождите 15 минут", http.StatusTooManyRequests)
	case errors.Is(err, ErrGone):
		e.log.Warn("browser no longer paired after wrong PINs", "device", "panel", "browser", number)
		http.Error(w, "Слишком много попыток. Браузер отключён: нужна новая карточка", http.StatusForbidden)
	case err != nil:
		e.log.Error("sign in", "device", "panel", "err", err)
		http.Error(w, "Киоск не смог записать вход. Повторите", http.StatusInternalServerError)
	default:
		w.Write([]byte(e.title(place)))
	}
}

func (e *Entry) signOut(w http.ResponseWriter, r *http.Request) {
	number, cookie, known := e.browser(r)
	if !known || !e.tokens.Holds(r, cookie) {
		http.Error(w, "Страница устарела. Обновите её", http.StatusForbidden)
		return
	}
	e.desk.SignOut(number)
	w.Write([]byte("Вы вышли"))
}

// digit keeps digits: people type a code as it is printed, in groups.
func digit(r rune) rune {
	if r < '0' || r > '9' {
		return -1
	}
	return r
}
