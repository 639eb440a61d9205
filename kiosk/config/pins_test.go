package config

import (
	"reflect"
	"testing"
)

// TestEveryPinIsHeldAgainstTheOthers gives every field that is a line one of its own, found by walking
// the types: a new one that uses does not know would be shared in silence.
func TestEveryPinIsHeldAgainstTheOthers(t *testing.T) {
	s := Settings{Services: make([]Service, 1), Windows: make([]Window, 1)}
	fields := 0
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		switch {
		case v.Type() == reflect.TypeFor[Pin]():
			fields++
			v.SetString(string(header(fields)))
		case v.Kind() == reflect.Struct && v.CanSet():
			for i := range v.NumField() {
				if v.Type().Field(i).IsExported() {
					walk(v.Field(i))
				}
			}
		case v.Kind() == reflect.Slice:
			for i := range v.Len() {
				walk(v.Index(i))
			}
		}
	}
	walk(reflect.ValueOf(&s).Elem())
	seen := map[Pin]bool{}
	for _, u := range uses(s) {
		seen[u.pin] = true
		if u.owner == "" || u.key == "" {
			t.Errorf("%s: got %+v, want a key and a purpose", u.pin, u)
		}
	}
	if len(seen) != fields || fields < 11 {
		t.Errorf("got %d lines that are held against each other, want all %d", len(seen), fields)
	}
}
