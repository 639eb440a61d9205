package tape

import (
	"math/rand/v2"
)

// Card says how a device treats a flush.
type Card struct {
	// Lies is how many of the newest writes a card may still lose that confirms flushes without doing
	// them; 0 = an honest card, which may lose what came after the last flush.
	Lies int
}

// Fate is what becomes of the writes that a power cut may take.
type Fate uint8

// Fates. Fates is their number.
const (
	None    Fate = iota // all of them are gone
	Sectors             // each sector of each is there or not: torn and in any order
	Some                // each is there or not, whole: in any order
	Torn                // all are there but the newest, which is torn
	Fates
)

// String names a fate in a report.
func (f Fate) String() string { return [Fates]string{"none", "sectors", "some", "torn"}[f] }

// Horizon returns how many of the first n entries are certain to be there after a cut behind them.
func (c Card) Horizon(entries []Entry, n int) int {
	h := n
	if c.Lies == 0 {
		for h > 0 && entries[h-1].Kind != Flush {
			h--
		}
		return h
	}
	for left := c.Lies; h > 0; h-- {
		if entries[h-1].Kind == Write {
			if left--; left < 0 {
				break
			}
		}
	}
	return h
}

// AtRisk counts the writes between the horizon and n.
func (c Card) AtRisk(entries []Entry, n int) (writes int) {
	for _, e := range entries[c.Horizon(entries, n):n] {
		if e.Kind == Write {
			writes++
		}
	}
	return writes
}

// Player makes images of cuts behind ever later entries.
type Player struct {
	card    Card
	entries []Entry
	sure    Image
	next    int // first entry that is not in sure
}

// NewPlayer starts at an image.
func NewPlayer(base Image, entries []Entry, card Card) *Player {
	return &Player{card: card, entries: entries, sure: base.Clone()}
}

// Cut returns the image that a cut behind the first n entries leaves. n must not fall from call to call.
func (p *Player) Cut(n int, fate Fate, random *rand.Rand) Image {
	for h := p.card.Horizon(p.entries, n); p.next < h; p.next++ {
		if e := p.entries[p.next]; e.Kind == Write {
			p.sure.Write(e.At, e.Data)
		}
	}
	left := p.sure.Clone()
	last := n
	for last > p.next && p.entries[last-1].Kind != Write {
		last--
	}
	for i := p.next; i < n; i++ {
		if e := p.entries[i]; e.Kind == Write {
			left.survive(e, fate, i == last-1, random)
		}
	}
	return left
}

// survive writes what a fate leaves of a write.
func (m Image) survive(e Entry, fate Fate, newest bool, random *rand.Rand) {
	switch fate {
	case Sectors:
		for at := 0; at < len(e.Data); at += Sector {
			if random.IntN(2) == 0 {
				m.Write(e.At+int64(at), e.Data[at:min(at+Sector, len(e.Data))])
			}
		}
	case Some:
		if random.IntN(2) == 0 {
			m.Write(e.At, e.Data)
		}
	case Torn:
		data := e.Data
		if newest {
			data = data[:random.IntN(len(data)/Sector+1)*Sector]
		}
		m.Write(e.At, data)
	}
}
