package figures

import "time"

// Mean returns a sum of times divided by its count; known is false where there was none.
func (r Row) Mean(sum, count Counter) (mean time.Duration, known bool) {
	if r.N[count] <= 0 {
		return 0, false
	}
	return time.Duration(r.N[sum] * int64(time.Millisecond) / r.N[count]), true
}

// MeanWaiting returns the mean waiting of the legs (среднее время ожидания).
func (r Row) MeanWaiting() (time.Duration, bool) { return r.Mean(Waiting, Legs) }

// MeanResponse returns the mean time from call to start.
func (r Row) MeanResponse() (time.Duration, bool) { return r.Mean(ResponseTime, Responses) }

// MeanService returns the mean service time (время обслуживания) of a leg.
func (r Row) MeanService() (time.Duration, bool) { return r.Mean(ServiceTime, Services) }

// MeanVisit returns the mean time from issue to final finish.
func (r Row) MeanVisit() (time.Duration, bool) { return r.Mean(VisitTime, Visits) }

// MeanTotalWaiting returns the mean waiting of a visit, all its legs together.
func (r Row) MeanTotalWaiting() (time.Duration, bool) { return r.Mean(TotalWaiting, TotalWaits) }

// ServiceLevel returns the share of legs with waiting ≤ the norm (доля в норматив), 0 to 1; known is
// false where no leg was measured.
func (r Row) ServiceLevel() (share float64, known bool) { return r.share(WithinNorm, Legs) }

// Occupancy returns serving time ÷ open time of the window's places (загруженность), 0 to 1; known is
// false for what was never open. Rows of a queue without the window's own have no open time.
func (r Row) Occupancy() (share float64, known bool) { return r.share(ServingTime, PlaceTime) }

// Availability returns hours served ÷ hours announced (A1), 0 to 1; known is false where none were
// announced.
func (r Row) Availability() (share float64, known bool) { return r.share(ServedTime, AnnouncedTime) }

func (r Row) share(part, whole Counter) (float64, bool) {
	if r.N[whole] <= 0 {
		return 0, false
	}
	return float64(r.N[part]) / float64(r.N[whole]), true
}
