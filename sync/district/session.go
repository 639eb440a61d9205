package district

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"slices"
	"time"

	"sps-kiosk/sync/ident"
)

// What somebody who signed in may do: see, or see and change.
const (
	RoleAdmin  = "admin"
	RoleViewer = "viewer"
)

const (
	// OwnPassword is the path of the page on which everybody changes the own password.
	OwnPassword = "/password"

	cookieName  = "__Host-district"
	headerCSRF  = "X-CSRF-Token"
	sessionLife = 12 * time.Hour

	failuresOf   = 15 * time.Minute // as long failed sign-ins count
	failuresHere = 5                // of a name from one address
	failuresAll  = 50               // of a name from anywhere
)

// credentials are what somebody signs in with.
type credentials struct {
	Name     string `json:"name"`
	Password string `json:"password"`
}

// What a sign-in ends with.
var (
	ErrWrongPassword = errors.New("wrong name or password")
	ErrTooMany       = errors.New("too many failed sign-ins")
)

// What a sign-in says of these.
const (
	WrongPassword = "Имя или пароль не подходят"
	TooMany       = "Слишком много неверных попыток. Подождите 15 минут"
)

// signIn opens a session for a reader of JSON.
func (s *Server) signIn(w http.ResponseWriter, r *http.Request) {
	var c credentials
	if !readJSON(w, r, &c) {
		return
	}
	session, err := s.SignIn(w, r, c.Name, c.Password)
	switch {
	case errors.Is(err, ErrTooMany):
		w.Header().Set("Retry-After", "900")
		failed(w, http.StatusTooManyRequests, TooMany)
	case errors.Is(err, ErrWrongPassword):
		failed(w, http.StatusUnauthorized, WrongPassword)
	case err != nil:
		s.sorry(w, err)
	default:
		writeJSON(w, map[string]string{"name": session.User, "role": session.Role, "csrf": session.CSRF})
	}
}

// SignIn checks a password and opens a session: it sets the cookie and nothing else of the answer.
// Errors are ErrWrongPassword, ErrTooMany, and the database's.
func (s *Server) SignIn(w http.ResponseWriter, r *http.Request, name, password string) (Session, error) {
	here, all := "here:"+name+"\n"+remote(r), "all:"+name
	now := timeNow()
	for key, most := range map[string]int{here: failuresHere, all: failuresAll} {
		n, err := s.store.Failures(r.Context(), key, now.Add(-failuresOf))
		if err != nil {
			return Session{}, err
		}
		if n >= most {
			return Session{}, ErrTooMany
		}
	}
	user, err := s.check(r, credentials{name, password})
	if err != nil {
		return Session{}, err
	}
	if user == nil {
		for _, key := range []string{here, all} {
			if err := s.store.Fail(r.Context(), key, now); err != nil {
				return Session{}, err
			}
		}
		return Session{}, ErrWrongPassword
	}
	return s.welcome(w, r, *user)
}

// check returns the user if the password is right, and nil if not.
func (s *Server) check(r *http.Request, c credentials) (*User, error) {
	users, err := s.store.Users(r.Context())
	if err != nil {
		return nil, err
	}
	var found User
	for _, u := range users {
		if u.Name == c.Name {
			found = u
		}
	}
	select {
	case s.hashing <- struct{}{}:
		defer func() { <-s.hashing }()
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	if len(c.Password) > maxPassword || !matches(c.Password, found.Hash) {
		return nil, nil
	}
	return &found, nil
}

// welcome opens a session and sets its cookie.
func (s *Server) welcome(w http.ResponseWriter, r *http.Request, u User) (Session, error) {
	token, csrf := secret(), secret()
	session := Session{Token: sha256.Sum256([]byte(token)), User: u.Name, CSRF: csrf, Expires: timeNow().Add(sessionLife)}
	if err := s.store.OpenSession(r.Context(), session); err != nil {
		return Session{}, err
	}
	http.SetCookie(w, cookie(token, int(sessionLife/time.Second)))
	s.record(r.Context(), u.Name, "user.in", "")
	session.Role = u.Role
	return session, nil
}

// cookie is the session's cookie; a negative age deletes it.
func cookie(token string, age int) *http.Cookie {
	return &http.Cookie{Name: cookieName, Value: token, Path: "/", MaxAge: age, Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode}
}

// secret draws 256 bits as text.
func secret() string {
	b := make([]byte, 32)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

// remote is the address a request comes from. What proxies claim is not believed.
func remote(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// SignedIn returns the session of a request; ErrNoSuch where there is none.
func (s *Server) SignedIn(r *http.Request) (Session, error) {
	c, err := r.Cookie(cookieName)
	if err != nil {
		return Session{}, ErrNoSuch
	}
	return s.store.Session(r.Context(), ident.Digest(sha256.Sum256([]byte(c.Value))), timeNow())
}

// Guard lets a handler see only who is signed in, and changes only from an administrator who sends
// the CSRF token: in the header X-CSRF-Token or the form field csrf. It answers others in JSON.
func (s *Server) Guard(h func(http.ResponseWriter, *http.Request, Session)) http.Handler {
	return s.GuardSaying(func(w http.ResponseWriter, _ *http.Request, code int, why string) { failed(w, code, why) }, h)
}

// GuardSaying is Guard for a handler that refuses in its own form: say gets the status, 401, 403 or 503,
// and the reason in Russian.
func (s *Server) GuardSaying(say func(w http.ResponseWriter, r *http.Request, code int, why string),
	h func(http.ResponseWriter, *http.Request, Session)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		session, err := s.SignedIn(r)
		switch {
		case errors.Is(err, ErrNoSuch):
			say(w, r, http.StatusUnauthorized, "Войдите")
			return
		case err != nil:
			s.logs.complain("database", err)
			w.Header().Set("Retry-After", "30")
			say(w, r, http.StatusServiceUnavailable, notAnswering)
			return
		}
		if why := mayNot(w, r, session); why != "" {
			say(w, r, http.StatusForbidden, why)
			return
		}
		h(w, r, session)
	})
}

// mayNot says why somebody who is signed in may not do what a request does; empty for may.
func mayNot(w http.ResponseWriter, r *http.Request, session Session) string {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return ""
	}
	token := r.Header.Get(headerCSRF)
	if token == "" {
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		token = r.PostFormValue("csrf")
	}
	if subtle.ConstantTimeCompare([]byte(token), []byte(session.CSRF)) != 1 {
		return "Страница устарела. Обновите её и повторите"
	}
	if session.Role != RoleAdmin && !slices.Contains([]string{"/v1/admin/logout", "/logout", OwnPassword}, r.URL.Path) {
		return "Это может только администратор"
	}
	return ""
}

// maxForm bounds what an administrator sends, bytes.
const maxForm = 64 << 10

// signOut ends a session for a reader of JSON.
func (s *Server) signOut(w http.ResponseWriter, r *http.Request, session Session) {
	if err := s.SignOut(w, r, session); err != nil {
		s.sorry(w, err)
		return
	}
	writeJSON(w, map[string]string{})
}

// SignOut ends a session and takes the cookie back.
func (s *Server) SignOut(w http.ResponseWriter, r *http.Request, session Session) error {
	if err := s.store.CloseSession(r.Context(), session.Token); err != nil {
		return err
	}
	http.SetCookie(w, cookie("", -1))
	return nil
}

// readJSON reads a body of the administration's interface and answers what is wrong with it.
func readJSON(w http.ResponseWriter, r *http.Request, into any) bool {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxForm))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		failed(w, http.StatusBadRequest, "Запрос не читается: "+err.Error())
		return false
	}
	return true
}

// writeJSON answers.
func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	json.NewEncoder(w).Encode(v) // the connection may be gone: nobody is left to tell
}

// failed answers that something cannot be, and why.
func failed(w http.ResponseWriter, code int, why string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	json.NewEncoder(w).Encode(map[string]string{"error": why})
}

// notAnswering is said where the database does not answer.
const notAnswering = "База данных сейчас не отвечает. Повторите через минуту"

// sorry answers for an error of the database.
func (s *Server) sorry(w http.ResponseWriter, err error) {
	s.logs.complain("database", err)
	w.Header().Set("Retry-After", "30")
	failed(w, http.StatusServiceUnavailable, notAnswering)
}
