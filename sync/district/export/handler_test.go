package export

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// ask asks a handler.
func ask(h *Handler, method, url string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, url, nil))
	return w
}

func TestHandler(t *testing.T) {
	f := &fake{}
	fill(t, f)
	h := &Handler{Offices: f, Rolls: f, Titles: titles, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	const days = "from=2026-09-01&to=2026-09-30"
	for _, c := range []struct {
		url    string
		status int
		holds  string
	}{
		{"/api/report.json?" + days, 200, `"period": "2026-09"`},
		{"/api/report.csv?" + days + "&services=1&office=1&step=day", 200, "01.09.2026;МФЦ Кошки;Приём документов;30;"},
		{"/api/report.csv?" + days + "&step=quarter", 200, "III квартал 2026"},
		{"/api/public.json?" + days, 200, `"hidden_below": 5`},
		{"/api/public.csv?" + days, 200, "скрыто"},
		{"/api/report.xml?" + days, 404, "такого отчёта нет"},
		{"/api/report.json?" + days + "&office=7", 404, "такого центра нет"},
		{"/api/report.json?" + days + "&office=x", 404, "такого центра нет"},
		{"/api/report.json?" + days + "&step=week", 400, "проверьте даты"},
		{"/api/report.json?from=2026-13-01&to=2026-09-30", 400, "проверьте даты"},
		{"/api/report.json?from=2026-09-30&to=2026-09-01", 400, "проверьте даты"},
		{"/api/report.json?from=1970-01-01&to=2199-12-31&step=day", 400, "проверьте даты"},
		{"/api/report.json", 400, "проверьте даты"},
	} {
		w := ask(h, http.MethodGet, c.url)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.holds) {
			t.Errorf("%s: got %d %.300s, want %d with %q", c.url, w.Code, w.Body, c.status, c.holds)
		}
		if c.status == 200 && strings.Contains(c.url, "json") && !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s: not JSON", c.url)
		}
	}
	if w := ask(h, http.MethodPost, "/api/report.json?"+days); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: got %d", w.Code)
	}
	name := ask(h, http.MethodGet, "/api/report.csv?"+days).Header().Get("Content-Disposition")
	if want := `attachment; filename="report_2026-09-01_2026-09-30.csv"`; name != want {
		t.Errorf("file: got %s, want %s", name, want)
	}
	var log bytes.Buffer
	h.Log, f.err = slog.New(slog.NewTextHandler(&log, nil)), errors.New("disk is gone")
	w := ask(h, http.MethodGet, "/api/report.json?"+days)
	if w.Code != http.StatusServiceUnavailable || strings.Contains(w.Body.String(), "disk") || !strings.Contains(log.String(), "disk is gone") {
		t.Errorf("no database: got %d %s, log %s", w.Code, w.Body, log.String())
	}
}

// TestPublicNamesNoKiosk: the public report tells nothing of single machines.
func TestPublicNamesNoKiosk(t *testing.T) {
	f := &fake{}
	fill(t, f)
	h := &Handler{Offices: f, Rolls: f}
	for _, form := range []string{"json", "csv"} {
		w := ask(h, http.MethodGet, "/public."+form+"?from=2026-09-01&to=2026-09-30")
		for _, k := range f.kiosks {
			if strings.Contains(w.Body.String(), k.Name) {
				t.Errorf("public.%s names %q", form, k.Name)
			}
		}
	}
}
