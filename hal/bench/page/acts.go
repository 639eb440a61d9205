package page

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image/png"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sps-kiosk/hal/bench"
)

const (
	mostBody  = 4 << 10            // bytes; an act is a few dozen
	mostShift = 366 * 24 * 60 * 60 // seconds the clock may jump at once
)

type touch struct {
	Line   string `json:"line"`
	Client string `json:"client"` // the page that presses; its stream's end releases
}

type stick struct {
	Line  string `json:"line"`
	Stuck bool   `json:"stuck"`
}

type clock struct {
	Shift   int64 `json:"shift"` // seconds forward
	Trusted *bool `json:"trusted"`
}

// fault holds the printer's faults by the name the page uses; absent names keep their state.
type fault struct {
	PaperOut  *bool `json:"paperOut"`
	PaperLow  *bool `json:"paperLow"`
	CoverOpen *bool `json:"coverOpen"`
	Unplugged *bool `json:"unplugged"`
}

func (p *page) acts(mux *http.ServeMux) {
	mux.HandleFunc("POST /press", act(p.press))
	mux.HandleFunc("POST /release", act(p.release))
	mux.HandleFunc("POST /stick", act(p.stick))
	mux.HandleFunc("POST /tear", act(p.tear))
	mux.HandleFunc("POST /printer", act(p.printer))
	mux.HandleFunc("POST /clock", act(p.clock))
	mux.HandleFunc("POST /display", act(func(a struct {
		Absent bool `json:"absent"`
	}) error {
		p.m.SetDisplay(a.Absent)
		return nil
	}))
	mux.HandleFunc("POST /power", act(func(a struct {
		On *bool `json:"on"`
	}) error {
		if a.On == nil {
			return errors.New("не сказано, включить или выключить: нужно on")
		}
		p.m.Power(*a.On)
		return nil
	}))
}

// act turns do into a handler: one small JSON object in, 204 out, or 400 with a sentence a person understands.
func act[T any](do func(T) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in T
		d := json.NewDecoder(http.MaxBytesReader(w, r.Body, mostBody))
		d.DisallowUnknownFields()
		if err := d.Decode(&in); err != nil {
			refuse(w, fmt.Errorf("не разобрать запрос: %w", err))
			return
		}
		if _, err := d.Token(); err != io.EOF {
			refuse(w, errors.New("не разобрать запрос: после него есть лишнее"))
			return
		}
		if err := do(in); err != nil {
			refuse(w, err)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}
}

// refuse answers with the reason as a sentence.
func refuse(w http.ResponseWriter, reason error) {
	first, size := utf8.DecodeRuneInString(reason.Error())
	http.Error(w, string(unicode.ToUpper(first))+reason.Error()[size:], http.StatusBadRequest)
}

func (p *page) press(a touch) error {
	if err := p.known(a.Line); err != nil {
		return err
	}
	if err := p.grips.take(a.Client, a.Line); err != nil {
		return err
	}
	return p.m.Press(a.Line)
}

func (p *page) release(a touch) error {
	if err := p.known(a.Line); err != nil {
		return err
	}
	p.grips.drop(a.Client, a.Line)
	return p.m.Release(a.Line)
}

func (p *page) stick(a stick) error {
	if err := p.known(a.Line); err != nil {
		return err
	}
	return p.m.Stick(a.Line, a.Stuck)
}

// known refuses a line that no button and no handset of this machine is wired to.
func (p *page) known(line string) error {
	s := p.m.Snapshot()
	for _, b := range s.Buttons {
		if b.Line == line {
			return nil
		}
	}
	for _, h := range s.Handsets {
		if h.Line == line {
			return nil
		}
	}
	return fmt.Errorf("на линии «%s» нет кнопки", line)
}

// tear takes what hangs in the slot. The ID, when given, says what the person saw there.
func (p *page) tear(a struct {
	ID *int `json:"id"`
}) error {
	papers := p.m.Snapshot().Printer.Papers
	if len(papers) == 0 {
		return errors.New("в щели нет бумаги")
	}
	for _, hanging := range papers {
		if a.ID == nil || hanging.ID == *a.ID {
			p.m.Tear()
			return nil
		}
	}
	return errors.New("этот лист уже оторван")
}

func (p *page) printer(a fault) error {
	now := p.m.Snapshot().Printer
	f := bench.PrinterFault{PaperOut: now.PaperOut, PaperLow: now.PaperLow, CoverOpen: now.CoverOpen, Unplugged: now.Unplugged}
	for _, set := range []struct {
		to   *bool
		from *bool
	}{{&f.PaperOut, a.PaperOut}, {&f.PaperLow, a.PaperLow}, {&f.CoverOpen, a.CoverOpen}, {&f.Unplugged, a.Unplugged}} {
		if set.from != nil {
			*set.to = *set.from
		}
	}
	p.m.SetPrinter(f)
	return nil
}

func (p *page) clock(a clock) error {
	if a.Shift < 0 || a.Shift > mostShift {
		return errors.New("часы переводятся только вперёд и не больше чем на год")
	}
	if a.Shift > 0 {
		p.m.Shift(time.Duration(a.Shift) * time.Second)
	}
	if a.Trusted != nil {
		p.m.SetClockTrusted(*a.Trusted)
	}
	return nil
}

// paper serves /paper/{id}.png, the sheet as it is now: a sheet still printing grows.
func (p *page) paper(w http.ResponseWriter, r *http.Request) {
	name, isPNG := strings.CutSuffix(r.PathValue("file"), ".png")
	id, err := strconv.Atoi(name)
	if err != nil || !isPNG {
		http.Error(w, "Номер листа должен быть числом: /paper/1.png", http.StatusBadRequest)
		return
	}
	sheet := p.m.Paper(id)
	if sheet == nil {
		http.Error(w, "Такого листа нет", http.StatusNotFound)
		return
	}
	var b bytes.Buffer
	if err := png.Encode(&b, sheet); err != nil {
		http.Error(w, "Лист пока пуст", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "image/png")
	w.Header().Set("Cache-Control", "no-store")
	w.Write(b.Bytes())
}
