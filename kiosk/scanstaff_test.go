package kiosk

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/gesture"
	"sps-kiosk/kiosk/ipc"
	"sps-kiosk/kiosk/scan"
)

// TestNothingStaffDoTouchesASession (A34): every gesture on every button of every handset and every command
// of a console, during a session with a page in it. None of them reaches porter or worker, or changes
// what the session is.
func TestNothingStaffDoTouchesASession(t *testing.T) {
	s := newScanner(t)
	s.porter(&ipc.Stick{State: ipc.StickReady, Free: 1 << 33})
	s.porter(&ipc.Begun{Session: s.id})
	s.worker(&ipc.Ready{Preview: "127.0.0.1:1", Token: strings.Repeat("0", 32)})
	s.hand(scan.ScanPressed{})
	s.worker(&ipc.Page{Page: 1, Width: 1, Height: 1, Bytes: 1, Left: 1 << 30}, &ipc.Scanned{Pages: 1})
	s.give(ServicePressed{"docs"})
	view, said := s.machine.ScanView(s.now), len(s.said)
	tried := 0
	try := func(in Input) {
		s.give(in)
		tried++
		if len(s.said) != said {
			t.Fatalf("%+v: sent %T to porter or worker", in, s.said[said])
		}
		if now := s.machine.ScanView(s.now); !reflect.DeepEqual(now, view) {
			t.Fatalf("%+v: changed the session from %+v to %+v", in, view, now)
		}
	}
	press := uint64(100)
	for _, w := range s.machine.settings.Windows {
		for b := range gesture.Button(8) {
			for g := range gesture.Gesture(10) {
				press++
				try(Gestured{Window: w.Number, Button: b, Gesture: g, Press: press})
			}
		}
		for c := range gesture.Command(64) {
			try(Ordered{Command: c, Window: w.Number, Service: "docs", Ticket: event.TicketID{Day: 1, Service: "docs", Number: 1}})
		}
	}
	t.Logf("%d gestures and commands tried", tried)
}

// TestWhatStaffSeeHoldsNoScan walks the type that consoles, board and technician's page are drawn from.
func TestWhatStaffSeeHoldsNoScan(t *testing.T) {
	seen := map[reflect.Type]bool{}
	var walk func(reflect.Type, string)
	walk = func(typ reflect.Type, name string) {
		if seen[typ] {
			return
		}
		seen[typ] = true
		if strings.Contains(typ.PkgPath(), "kiosk/scan") || strings.Contains(typ.PkgPath(), "kiosk/ipc") {
			t.Errorf("%s is of %s: staff would see a session", name, typ.PkgPath())
		}
		switch typ.Kind() {
		case reflect.Struct:
			for i := range typ.NumField() {
				walk(typ.Field(i).Type, name+"."+typ.Field(i).Name)
			}
		case reflect.Slice, reflect.Pointer, reflect.Map, reflect.Array:
			walk(typ.Elem(), name)
		}
	}
	walk(reflect.TypeFor[View](), "View")
	walk(reflect.TypeFor[Answer](), "Answer")
}

// TestOnlyTwoPlacesSpeakForACitizen reads the program's sources: a scan session hears from the panel's two
// buttons and from the link to porter and worker. A new place must be put here by somebody who has made
// sure that no member of staff is behind it.
func TestOnlyTwoPlacesSpeakForACitizen(t *testing.T) {
	want := []string{"scanlink.go", "wiring.go"}
	var got []string
	for _, dir := range []string{".", "../cmd/internal/appliance", "../cmd/kiosk", "panel"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range files {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			if makesScanning(t, path) {
				got = append(got, filepath.Base(path))
			}
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("inputs of a session are made in %v, want %v", got, want)
	}
}

// makesScanning reports whether a file makes a Scanning.
func makesScanning(t *testing.T, path string) (found bool) {
	t.Helper()
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), path, source, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		made, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		switch typ := made.Type.(type) {
		case *ast.SelectorExpr:
			found = found || typ.Sel.Name == "Scanning"
		case *ast.Ident:
			found = found || typ.Name == "Scanning"
		}
		return true
	})
	return found
}
