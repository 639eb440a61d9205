package export

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Handler answers GET report.json, report.csv, public.json and public.csv under the path it is mounted
// at. Who may ask is decided before it; the public two may be open to everybody.
//
// Parameters: step = day, month or quarter (month by default); from and to = first and last day,
// "2026-09-01"; office = its number, none for all; services = 1 for a line per service.
// The public two know from and to.
type Handler struct {
	Offices Offices
	Rolls   Rolls
	Titles  map[string]string // services' names by code
	Log     *slog.Logger
}

// ServeHTTP answers 200 with the report, 400 with a reason in Russian, 404, 405, or 503 when the
// database does not answer.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "отчёт только читают", http.StatusMethodNotAllowed)
		return
	}
	var body bytes.Buffer
	kind, name, err := h.write(&body, r)
	if err != nil {
		h.refuse(w, err)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	if name != "" {
		w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	}
	body.WriteTo(w) // the other end may be gone
}

// errNoReport means a path that is none of the four.
var errNoReport = errors.New("no such report")

// write writes the report that is asked for and returns its media type and the name of the file.
func (h *Handler) write(w io.Writer, r *http.Request) (kind, name string, err error) {
	const (
		jsonType = "application/json; charset=utf-8"
		csvType  = "text/csv; charset=utf-8; header=present"
	)
	path := r.URL.Path[lastSlash(r.URL.Path)+1:]
	switch path {
	case "report.json", "report.csv", "public.json", "public.csv":
	default:
		return "", "", errNoReport
	}
	ask, err := parse(r.URL.Query())
	if err != nil {
		return "", "", err
	}
	now, span := time.Now(), ask.From.Date().Format(time.DateOnly)+"_"+(ask.To-1).Date().Format(time.DateOnly)
	if path == "public.json" || path == "public.csv" {
		report, err := Public(r.Context(), h.Offices, h.Rolls, ask.From, ask.To, now)
		switch {
		case err != nil:
			return "", "", err
		case path == "public.json":
			return jsonType, "", report.JSON(w)
		}
		return csvType, "public_" + span + ".csv", report.CSV(w, h.Titles)
	}
	report, err := Build(r.Context(), h.Offices, h.Rolls, ask, now)
	switch {
	case err != nil:
		return "", "", err
	case path == "report.json":
		return jsonType, "", report.JSON(w)
	}
	return csvType, "report_" + span + ".csv", report.CSV(w, h.Titles)
}

// lastSlash returns the position of the last slash, -1 for none.
func lastSlash(path string) int {
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '/' {
			return i
		}
	}
	return -1
}

// refuse says what is wrong: to whoever asked in Russian, to the log in full.
func (h *Handler) refuse(w http.ResponseWriter, err error) {
	status, say := http.StatusServiceUnavailable, "база данных не отвечает, попробуйте позже"
	switch {
	case errors.Is(err, errNoReport):
		status, say = http.StatusNotFound, "такого отчёта нет"
	case errors.Is(err, ErrNoSuchOffice):
		status, say = http.StatusNotFound, "такого офиса нет"
	case errors.Is(err, ErrPeriod):
		status, say = http.StatusBadRequest, "проверьте даты и шаг: from и to вида 2026-09-01, step – day, month или quarter"
	case errors.Is(err, ErrTooLong):
		status, say = http.StatusBadRequest, "отчёт слишком длинный: возьмите короче период или шаг длиннее"
	default:
		h.Log.Error("report", "err", err)
	}
	http.Error(w, say, status)
}

// parse reads the parameters.
func parse(q url.Values) (r Request, err error) {
	r.Step, r.Services = Step(q.Get("step")), q.Get("services") == "1"
	if r.Step == "" {
		r.Step = Monthly
	}
	if r.From, err = ParseDay(q.Get("from")); err != nil {
		return r, err
	}
	last, err := ParseDay(q.Get("to"))
	if err != nil {
		return r, err
	}
	r.To = last + 1
	if office := q.Get("office"); office != "" {
		if r.Office, err = strconv.ParseInt(office, 10, 64); err != nil || r.Office <= 0 {
			return r, fmt.Errorf("%w: %q", ErrNoSuchOffice, office)
		}
	}
	return r, nil
}
