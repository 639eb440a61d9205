package export

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Handler answers GET report.json, .csv, .xlsx, .html, .pdf, sheet.json, .csv, .xlsx (the sheet of the
// sector) and public.json, .csv, .xlsx under the path it is mounted at. Who may ask is decided before it; the public ones may be open to everybody.
//
// Parameters: step = day, month or quarter (month by default); from and to = first and last day,
// "2026-09-01"; office = its number, none for all; services = 1 for a line per service.
// The public ones know from and to. The page and the PDF are of the one month or quarter that from is in.
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
	w.Header().Set("Content-Security-Policy", Policy())
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	if name != "" {
		w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	}
	body.WriteTo(w) // the other end may be gone
}

// errNoReport means a path that is none of these.
var errNoReport = errors.New("no such report")

// writer is a report that is made.
type writer interface {
	JSON(w io.Writer) error
	CSV(w io.Writer, titles map[string]string) error
	XLSX(w io.Writer, titles map[string]string) error
}

// Media types of what a Handler writes.
const (
	typeJSON = "application/json; charset=utf-8"
	typeCSV  = "text/csv; charset=utf-8; header=present"
	typeHTML = "text/html; charset=utf-8"
	typePDF  = "application/pdf"
	typeXLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// write writes the report that is asked for and returns its media type and the name of the file.
func (h *Handler) write(w io.Writer, r *http.Request) (kind, name string, err error) {
	what, as, _ := strings.Cut(path.Base(r.URL.Path), ".")
	forms := map[string][]string{"report": {"json", "csv", "xlsx", "html", "pdf"}, "sheet": {"json", "csv", "xlsx"}, "public": {"json", "csv", "xlsx"}}
	if !slices.Contains(forms[what], as) {
		return "", "", errNoReport
	}
	ask, err := parse(r.URL.Query())
	if err != nil {
		return "", "", err
	}
	if as == "html" || as == "pdf" {
		return h.document(r.Context(), w, ask, as)
	}
	var report writer
	switch what {
	case "public":
		report, err = Public(r.Context(), h.Offices, h.Rolls, ask.From, ask.To, time.Now())
	case "sheet":
		report, err = Sheet(r.Context(), h.Offices, h.Rolls, ask, time.Now())
	default:
		report, err = Build(r.Context(), h.Offices, h.Rolls, ask, time.Now())
	}
	if err != nil {
		return "", "", err
	}
	name = fmt.Sprintf("%s_%s_%s.%s", what, ask.From.Date().Format(time.DateOnly), (ask.To - 1).Date().Format(time.DateOnly), as)
	switch as {
	case "csv":
		return typeCSV, name, report.CSV(w, h.Titles)
	case "xlsx":
		return typeXLSX, name, report.XLSX(w, h.Titles)
	}
	return typeJSON, "", report.JSON(w)
}

// document writes the page or the PDF of a month or a quarter.
func (h *Handler) document(ctx context.Context, w io.Writer, ask Request, as string) (kind, name string, err error) {
	now := time.Now()
	d, err := Summary(ctx, h.Offices, h.Rolls, ask, h.Titles, now)
	if err != nil {
		return "", "", err
	}
	if as == "html" {
		return typeHTML, "", d.HTML(w)
	}
	p, err := ask.Step.around(ask.From)
	if err != nil {
		return "", "", err
	}
	return typePDF, "report_" + p.ID() + ".pdf", d.PDF(w, now)
}

// refuse says what is wrong: to whoever asked in Russian, to the log in full.
func (h *Handler) refuse(w http.ResponseWriter, err error) {
	status, say := http.StatusServiceUnavailable, "база данных не отвечает, попробуйте позже"
	switch {
	case errors.Is(err, errNoReport):
		status, say = http.StatusNotFound, "такого отчёта нет"
	case errors.Is(err, ErrNoSuchOffice):
		status, say = http.StatusNotFound, "такого центра нет"
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
