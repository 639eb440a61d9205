package appliance

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"sps-kiosk/drivers/escl"
	"sps-kiosk/drivers/pages"
	"sps-kiosk/hal/bench/scanner"
	"sps-kiosk/hal/bench/scanner/sheet"
)

// itDepends stands for what is not held: chance decides it.
const itDepends = "it depends"

// sound is how a visit to a good device goes: two sheets from the feeder, the sheet on the glass, "no
// paper" from the empty feeder, nothing jammed, three jobs asked for.
const sound = "[F-1 F-2] [G] []feeder is empty, 3 jobs"

// TestScanningFacts has a row for each device that is known to misbehave: there is data about it that
// says what it does and where that was learnt, there is a model that behaves so, and the driver copes.
// Where the cure is for that device alone, the same device under a name that no table knows goes
// wrong, so neither the data nor the model's behaviour is for show.
func TestScanningFacts(t *testing.T) {
	for _, x := range []struct {
		key    string
		row    string // in what its row says
		dpi    int    // 0 = 75; other than that the glass alone
		want   string
		nobody string // what comes of it where nobody knows its name; "" = the same
	}{
		{"hp-m630", "HP_Compact_Server", 0, "[F-1 F-2] [G] []feeder is empty, 4 jobs", ""},
		{"hp-deskjet-3520", "only the path", 0, "[G], 1 jobs", ""},
		{"xerox-b205", "404 and 410", 0, "[G], 1 jobs", "[]scanner stopped, 1 jobs"},
		{"xerox-b215", "B205", 0, sound, "[]scanner stopped []scanner stopped []feeder is empty, 5 jobs"},
		{"xerox-wc3345", "real jam", 0, "[F-1 F-2] [G] []feeder is empty, 2 jobs", "[F-1 F-2] [G] []paper jam, 3 jobs, jammed"},
		{"canon-mf410", "WorkCentre", 0, "[F-1 F-2] [G] []feeder is empty, 2 jobs", "[F-1 F-2] [G] []paper jam, 3 jobs, jammed"},
		{"brother-mfc-l2710dw", "too soon", 0, sound, itDepends}, // on whether its second between pages is over by chance
		{"epson-wf-2630", "over USB Host is localhost", 0, sound, ""},
		{"epson-wf-2930", "glass alone", 0, "[G] [G] []scanner refuses the settings, 2 jobs", "[F-1] [G] []feeder is empty, 3 jobs"},
		{"canon-ir2625", "sends 300", 600, "[G], 1 jobs", "[]page has an unexpected size, 1 jobs"},
		{"kyocera-m6526cdn", "head of 201", 0, sound, ""},
		{"kyocera-m5526cdw", "between jobs", 0, "[F-1 F-2] [G] []feeder is empty, 7 jobs", "[F-1 F-2] [G] []feeder is empty, 8 jobs"},
		{"brother-mfc-j6920dw", "feeder to glass", 0, "[F-1 F-2] [G] []feeder is empty, 10 jobs", "[F-1 F-2] []scanner refuses the settings []feeder is empty, 3 jobs"},
		{"hp-9012e", "web page", 0, sound, ""},
		{"hp-m28w", "30 tries", 600, "[G], 1 jobs", ""},
		{"kyocera-m5521cdw", "without DELETE", 0, sound, ""},
		{"hp-enterprise", "503", 0, sound, ""},
	} {
		t.Run(x.key, func(t *testing.T) {
			model, found := scanner.Find(x.key)
			if !found || !told(model, x.row) {
				t.Fatalf("got model %v, data %v, want both", found, told(model, x.row))
			}
			if x.dpi > 0 { // fine pages take long to make
				model.Platen.MaxHeight = 874
			}
			if got := visit(t, model, x.dpi); got != x.want {
				t.Errorf("got %q, want %q", got, x.want)
			}
			model.Name, model.Maker, model.Server = "Nobody", "Nobody", ""
			want := x.nobody
			if want == "" {
				want = x.want
			}
			if want == itDepends {
				return
			}
			if got := visit(t, model, x.dpi); got != want {
				t.Errorf("under a name that nobody knows: got %q, want %q", got, want)
			}
		})
	}
}

// told reports whether the table has a row about the model that says so and where it was learnt.
func told(m scanner.Model, what string) bool {
	return slices.ContainsFunc(escl.Table(), func(q escl.Quirk) bool {
		return (q.Model != "" || q.Server != "") && q.Matches(m.Name, m.Server) && strings.Contains(q.Reason, what) && q.Origin != ""
	})
}

// visit scans two sheets from the feeder, the glass, and the empty feeder, as far as there is one.
func visit(t *testing.T, model scanner.Model, dpi int) string {
	t.Helper()
	var said []string
	withScanner(t, model, func(s *scanStand) {
		jobs := &counted{RoundTripper: s.link}
		s.scanner = escl.New(jobs)
		s.machine.PutOnGlass(sheet.Card("G"))
		sources := []pages.Source{pages.Auto}
		if model.Feeder != nil && dpi == 0 {
			s.machine.LoadFeeder(sheet.Stack("F", 2)...)
			sources = []pages.Source{pages.Auto, pages.Auto, pages.Feeder}
		}
		for _, source := range sources {
			scanned, err := s.scan(pages.Settings{DPI: max(dpi, 75), Source: source})
			said = append(said, fmt.Sprint(s.marks(scanned))+short(err))
			time.Sleep(time.Second)
		}
		said[len(said)-1] += fmt.Sprintf(", %d jobs", jobs.posts)
		if s.machine.Scanner().State().Jammed {
			said[len(said)-1] += ", jammed"
		}
	})
	return strings.Join(said, " ")
}

// short is what a citizen's words are chosen by.
func short(err error) string {
	for _, known := range []error{pages.ErrJam, pages.ErrFeederEmpty, pages.ErrRefused, pages.ErrPageSize, pages.ErrStopped} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// counted counts new jobs.
type counted struct {
	http.RoundTripper
	posts int
}

// RoundTrip implements http.RoundTripper.
func (c *counted) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPost {
		c.posts++
	}
	return c.RoundTripper.RoundTrip(r)
}
