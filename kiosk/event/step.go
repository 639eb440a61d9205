package event

import "slices"

// The steps of the procedure (A21–A31), as they stand in Event.Code of Stepped.
const (
	StepAccount   = "account"   // clarify a confirmed EPGU account (A21)
	StepOffer     = "offer"     // without one, offer registration or confirmation (A22)
	StepPurpose   = "purpose"   // clarify the purpose (A24): a code of the catalogue
	StepSupport   = "support"   // clarify the need for support (A2, A25)
	StepResource  = "resource"  // which resource the visitor works with (A12)
	StepReached   = "reached"   // how far the visitor got: sign in, open the account, find the service (A27)
	StepEquipment = "equipment" // help with the equipment (A28)
	StepFeedback  = "feedback"  // help with the feedback platform, ПОС (A31)
	StepReminders = "reminders" // delete the files, sign out (A29, A30)
	StepOutcome   = "outcome"   // how it ended; the catalogue may have further codes
)

// Answers to the steps, as they stand in Event.State of Stepped, where a rule hangs on them.
const (
	AccountConfirmed   = "confirmed"
	AccountUnconfirmed = "unconfirmed"
	AccountNone        = "none"
	RemindedSignOut    = "sign_out"
	RemindedBoth       = "both"
	OutcomeRedirected  = "redirected"
)

// StepCount is how many steps there are.
const StepCount = 10

// stepRow is a step with its answers; nil where the catalogue has them.
type stepRow struct {
	code    string
	answers []string
}

// steps is the procedure in the decree's order (A37).
func steps() [StepCount]stepRow {
	return [...]stepRow{
		{StepAccount, []string{AccountConfirmed, AccountUnconfirmed, AccountNone}},
		{StepOffer, []string{"offered", "accepted", "declined"}},
		{StepPurpose, nil},
		{StepSupport, []string{"consult", "tech", "both", "none"}},
		{StepResource, []string{"epgu", "agency", "other"}},
		{StepReached, []string{"signed_in", "account_open", "service_found"}},
		{StepEquipment, []string{"scanner", "stick", "computer", "print"}},
		{StepFeedback, []string{"told", "helped"}},
		{StepReminders, []string{"files", RemindedSignOut, RemindedBoth}},
		{StepOutcome, []string{"solved", "consulted", OutcomeRedirected, "return_visit", "unsolved"}},
	}
}

// Steps returns the codes of the steps in the decree's order (A37).
func Steps() []string {
	var codes []string
	for _, s := range steps() {
		codes = append(codes, s.code)
	}
	return codes
}

// StepIndex returns the place of a step in the decree's order, from 0, and -1 for a word that is none.
func StepIndex(step string) int { return slices.Index(Steps(), step) }

// StepAnswers returns the answers of a step that every catalogue has; nil for the purpose, whose codes
// are the catalogue's alone, and for what is no step.
func StepAnswers(step string) []string {
	for _, s := range steps() {
		if s.code == step {
			return s.answers
		}
	}
	return nil
}
