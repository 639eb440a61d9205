package catalog

import (
	"slices"
	"time"
)

// Codes of competencies and categories that clauses of the recommendations' section 4 name.
const (
	LegalActs    = "legal_acts"    // B2, 4.1
	EPGUSkills   = "epgu_skills"   // B3, 4.1
	ConsultEPGU  = "consult_epgu"  // B11, 4.2
	ESIARegister = "esia_register" // B8, 4.2
	ESIAConfirm  = "esia_confirm"  // B9, 4.2
	ESIARecover  = "esia_recover"  // B10, 4.2
	SPS          = "sps"           // A7: point 3 of the decree

	Intake  = "intake"  // 4.1: takes and hands out documents
	Consult = "consult" // 4.2: informs and advises, and everything of intake (B7)
)

// Competency is something staff must be able to do. It cites the clause that asks for it (B14).
type Competency struct {
	Code   string
	Title  string // «регистрирует учётные записи ЕСИА»
	Clause string // «Рекомендации, п. 4.2»
}

// Category is a kind of staff with the competencies of its job description (B2, B7).
type Category struct {
	Code         string
	Title        string
	Competencies []string
	Includes     []string // categories whose competencies it has, too
}

// Staff is one member of staff without a name: what was confirmed when, and what was read when.
type Staff struct {
	Alias     string // "s1": who that is, only the head of the centre knows (A13)
	Category  string
	Confirmed map[string]string // competency → date on which it was confirmed, "2026-09-01" (B2–B4)
	Familiar  string            // date on which the information materials were read last, or "" (B16, B17)
	ESIA      string            // date of the identification in ESIA, "" = not identified (B12)
}

// Of returns every competency of a category, with those of the categories it includes; each once.
func (c Catalog) Of(category string) []string {
	return c.of(category, nil)
}

// of follows inclusions; seen stops a circle.
func (c Catalog) of(category string, seen []string) (all []string) {
	k, known := find(c.Categories, func(k Category) bool { return k.Code == category })
	if !known || slices.Contains(seen, category) {
		return nil
	}
	seen = append(slices.Clone(seen), category)
	all = slices.Clone(k.Competencies)
	for _, inner := range k.Includes {
		for _, code := range c.of(inner, seen) {
			if !slices.Contains(all, code) {
				all = append(all, code)
			}
		}
	}
	return all
}

// Overdue counts the staff whose last reading of the information materials is older than
// FamiliarMonths, or was never noted (B16, B17). Of names nothing leaves this kiosk, of aliases only
// this number.
func (c Catalog) Overdue(today time.Time) (count int) {
	for _, s := range c.Staff {
		if older(s.Familiar, c.FamiliarMonths, today) {
			count++
		}
	}
	return count
}

// Stale reports whether what the catalogue says of stages and channels is older than StaleMonths (B6).
func (c Catalog) Stale(today time.Time) bool { return older(c.AsOf, c.StaleMonths, today) }

// older reports whether a date is more than so many months before today; what is no date is.
func older(date string, months int, today time.Time) bool {
	t, err := time.Parse(time.DateOnly, date)
	return err != nil || t.AddDate(0, months, 0).Before(time.Date(today.Year(), today.Month(), today.Day(), 0, 0, 0, 0, time.UTC))
}
