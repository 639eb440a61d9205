package ident

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

var noon = time.Unix(1_790_000_000, 0)

// meet plays the three messages and returns the number on the kiosk and the district's half.
func meet(t *testing.T, device, district Public) (string, Approval) {
	t.Helper()
	asking := NewAsking(device)
	a := OpenApproval(noon, asking.Ask())
	reveal, shown, err := asking.Take(a.Offer(district))
	if err != nil {
		t.Fatal(err)
	}
	if a, err = a.Reveal(district, reveal); err != nil {
		t.Fatal(err)
	}
	return shown, a
}

func TestApprovalByNumber(t *testing.T) {
	device := NewKey().Public()
	shown, a := meet(t, device, NewKey().Public())
	if len(shown) != 6 || a.Number != shown || a.Key != device {
		t.Fatalf("number: shown %q, in the district %q", shown, a.Number)
	}
	for _, typed := range []string{shown, shown[:3] + " " + shown[3:], " " + shown + "\u00a0", shown[:3] + "-" + shown[3:]} {
		done, got := a.Try(noon.Add(ApprovalLife), typed)
		if got != Approved || !done.Closed {
			t.Errorf("typed %q: got %v, want approved", typed, got)
		}
		if _, got := done.Try(noon, shown); got != TooOften {
			t.Errorf("once more: got %v, want none left", got)
		}
	}
}

func TestThreeTriesAndTenMinutes(t *testing.T) {
	shown, a := meet(t, NewKey().Public(), NewKey().Public())
	wrong := "000000"
	if shown == wrong {
		wrong = "000001"
	}
	left := a
	var got Verdict
	for i, want := range []Verdict{Wrong, Wrong, TooOften, TooOften} {
		if left, got = left.Try(noon, wrong); got != want {
			t.Errorf("wrong number %d: got %v, want %v", i+1, got, want)
		}
	}
	if _, got = left.Try(noon, shown); got != TooOften {
		t.Errorf("right after three wrong ones: got %v, want too often", got)
	}
	for name, at := range map[string]time.Time{"too late": noon.Add(ApprovalLife + 1), "before it began": noon.Add(-1)} {
		late, got := a.Try(at, shown)
		if got != TooLate || !late.Closed {
			t.Errorf("%s: got %v, want too late", name, got)
		}
	}
	if _, got = OpenApproval(noon, NewAsking(NewKey().Public()).Ask()).Try(noon, ""); got != NotYet {
		t.Errorf("before the number is shown: got %v, want not yet", got)
	}
}

func TestVerdictsSpeakRussian(t *testing.T) {
	seen := map[string]bool{}
	for v := Wrong; v <= NotYet; v++ {
		if seen[v.Text()] {
			t.Errorf("%d says what another says", v)
		}
		seen[v.Text()] = true
	}
}

// TestSomebodyInBetween plays the attack on fingerprints: both sides talk to a third who has keys
// of his own and passes on whatever he likes. The numbers must not agree.
func TestSomebodyInBetween(t *testing.T) {
	same := 0
	for range 2000 {
		device, district, third := NewKey().Public(), NewKey().Public(), NewKey().Public()
		asking, forged := NewAsking(device), NewAsking(third)
		a := OpenApproval(noon, forged.Ask())
		offer := a.Offer(district)
		_, shown, err := asking.Take(Offer{third, offer.Random}) // the best he can do: pass the random on
		if err != nil {
			t.Fatal(err)
		}
		reveal, _, err := forged.Take(offer)
		if err != nil {
			t.Fatal(err)
		}
		if a, err = a.Reveal(district, reveal); err != nil {
			t.Fatal(err)
		}
		if _, got := a.Try(noon, shown); got == Approved {
			same++
		}
	}
	if same > 1 {
		t.Errorf("approved: got %d of 2000, want about none", same)
	}
}

// TestNobodyChoosesAfterwards: what is committed to stays, and one Ask takes one offer.
func TestNobodyChoosesAfterwards(t *testing.T) {
	district := NewKey().Public()
	asking := NewAsking(NewKey().Public())
	a := OpenApproval(noon, asking.Ask())
	if _, err := a.Reveal(district, Reveal{Secret{1}}); !errors.Is(err, ErrSignature) {
		t.Errorf("another secret: got %v, want ErrSignature", err)
	}
	if _, _, err := asking.Take(a.Offer(district)); err != nil {
		t.Fatal(err)
	}
	if r, shown, err := asking.Take(Offer{district, Secret{2}}); !errors.Is(err, ErrOffered) || r != (Reveal{}) || shown != "" {
		t.Errorf("second offer: got %q, %v, want ErrOffered and nothing", shown, err)
	}
}

// TestTheNumberHangsOnEverything changes one part at a time.
func TestTheNumberHangsOnEverything(t *testing.T) {
	for i := range byte(50) {
		d, s := Public{i}, Public{100, i}
		base := number(d, s, Secret{i}, Secret{i, 1})
		for name, other := range map[string]string{
			"device": number(Public{i, 1}, s, Secret{i}, Secret{i, 1}), "district": number(d, Public{i, 2}, Secret{i}, Secret{i, 1}),
			"secret": number(d, s, Secret{i, 9}, Secret{i, 1}), "random": number(d, s, Secret{i}, Secret{i, 2}),
		} {
			if other == base {
				t.Errorf("another %s: got the same number %s", name, base)
			}
		}
		if len(base) != 6 || fmt.Sprintf("%06s", base) != base {
			t.Errorf("got %q, want six digits", base)
		}
	}
}
