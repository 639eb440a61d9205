package ident

import (
	"slices"
	"time"
)

// Watch notices that two devices speak with one key: a copied card. The district keeps one for
// every key and feeds it every heartbeat; it is small and may be stored as JSON.
//
// A stream is a boot, and a device is in one boot at a time. A card that lies about its flush may
// fork the chain of streams by itself (two streams name the same one before them), so a fork is
// counted and shown. A boot that speaks on after a later one has spoken is a second device.
type Watch struct {
	Streams []Heard `json:"streams"` // the latest, by when they were first heard; the last one first
	Forks   int     `json:"forks"`   // streams that name the same one before them as another did
	Returns int     `json:"returns"` // times a boot spoke on after a later one had
}

// Heard is one stream of a Watch; a wire.StreamID converts to an ID.
type Heard struct {
	Stream ID            `json:"stream"`
	Prev   ID            `json:"prev"`
	Up     time.Duration `json:"up"` // of its latest heartbeat
}

// remembered is how many streams a Watch keeps: a month of days.
const remembered = 32

// cloneReturns is how many returns raise the alarm. One may be a heartbeat that a proxy held back
// over a reboot.
const cloneReturns = 2

// Cloned reports whether the key is held by more than one device.
func (w Watch) Cloned() bool { return w.Returns >= cloneReturns }

// Hear takes a heartbeat: its stream, the stream before that (zero for none) and its time. fresh
// is false for one that was heard before: a repetition, which must change nothing in the district.
func (w Watch) Hear(stream, prev ID, up time.Duration) (out Watch, fresh bool) {
	w.Streams = slices.Clone(w.Streams)
	at := slices.IndexFunc(w.Streams, func(h Heard) bool { return h.Stream == stream })
	if at >= 0 {
		if up <= w.Streams[at].Up {
			return w, false
		}
		if at > 0 {
			w.Returns++
		}
		w.Streams[at].Up = up
		return w, true
	}
	if prev != (ID{}) && slices.ContainsFunc(w.Streams, func(h Heard) bool { return h.Prev == prev }) {
		w.Forks++
	}
	w.Streams = slices.Insert(w.Streams, 0, Heard{stream, prev, up})
	w.Streams = w.Streams[:min(len(w.Streams), remembered)]
	return w, true
}
