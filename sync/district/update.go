package district

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"sps-kiosk/sync/wire"
)

// Updates keeps which firmware is offered to which kiosks, and how far that is.
type Updates interface {
	// AddUpdate adds an update and returns its number; ErrTaken if there is one of its version.
	AddUpdate(ctx context.Context, u Update) (int64, error)
	// ChangeUpdate lets f change an update and its targets with the row locked; an error of f undoes
	// everything and is returned. Targets may be added, and not taken away.
	ChangeUpdate(ctx context.Context, id int64, f func(*Update) error) error
	// Updates returns all of them with their targets, the newest first.
	Updates(ctx context.Context) ([]Update, error)
	// UpdateFor returns the newest update that is offered to a kiosk, running or paused, with the kiosk as
	// its only target; ErrNoSuch where there is none.
	UpdateFor(ctx context.Context, kiosk int64) (Update, error)
}

// Update is a firmware that is offered to kiosks in stages: few, some, all.
type Update struct {
	ID       int64
	Version  string
	SHA256   string // of the bundle, hexadecimal
	Size     int64  // of the bundle, bytes
	Made     time.Time
	State    UpdateState
	Why      string        // why it is paused, in Russian
	Stage    int           // the one under way, from 1; 0 before it was started
	Since    time.Time     // when that began
	Limit    int           // percent of a stage that may fail
	Patience time.Duration // how long a kiosk may take to come back with the new version
	Rest     time.Duration // how long a stage lasts at least
	Targets  []Target      // by Kiosk
}

// Target is a kiosk that an update is for.
type Target struct {
	Kiosk int64
	Stage int
	State TargetState
	At    time.Time // since when
}

// UpdateState is how an update stands.
type UpdateState string

// The states of an update. Ready: its bundle is here, and nobody is offered it yet.
const (
	UpdateReady     UpdateState = "ready"
	UpdateRunning   UpdateState = "running"
	UpdatePaused    UpdateState = "paused"
	UpdateDone      UpdateState = "done"
	UpdateWithdrawn UpdateState = "withdrawn"
)

// TargetState is how far a kiosk is with an update.
type TargetState string

// The states of a kiosk. Late: it was offered the update and did not come back with it in time.
const (
	TargetWaiting TargetState = "waiting"
	TargetOffered TargetState = "offered"
	TargetDone    TargetState = "done"
	TargetFailed  TargetState = "failed"
	TargetLate    TargetState = "late"
)

// bad reports whether a state counts as a failure.
func (s TargetState) bad() bool { return s == TargetFailed || s == TargetLate }

// Target returns a kiosk's target, nil where the update is not for it.
func (u *Update) Target(kiosk int64) *Target {
	i := slices.IndexFunc(u.Targets, func(t Target) bool { return t.Kiosk == kiosk })
	if i < 0 {
		return nil
	}
	return &u.Targets[i]
}

// Stages returns how many stages there are.
func (u Update) Stages() (n int) {
	for _, t := range u.Targets {
		n = max(n, t.Stage)
	}
	return n
}

// Count returns how many kiosks of a stage (0: of all) are in each state.
func (u Update) Count(stage int) map[TargetState]int {
	n := map[TargetState]int{}
	for _, t := range u.Targets {
		if stage == 0 || t.Stage == stage {
			n[t.State]++
		}
	}
	return n
}

// Deal makes kiosks the targets of an update: the first stage is one kiosk, first or any, the second a
// tenth of them, the third the others. Chance by the version decides, so that offices are mixed.
func (u *Update) Deal(kiosks []int64, first int64, now time.Time) {
	order := func(kiosk int64) string {
		if kiosk == first {
			return ""
		}
		sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", u.Version, kiosk))
		return string(sum[:])
	}
	list := slices.Clone(kiosks)
	slices.SortFunc(list, func(a, b int64) int { return cmp.Compare(order(a), order(b)) })
	u.Targets = nil
	for i, k := range slices.Compact(list) {
		stage := 3
		switch {
		case i == 0:
			stage = 1
		case i <= (len(list)+9)/10:
			stage = 2
		}
		u.Targets = append(u.Targets, Target{Kiosk: k, Stage: stage, State: TargetWaiting, At: now})
	}
	slices.SortFunc(u.Targets, func(a, b Target) int { return cmp.Compare(a.Kiosk, b.Kiosk) })
}

// Hear takes a heartbeat of a kiosk: it runs the new version, says that the update failed, or is to be
// offered it now. It reports whether the update changed.
func (u *Update) Hear(kiosk int64, beat wire.Beat, now time.Time) bool {
	t := u.Target(kiosk)
	if t == nil || t.State == TargetDone {
		return false
	}
	was := *t
	end := ""
	if beat.Update != nil && beat.Update.Version == u.Version {
		end = beat.Update.End
	}
	switch {
	case wire.Numbered(beat.Firmware) && !wire.Newer(u.Version, beat.Firmware):
		t.State = TargetDone
	case (t.State == TargetOffered || t.State == TargetLate) && end != "" && end != wire.Installed:
		t.State = TargetFailed
	case u.State == UpdateRunning && t.State == TargetWaiting && t.Stage <= u.Stage && wire.Newer(u.Version, beat.Firmware):
		t.State = TargetOffered
	}
	if t.State != was.State {
		t.At = now
	}
	return *t != was
}

// Offers reports whether a kiosk that was heard is told of the update. Who has failed is told no more.
func (u Update) Offers(kiosk int64) bool {
	t := u.Target(kiosk)
	return t != nil && u.State == UpdateRunning && (t.State == TargetOffered || t.State == TargetLate)
}

// Judge decides what follows from the clock and from how kiosks fared: who is late, whether too many
// failed, whether the next stage begins or everything is done. It reports whether the update changed.
func (u *Update) Judge(now time.Time) (changed bool) {
	for i := range u.Targets {
		if t := &u.Targets[i]; t.State == TargetOffered && now.Sub(t.At) > u.Patience {
			t.State, t.At, changed = TargetLate, now, true
		}
	}
	if u.State != UpdateRunning {
		return changed
	}
	n := u.Count(u.Stage)
	bad, all := n[TargetFailed]+n[TargetLate], 0
	for _, c := range n {
		all += c
	}
	switch {
	case bad*100 > u.Limit*all:
		u.State = UpdatePaused
		u.Why = fmt.Sprintf("не обновилось %d из %d на этапе %d: сообщили об отказе %d, не вернулись в срок %d", bad, all, u.Stage, n[TargetFailed], n[TargetLate])
	case n[TargetOffered] > 0 || now.Sub(u.Since) < u.Rest && u.Stage < u.Stages():
		return changed // the stage is under way, or is watched a while before the next
	case u.Stage < u.Stages() && n[TargetDone] > 0:
		u.Stage, u.Since = u.Stage+1, now
	case u.Stage == u.Stages() && u.Count(0)[TargetWaiting]+u.Count(0)[TargetOffered] == 0:
		u.State = UpdateDone
	default:
		return changed
	}
	return true
}
