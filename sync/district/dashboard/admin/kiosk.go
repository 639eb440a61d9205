package admin

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/district/dashboard"
	"sps-kiosk/sync/ident"
)

// kioskPath is where a kiosk's page is.
func kioskPath(id int64) string { return fmt.Sprint("/admin/kiosks/", id) }

// asker is a device that waits for its number to be typed.
type asker struct {
	Key   string
	Since string
	Shown bool // the number is on its display by now
}

// kioskView is what a kiosk's page shows.
type kioskView struct {
	kioskRow
	Done       string
	Asking     []asker
	CanRevoke  bool
	CanRestore bool
	CanRenew   bool // its key, by asking the kiosk for another one
	Fresh      bool // no device came yet
}

// find returns a kiosk by the number in the path.
func (s site) find(r *http.Request) (row kioskRow, err error) {
	id, err := number(r.PathValue("id"))
	if err != nil {
		return row, err
	}
	all, err := s.register(r)
	for _, o := range all {
		for _, k := range o.Kiosks {
			if k.ID == id {
				return k, nil
			}
		}
	}
	if err == nil {
		err = district.ErrNoSuch
	}
	return row, err
}

// kiosk is a kiosk's page.
func (s site) kiosk(r *http.Request, _ district.Session) (any, error) {
	row, err := s.find(r)
	if err != nil {
		return nil, err
	}
	v := kioskView{kioskRow: row, Done: said(r), Fresh: row.KeyName == ""}
	v.CanRevoke = row.Status != ident.Revoked && !v.Fresh
	v.CanRestore = !v.Fresh && (row.Status != ident.Active || row.Cloned)
	v.CanRenew = row.Status == ident.Active && !v.Fresh && !row.Cloned && !row.Renewing()
	list, err := s.Store.Approvals(r.Context(), time.Now())
	for _, a := range list {
		v.Asking = append(v.Asking, asker{a.Key.ID().String(), a.Began.In(s.Zone).Format("15:04"), a.Number != ""})
	}
	return v, err
}

// actOnKiosk does what a form of a kiosk's page asks for.
func (s site) actOnKiosk(w http.ResponseWriter, r *http.Request, me district.Session) error {
	id, err := number(r.PathValue("id"))
	if err != nil {
		return err
	}
	switch r.PostFormValue("do") {
	case "invite":
		return s.invite(w, r, me, id)
	case "approve":
		return s.approve(w, r, me, id)
	case "revoke":
		if err := s.Acts.Revoke(r.Context(), me.User, id); err != nil {
			return err
		}
		return done(w, r, kioskPath(id), "revoked")
	case "renew":
		if err := s.Acts.Renew(r.Context(), me.User, id); err != nil {
			return err
		}
		return done(w, r, kioskPath(id), "renew")
	case "restore":
		if err := s.Acts.Restore(r.Context(), me.User, id); err != nil {
			return err
		}
		return done(w, r, kioskPath(id), "restored")
	}
	return errUnknownAct
}

// invite answers with the file that connects a kiosk: nothing has to be typed (B13).
func (s site) invite(w http.ResponseWriter, r *http.Request, me district.Session, id int64) error {
	text, err := s.Acts.Invite(r.Context(), me.User, id)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Disposition", `attachment; filename="`+ident.EnrollFile+`"`)
	h.Set("Cache-Control", "no-store")
	w.Write(text) // the browser may be gone: the file can be made again
	return nil
}

// approve takes the number that a kiosk shows.
func (s site) approve(w http.ResponseWriter, r *http.Request, me district.Session, id int64) error {
	var key ident.ID
	if key.UnmarshalText([]byte(r.PostFormValue("key"))) != nil {
		return dashboard.Wrong("Не выбрано, кто просится", "Обновите страницу и выберите устройство")
	}
	typed := strings.Join(strings.Fields(r.PostFormValue("number")), "")
	v, err := s.Acts.Type(r.Context(), me.User, key, id, typed)
	switch {
	case err != nil:
		return err
	case v != ident.Approved:
		return dashboard.Refusal{Code: http.StatusUnprocessableEntity, What: "Киоск не подключён", ToDo: v.Text()}
	}
	return done(w, r, kioskPath(id), "approved")
}
