package config

import "strconv"

// Storage is the card.
type Storage struct {
	Reserve int64 // bytes kept free for a bad day
	// SkipNumbers is how many numbers of every service are skipped after a power cut: 0 = as many as
	// are needed once the card was caught losing what it had confirmed, negative = none ever.
	SkipNumbers int
	// FactoryReset is a word; another one than the card keeps returns the kiosk to its first day. "" = never.
	FactoryReset string
}

// mostSkipped bounds skip_numbers: a day of a small service has fewer.
const mostSkipped = 200

// storageOf reads [storage].
func storageOf(t *table) Storage {
	s := Storage{Reserve: int64(t.number("reserve_mb", 64, 16, 1024)) << 20, FactoryReset: t.text("factory_reset", "", 32)}
	if v := t.text("skip_numbers", Auto, 8); v != Auto {
		n, err := strconv.Atoi(v)
		if err != nil || n < 0 || n > mostSkipped {
			t.out.add(t.at("skip_numbers"), "%q не подходит: нужно \"auto\" или число в кавычках от \"0\" до \"%d\"", v, mostSkipped)
		}
		if s.SkipNumbers = n; n == 0 {
			s.SkipNumbers = -1
		}
	}
	t.finish()
	return s
}
