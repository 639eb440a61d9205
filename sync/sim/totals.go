package sim

import "fmt"

// Totals returns a run in one line: what was asked for, what happened on the way, what became of
// the facts.
func (f *Fleet) Totals(v Verdict) string {
	t := &f.tally
	seconds := max(f.elapsed.Seconds(), 1e-9)
	sent := max(1, t.events.Load())
	return fmt.Sprintf("seed=%d kiosks=%d made=%d stored=%d forgotten=%d lost=%d repeated=%d wrong=%d dated=%d outside=%d "+
		"requests_lost=%d replies_lost=%d cut_short=%d doubled=%d late=%d boots=%d rewound=%d unsigned=%d refused=%d "+
		"posts=%d bytes_per_event=%.1f seconds=%.1f events_per_second=%.0f posts_per_second=%.0f",
		f.plan.Seed, f.plan.Kiosks, v.Made, v.Stored, v.Forgotten, v.Lost, v.Repeated, v.Wrong, v.Dated, v.Outside,
		t.requestsLost.Load(), t.repliesLost.Load(), t.cutShort.Load(), t.doubled.Load(), t.late.Load(), t.boots.Load(), t.rewound.Load(),
		t.unsigned.Load(), t.refused.Load(), t.posts.Load(), float64(t.bytes.Load())/float64(sent), seconds,
		float64(v.Stored)/seconds, float64(t.posts.Load())/seconds)
}
