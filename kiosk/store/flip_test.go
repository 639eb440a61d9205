package store

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// flipBit turns one bit of a file over: mostly in the part that is in use, sometimes anywhere.
func flipBit(t *testing.T, r *rand.Rand, name string) {
	t.Helper()
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	size := info.Size()
	if size == 0 {
		return
	}
	head := make([]byte, min(size, 1<<20))
	if _, err := f.ReadAt(head, 0); err != nil {
		t.Fatal(err)
	}
	if n := int64(used(head)); n > 0 && r.IntN(4) > 0 {
		size = n
	}
	at := r.Int64N(size)
	b := make([]byte, 1)
	if _, err := f.ReadAt(b, at); err != nil {
		t.Fatal(err)
	}
	b[0] ^= 1 << r.IntN(8)
	if _, err := f.WriteAt(b, at); err != nil {
		t.Fatal(err)
	}
}

// One bit turned over, in each file by itself and in all files at once: the kiosk serves within
// three starts and gives no number twice. SEEDS sets how many bits, SEED repeats a run.
func TestAnyBitFlippedEndsInService(t *testing.T) {
	seeds, seed := fromEnv(t, "SEEDS", 1), fromEnv(t, "SEED", uint64(time.Now().UnixNano()))
	t.Logf("SEED=%d SEEDS=%d", seed, seeds)
	dir, _ := copyCrashed(t)
	names := files(t, dir)
	for round := range seeds {
		for i := range len(names) + 1 {
			hit, name := names, "all files"
			if i < len(names) {
				hit, name = names[i:i+1], filepath.Base(names[i])
			}
			t.Run(fmt.Sprintf("%d %s", round, name), func(t *testing.T) {
				t.Parallel()
				r := rand.New(rand.NewPCG(seed+round, uint64(i)))
				dir, printed := copyCrashed(t)
				for _, name := range hit {
					flipBit(t, r, filepath.Join(dir, name))
				}
				first := start(t, dir, "after", printed)
				if again := start(t, dir, "again", printed); again.starts != 1 || again.lost != 0 {
					t.Errorf("after %+v: got %+v at the next start, want service at once and no loss", first, again)
				}
			})
		}
	}
}
