package district

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"sps-kiosk/sync/ident"
)

// guarded answers somebody who is signed in.
type guarded = func(http.ResponseWriter, *http.Request, Session)

// newAdmin returns the administration's interface in JSON. The dashboard offers the same in pages.
func (s *Server) newAdmin() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/admin/login", s.signIn)
	for pattern, h := range map[string]guarded{
		"POST logout": s.signOut,
		"GET me": func(w http.ResponseWriter, _ *http.Request, me Session) {
			writeJSON(w, map[string]string{"name": me.User, "role": me.Role, "csrf": me.CSRF})
		},
		"GET offices": s.listOffices, "POST offices": s.addOffice, "PUT offices/{id}": s.changeOffice,
		"GET kiosks": s.listKiosks, "POST kiosks": s.addKiosk,
		"POST kiosks/{id}/invite": s.invite, "POST kiosks/{id}/revoke": s.revoke, "POST kiosks/{id}/restore": s.restore,
		"GET approvals": s.listApprovals, "POST approvals/{key}": s.approve,
		"GET completeness": s.completeness, "GET audit": s.auditLog, "POST recompute": s.recompute,
		"GET users": s.listUsers, "POST users": s.putUser,
	} {
		method, path, _ := strings.Cut(pattern, " ")
		mux.Handle(method+" /v1/admin/"+path, s.Guard(h))
	}
	return http.NewCrossOriginProtection().Handler(mux)
}

// done answers a change: its result, or what was wrong.
func (s *Server) done(w http.ResponseWriter, result any, err error) {
	switch {
	case errors.Is(err, ErrInput):
		failed(w, http.StatusUnprocessableEntity, err.Error())
	case errors.Is(err, ErrTaken):
		failed(w, http.StatusConflict, "Такое название уже есть")
	case errors.Is(err, ErrNoSuch):
		failed(w, http.StatusNotFound, "Такой записи нет")
	case err != nil:
		s.sorry(w, err)
	default:
		writeJSON(w, result)
	}
}

// number returns a number of the path; 0, which no row has, for anything else.
func number(r *http.Request) int64 {
	n, _ := strconv.ParseInt(r.PathValue("id"), 10, 64)
	return n
}

// officeBody is an office in JSON.
type officeBody struct {
	ID       int64  `json:"id"`
	Name     string `json:"name"`
	District string `json:"district"`
	Zone     string `json:"zone"`
}

func (s *Server) listOffices(w http.ResponseWriter, r *http.Request, _ Session) {
	list, err := s.store.Offices(r.Context())
	out := []officeBody{}
	for _, o := range list {
		out = append(out, officeBody(o))
	}
	s.done(w, out, err)
}

func (s *Server) addOffice(w http.ResponseWriter, r *http.Request, me Session) {
	var b officeBody
	if !readJSON(w, r, &b) {
		return
	}
	id, err := s.AddOffice(r.Context(), me.User, Office(b))
	s.done(w, map[string]int64{"id": id}, err)
}

func (s *Server) changeOffice(w http.ResponseWriter, r *http.Request, me Session) {
	var b officeBody
	if !readJSON(w, r, &b) {
		return
	}
	b.ID = number(r)
	s.done(w, b, s.ChangeOffice(r.Context(), me.User, Office(b)))
}

// kioskBody is a kiosk in JSON.
type kioskBody struct {
	ID       int64        `json:"id"`
	Office   int64        `json:"office"`
	Name     string       `json:"name"`
	Status   ident.Status `json:"status"`
	Text     string       `json:"text"`
	Key      string       `json:"key,omitempty"`
	Cloned   bool         `json:"cloned"`
	Seen     *time.Time   `json:"seen"`
	Complete *time.Time   `json:"complete"`
	Beat     any          `json:"beat"`
}

func (s *Server) listKiosks(w http.ResponseWriter, r *http.Request, _ Session) {
	list, err := s.store.Kiosks(r.Context())
	out := []kioskBody{}
	for _, k := range list {
		b := kioskBody{ID: k.ID, Office: k.Office, Name: k.Name, Status: k.Status, Text: k.Status.Text(), Cloned: k.Cloned,
			Seen: orNil(k.Seen), Complete: orNil(k.Complete), Beat: k.Beat}
		if !k.Ring.Current.IsZero() {
			b.Key = k.Ring.Current.ID().String()
		}
		out = append(out, b)
	}
	s.done(w, out, err)
}

// orNil is a time for JSON: null for never.
func orNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func (s *Server) addKiosk(w http.ResponseWriter, r *http.Request, me Session) {
	var b struct {
		Office int64  `json:"office"`
		Name   string `json:"name"`
	}
	if !readJSON(w, r, &b) {
		return
	}
	id, err := s.AddKiosk(r.Context(), me.User, b.Office, b.Name)
	s.done(w, map[string]int64{"id": id}, err)
}

func (s *Server) invite(w http.ResponseWriter, r *http.Request, me Session) {
	text, err := s.Invite(r.Context(), me.User, number(r))
	if err != nil {
		s.done(w, nil, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Disposition", `attachment; filename="`+ident.EnrollFile+`"`)
	h.Set("Cache-Control", "no-store")
	w.Write(text)
}

func (s *Server) revoke(w http.ResponseWriter, r *http.Request, me Session) {
	s.done(w, map[string]string{}, s.Revoke(r.Context(), me.User, number(r)))
}

func (s *Server) restore(w http.ResponseWriter, r *http.Request, me Session) {
	s.done(w, map[string]string{}, s.Restore(r.Context(), me.User, number(r)))
}

func (s *Server) listApprovals(w http.ResponseWriter, r *http.Request, _ Session) {
	type body struct {
		Key   ident.ID  `json:"key"`
		Began time.Time `json:"began"`
		Shown bool      `json:"shown"` // the number is on the kiosk's display by now
		Tries int       `json:"tries"`
	}
	list, err := s.store.Approvals(r.Context(), timeNow())
	out := []body{}
	for _, a := range list {
		out = append(out, body{a.Key.ID(), a.Began, a.Number != "", a.Tries})
	}
	s.done(w, out, err)
}

func (s *Server) approve(w http.ResponseWriter, r *http.Request, me Session) {
	var b struct {
		Kiosk  int64  `json:"kiosk"`
		Number string `json:"number"`
	}
	var key ident.ID
	if !readJSON(w, r, &b) {
		return
	}
	if key.UnmarshalText([]byte(r.PathValue("key"))) != nil {
		s.done(w, nil, ErrNoSuch)
		return
	}
	v, err := s.Type(r.Context(), me.User, key, b.Kiosk, b.Number)
	if err == nil && v != ident.Approved {
		failed(w, http.StatusUnprocessableEntity, v.Text())
		return
	}
	s.done(w, map[string]string{"text": v.Text()}, err)
}

func (s *Server) completeness(w http.ResponseWriter, r *http.Request, _ Session) {
	office, _ := strconv.ParseInt(r.URL.Query().Get("office"), 10, 64)
	list, err := s.store.Completeness(r.Context(), office)
	s.done(w, list, err)
}

// auditLines is how much of the audit log is shown.
const auditLines = 500

func (s *Server) auditLog(w http.ResponseWriter, r *http.Request, _ Session) {
	list, err := s.store.AuditLog(r.Context(), auditLines)
	s.done(w, list, err)
}

func (s *Server) recompute(w http.ResponseWriter, r *http.Request, me Session) {
	s.done(w, map[string]string{}, s.Recompute(r.Context(), me.User))
}

func (s *Server) listUsers(w http.ResponseWriter, r *http.Request, _ Session) {
	list, err := s.store.Users(r.Context())
	out := []map[string]string{}
	for _, u := range list {
		out = append(out, map[string]string{"name": u.Name, "role": u.Role})
	}
	s.done(w, out, err)
}

func (s *Server) putUser(w http.ResponseWriter, r *http.Request, me Session) {
	var b struct{ Name, Role, Password string }
	if !readJSON(w, r, &b) {
		return
	}
	s.done(w, map[string]string{}, s.PutUser(r.Context(), me.User, b.Name, b.Role, b.Password))
}
