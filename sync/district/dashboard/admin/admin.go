// Package admin is the administration of a district as pages: offices, kiosks and how they come in,
// users, updates of firmware, alarms, and the audit log.
//
// It owns the forms and their words. Every act is one of district.Server's, which checks it and writes it
// down; the dashboard around checks who asks, the role and the CSRF token before a form gets here.
//
// It refuses to change anything by a link, to show a password or a token that is kept, and to need script.
package admin

import (
	"context"
	"embed"
	"html/template"
	"net/http"
	"strconv"
	"time"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/district/alarm"
	"sps-kiosk/sync/district/dashboard"
	"sps-kiosk/sync/ident"
)

// Acts are what an administrator does; district.Server does it.
type Acts interface {
	AddOffice(ctx context.Context, who string, o district.Office) (int64, error)
	ChangeOffice(ctx context.Context, who string, o district.Office) error
	AddKiosk(ctx context.Context, who string, office int64, name string) (int64, error)
	Invite(ctx context.Context, who string, kiosk int64) ([]byte, error)
	Type(ctx context.Context, who string, key ident.ID, kiosk int64, number string) (ident.Verdict, error)
	Revoke(ctx context.Context, who string, kiosk int64) error
	Restore(ctx context.Context, who string, kiosk int64) error
	Renew(ctx context.Context, who string, kiosk int64) error
	PutUser(ctx context.Context, who, name, role, password string) error
	DropUser(ctx context.Context, who, name string) error
	ChangePassword(r *http.Request, me district.Session, present, next string) error
	StartUpdate(ctx context.Context, who string, id int64, kiosks []int64, first int64, limit int) error
	PauseUpdate(ctx context.Context, who string, id int64) error
	ResumeUpdate(ctx context.Context, who string, id int64) error
	WithdrawUpdate(ctx context.Context, who string, id int64) error
	Record(ctx context.Context, who, what, note string)
}

// Store is what the pages read, and where the ways of telling are kept; district.Store is one.
type Store interface {
	Offices(ctx context.Context) ([]district.Office, error)
	Kiosks(ctx context.Context) ([]district.Kiosk, error)
	Approvals(ctx context.Context, now time.Time) ([]district.Approval, error)
	Users(ctx context.Context) ([]district.User, error)
	AuditLog(ctx context.Context, most int) ([]district.Entry, error)
	Updates(ctx context.Context) ([]district.Update, error)
	alarm.Memory
}

// Options are what the pages work with.
type Options struct {
	Acts  Acts
	Store Store
	Zone  *time.Location // in which times are shown that belong to no office; nil = this machine's
}

//go:embed templates
var files embed.FS

// site makes the pages.
type site struct{ Options }

// Pages returns the pages of administration, for dashboard.New.
func Pages(o Options) []dashboard.Page {
	if o.Zone == nil {
		o.Zone = time.Local
	}
	s := site{o}
	page := func(path, title, nav, file string) dashboard.Page {
		return dashboard.Page{Path: path, Title: title, Nav: nav, Admin: true, Body: parse(file)}
	}
	kiosks := page("/admin/kiosks", "Центры и киоски", "Центры и киоски", "kiosks.html")
	kiosks.Get, kiosks.Post = s.kiosks, s.addTo
	kiosk := page("/admin/kiosks/{id}", "Киоск", "", "kiosk.html")
	kiosk.Get, kiosk.Post = s.kiosk, s.actOnKiosk
	office := page("/admin/offices/{id}", "Центр", "", "office.html")
	office.Get, office.Post = s.office, s.changeOffice
	updates := page("/admin/updates", "Обновления", "Обновления", "updates.html")
	updates.Get, updates.Post = s.updates, s.actOnUpdate
	alarms := page("/admin/alarms", "Оповещения", "Оповещения", "alarms.html")
	alarms.Get, alarms.Post = s.alarms, s.setAlarms
	users := page("/admin/users", "Пользователи", "Пользователи", "users.html")
	users.Get, users.Post = s.users, s.setUser
	audit := page("/admin/audit", "Журнал", "Журнал", "audit.html")
	audit.Get = s.audit
	own := page(district.OwnPassword, "Смена пароля", "", "password.html")
	own.Admin, own.Get, own.Post = false, s.password, s.changePassword
	return []dashboard.Page{kiosks, kiosk, office, updates, alarms, users, audit, own}
}

// parse reads a page's template and the parts that pages share.
func parse(file string) *template.Template {
	return dashboard.Parse(files, "templates/shared.html", "templates/"+file)
}

// number reads the number in a page's path; district.ErrNoSuch for what is none.
func number(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 {
		return 0, district.ErrNoSuch
	}
	return n, nil
}

// done sends the browser to a page that says what was done: one of the words of said.
func done(w http.ResponseWriter, r *http.Request, path, what string) error {
	dashboard.GoTo(w, r, path+"?done="+what)
	return nil
}

// said is what a page says after an act; nothing for a word that is none of ours.
func said(r *http.Request) string {
	return map[string]string{
		"office": "Центр записан.", "kiosk": "Киоск заведён. Теперь выдайте ему файл или подтвердите номер с его табло.",
		"approved": "Киоск подключён.", "revoked": "Киоск снят с учёта: со следующего обращения от него ничего не принимаем.",
		"restored": "Киоск снова на учёте с тем же ключом.",
		"renew":    "Попросили киоск сменить ключ. Он сделает это сам, когда выйдет на связь; прежний ключ подождёт 30 дней.", "user": "Пользователь записан. Если он был в системе, пусть войдёт снова.",
		"dropped": "Пользователь удалён.", "password": "Пароль изменён. Войдите с новым.", "ways": "Настройки оповещений сохранены.",
		"tried": "Проверочное оповещение отправлено. Посмотрите, пришло ли оно.", "started": "Обновление начато: сначала один киоск.",
		"paused": "Обновление остановлено.", "resumed": "Обновление продолжается.", "withdrawn": "Обновление отозвано.",
	}[r.URL.Query().Get("done")]
}

// errUnknownAct means a form that none of the pages has.
var errUnknownAct = dashboard.Wrong("Форма не читается", "Откройте страницу снова")
