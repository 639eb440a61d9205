// Package pair decides which browser in the network of the centre may work at the kiosk, and at which
// place.
//
// It owns the kiosk's own certificate, the paired browsers (a browser is paired once, by a printed card
// with address, fingerprint and one-time code, and then holds a 256-bit cookie that is stored hashed),
// the PINs of places, the lock-out, and the two pages where a code and a PIN are typed. Only a paired
// browser may try a PIN. It refuses names (A13): a browser is a number, a PIN opens a place.
package pair

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"sync"
	"time"
)

// Bounds of trying.
const (
	codeTime    = time.Hour        // a code that was printed waits so long for its browser
	codeTries   = 5                // wrong codes, from whatever browser, until a new card is needed
	codeDigits  = 10               // 33 bits for five tries
	pinTries    = 5                // wrong PINs of a browser until it has to wait
	lockTime    = 15 * time.Minute // … so long
	mostWrong   = 15               // wrong PINs in a row until a browser needs a new card
	idleOut     = 4 * time.Hour    // a place that does nothing is signed out
	longestTurn = 14 * time.Hour   // and every place after a shift
	mostPaired  = 40               // browsers
	betweenCard = 20 * time.Second // two cards
)

// What pairing and signing in may fail with.
var (
	ErrCode   = errors.New("no such code")
	ErrFull   = errors.New("too many browsers are paired")
	ErrPin    = errors.New("wrong PIN")
	ErrLocked = errors.New("too many wrong PINs")
	ErrGone   = errors.New("the browser is not paired")
	ErrSoon   = errors.New("a card was printed just now")
)

// Place is what a PIN opens.
type Place struct {
	Window int    // number of a window, 0 where Role is set
	Role   string // "administrator", "technician"; "" for a window
}

// Pass is a PIN and its place.
type Pass struct {
	Pin   string
	Place Place
}

// Browser is one paired browser.
type Browser struct {
	Number int    `json:"number"` // from 1, never given twice
	Hash   string `json:"hash"`   // SHA-256 of its cookie, hex
	Wrong  int    `json:"wrong"`  // PINs in a row
}

// Desk keeps who is paired and who works where.
type Desk struct {
	path   string
	passes []Pass

	mu       sync.Mutex
	browsers []Browser
	last     int    // highest number given
	word     string // of the settings that a card was printed for
	turns    map[int]turn
	locked   map[int]time.Time // until when, by number of the browser
	code     string            // "" = none is out
	until    time.Time
	tries    int
	printed  time.Time
}

// turn is who works at a browser now. It lives in memory: after a restart a PIN is asked again.
type turn struct {
	place       Place
	began, used time.Time
}

// Open returns the desk whose browsers are kept in a folder.
func Open(folder string, passes []Pass) (*Desk, error) {
	d := &Desk{path: folder, passes: passes, turns: map[int]turn{}, locked: map[int]time.Time{}}
	if err := d.load(); err != nil {
		return nil, fmt.Errorf("read the paired browsers: %w", err)
	}
	return d, nil
}

// Card makes a new one-time code for one browser; the one before no longer holds. It fails with ErrSoon:
// paper is not for games.
func (d *Desk) Card() (code string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.printed.IsZero() && time.Since(d.printed) < betweenCard {
		return "", ErrSoon
	}
	n, err := rand.Int(rand.Reader, new(big.Int).Exp(big.NewInt(10), big.NewInt(codeDigits), nil))
	if err != nil {
		return "", fmt.Errorf("make a code: %w", err)
	}
	d.code, d.until, d.tries, d.printed = fmt.Sprintf("%0*d", codeDigits, n), time.Now().Add(codeTime), 0, time.Now()
	return d.code, nil
}

// Out reports whether a code that was printed still waits for its browser.
func (d *Desk) Out() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.code != "" && time.Now().Before(d.until)
}

// Asked reports, once for every new word of the settings, that a card is wanted.
func (d *Desk) Asked(word string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if word == "" || word == d.word {
		return false
	}
	before := d.word
	d.word = word
	if d.save(d.browsers, d.last) != nil {
		d.word = before // the next start asks again
		return false
	}
	return true
}

// Redeem pairs a browser by a code and returns its cookie. The code is used up by that, and void after
// codeTries wrong ones. It fails with ErrCode and ErrFull.
func (d *Desk) Redeem(code string) (cookie string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.code == "" || time.Now().After(d.until) {
		return "", ErrCode
	}
	if subtle.ConstantTimeCompare([]byte(code), []byte(d.code)) != 1 {
		if d.tries++; d.tries >= codeTries {
			d.code = ""
		}
		return "", ErrCode
	}
	if len(d.browsers) >= mostPaired {
		return "", ErrFull
	}
	var secret [32]byte
	rand.Read(secret[:]) // never fails (crypto/rand)
	cookie = hex.EncodeToString(secret[:])
	b := Browser{Number: d.last + 1, Hash: hash(cookie)}
	if err := d.save(append(slices.Clone(d.browsers), b), b.Number); err != nil {
		return "", err
	}
	d.code = ""
	return cookie, nil
}

// Known returns the number of the browser that holds a cookie.
func (d *Desk) Known(cookie string) (number int, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	want := []byte(hash(cookie))
	for _, b := range d.browsers {
		if subtle.ConstantTimeCompare(want, []byte(b.Hash)) == 1 {
			return b.Number, true
		}
	}
	return 0, false
}

// Paired returns the numbers of the paired browsers, and where each works now.
func (d *Desk) Paired() (numbers []int, places map[int]Place) {
	d.mu.Lock()
	defer d.mu.Unlock()
	places = map[int]Place{}
	for _, b := range d.browsers {
		numbers = append(numbers, b.Number)
		if t, open := d.turns[b.Number]; open {
			places[b.Number] = t.place
		}
	}
	return numbers, places
}

// Forget ends the pairing of a browser at once. It fails with ErrGone.
func (d *Desk) Forget(number int) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	i := d.index(number)
	if i < 0 {
		return ErrGone
	}
	if err := d.save(slices.Delete(slices.Clone(d.browsers), i, i+1), d.last); err != nil {
		return err
	}
	delete(d.turns, number)
	return nil
}

func (d *Desk) index(number int) int {
	return slices.IndexFunc(d.browsers, func(b Browser) bool { return b.Number == number })
}

func hash(cookie string) string {
	sum := sha256.Sum256([]byte(cookie))
	return hex.EncodeToString(sum[:])
}
