package alarm

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// hookTime is the longest that one call may take.
const hookTime = 15 * time.Second

// Webhook posts the message as JSON, to a messenger's bridge or a monitoring system.
type Webhook struct {
	URL    string
	Secret string // sent as «Authorization: Bearer …», "" = none
	Client *http.Client
}

// Check reports what is wrong with the settings, in words for whoever typed them.
func (h *Webhook) Check() error {
	u, err := url.Parse(h.URL)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return fmt.Errorf("адрес оповещений %q: нужен вид https://example.ru/hook", h.URL)
	}
	if h.Secret != "" && u.Scheme != "https" {
		return fmt.Errorf("адрес оповещений %q: с паролем нужен https", h.URL)
	}
	return nil
}

// hookBody is what is posted. A line with the same kiosk and since is the same silence.
type hookBody struct {
	Version int        `json:"version"`
	At      time.Time  `json:"at"`
	Subject string     `json:"subject"`
	Text    string     `json:"text"`
	Silent  []hookLine `json:"silent"`
	Back    []hookLine `json:"back"`
	Wrong   []hookNews `json:"wrong,omitempty"`
	Trial   bool       `json:"trial,omitempty"`
}

// hookNews is a trouble; the same key is the same trouble.
type hookNews struct {
	Key  string `json:"key"`
	What string `json:"what"`
	ToDo string `json:"to_do"`
}

type hookLine struct {
	Kiosk  int64     `json:"kiosk"`
	Name   string    `json:"name"`
	Office string    `json:"office"`
	Since  time.Time `json:"since"`
	Seen   time.Time `json:"seen"`
}

// Send is Sender's. The message is taken with any status of 200 to 299; a redirection is none.
func (h *Webhook) Send(ctx context.Context, m Message) error {
	if err := h.Check(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, hookTime)
	defer cancel()
	post := hookBody{Version: 1, At: m.At.UTC(), Subject: m.Subject(), Text: m.Text(), Silent: lines(m.Silent), Back: lines(m.Back), Trial: m.Trial}
	for _, t := range m.Wrong {
		post.Wrong = append(post.Wrong, hookNews(t))
	}
	body, err := json.Marshal(post)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	if h.Secret != "" {
		r.Header.Set("Authorization", "Bearer "+h.Secret)
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if h.Client != nil {
		client.Transport = h.Client.Transport
	}
	answer, err := client.Do(r)
	if err != nil {
		return fmt.Errorf("webhook: %w", err)
	}
	defer answer.Body.Close()
	io.Copy(io.Discard, io.LimitReader(answer.Body, 4096)) // so that the connection can be used again
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return fmt.Errorf("webhook answers %s", answer.Status)
	}
	return nil
}

func lines(list []Silence) []hookLine {
	out := []hookLine{}
	for _, s := range list {
		out = append(out, hookLine{Kiosk: s.ID, Name: s.Name, Office: s.Office, Since: s.Since.UTC(), Seen: s.Seen.UTC()})
	}
	return out
}
