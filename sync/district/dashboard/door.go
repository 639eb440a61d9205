package dashboard

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"sps-kiosk/sync/district"
)

// local is where to go after the sign-in: the page that was asked for, escaped for a query.
func local(r *http.Request) string {
	if r.Method != http.MethodGet {
		return "/"
	}
	return url.QueryEscape(r.URL.RequestURI())
}

// within returns a path of this site, and "/" for anything that a browser could take for another one.
func within(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(to, "/") ||
		strings.ContainsAny(to, "\\\r\n\t") || strings.HasPrefix(u.Path, "/login") {
		return "/"
	}
	return to
}

// signingIn is what the sign-in page shows.
type signingIn struct {
	To, Name, Wrong string
}

// login shows the sign-in page.
func (s *Site) login(w http.ResponseWriter, r *http.Request) {
	s.askIn(w, r, http.StatusOK, signingIn{To: within(r.URL.Query().Get("to"))})
}

// askIn answers with the sign-in page.
func (s *Site) askIn(w http.ResponseWriter, r *http.Request, code int, what signingIn) {
	f := s.frame(r, district.Session{}, "Вход")
	f.Data = what
	s.write(w, code, s.door, f)
}

// longestForm bounds the form of a sign-in, bytes.
const longestForm = 4 << 10

// signIn takes the sign-in page's form.
func (s *Site) signIn(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, longestForm)
	if err := r.ParseForm(); err != nil {
		s.fail(w, r, district.Session{}, Wrong("Форма не читается", "Откройте страницу входа снова"))
		return
	}
	what := signingIn{To: within(r.PostFormValue("to")), Name: r.PostFormValue("name")}
	_, err := s.Door.SignIn(w, r, what.Name, r.PostFormValue("password"))
	switch {
	case errors.Is(err, district.ErrWrongPassword):
		what.Wrong = district.WrongPassword
		s.askIn(w, r, http.StatusUnauthorized, what)
	case errors.Is(err, district.ErrTooMany):
		what.Wrong = district.TooMany
		w.Header().Set("Retry-After", "900")
		s.askIn(w, r, http.StatusTooManyRequests, what)
	case err != nil:
		s.fail(w, r, district.Session{}, err)
	default:
		GoTo(w, r, what.To)
	}
}

// signOut takes the form of the button «Выйти».
func (s *Site) signOut(w http.ResponseWriter, r *http.Request, me district.Session) {
	if err := s.Door.SignOut(w, r, me); err != nil {
		s.fail(w, r, me, err)
		return
	}
	GoTo(w, r, "/login")
}
