package admin

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/district/dashboard"
)

// updateRow is an update in words.
type updateRow struct {
	district.Update
	Standing dashboard.Status
	Taken    string
	Megabyte string
	Stages   []stageRow
	Kiosks   []targetRow
	Ready    bool
	Running  bool
	Paused   bool
	Over     bool
}

// stageRow is a stage with how many of its kiosks are how far.
type stageRow struct {
	Number                             int
	Here                               bool
	All, Waiting, Offered, Done, Wrong int
}

// targetRow is a kiosk of an update.
type targetRow struct {
	Name, Office string
	Stage        int
	Standing     dashboard.Status
	Since        string
}

// updatesView is what the page of updates shows.
type updatesView struct {
	Done    string
	Updates []updateRow
	Offices []officeRow
}

// updates is the page of updates.
func (s site) updates(r *http.Request, _ district.Session) (any, error) {
	v := updatesView{Done: said(r)}
	var err error
	if v.Offices, err = s.register(r); err != nil {
		return nil, err
	}
	list, err := s.Store.Updates(r.Context())
	for _, u := range list {
		v.Updates = append(v.Updates, s.row(u, v.Offices))
	}
	return v, err
}

// row writes an update for people.
func (s site) row(u district.Update, offices []officeRow) updateRow {
	row := updateRow{Update: u, Taken: u.Made.In(s.Zone).Format("02.01.2006 15:04"), Megabyte: strings.Replace(fmt.Sprintf("%.1f", float64(u.Size)/1e6), ".", ",", 1),
		Ready: u.State == district.UpdateReady, Running: u.State == district.UpdateRunning, Paused: u.State == district.UpdatePaused}
	row.Over = !row.Ready && !row.Running && !row.Paused
	row.Standing = map[district.UpdateState]dashboard.Status{
		district.UpdateReady: {Kind: "off", Text: "никому не предлагается"}, district.UpdateRunning: {Kind: "ok", Text: "идёт"},
		district.UpdatePaused: {Kind: "bad", Text: "остановлено"}, district.UpdateDone: {Kind: "ok", Text: "закончено"},
		district.UpdateWithdrawn: {Kind: "off", Text: "отозвано"},
	}[u.State]
	for stage := 1; stage <= u.Stages(); stage++ {
		n := u.Count(stage)
		row.Stages = append(row.Stages, stageRow{Number: stage, Here: stage == u.Stage && !row.Over, Waiting: n[district.TargetWaiting],
			Offered: n[district.TargetOffered], Done: n[district.TargetDone], Wrong: n[district.TargetFailed] + n[district.TargetLate],
			All: n[district.TargetWaiting] + n[district.TargetOffered] + n[district.TargetDone] + n[district.TargetFailed] + n[district.TargetLate]})
	}
	for _, o := range offices {
		for _, k := range o.Kiosks {
			if t := u.Target(k.ID); t != nil {
				row.Kiosks = append(row.Kiosks, targetRow{k.Name, o.Name, t.Stage, progress(t.State), t.At.In(s.Zone).Format("02.01.2006 15:04")})
			}
		}
	}
	return row
}

// progress is how far a kiosk is with an update.
func progress(state district.TargetState) dashboard.Status {
	return map[district.TargetState]dashboard.Status{
		district.TargetWaiting: {Kind: "off", Text: "ждёт своего этапа"}, district.TargetOffered: {Kind: "warn", Text: "предложено"},
		district.TargetDone: {Kind: "ok", Text: "обновлён"}, district.TargetFailed: {Kind: "bad", Text: "сообщил об отказе"},
		district.TargetLate: {Kind: "bad", Text: "не вернулся в срок"},
	}[state]
}

// actOnUpdate does what a form of the page asks for.
func (s site) actOnUpdate(w http.ResponseWriter, r *http.Request, me district.Session) error {
	id, err := number(r.PostFormValue("id"))
	if err != nil {
		return err
	}
	ctx, what := r.Context(), ""
	switch r.PostFormValue("do") {
	case "start":
		what, err = "started", s.start(r, me, id)
	case "pause":
		what, err = "paused", s.Acts.PauseUpdate(ctx, me.User, id)
	case "resume":
		what, err = "resumed", s.Acts.ResumeUpdate(ctx, me.User, id)
	case "withdraw":
		what, err = "withdrawn", s.Acts.WithdrawUpdate(ctx, me.User, id)
	default:
		err = errUnknownAct
	}
	if err != nil {
		return err
	}
	return done(w, r, "/admin/updates", what)
}

// start begins an update with the kiosks that are ticked.
func (s site) start(r *http.Request, me district.Session, id int64) error {
	var kiosks []int64
	for _, text := range r.PostForm["kiosk"] {
		k, err := number(text)
		if err != nil {
			return err
		}
		kiosks = append(kiosks, k)
	}
	first := int64(0)
	if text := r.PostFormValue("first"); text != "" {
		var err error
		if first, err = number(text); err != nil {
			return err
		}
	}
	limit, err := strconv.Atoi(r.PostFormValue("limit"))
	if err != nil {
		return dashboard.Wrong("Доля неудач – не число", "Введите целое число процентов, например 10")
	}
	return s.Acts.StartUpdate(r.Context(), me.User, id, kiosks, first, limit)
}
