package alarm

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Ways are the ways of telling that an administrator set up on a page; an empty one is off. They are
// kept in a Memory, so that every replica tells the same.
type Ways struct {
	Mail    MailWay `json:"mail"`
	Webhook HookWay `json:"webhook"`
}

// MailWay is what a Mail needs.
type MailWay struct {
	Server   string   `json:"server"`
	User     string   `json:"user"`
	Password string   `json:"password"`
	From     string   `json:"from"`
	To       []string `json:"to"`
}

// HookWay is what a Webhook needs.
type HookWay struct {
	URL    string `json:"url"`
	Secret string `json:"secret"`
}

// waysNote is the name that Ways are kept under.
const waysNote = "alarm.ways"

// LoadWays reads what was set up; nothing where nothing was.
func LoadWays(ctx context.Context, m Memory) (w Ways, err error) {
	data, err := m.Note(ctx, waysNote)
	if err != nil {
		return w, fmt.Errorf("read ways of telling: %w", err)
	}
	if len(data) == 0 {
		return w, nil
	}
	if err := json.Unmarshal(data, &w); err != nil {
		return Ways{}, fmt.Errorf("read ways of telling: %w", err)
	}
	return w, nil
}

// Check reports what is wrong with the ways that are on, in words for whoever typed them.
func (w Ways) Check() error {
	if w.Mail.Server != "" {
		if err := w.Mail.way().Check(); err != nil {
			return err
		}
	}
	if w.Webhook.URL != "" {
		return w.Webhook.way().Check()
	}
	return nil
}

// SaveWays keeps what was set up. What is wrong with it is said in Russian.
func SaveWays(ctx context.Context, m Memory, w Ways) error {
	if err := w.Check(); err != nil {
		return err
	}
	data, err := json.Marshal(w)
	if err != nil {
		return err
	}
	if err := m.PutNote(ctx, waysNote, data); err != nil {
		return fmt.Errorf("keep ways of telling: %w", err)
	}
	return nil
}

func (w MailWay) way() *Mail {
	return &Mail{Server: w.Server, User: w.User, Password: w.Password, From: w.From, To: w.To}
}

func (w HookWay) way() *Webhook { return &Webhook{URL: w.URL, Secret: w.Secret} }

// The ways that can be set up on a page, as ByPage knows them.
const (
	PageMail    = "page.mail"
	PageWebhook = "page.webhook"
)

// ByPage is a Sender of the way that is set up at the moment of sending: Way is PageMail or PageWebhook.
type ByPage struct {
	Memory Memory
	Way    string
}

// Send is Sender's; ErrOff while the way is not set up.
func (p ByPage) Send(ctx context.Context, m Message) error {
	w, err := LoadWays(ctx, p.Memory)
	switch {
	case err != nil:
		return err
	case p.Way == PageMail && w.Mail.Server != "":
		return w.Mail.way().Send(ctx, m)
	case p.Way == PageWebhook && w.Webhook.URL != "":
		return w.Webhook.way().Send(ctx, m)
	}
	return ErrOff
}

// Try sends a trial, so that somebody sees whether messages come through.
func (p ByPage) Try(ctx context.Context, now time.Time) error {
	return p.Send(ctx, Message{At: now, Trial: true})
}
