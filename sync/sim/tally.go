package sim

import "sync/atomic"

// tally counts what happened in a run, from every worker.
type tally struct {
	posts, bytes, events                               atomic.Int64 // sent, repetitions included
	requestsLost, repliesLost, cutShort, doubled, late atomic.Int64
	unsigned, refused, boots                           atomic.Int64
	rewound                                            atomic.Int64 // marks that went down
}
