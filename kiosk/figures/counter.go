package figures

// Counter is one number of a row. The numbers are stored and sent: append, never renumber. Times
// are in milliseconds.
type Counter uint8

// Of visits, under the hour of issue and the service of issue, whatever came later. A voided ticket
// stands in Voided only. Issued + Torn = Served + NoShows + Walkouts + Endless + the live ones.
const (
	Issued          Counter = iota // талоны: issued and not voided
	ByAdministrator                // of these, issued by the administrator (A17)
	Granted                        // of these, called out of turn on a document
	Voided                         // аннулированы
	Served                         // visits finished
	NoShows                        // неявки: called, absent, and not taken back
	Walkouts                       // ушли, не дождавшись: closed without a visit
	Torn                           // tickets whose issue is missing from the log
	Endless                        // tickets whose end is missing from the log
	Visits                         // visits finished whose length is measured
	VisitTime                      // final finish − issue, ms
	TotalWaits                     // visits finished of whose legs every waiting is measured
	TotalWaiting                   // the sum of waiting over the legs of these, ms
)

// Of legs, under the hour in which the leg was enqueued, its queue, and the window of its first
// call. A leg is counted when it ends.
const (
	Legs           Counter = iota + 13 // called legs whose waiting is measured: as many as are in Row.Waiting
	Waiting                            // first call − enqueue, and intervals added later, ms
	WithinNorm                         // of Legs, waiting ≤ the norm of the queue
	LegsUnmeasured                     // called legs whose waiting no clock measured
)

// Of windows, under the hour in which it happened, the queue and the window.
const (
	Calls              Counter = iota + 17 // вызовы, of parked tickets too
	Recalls                                // повторные вызовы
	Responses                              // calls that were followed by a start and are measured
	ResponseTime                           // start − call, ms
	ResponseUnmeasured                     // starts whose call is over a boot without a clock, or missing
	Services                               // legs with a visit that ended at the window and is measured
	ServiceTime                            // finish − start, without time aside, ms; under the hour of the end
	ServiceUnmeasured                      // ended visits of which a piece is not measured
	Transfers                              // перенаправлены, under the queue that was left
	Returns                                // returned to the queue left before, under the queue left now
	Parks                                  // отложены
	Requeues                               // calls and visits that ended with the ticket back in the queue
	ServingTime                            // time with a visitor, visitors added up, ms; split over hours
	OpenTime                               // time the window was open, ms; no queue; split over hours
	PlaceTime                              // OpenTime times the places of the window, ms
)

// Of the machine, under the hour in which it happened, without a window.
const (
	RefusedClosed    Counter = iota + 32 // presses out of hours, under their queue
	RefusedExhausted                     // presses after the last number, under their queue
	PrintConfirmed                       // tickets printed, copies too
	PrintNotStarted                      // tickets whose printing could not begin
	PrintUncertain                       // tickets of which nobody knows whether they were printed
	Copies                               // «КОПИЯ»
	HelpSignals                          // сигналы помощи (A17)
	HelpAnswered                         // answered at a handset or a console
	HelpExpired                          // answered by nobody
	Boots                                // starts of the program
	LostEvents                           // facts that the card promised and lost
	LostNumbers                          // numbers jumped over after a loss, under their queue
	Losses                               // losses of any kind, a database put aside too
	OnTime                               // time from the first fact of a boot to its last, ms; split over hours
	Outages                              // a part stopped working; under Key.Part
	OutageTime                           // time a part did not work while the machine was on, ms; split over hours
	Scans                                // сеансы сканирования, begun by citizens alone (A5)
	ScansSaved                           // of these, with pages on the citizen's stick
	PagesSaved                           // pages on sticks
	Wipes                                // уничтожения (A29)
	PagesWiped                           // pages gone by them
	Misuses                              // a device used wrongly, a hint given (A28)
	Reminders                            // «Вы вышли из личного кабинета?» (A30)
)

// Of the procedure (A21–A33), of hours and of courses.
const (
	Answers       Counter = iota + 55 // of ended legs with a visit, the last answer to a step; under Key.Part, hour, queue and window as Services
	Memos                             // memos printed (A26); under Key.Part, no queue
	Tips                              // tickets with the tip and QR of an electronic service (B1), under their queue
	Enrolments                        // course tickets (B18); under Key.Part
	Attendances                       // visitors who came to a course; under Key.Part
	Uncovereds                        // spells without anybody competent at work, under their queue (A33)
	UncoveredTime                     // their length while the machine was on, ms; split over hours
	AnnouncedTime                     // announced hours of the day, the machine on or off, ms; split over hours (A1)
	ServedTime                        // of these, with at least one window open, ms; split over hours
	counters                          // how many there are
)

// counterWords are the names of the counters in JSON and CSV headers, by number.
var counterWords = [counters]string{
	Issued: "issued", ByAdministrator: "by_administrator", Granted: "granted", Voided: "voided", Served: "served",
	NoShows: "no_shows", Walkouts: "walkouts", Torn: "torn", Endless: "endless", Visits: "visits", VisitTime: "visit_ms",
	TotalWaits: "total_waits", TotalWaiting: "total_waiting_ms",
	Legs: "legs", Waiting: "waiting_ms", WithinNorm: "within_norm", LegsUnmeasured: "legs_unmeasured",
	Calls: "calls", Recalls: "recalls", Responses: "responses", ResponseTime: "response_ms",
	ResponseUnmeasured: "response_unmeasured", Services: "services", ServiceTime: "service_ms",
	ServiceUnmeasured: "service_unmeasured", Transfers: "transfers", Returns: "returns", Parks: "parks",
	Requeues: "requeues", ServingTime: "serving_ms", OpenTime: "open_ms", PlaceTime: "place_ms",
	RefusedClosed: "refused_closed", RefusedExhausted: "refused_exhausted", PrintConfirmed: "print_confirmed",
	PrintNotStarted: "print_not_started", PrintUncertain: "print_uncertain", Copies: "copies",
	HelpSignals: "help_signals", HelpAnswered: "help_answered", HelpExpired: "help_expired", Boots: "boots",
	LostEvents: "lost_events", LostNumbers: "lost_numbers", Losses: "losses", OnTime: "on_ms", Outages: "outages",
	OutageTime: "outage_ms", Scans: "scans", ScansSaved: "scans_saved", PagesSaved: "pages_saved", Wipes: "wipes",
	PagesWiped: "pages_wiped", Misuses: "misuses", Reminders: "reminders",
	Answers: "answers", Memos: "memos", Tips: "tips", Enrolments: "enrolments", Attendances: "attendances",
	Uncovereds: "uncovereds", UncoveredTime: "uncovered_ms", AnnouncedTime: "announced_ms", ServedTime: "served_ms",
}

// String returns the counter's name: "issued"; names of times end in "_ms".
func (c Counter) String() string {
	if c < counters {
		return counterWords[c]
	}
	return "unknown"
}

// Counters returns every counter, in the order of their numbers.
func Counters() []Counter {
	all := make([]Counter, counters)
	for i := range all {
		all[i] = Counter(i)
	}
	return all
}
