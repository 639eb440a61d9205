package wire

import (
	"slices"
	"strconv"
	"strings"

	"sps-kiosk/kiosk/event"
)

// other stands for a word that is on no list.
const other = "other"

// kindWords are the names of event.Kind on the wire, by number. Append, never rename.
var kindWords = [...]string{
	event.Issued: "issued", event.Called: "called", event.Recalled: "recalled", event.Started: "started",
	event.Finished: "finished", event.NoShow: "no_show", event.Transferred: "transferred",
	event.Walkout: "walkout", event.Opened: "opened", event.Paused: "paused", event.DayBegan: "day_began",
	event.DayDated: "day_dated", event.Refused: "refused", event.Printed: "printed", event.Booted: "booted",
	event.Lost: "lost", event.Device: "device", event.Help: "help", event.Requeued: "requeued",
	event.Parked: "parked", event.Resumed: "resumed", event.Returned: "returned", event.Voided: "voided",
	event.Granted: "granted", event.TakenBack: "taken_back", event.Carried: "carried", event.Copied: "copied",
	event.HelpAnswered: "help_answered",
	event.ScanBegan:    "scan_began", event.ScanSaved: "scan_saved", event.ScanWiped: "scan_wiped",
	event.Misused: "misused", event.Reminded: "reminded",
	event.Stepped: "stepped", event.Memoed: "memoed", event.Tipped: "tipped", event.Enrolled: "enrolled",
	event.Attended: "attended", event.Uncovered: "uncovered", event.Covered: "covered",
	event.Announced: "announced", event.Adopted: "adopted", event.Stopped: "stopped",
}

// kindNumber begins the word of a kind that this list does not name yet.
const kindNumber = "kind_"

// kindWord returns the name of a kind.
func kindWord(k event.Kind) string {
	if int(k) < len(kindWords) && kindWords[k] != "" {
		return kindWords[k]
	}
	return kindNumber + strconv.Itoa(int(k))
}

// kindOf is kindWord's inverse; ok is false for a word this program has no name for.
func kindOf(word string) (k event.Kind, ok bool) {
	if number, found := strings.CutPrefix(word, kindNumber); found {
		n, err := strconv.ParseUint(number, 10, 8)
		return event.Kind(n), err == nil && int(n) < len(kindWords) && kindWords[n] != ""
	}
	for i, w := range kindWords {
		if w != "" && w == word {
			return event.Kind(i), true
		}
	}
	return 0, false
}

// code returns a word of Event.Code if it is on the list of its kind, and other if not.
func code(k event.Kind, word string) string {
	if word == "" {
		return ""
	}
	var known []string
	switch k {
	case event.Device:
		return device(word)
	case event.Granted:
		return "privilege" // the ground may be an illness: it stays at home
	case event.Issued:
		known = []string{"administrator"}
	case event.Printed:
		known = []string{"confirmed", "not_started", "uncertain"}
	case event.Refused:
		known = []string{"closed_day", "before_opening", "after_last_call", "exhausted"}
	case event.Transferred:
		known = []string{"return"}
	case event.Copied:
		known = []string{"console", "help", "handset"}
	case event.Lost:
		known = []string{"quarantine"}
	case event.HelpAnswered:
		known = []string{"handset", "console", "expired"}
	case event.ScanSaved:
		known = []string{"pdf", "jpeg"}
	case event.ScanWiped:
		known = []string{"done", "cancelled", "timed_out", "worker_lost", "porter_lost", "restart"}
	case event.Misused:
		known = []string{"no_stick", "scan_failed", "stick_pulled", "stick_refused", "jam"}
	case event.Reminded:
		known = []string{"slip", "screen", "console"}
	case event.Stepped:
		known = []string{"account", "offer", "purpose", "support", "resource", "reached", "equipment", "feedback",
			"reminders", "outcome"}
	case event.Announced:
		known = []string{"opens", "closes"}
	case event.Memoed, event.Enrolled, event.Attended:
		return service(word) // codes of the catalogue
	case event.Adopted:
		if shaped(word) && len(word) <= maxVersion {
			return word
		}
	}
	if slices.Contains(known, word) {
		return word
	}
	return other
}

// device returns a device's name if it is on the list: a plain one, or one that ends in a service
// code or in the number of a window.
func device(word string) string {
	switch word {
	case "printer", "display", "lamps", "store", "scanner", "stick", "panel", "uplink", "clock", "disk",
		"sounder", "catalog", "settings":
		return word
	}
	base := strings.TrimSuffix(word, ".gestures")
	if name, found := strings.CutPrefix(base, "button."); found && serviceShaped(name) {
		return word
	}
	if number, found := strings.CutPrefix(base, "handset."); found {
		if n, err := strconv.Atoi(number); err == nil && n > 0 && strconv.Itoa(n) == number && n <= 999 {
			return word
		}
	}
	return other
}

// maxVersion is the longest version of a catalogue.
const maxVersion = 24

// stateOf returns what leaves of Event.State: the answer to a step, or a word of health.
func stateOf(k event.Kind, step, word string) string {
	if k == event.Stepped {
		return answer(step, word)
	}
	return state(word)
}

// answer returns an answer to a step if it is on the step's list, and other if not. Purposes and outcomes
// are codes of the catalogue, and pass by their shape.
func answer(step, word string) string {
	var known []string
	switch step {
	case "account":
		known = []string{"confirmed", "unconfirmed", "none"}
	case "offer":
		known = []string{"offered", "accepted", "declined"}
	case "support":
		known = []string{"consult", "tech", "both", "none"}
	case "resource":
		known = []string{"epgu", "agency", "other"}
	case "reached":
		known = []string{"signed_in", "account_open", "service_found"}
	case "equipment":
		known = []string{"scanner", "stick", "computer", "print"}
	case "feedback":
		known = []string{"told", "helped"}
	case "reminders":
		known = []string{"files", "sign_out", "both"}
	case "purpose", "outcome":
		return service(word)
	}
	if word == "" || slices.Contains(known, word) {
		return word
	}
	return other
}

// state returns a word of kiosk/health, or of how a wipe was done, if it is on the list, and other if
// not.
func state(word string) string {
	switch word {
	case "", "ok", "paper_low", "paper_out", "cover_open", "jam", "offline", "absent", "stuck", "slow", "wrong", "unfamiliar",
		"space_low", "full", "no_link", "unregistered",
		"exited", "killed", "swept": // how a wipe was done
		return word
	}
	return other
}

// service returns a service code of the settings if it has the shape of one, and other if not.
func service(word string) string {
	if word == "" || serviceShaped(word) {
		return word
	}
	return other
}

// serviceShaped reports whether a word could be a service code: kiosk/config allows no other.
func serviceShaped(word string) bool {
	return len(word) <= 24 && shaped(word) && !strings.Contains(word, ".")
}

// shaped reports whether a word may be on the wire: small Latin letters, digits, "_" and ".", a
// letter first. Such words need no escaping in JSON.
func shaped(word string) bool {
	if word == "" || len(word) > maxWord || word[0] < 'a' || word[0] > 'z' {
		return false
	}
	for i := range len(word) {
		c := word[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' && c != '.' {
			return false
		}
	}
	return true
}
