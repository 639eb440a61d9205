package citizen

import (
	"strconv"
	"strings"

	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/scan"
)

// Press takes one press: "help", "choose:docs", "page:3". The inputs are those that a button gives. What does
// not belong to the screen that is shown means nothing: a finger may come late.
func (s State) Press(v kiosk.CitizenView, action string) (State, []kiosk.Input) {
	s, told := s.Pass(v)
	s.Revision++
	s.Touched, s.Spoken = v.At.Up, false
	verb, what, _ := strings.Cut(action, ":")
	var inputs []kiosk.Input
	switch kind := Choose(v, s); {
	case common[verb] != nil:
		s, inputs = common[verb](s, v, what)
	case kind == Start || kind == Group || kind == Courses:
		s, inputs = s.choose(v, verb, what)
	case answerKinds[kind]:
		s = s.answered(v, verb)
	case kind == Wiped || kind == HowOut:
		s = s.farewell(v, verb)
	case kind == Insert || kind == First || kind == Pages || kind == Working:
		s, inputs = s.scanning(v, verb, what)
	}
	return s, append(told, inputs...)
}

// answerKinds are the screens that answer a press.
var answerKinds = map[Kind]bool{Ticket: true, Held: true, Refused: true, Enrolled: true}

// common are the presses that every screen has.
var common = map[string]func(State, kiosk.CitizenView, string) (State, []kiosk.Input){
	"help": func(s State, _ kiosk.CitizenView, _ string) (State, []kiosk.Input) {
		return s, []kiosk.Input{kiosk.HelpPressed{}}
	},
	"ease": func(s State, v kiosk.CitizenView, _ string) (State, []kiosk.Input) {
		s.Ease = !s.Ease
		if running(v.Scan) {
			return s, hand(scan.Unhurried{On: s.Ease})
		}
		return s, nil
	},
	"lang": func(s State, _ kiosk.CitizenView, code string) (State, []kiosk.Input) {
		s.Lang = code
		return s, nil
	},
	"loud": func(s State, _ kiosk.CitizenView, _ string) (State, []kiosk.Input) {
		s.Spoken = true
		return s, nil
	},
	"home": func(s State, v kiosk.CitizenView, _ string) (State, []kiosk.Input) { return s.home(v) },
}

func hand(in scan.Input) []kiosk.Input { return []kiosk.Input{kiosk.Scanning{Input: in}} }

// home is «В начало». With pages that are not on a stick it asks first.
func (s State) home(v kiosk.CitizenView) (State, []kiosk.Input) {
	switch kind := Choose(v, s); {
	case answerKinds[kind]:
		s.Until = 0
	case v.Scan.State == scan.StateWaiting:
		return s, hand(scan.Cancel{})
	case v.Scan.State == scan.StateReview:
		s.Ask = true
	case kind == Wiped || kind == HowOut:
		s.Farewell, s.How = 0, false
	}
	s.Group = ""
	return s, nil
}

// choose is a press on the start screen or among the services of a group (A16).
func (s State) choose(v kiosk.CitizenView, verb, what string) (State, []kiosk.Input) {
	switch verb {
	case "back":
		s.Group = above(v, s.Group)
	case "scan":
		if ready(v) {
			return s, hand(scan.Enter{})
		}
	case "choose":
		for _, c := range v.Choices {
			if c.Code == what && len(c.Services) == 1 && !c.Courses {
				return s, []kiosk.Input{kiosk.ServicePressed{Service: c.Services[0].Code}}
			}
			if c.Code == what {
				s.Group = what
			}
		}
	case "courses":
		if s.Group != "" && len(v.Courses) > 0 {
			s.Group = coursesGroup
		}
	case "course":
		for _, x := range v.Courses {
			if s.Group == coursesGroup && x.Code == what {
				return s, []kiosk.Input{kiosk.CourseTaken{Course: what}}
			}
		}
	case "service":
		for _, c := range v.Choices {
			for _, service := range c.Services {
				if c.Code == s.Group && service.Code == what {
					return s, []kiosk.Input{kiosk.ServicePressed{Service: what}}
				}
			}
		}
	}
	return s, nil
}

// above is the group that leads to where one is; "" = the start screen.
func above(v kiosk.CitizenView, group string) string {
	for _, c := range v.Choices {
		if group == coursesGroup && c.Courses {
			return c.Code
		}
	}
	return ""
}

// ready reports whether a scan session may be begun.
func ready(v kiosk.CitizenView) bool {
	return v.Scanner.Works() && v.Scan.State != scan.StateOff && v.Scan.State != ""
}

// answered is a press while a ticket or a refusal is shown.
func (s State) answered(v kiosk.CitizenView, verb string) State {
	switch verb {
	case "have", "back":
		s.Until = 0
	case "longer":
		s.Until = v.At.Up + s.stretch(longerTime)
	}
	return s
}

// farewell is a press after a session.
func (s State) farewell(v kiosk.CitizenView, verb string) State {
	s.Farewell = v.At.Up + s.stretch(farewellTime)
	switch verb {
	case "out":
		s.Farewell, s.How = 0, false
		s = s.leave()
	case "how":
		s.How = true
	case "back":
		s.How = false
	}
	return s
}

// scanning is a press within a session.
func (s State) scanning(v kiosk.CitizenView, verb, what string) (State, []kiosk.Input) {
	review := v.Scan.State == scan.StateReview
	switch verb {
	case "scan":
		if v.Scan.State == scan.StateWaiting || review {
			return s, hand(scan.ScanPressed{})
		}
	case "stop", "save":
		if verb == "stop" && v.Scan.State == scan.StateScanning || verb == "save" && review {
			return s, hand(scan.DonePressed{})
		}
	case "back":
		switch {
		case s.Page != 0:
			s.Page = 0
		default:
			return s.home(v)
		}
	case "page":
		n, err := strconv.ParseUint(what, 10, 32)
		if page := uint32(n); err == nil && review && place(v.Scan, page) >= 0 && page != s.Page {
			s.Page = page
		} else {
			s.Page = 0
		}
		return s, hand(scan.Stay{})
	case "good":
		s.Page = 0
	case "stay", "keep":
		s.Ask = false
		return s, hand(scan.Stay{})
	case "more":
		return s, hand(scan.More{})
	case "end":
		s.Ask = false
		return s, hand(scan.Cancel{})
	default:
		if review {
			return s.edit(v.Scan, verb)
		}
	}
	return s, nil
}

// edit is a press on a tool of the chosen page.
func (s State) edit(v scan.View, verb string) (State, []kiosk.Input) {
	at, page := place(v, s.Page), s.Page
	if at < 0 {
		return s, nil
	}
	switch verb {
	case "turn":
		return s, hand(scan.Turn{Page: page})
	case "redo":
		s.Page = 0
		return s, hand(scan.Redo{Page: page})
	case "remove":
		s.Page = 0
		return s, hand(scan.Remove{Page: page})
	case "earlier":
		return s, hand(scan.Move{Page: page, To: max(0, at-1)})
	case "later":
		return s, hand(scan.Move{Page: page, To: min(len(v.Pages)-1, at+1)})
	}
	return s, nil
}
