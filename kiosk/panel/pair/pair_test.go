package pair

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func passes() []Pass {
	return []Pass{{"4821", Place{Window: 1}}, {"904415", Place{Role: "technician"}}}
}

// desk opens a desk in a folder.
func desk(t *testing.T, folder string) *Desk {
	t.Helper()
	d, err := Open(folder, passes())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// paired pairs one more browser.
func paired(t *testing.T, d *Desk) (number int, cookie string) {
	t.Helper()
	time.Sleep(betweenCard)
	code, err := d.Card()
	if err != nil {
		t.Fatal(err)
	}
	if cookie, err = d.Redeem(code); err != nil {
		t.Fatal(err)
	}
	number, known := d.Known(cookie)
	if !known {
		t.Fatal("a browser that was paired is not known")
	}
	return number, cookie
}

// TestACodeIsForOneBrowserOnce: a second use, an old card, a card of yesterday and the sixth try fail.
func TestACodeIsForOneBrowserOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := desk(t, t.TempDir())
		if _, err := d.Redeem(""); !errors.Is(err, ErrCode) {
			t.Errorf("no card at all: got %v, want %v", err, ErrCode)
		}
		first, _ := d.Card()
		if len(first) != codeDigits {
			t.Errorf("code %q, want %d digits", first, codeDigits)
		}
		if _, err := d.Card(); !errors.Is(err, ErrSoon) {
			t.Errorf("a second card at once: got %v, want %v", err, ErrSoon)
		}
		time.Sleep(betweenCard)
		second, _ := d.Card()
		if _, err := d.Redeem(first); !errors.Is(err, ErrCode) {
			t.Errorf("the older card: got %v, want %v", err, ErrCode)
		}
		cookie, err := d.Redeem(second)
		if err != nil || len(cookie) != 64 {
			t.Fatalf("got %q, %v, want a cookie of 256 bits", cookie, err)
		}
		if _, err := d.Redeem(second); !errors.Is(err, ErrCode) {
			t.Errorf("used twice: got %v, want %v", err, ErrCode)
		}
		time.Sleep(betweenCard)
		third, _ := d.Card()
		for range codeTries {
			d.Redeem("0000000000")
		}
		if _, err := d.Redeem(third); !errors.Is(err, ErrCode) {
			t.Errorf("after %d wrong codes: got %v, want %v", codeTries, err, ErrCode)
		}
		time.Sleep(betweenCard)
		fourth, _ := d.Card()
		time.Sleep(codeTime + time.Second)
		if _, err := d.Redeem(fourth); !errors.Is(err, ErrCode) {
			t.Errorf("an hour later: got %v, want %v", err, ErrCode)
		}
	})
}

// TestOnlyPairedBrowsersTryPINs and only so many: then they wait, and in the end need a new card. A
// restart gives no further tries.
func TestOnlyPairedBrowsersTryPINs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		folder := t.TempDir()
		d := desk(t, folder)
		if _, err := d.SignIn(1, "4821"); !errors.Is(err, ErrGone) {
			t.Errorf("unpaired: got %v, want %v", err, ErrGone)
		}
		n, cookie := paired(t, d)
		if p, err := d.SignIn(n, "4821"); err != nil || p.Window != 1 {
			t.Errorf("right PIN: got %+v, %v, want window 1", p, err)
		}
		for i := range pinTries {
			want := ErrPin
			if i == pinTries-1 {
				want = ErrLocked
			}
			if _, err := d.SignIn(n, "0000"); !errors.Is(err, want) {
				t.Errorf("wrong PIN %d: got %v, want %v", i+1, err, want)
			}
		}
		if _, err := d.SignIn(n, "4821"); !errors.Is(err, ErrLocked) {
			t.Errorf("the right PIN while locked: got %v, want %v", err, ErrLocked)
		}
		time.Sleep(lockTime + time.Second)
		d = desk(t, folder) // somebody pulled the plug
		tries := 0
		for {
			_, err := d.SignIn(n, "0000")
			if errors.Is(err, ErrLocked) {
				time.Sleep(lockTime + time.Second)
			}
			if tries++; errors.Is(err, ErrGone) {
				break
			}
			if tries > 2*mostWrong {
				t.Fatal("wrong PINs have no end")
			}
		}
		if tries != mostWrong-pinTries {
			t.Errorf("after the restart %d more wrong PINs were taken, want %d", tries, mostWrong-pinTries)
		}
		if _, known := d.Known(cookie); known {
			t.Error("the browser is still paired after too many wrong PINs")
		}
		if _, known := desk(t, folder).Known(cookie); known {
			t.Error("a restart pairs it again")
		}
	})
}

// TestARightPINForgives: who mistypes now and then is never unpaired.
func TestARightPINForgives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := desk(t, t.TempDir())
		n, _ := paired(t, d)
		for range 10 * mostWrong {
			if _, err := d.SignIn(n, "0000"); !errors.Is(err, ErrPin) {
				t.Fatalf("got %v, want %v", err, ErrPin)
			}
			if _, err := d.SignIn(n, "4821"); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// TestAPlaceIsLeft: by signing out, by doing nothing for long, after a shift, with the pairing; and a
// restart asks for the PIN again while the browser stays paired.
func TestAPlaceIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		folder := t.TempDir()
		d := desk(t, folder)
		n, cookie := paired(t, d)
		works := func(want bool, when string) {
			t.Helper()
			if _, got := d.Works(n, false); got != want {
				t.Errorf("%s: works %v, want %v", when, got, want)
			}
		}
		in := func() {
			t.Helper()
			if _, err := d.SignIn(n, "4821"); err != nil {
				t.Fatal(err)
			}
		}
		works(false, "before the PIN")
		in()
		works(true, "after the PIN")
		d.SignOut(n)
		works(false, "after signing out")
		in()
		time.Sleep(idleOut - time.Minute)
		d.Works(n, true)
		time.Sleep(idleOut - time.Minute)
		works(true, "an act keeps it open")
		time.Sleep(2 * time.Minute)
		works(false, "looking alone does not")
		in()
		for range 2 * int(longestTurn/idleOut) {
			time.Sleep(idleOut / 2)
			d.Works(n, true)
		}
		time.Sleep(idleOut)
		works(false, "after a shift")
		in()
		if !d.Move(n, Place{Window: 4}) {
			t.Error("nobody moved")
		}
		if p, _ := d.Works(n, false); p.Window != 4 {
			t.Errorf("moved to %+v, want window 4", p)
		}
		d = desk(t, folder)
		works(false, "after a restart")
		if _, known := d.Known(cookie); !known {
			t.Error("a restart unpairs a browser")
		}
		in()
		if err := d.Forget(n); err != nil {
			t.Fatal(err)
		}
		works(false, "after it was forgotten")
		if _, known := desk(t, folder).Known(cookie); known {
			t.Error("a forgotten browser comes back with a restart")
		}
		if again, _ := paired(t, d); again == n {
			t.Errorf("number %d was given twice", n)
		}
	})
}

// TestTheCardHoldsNoCookie: what is kept is a hash, readable by the kiosk alone.
func TestTheCardHoldsNoCookie(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		folder := t.TempDir()
		d := desk(t, folder)
		_, cookie := paired(t, d)
		data, err := os.ReadFile(filepath.Join(folder, browsersName))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(data), cookie) || strings.Contains(string(data), "4821") {
			t.Errorf("the card holds the cookie or a PIN: %s", data)
		}
		info, _ := os.Stat(filepath.Join(folder, browsersName))
		if info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v, want 0600", info.Mode())
		}
	})
}

// TestDamageUnpairs: a file that lost its last write lets nobody in and stops nothing.
func TestDamageUnpairs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		folder := t.TempDir()
		d := desk(t, folder)
		_, cookie := paired(t, d)
		path := filepath.Join(folder, browsersName)
		data, _ := os.ReadFile(path)
		for _, broken := range [][]byte{{}, data[:len(data)/2], []byte("null"), []byte("[]"), []byte(`{"browsers":[{"hash":""}]}`)} {
			os.WriteFile(path, broken, 0o600)
			if _, known := desk(t, folder).Known(cookie); known {
				t.Errorf("%q lets the browser in", broken)
			}
			if _, known := desk(t, folder).Known(""); known {
				t.Errorf("%q lets everybody in", broken)
			}
		}
	})
}

// TestTheCertificateStays over restarts, is made anew where it was lost, and holds without a clock.
func TestTheCertificateStays(t *testing.T) {
	folder := t.TempDir()
	load := func() tls.Certificate {
		t.Helper()
		c, err := Certificate(folder)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	first := Fingerprint(load())
	if again := Fingerprint(load()); again != first {
		t.Errorf("another certificate after a restart: %s and %s", first, again)
	}
	if len(strings.Fields(first)) != 16 {
		t.Errorf("fingerprint %q, want 16 groups of four", first)
	}
	c, err := x509.ParseCertificate(load().Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	if c.NotBefore.Year() > 2025 || c.NotAfter.Year() < 2045 {
		t.Errorf("holds from %v to %v, want from 2025 to 2045 at least", c.NotBefore, c.NotAfter)
	}
	os.WriteFile(filepath.Join(folder, certificateName), nil, 0o600)
	if again := Fingerprint(load()); again == first {
		t.Error("a lost certificate came back")
	}
	os.Remove(filepath.Join(folder, keyName))
	load()
	if info, _ := os.Stat(filepath.Join(folder, keyName)); info.Mode().Perm() != 0o600 {
		t.Errorf("the key has mode %v, want 0600", info.Mode())
	}
}
