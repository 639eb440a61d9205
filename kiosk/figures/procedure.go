package figures

import (
	"maps"
	"slices"

	"sps-kiosk/kiosk/event"
)

// maxAnswers and maxBare are more steps and queues than any procedure has: what is beyond, a kiosk made up.
const (
	maxAnswers = 32
	maxBare    = 256
)

// noteProcedure counts facts of the procedure that are no visitor's.
func (f *Fold) noteProcedure(e event.Event, k Key) {
	switch e.Kind {
	case event.Memoed:
		k.Part = "memo." + e.Code
		f.row(k).N[Memos]++
	case event.Tipped:
		k.Queue = e.Queue
		f.row(k).N[Tips]++
	case event.Enrolled:
		k.Part = "course." + e.Code
		f.row(k).N[Enrolments]++
	case event.Attended:
		k.Part = "course." + e.Code
		f.row(k).N[Attendances] += int64(e.Count)
	case event.Uncovered:
		f.uncover(e, k)
	case event.Covered:
		delete(f.bare, e.Queue)
	case event.Announced:
		f.announced(e)
	}
}

// uncover counts a queue that nobody competent works for any more (A33).
func (f *Fold) uncover(e event.Event, k Key) {
	if f.bare[e.Queue] || len(f.bare) >= maxBare {
		return
	}
	f.bare[e.Queue] = true
	k.Queue = e.Queue
	f.row(k).N[Uncovereds]++
}

// answer keeps the last answer to a step; an empty one takes it back.
func (t *ticket) answer(step, answer string) {
	if answer == "" {
		delete(t.Answers, step)
		return
	}
	if t.Answers == nil {
		t.Answers = map[string]string{}
	}
	if _, again := t.Answers[step]; again || len(t.Answers) < maxAnswers {
		t.Answers[step] = answer
	}
}

// giveAnswers counts the answers of a leg whose visit ends at a window.
func (f *Fold) giveAnswers(t *ticket, e event.Event) {
	for _, step := range slices.Sorted(maps.Keys(t.Answers)) {
		k := f.windowKey(t, e)
		k.Part = step + "." + t.Answers[step]
		f.give(t, Answers, k, 1)
	}
}

// AnswersTo returns how often each answer was given to a step, over the rows whose key is wanted, and how
// many ended legs have none (not_asked): a step is optional (A37).
func (t Table) AnswersTo(step string, wanted func(Key) bool) (given map[string]int64, notAsked int64) {
	given = map[string]int64{}
	for k, r := range t {
		if !wanted(k) {
			continue
		}
		notAsked += r.N[Services] + r.N[ServiceUnmeasured]
		if len(k.Part) > len(step) && k.Part[:len(step)+1] == step+"." {
			given[k.Part[len(step)+1:]] += r.N[Answers]
			notAsked -= r.N[Answers]
		}
	}
	return given, notAsked
}
