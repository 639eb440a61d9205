package catalog

import "time"

// Topics of courses for visitors (B18, 4.6).
const (
	Literacy   = "literacy"   // общая компьютерная грамотность
	Internet   = "internet"   // работа в Интернете
	EServices  = "e_services" // услуги в электронной форме
	CourseTime = "2006-01-02 15:04"
)

// Topics returns the topics with their titles, in the order of the clause.
func Topics() []Word {
	return []Word{{Literacy, "компьютерная грамотность"}, {Internet, "работа в Интернете"}, {EServices, "услуги в электронной форме"}}
}

// Course is a course for visitors. Whoever enrols gets a paper with a number, and nobody is written
// down (A13, B18).
type Course struct {
	Code  string
	Title string
	Topic string   // of Topics
	Place string   // «кабинет 5», or ""
	Dates []string // beginnings in CourseTime, local time of the site
}

// Next returns the first beginning after a local time; ok is false when none is left.
func (x Course) Next(local time.Time) (at time.Time, ok bool) {
	for _, text := range x.Dates {
		t, err := time.ParseInLocation(CourseTime, text, local.Location())
		if err == nil && t.After(local) && (!ok || t.Before(at)) {
			at, ok = t, true
		}
	}
	return at, ok
}

// Memo is a paper on demand (A26, A27, B5, B6, A31).
type Memo struct {
	Code  string
	Title string
	// OfService prints benefit, stages and channels of the visit's service with the date they hold as
	// of, before Notes (B5, B6).
	OfService bool
	Notes     []string
	Steps     []string // numbered
	Online    string   // address for the QR code, "" = none; of OfService the service's, where it has one
}
