package event

import (
	"reflect"
	"testing"
	"time"
)

// TestNoFieldCanHoldAPerson walks the types (A13, A35): a new string field must be put on the list
// below by somebody who has made sure that its words come from a closed list.
func TestNoFieldCanHoldAPerson(t *testing.T) {
	closed := map[string]string{
		"Event.Queue":      "service code from the settings",
		"Event.Code":       "word of this package, of queue or of health; code of a memo or a course, version of a catalogue: from the catalogue",
		"Event.State":      "word of health, of scan (how a wipe was done), or of step.go; purposes and outcomes are codes of the catalogue",
		"TicketID.Service": "service code from the settings",
	}
	var walk func(typ reflect.Type)
	walk = func(typ reflect.Type) {
		for i := range typ.NumField() {
			field := typ.Field(i)
			name := typ.Name() + "." + field.Name
			switch field.Type.Kind() {
			case reflect.Struct:
				walk(field.Type)
			case reflect.String:
				if closed[name] == "" {
					t.Errorf("%s is a string of no closed list: a name or a phone number would fit", name)
				}
			case reflect.Slice, reflect.Map, reflect.Interface, reflect.Pointer:
				t.Errorf("%s is a %s: it could carry anything", name, field.Type.Kind())
			}
		}
	}
	walk(reflect.TypeFor[Event]())
}

func TestSinceNeedsOneBootOrTwoTrustedClocks(t *testing.T) {
	trusted := Time{Boot: 2, Up: time.Minute, Wall: 60_000, Error: time.Second}
	untrusted := Time{Boot: 2, Up: 3 * time.Minute, Wall: 1, Error: Unknown}
	earlier := Time{Boot: 1, Up: time.Hour, Wall: 0, Error: time.Second}
	if d, ok := untrusted.Since(trusted); !ok || d != 2*time.Minute {
		t.Errorf("same boot: got %v, %v, want 2m0s, true", d, ok)
	}
	if d, ok := trusted.Since(earlier); !ok || d != time.Minute {
		t.Errorf("two trusted boots: got %v, %v, want 1m0s, true", d, ok)
	}
	if _, ok := untrusted.Since(earlier); ok {
		t.Error("across boots without a trusted clock: got a duration, want none")
	}
}
