package bench

import (
	"fmt"
	"time"
)

// entries is how many journal entries are kept.
const entries = 200

// Caption is what the program under test says about the handset of a window: the page shows it
// beside the drawn button. The machine never depends on it.
type Caption struct {
	Window int           `json:"window"`
	Title  string        `json:"title"`
	Lines  []CaptionLine `json:"lines"`
	Halo   bool          `json:"halo"` // press me
}

// CaptionLine is one gesture and what it will do.
type CaptionLine struct {
	Do    string `json:"do"`
	Means string `json:"means"`
}

// Entry is a line of the journal; TookMs is 0 where nothing was measured.
type Entry struct {
	At     time.Time `json:"at"`
	Text   string    `json:"text"`
	TookMs float64   `json:"tookMs"`
}

// Journal enters what the program under test did and how long that took.
func (m *Machine) Journal(text string, took time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.enter(text, took)
}

// note enters what the machine itself saw.
func (m *Machine) note(text string) { m.Journal(text, 0) }

func (m *Machine) enter(text string, took time.Duration) {
	if len(m.journal) == entries {
		m.journal = m.journal[1:]
	}
	m.journal = append(m.journal, Entry{At: m.wall(), Text: text, TookMs: float64(took) / float64(time.Millisecond)})
	m.bump()
}

// inWords writes a shift of the clock: "2 ч 5 мин вперёд".
func inWords(d time.Duration) string {
	way := "вперёд"
	if d < 0 {
		d, way = -d, "назад"
	}
	h, min, s := int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60
	var text string
	for _, p := range []struct {
		n    int
		unit string
	}{{h / 24, "сут"}, {h % 24, "ч"}, {min, "мин"}, {s, "с"}} {
		if p.n != 0 {
			text += fmt.Sprintf("%d\u00a0%s ", p.n, p.unit)
		}
	}
	if text == "" {
		text = "меньше секунды "
	}
	return text + way
}
