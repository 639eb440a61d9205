package admin

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/district/alarm"
	"sps-kiosk/sync/district/dashboard"
)

// alarmsView is what the page of alarms shows. Passwords are not in it.
type alarmsView struct {
	Done           string
	Mail           alarm.MailWay
	To             string
	MailPassword   bool // one is kept
	Webhook        alarm.HookWay
	WebhookSecret  bool
	MailOn, HookOn bool
}

// alarms is the page of alarms.
func (s site) alarms(r *http.Request, _ district.Session) (any, error) {
	ways, err := alarm.LoadWays(r.Context(), s.Store)
	v := alarmsView{Done: said(r), Mail: ways.Mail, To: strings.Join(ways.Mail.To, ", "), MailPassword: ways.Mail.Password != "",
		Webhook: ways.Webhook, WebhookSecret: ways.Webhook.Secret != "", MailOn: ways.Mail.Server != "", HookOn: ways.Webhook.URL != ""}
	v.Mail.Password, v.Webhook.Secret = "", ""
	return v, err
}

// setAlarms takes a form of the page: a way, or a trial of one.
func (s site) setAlarms(w http.ResponseWriter, r *http.Request, me district.Session) error {
	ctx := r.Context()
	switch r.PostFormValue("do") {
	case "try-mail":
		return s.try(w, r, me, alarm.PageMail)
	case "try-webhook":
		return s.try(w, r, me, alarm.PageWebhook)
	}
	ways, err := alarm.LoadWays(ctx, s.Store)
	if err != nil {
		return err
	}
	what := ""
	switch r.PostFormValue("do") {
	case "mail":
		ways.Mail, what = mailOf(r, ways.Mail), "почта"
	case "webhook":
		ways.Webhook, what = hookOf(r, ways.Webhook), "вебхук"
	default:
		return errUnknownAct
	}
	if err := s.keep(ctx, ways); err != nil {
		return err
	}
	s.Acts.Record(ctx, me.User, "alarm.set", what)
	return done(w, r, "/admin/alarms", "ways")
}

// keep saves ways of telling; what cannot be is said before anything is kept.
func (s site) keep(ctx context.Context, ways alarm.Ways) error {
	if err := ways.Check(); err != nil {
		return fmt.Errorf("%w: %w", district.ErrInput, err)
	}
	return alarm.SaveWays(ctx, s.Store, ways)
}

// mailOf reads the form of mail. An empty password leaves the one that is kept, if the server is the same.
func mailOf(r *http.Request, old alarm.MailWay) alarm.MailWay {
	m := alarm.MailWay{Server: field(r, "server"), User: field(r, "user"), Password: r.PostFormValue("password"), From: field(r, "from")}
	m.To = strings.FieldsFunc(r.PostFormValue("to"), func(c rune) bool { return strings.ContainsRune(",; \r\n", c) })
	if m.Password == "" && m.Server == old.Server && m.User == old.User {
		m.Password = old.Password
	}
	return m
}

// hookOf reads the form of the webhook in the same way.
func hookOf(r *http.Request, old alarm.HookWay) alarm.HookWay {
	h := alarm.HookWay{URL: field(r, "url"), Secret: r.PostFormValue("secret")}
	if h.Secret == "" && h.URL == old.URL {
		h.Secret = old.Secret
	}
	return h
}

// field is a field of a form without blanks around it.
func field(r *http.Request, name string) string { return strings.TrimSpace(r.PostFormValue(name)) }

// try sends a trial and says what the other end answered.
func (s site) try(w http.ResponseWriter, r *http.Request, me district.Session, way string) error {
	err := alarm.ByPage{Memory: s.Store, Way: way}.Try(r.Context(), time.Now().In(s.Zone))
	s.Acts.Record(r.Context(), me.User, "alarm.tried", strings.TrimPrefix(way, "page."))
	if err != nil {
		return dashboard.Refusal{Code: http.StatusBadGateway, What: "Проверочное оповещение не отправлено", ToDo: "Проверьте настройки. Ответ: " + err.Error()}
	}
	return done(w, r, "/admin/alarms", "tried")
}
