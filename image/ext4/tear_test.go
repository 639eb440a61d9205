package ext4

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

const mib = 1 << 20

// lives are one each of the shapes that the card's file system has had, grown as it grows in the first boot: blocks of 1 KiB, whose first
// spare copy is in the middle of MiB 8, and blocks of 4 KiB with it at 128 MiB.
func lives(t *testing.T) map[string]*life {
	return map[string]*life{"1 KiB": lived(t, 1024, 20*mib, 36*mib), "4 KiB": lived(t, 4096, 136*mib, 160*mib)}
}

// firstSpareAt is where the first spare copy is.
func (l *life) firstSpareAt() int64 {
	if l.block == 1024 {
		return 8193 << 10
	}
	return 32768 << 12
}

// torn is a superblock of which one sector is of the one version and the other of the other.
func torn(first, second []byte) []byte {
	return append(bytes.Clone(first[:half]), second[half:length]...)
}

// TestTornSuperblock tears the superblock between its sectors in each way, at each of its writes, with the first spare copy whole, torn in each
// way and gone: the file system is sound after the check, and what was committed to the journal is there.
func TestTornSuperblock(t *testing.T) {
	for name, l := range lives(t) {
		at := func(b []byte, place int64) []byte { return b[place : place+length] }
		closed, open, now := at(l.before, place), at(l.cut, place), at(l.then, place)
		spare, spareThen := at(l.before, l.firstSpareAt()), at(l.then, l.firstSpareAt())
		spares := map[string][]byte{"whole": spare, "gone": make([]byte, length), "torn": torn(spare, now), "torn otherwise": torn(spareThen, spare)}
		for kind, spare := range spares {
			for step, tear := range map[string][]byte{
				"mounting, first sector": torn(open, closed), "mounting, second sector": torn(closed, open),
				"writing back, first sector": torn(now, open), "writing back, second sector": torn(open, now),
			} {
				t.Run(fmt.Sprint(name, "/", step, ", spare ", kind), func(t *testing.T) {
					want := Torn
					if (*super)(tear).whole() { // nothing of the other sector had changed
						want = Whole
					}
					l.wantSound(t, left{place: tear, l.firstSpareAt(): spare}, want)
				})
			}
		}
	}
}

// TestCutInWritingBack has any sectors of what the journal holds in their places, superblocks and spare copies among them.
func TestCutInWritingBack(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 11))
	found := map[Finding]int{}
	for name, l := range lives(t) {
		for range 8 {
			besides, primary := left{}, super(l.cut[place:place+length])
			for at := range l.differ(l.cut, l.then) {
				for s := at; s < at+l.block; s += half {
					if r.IntN(2) == 0 && !bytes.Equal(l.then[s:s+half], l.before[s:s+half]) {
						besides[s] = l.then[s : s+half]
					}
				}
			}
			want := Torn
			copy(primary[:half], besides[place])
			copy(primary[half:], besides[place+half])
			if primary.whole() {
				want = Whole
			}
			found[want]++
			t.Run(name, func(t *testing.T) { l.wantSound(t, besides, want) })
		}
	}
	t.Log(found)
	if found[Torn] == 0 || found[Whole] == 0 {
		t.Errorf("got %v, want torn superblocks and whole ones: the cuts were chosen badly", found)
	}
}

// TestNothingToMend says of what is no file system that it is none, and of what is not there that it is not.
func TestNothingToMend(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fs")
	saved(t, path, make([]byte, 9*mib))
	if found, err := Check(t.Context(), path); found != Lost || err == nil {
		t.Errorf("zeros: got %s, %v, want %s and what e2fsck says", found, err, Lost)
	}
	if _, err := Check(t.Context(), path+"x"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no such file: got %v, want %v", err, os.ErrNotExist)
	}
}
