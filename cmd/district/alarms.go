package main

import (
	"log/slog"
	"os"
	"strings"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/district/alarm"
)

// Passwords come by the environment: a flag would show in the list of processes.
const (
	mailPassword  = "DISTRICT_MAIL_PASSWORD"
	webhookSecret = "DISTRICT_WEBHOOK_SECRET"
)

// watchers returns who tells about silent kiosks and other troubles (A9): by mail and by webhook, as the
// flags and the page «Оповещения» have it.
func (s *settings) watchers(store district.Store, log *slog.Logger) ([]*alarm.Watcher, error) {
	rules := alarm.Default()
	rules.After = s.silent
	watch := func(name string, way alarm.Sender) *alarm.Watcher {
		return &alarm.Watcher{Name: name, Kiosks: alarm.FromRegister(store), Troubles: alarm.TroublesOf(store), Memory: store,
			Sender: way, Settings: rules, Log: log}
	}
	all := []*alarm.Watcher{
		watch(alarm.PageMail, alarm.ByPage{Memory: store, Way: alarm.PageMail}),
		watch(alarm.PageWebhook, alarm.ByPage{Memory: store, Way: alarm.PageWebhook}),
	}
	if s.mail != "" {
		m := &alarm.Mail{Server: s.mail, User: s.mailUser, Password: os.Getenv(mailPassword), From: s.mailFrom, To: strings.Split(s.mailTo, ",")}
		if err := m.Check(); err != nil {
			return nil, err
		}
		all = append(all, watch("mail", m))
	}
	if s.webhook != "" {
		h := &alarm.Webhook{URL: s.webhook, Secret: os.Getenv(webhookSecret)}
		if err := h.Check(); err != nil {
			return nil, err
		}
		all = append(all, watch("webhook", h))
	}
	return all, nil
}
