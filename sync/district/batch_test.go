package district_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/wire"
)

// TestMarkIsTheAcknowledgement: duplicates, reordered batches and gaps, over HTTP.
func TestMarkIsTheAcknowledgement(t *testing.T) {
	r := newRig(t, nil)
	d := r.enrolled("у входа")
	d.want(d.batch(1, 10))(200, ident.Active, 10)
	d.want(d.batch(1, 10))(200, ident.Active, 10)
	d.want(d.batch(21, 10))(409, ident.Active, 10)
	d.want(d.batch(6, 10))(200, ident.Active, 15)
	d.want(d.batch(16, 500))(200, ident.Active, 515)
	code, a := d.beat(time.Minute)
	d.want(code, a)(200, ident.Active, 515)
	if now := time.Now().UnixMilli(); a.Now < now-5000 || a.Now > now || a.Error != 1000 || a.Next != 300 || a.Stream != d.stream {
		t.Errorf("got %+v, want the time of now ± 1 s, the next in 300 s, the stream", a)
	}
}

// TestRestoredDatabaseIsRefilled puts the database back to an older copy: the mark goes down, and
// what a later boot says makes the district ask for the end of the one before.
func TestRestoredDatabaseIsRefilled(t *testing.T) {
	r := newRig(t, nil)
	d := r.enrolled("у входа")
	d.want(d.batch(1, 10))(200, ident.Active, 10)
	copied := filepath.Join(t.TempDir(), "copy.db")
	if err := r.store.Backup(t.Context(), copied); err != nil {
		t.Fatal(err)
	}
	d.want(d.batch(11, 10))(200, ident.Active, 20)
	first := d.stream
	d.stream, d.boot, d.prev = wire.NewStreamID(), 2, &wire.Prev{Stream: first, Last: 20, Up: 20_000}
	d.want(d.batch(1, 5))(200, ident.Active, 5)
	if err := r.store.Close(); err != nil {
		t.Fatal(err)
	}
	for _, end := range []string{"-wal", "-shm"} {
		os.Remove(r.path + end)
	}
	r.path = copied
	r.start(nil)
	code, a := d.batch(6, 1)
	d.want(code, a)(409, ident.Active, 0)
	if len(a.Want) != 1 || a.Want[0] != (wire.Mark{Stream: first, Ack: 10}) {
		t.Errorf("got want %+v, want the first boot from 10 on", a.Want)
	}
	d.want(d.batch(1, 6))(200, ident.Active, 6)
	d.stream, d.boot, d.prev = first, 1, nil
	code, a = d.batch(11, 10)
	d.want(code, a)(200, ident.Active, 20)
	if len(a.Want) != 0 {
		t.Errorf("refilled: got want %+v, want none", a.Want)
	}
}
