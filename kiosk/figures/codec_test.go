package figures

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sps-kiosk/kiosk/event"
)

func TestEncoding(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawRow(t)
		data, err := want.MarshalBinary()
		if err != nil || len(data) > MaxEncoded {
			t.Fatalf("%d bytes, %v", len(data), err)
		}
		var got Row
		if err := got.UnmarshalBinary(data); err != nil || !got.Equal(want) {
			t.Fatalf("got %v, %v, want %v", got, err, want)
		}
	})
}

// TestAddBinaryIsAdd: a row added as it was written is the row added.
func TestAddBinaryIsAdd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var sum, want Row
		for range 3 {
			row := drawRow(t)
			want.Add(row)
			data, err := row.MarshalBinary()
			if err != nil {
				t.Fatal(err)
			}
			if err := sum.AddBinary(data); err != nil || !sum.Equal(want) {
				t.Fatalf("got %v, %v, want %v", sum, err, want)
			}
		}
	})
}

// TestAddingTakesBack: what a later row takes back leaves an empty row, not one with empty bins at its end.
func TestAddingTakesBack(t *testing.T) {
	var row, taken, sum Row
	row.N[Legs] = 2
	row.Wait.Observe(3 * time.Minute)
	row.Wait.Observe(40 * time.Minute)
	taken.add(row, -1)
	for _, r := range []Row{row, taken} {
		data, err := r.MarshalBinary()
		if err == nil {
			err = sum.AddBinary(data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if !sum.Empty() {
		t.Errorf("got %v, want nothing left", sum)
	}
}

// TestAddingMakesNothing: a page adds up a hundred thousand rows, and each would leave its own to be collected.
func TestAddingMakesNothing(t *testing.T) {
	var sum, row Row
	row.N[Legs], row.N[Waiting] = 3, 900_000
	for i := range 20 {
		row.Wait.Observe(time.Duration(i) * time.Minute)
	}
	data, err := row.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	if made := testing.AllocsPerRun(100, func() { err = sum.AddBinary(data) }); made != 0 || err != nil {
		t.Errorf("got %v allocations a row, %v, want none", made, err)
	}
}

// TestEncodedSize prints what an ordinary hour of a queue takes.
func TestEncodedSize(t *testing.T) {
	var r Row
	for i := range 15 {
		r.N[Legs], r.N[Waiting] = r.N[Legs]+1, r.N[Waiting]+int64(i)*100000
		r.Wait.Observe(time.Duration(i) * 100 * time.Second)
	}
	r.N[Issued], r.N[Served], r.N[Calls], r.N[Services], r.N[ServiceTime] = 15, 14, 15, 14, 14*400000
	data, err := r.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("15 visits: %d bytes", len(data))
	if len(data) > 100 {
		t.Errorf("15 visits take %d bytes, want at most 100", len(data))
	}
}

func TestDamagedRows(t *testing.T) {
	for name, data := range map[string][]byte{
		"nothing": {}, "newer form": {2, 0, 0}, "cut": {1, 1}, "too much": {1, 0, 0, 0}, "no such counter": {1, 1, byte(counters), 2, 0},
		"zero kept": {1, 1, 0, 0, 0}, "long number": {1, 0x80, 0, 0}, "far bin": {1, 0, 1, 0xa1, 0x0b, 2},
	} {
		got := Row{Wait: Histogram{1}}
		if err := got.UnmarshalBinary(data); !errors.Is(err, ErrEncoding) || !got.Empty() {
			t.Errorf("%s: got %v, %v, want ErrEncoding", name, got, err)
		}
	}
}

func FuzzRow(f *testing.F) {
	f.Add([]byte{1, 0, 0})
	f.Add([]byte{1, 2, 0, 30, 12, 28, 2, 0, 2, 13, 28})
	f.Add([]byte{1, 0, 1, 0xa0, 0x0b, 2})
	f.Fuzz(func(t *testing.T, data []byte) {
		var r Row
		if err := r.UnmarshalBinary(data); err != nil {
			return
		}
		again, err := r.MarshalBinary()
		if err != nil || !bytes.Equal(again, data) {
			t.Fatalf("read %x, wrote %x, %v", data, again, err)
		}
	})
}

func FuzzCarry(f *testing.F) {
	s := newStory()
	s.docs(event.Issued, 0, 1)
	live := New(Options{})
	for _, e := range s.events {
		live.Add(e)
	}
	f.Add(live.Carry())
	f.Add([]byte(`{"form":2,"tickets":[{"id":{"Day":1},"ph":5,"mk":1}]}`))
	f.Add([]byte(`{"form":2,"tickets":[{"id":{"Day":1,"Service":"docs","Number":1},"ph":1,"gv":[{"c":200,"n":1}]}]}`))
	end := newStory()
	end.docs(event.Voided, 0, 1)
	f.Fuzz(func(t *testing.T, data []byte) {
		fold, err := Resume(Options{}, data)
		if err != nil {
			return
		}
		for _, e := range end.events {
			fold.Add(e)
		}
		fold.Rows()
	})
}
