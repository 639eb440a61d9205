// Package russian knows how a count bends a Russian noun.
//
// It owns the one rule that slips, pages and language packs share. It refuses words: who writes brings the forms.
package russian

// Forms of a noun after a count.
const (
	One  = 0 // 1 человек, 21 человек
	Few  = 1 // 2 человека, 4 человека
	Many = 2 // 5 человек, 11 человек
)

// Form returns which form follows n: One, Few or Many. A count below 0 bends as above.
func Form(n int) int {
	if n < 0 {
		n = -n
	}
	switch tens, units := n/10%10, n%10; {
	case tens == 1:
		return Many
	case units == 1:
		return One
	case units >= 2 && units <= 4:
		return Few
	}
	return Many
}

// Plural picks the form for a count: 1 человек, 2–4 человека, 5 and 11–14 человек.
func Plural(n int, one, few, many string) string { return [...]string{one, few, many}[Form(n)] }
