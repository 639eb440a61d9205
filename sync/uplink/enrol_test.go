package uplink

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/sync/clock"
	"sps-kiosk/sync/ident"
)

func TestFileEnrolsOnce(t *testing.T) {
	r := newRig(t, t.TempDir())
	r.exchange()
	if s := r.state(); s.Link != Linked || s.Status != ident.Active {
		t.Fatalf("got %+v, want the kiosk enrolled", s)
	}
	r.reboot()
	r.exchange()
	for _, c := range r.d.Calls()[1:] {
		if c.Name != ident.CallBatch {
			t.Errorf("got call %q after the enrolment, want batches only", c.Name)
		}
	}
	if _, found, err := ident.ReadEnrolment(r.dir); !found || err != nil {
		t.Errorf("the file: got %v, %v, want it untouched", found, err)
	}
}

// The answer to the enrolment is lost, and the power goes: the token holds for the same device.
func TestEnrolmentSurvivesALostAnswer(t *testing.T) {
	r := newRig(t, t.TempDir())
	r.link.fault = replyLost
	r.exchange()
	r.reboot()
	r.link.fault = nil
	r.settle()
	r.check()
}

func TestBadFileIsTold(t *testing.T) {
	r := bareRig(t, t.TempDir())
	r.bare = false
	write := func(text string) {
		if err := os.WriteFile(filepath.Join(r.dir, ident.EnrollFile), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("{")
	r.start()
	r.exchange()
	if got := r.state(); got.Link != Unbound || !strings.Contains(got.Text(), "испорчен") {
		t.Errorf("got %q, want the file's fault", got.Text())
	}
	write(string(r.d.Invite(address)))
	r.exchange() // without a start
	if got := r.state(); got.Link != Linked {
		t.Errorf("got %+v, want a link by the new file", got)
	}
}

// A revoked kiosk goes on collecting; a new file brings it back with everything it has.
func TestRevoked(t *testing.T) {
	r := newRig(t, t.TempDir())
	r.settle()
	r.d.Set(ident.Revoked)
	r.happen(30)
	for range 3 {
		if wait := r.exchange(); wait < time.Minute {
			t.Errorf("got the next request in %v, want a minute at least", wait)
		}
	}
	if got := r.state(); got.Link != Rejected || got.Backlog != 30 || !strings.Contains(got.Text(), "снят с учёта") {
		t.Errorf("got %+v (%q), want 30 events kept and «снят с учёта»", got, got.Text())
	}
	r.start() // the status is on the card
	if r.up.binding.Status != ident.Revoked {
		t.Errorf("got status %q after a start, want revoked", r.up.binding.Status)
	}
	if err := os.WriteFile(filepath.Join(r.dir, ident.EnrollFile), r.d.Invite(address), 0o600); err != nil {
		t.Fatal(err)
	}
	r.settle()
	if delivered, declared := r.check(); delivered != 31 || declared != 0 {
		t.Errorf("got %d delivered, %d declared lost, want 31, 0", delivered, declared)
	}
}

// Without a file the device shows a number that the administrator types.
func TestApprovalByNumber(t *testing.T) {
	r := bareRig(t, t.TempDir())
	r.start()
	r.exchange()
	first := r.state()
	if first.Link != Waiting || len(first.Number) != 6 || !strings.Contains(first.Text(), first.Number[:3]) {
		t.Fatalf("got %+v, want a number of six digits", first)
	}
	r.exchange()
	if v := r.d.Approve("999999"); v != ident.Wrong && first.Number != "999999" {
		t.Errorf("another number: got verdict %v, want wrong", v)
	}
	if r.state().Number != first.Number {
		t.Errorf("got number %s after a poll, want %s still", r.state().Number, first.Number)
	}
	if d := r.up.Box.Date(clock.Moment{Boot: 1, Up: r.since}); !d.Open() {
		t.Error("the time is taken from a district that nobody has approved")
	}
	if _, err := os.Stat(filepath.Join(r.dir, "identity", bindingFile)); err == nil {
		t.Error("a district that nobody has approved is kept on the card")
	}
	if v := r.d.Approve(first.Number); v != ident.Approved {
		t.Fatalf("got verdict %v, want approved", v)
	}
	r.happen(5)
	r.settle()
	if got := r.state(); got.Number != "" || got.Status != ident.Active {
		t.Errorf("got %+v, want the number gone", got)
	}
	r.check()
	r.reboot()
	r.settle()
}

func TestNumberExpires(t *testing.T) {
	r := bareRig(t, t.TempDir())
	r.start()
	r.exchange()
	first := r.state().Number
	for range 100 {
		r.exchange()
	}
	if now := r.state().Number; now == first {
		t.Errorf("got %s still after %v, want another one", now, r.since)
	}
}

// The district announces a key, changes to it, and the device follows; a key it never announced is
// a stranger's.
func TestServerKeyChanges(t *testing.T) {
	r := newRig(t, t.TempDir())
	r.settle()
	r.d.Announce()
	r.exchange()
	r.reboot() // what was announced is on the card
	r.d.Turn()
	r.happen(3)
	r.settle()
	r.check()
	r.d.Key = ident.NewKey()
	r.happen(3)
	for range 3 {
		r.exchange()
	}
	if got := r.state(); got.Link != NoLink || got.Backlog != 3 || !strings.Contains(got.Text(), "сменил ключ") {
		t.Errorf("got %+v, want no link and 3 events kept", got)
	}
}

func TestDeviceKeyChanges(t *testing.T) {
	for name, fault := range map[string]func(*http.Request, func() *http.Response) (*http.Response, error){
		"at once": nil, "the answer is lost": replyLost, "no link": cut,
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, t.TempDir())
			r.settle()
			old := r.up.key.ID()
			r.word = "осень"
			r.start()
			r.link.fault = fault
			r.exchange()
			r.link.fault = nil
			r.reboot()
			r.settle()
			now := r.up.key.ID()
			if now == old {
				t.Error("got the old key, want a new one")
			}
			for _, word := range []string{"осень", "", "осень"} { // the same word, whatever was between
				r.word = word
				r.reboot()
				r.settle()
				if again := r.up.key.ID(); again != now {
					t.Errorf("word %q: got another key, want the one it was renewed to", word)
				}
			}
			r.word = "весна"
			r.reboot()
			r.settle()
			if again := r.up.key.ID(); again == now || again == old {
				t.Error("another word: got a key of before, want a new one")
			}
			r.happen(3)
			r.settle()
			r.check()
		})
	}
}

// TestWordOfANewCard: a word that stood in kiosk.txt when the key was made renews nothing, also if
// the kiosk is connected only later, by a file or by a number; a later file does not undo it.
func TestWordOfANewCard(t *testing.T) {
	for _, bare := range []bool{false, true} {
		r := bareRig(t, t.TempDir())
		r.bare, r.word = bare, "осень"
		if !bare {
			invite(r)
		}
		r.start()
		key := r.up.key.ID()
		if bare {
			for r.exchange(); r.state().Number == ""; r.exchange() {
			}
			r.d.Approve(r.state().Number)
		}
		r.settle()
		invite(r)
		r.reboot()
		r.settle()
		if got := r.up.key.ID(); got != key {
			t.Errorf("by number %v: got another key, want the one that was made with the card", bare)
		}
		invite(r)
		r.word = "весна" // together with one more file
		r.reboot()
		r.settle()
		if got := r.up.key.ID(); got == key {
			t.Errorf("by number %v, another word: got the old key, want a new one", bare)
		}
		r.check()
	}
}

// invite puts a new file on the card.
func invite(r *rig) {
	r.t.Helper()
	if err := os.WriteFile(filepath.Join(r.dir, ident.EnrollFile), r.d.Invite(address), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

// TestPowerCutWhileAKeyIsRenewed: the next key is on the card and its word is not noted yet; the one
// key is taken into use, once.
func TestPowerCutWhileAKeyIsRenewed(t *testing.T) {
	r := newRig(t, t.TempDir())
	r.settle()
	next, _, err := ident.LoadOrMakeKey(filepath.Join(r.dir, "identity", nextFile))
	if err != nil {
		t.Fatal(err)
	}
	r.word = "осень"
	for range 2 {
		r.reboot()
		r.settle()
		if got := r.up.key.ID(); got != next.ID() {
			t.Errorf("got key %v, want %v, which was made before the cut", got, next.ID())
		}
	}
}

func TestDamagedKeyIsPutAside(t *testing.T) {
	r := newRig(t, t.TempDir())
	r.settle()
	if err := os.WriteFile(filepath.Join(r.dir, "identity", keyFile), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	r.start()
	r.exchange()
	if got := r.state(); got.Status != ident.Unknown && got.Status != ident.Held {
		t.Errorf("got %+v, want a device that the district does not know", got)
	}
	if _, err := os.Stat(filepath.Join(r.dir, "identity", keyFile+".bad")); err != nil {
		t.Errorf("the damaged key: %v, want it kept", err)
	}
}

// A copied card: the second device that comes with one file stops both, and says so.
func TestCopiedFileIsHeld(t *testing.T) {
	r := newRig(t, t.TempDir())
	r.settle()
	other := &rig{t: t, log: r.log, d: r.d, dir: t.TempDir(), wall: r.wall, since: r.since, rand: r.rand}
	other.link = &link{rig: other}
	text, err := os.ReadFile(filepath.Join(r.dir, ident.EnrollFile))
	if err == nil {
		err = os.WriteFile(filepath.Join(other.dir, ident.EnrollFile), text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	other.start()
	other.exchange()
	if got := other.state(); got.Status != ident.Held || !strings.Contains(got.Text(), "два киоска") {
		t.Errorf("got %+v, want held", got)
	}
}

// The clock stands at 1970 until the first answer: then every moment of the boot has a date, the
// ones before it too.
func TestAnswerDatesTheBoot(t *testing.T) {
	r := newRig(t, t.TempDir())
	r.pass(time.Hour)
	before := clock.Moment{Boot: 1, Up: 10 * time.Second}
	if d := r.up.Box.Date(before); !d.Open() {
		t.Errorf("got %v before any answer, want nothing known", d)
	}
	true0 := r.wall.Add(-r.since)
	r.settle()
	d := r.up.Box.Date(before)
	want := true0.Add(before.Up).UnixMilli()
	if d.Open() || d.Lo > want || d.Hi < want || d.Error() > event.TrustedError {
		t.Errorf("got %v ± %v, want %d inside", d.Mid(), d.Error(), want)
	}
	r.log.Confirm()
	r.reboot()
	if d := r.up.Box.Date(before); d.Open() || d.Lo > want || d.Hi < want {
		t.Errorf("after a boot: got %v, want the past boot dated still", d)
	}
	for _, s := range r.d.Streams() {
		if len(s.Anchors) == 0 {
			t.Errorf("the district got no anchor of boot %d", s.Boot)
		}
	}
}

// A district restored from a backup of before the enrolment does not know the device, but its
// token: the file lets it in again after a start.
func TestForgottenDeviceUsesItsFileAgain(t *testing.T) {
	r := newRig(t, t.TempDir())
	restore := r.d.Backup()
	r.settle()
	r.happen(3)
	restore()
	r.exchange()
	if got := r.state(); got.Link != Rejected || got.Status != ident.Unknown {
		t.Errorf("got %+v, want a district that does not know the kiosk", got)
	}
	r.reboot()
	r.settle()
	if delivered, declared := r.check(); delivered != 5 || declared != 0 {
		t.Errorf("got %d delivered, %d declared lost, want 5, 0", delivered, declared)
	}
}
