package torture

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"

	"sps-kiosk/cmd/internal/torture/hall"
	"sps-kiosk/cmd/internal/torture/tape"
	"sps-kiosk/kiosk/event"
)

// KillOptions describe kills.
type KillOptions struct {
	Kiosk string
	Kills int
	Jobs  int // halls at once
	Seed  uint64
	Log   io.Writer
}

// KillResult counts what was going on when the processes died.
type KillResult struct {
	Kills    int
	Scenes   map[string]int // scan sessions with the step
	Printing int            // paper was moving
	Talking  int            // the district was being spoken to
	Tickets  int
	Slips    int
	Synced   int64 // tickets the district has
	Faults   []string
}

// auditEvery is after how many kills the store is opened and held against what was seen.
const auditEvery = 10

// Kill kills the real processes again and again, in halls beside each other.
func Kill(ctx context.Context, o KillOptions) (r KillResult, err error) {
	r.Scenes = map[string]int{}
	var mu sync.Mutex
	var halls sync.WaitGroup
	jobs := max(1, min(o.Jobs, o.Kills))
	for i := range jobs {
		n := (o.Kills + i) / jobs
		halls.Go(func() {
			k := &killer{o: o, n: n, random: rand.New(rand.NewPCG(o.Seed, uint64(i)+100)), name: fmt.Sprintf("hall %d, seed %d", i+1, o.Seed),
				result: KillResult{Scenes: map[string]int{}}}
			e := k.run(ctx)
			mu.Lock()
			defer mu.Unlock()
			r.add(k.result)
			err = errors.Join(err, e)
		})
	}
	halls.Wait()
	return r, err
}

func (r *KillResult) add(o KillResult) {
	r.Kills += o.Kills
	r.Printing += o.Printing
	r.Talking += o.Talking
	r.Tickets += o.Tickets
	r.Slips += o.Slips
	r.Synced += o.Synced
	r.Faults = append(r.Faults, o.Faults...)
	for scene, n := range o.Scenes {
		r.Scenes[scene] += n
	}
}

// killer is one hall whose processes are killed.
type killer struct {
	o      KillOptions
	n      int
	name   string
	random *rand.Rand

	hall    *hall.Hall
	centre  *centre
	witness *hall.Witness
	crowd   *hall.Crowd
	pages   *tape.Search
	result  KillResult
}

func (k *killer) fault(format string, args ...any) {
	f := fmt.Sprintf("%s, kill %d: ", k.name, k.result.Kills) + fmt.Sprintf(format, args...)
	k.result.Faults = append(k.result.Faults, f)
	fmt.Fprintf(k.o.Log, "FAULT %s\n", f)
}

func (k *killer) run(ctx context.Context) error {
	folder, err := os.MkdirTemp("", "torture-kill-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	if k.centre, err = openCentre(ctx, folder); err != nil {
		return err
	}
	defer k.centre.close()
	if k.hall, err = hall.Open(hall.Options{Kiosk: k.o.Kiosk, Data: filepath.Join(folder, "data"), Zone: hall.Morning(), Settings: settings(0),
		Enrol: k.centre.enrol, Scan: true, Slow: true}); err != nil {
		return err
	}
	defer k.hall.Close()
	k.witness = hall.Watch(k.hall.Machine, nil)
	defer k.witness.Close()
	k.crowd = hall.NewCrowd(k.hall, k.random)
	if err := k.learn(); err != nil {
		return fmt.Errorf("%w\n%s", err, k.hall.Said(20))
	}
	for range k.n {
		if ctx.Err() != nil || len(k.result.Faults) > 5 {
			break
		}
		if err := k.round(); err != nil {
			k.fault("%v\n%s", err, k.hall.Said(30))
		}
		k.result.Kills++
		if k.result.Kills%auditEvery == 0 || k.result.Kills == k.n {
			k.audit()
		}
	}
	k.result.Tickets = len(k.witness.Tickets())
	_, k.result.Slips = k.witness.Repeated()
	return k.reconcile(ctx)
}

// learn scans one page whole, to know it again.
func (k *killer) learn() error {
	if err := k.hall.Start(); err != nil {
		return err
	}
	for try := 0; k.crowd.Deeds["saved"] == 0 && try < 3; try++ {
		if err := scanBesides(k.hall, k.crowd, k.random); err != nil {
			return err
		}
	}
	var err error
	k.pages, err = pagesOf(k.hall)
	return err
}

// round is one life and its end.
func (k *killer) round() error {
	switch n := k.random.IntN(100); {
	case n < 15:
		return k.atStart()
	case n < 30:
		return k.whileScanning()
	case n < 45:
		return k.whileTalking()
	case n < 65:
		return k.whilePrinting()
	}
	if err := k.hall.Start(); err != nil {
		return err
	}
	for until := time.Now().Add(k.some(400 * time.Millisecond)); time.Now().Before(until); time.Sleep(k.some(12 * time.Millisecond)) {
		if err := k.crowd.Act(); err != nil {
			return err
		}
	}
	k.kill("queue")
	return nil
}

// some is a random part of a time.
func (k *killer) some(most time.Duration) time.Duration {
	return time.Duration(k.random.Int64N(int64(most)))
}

// kill kills, sometimes with the power of the whole machine.
func (k *killer) kill(scene string) {
	if k.hall.Machine.Snapshot().Printer.Printing {
		k.result.Printing++
	}
	if k.centre.busy.Load() > 0 {
		k.result.Talking++
	}
	k.result.Scenes[scene]++
	if k.random.IntN(4) == 0 {
		k.hall.Blackout()
		return
	}
	k.hall.Kill()
}

// audit holds the store against what was seen.
func (k *killer) audit() {
	k.hall.Kill()
	a, err := audit(k.hall.Data())
	if err != nil {
		k.fault("%v", err)
		return
	}
	told := map[string]bool{}
	for _, label := range k.witness.Tickets() {
		told[label] = true
	}
	for label, n := range a.Issued {
		if n > 1 {
			k.fault("number %s was issued %d times", label, n)
		}
	}
	if gone := missing(told, a.Issued); len(gone) > 0 {
		k.fault("tickets %v were told of and are lost", gone)
	}
	if a.Lost > 0 {
		k.fault("the kiosk tells of a loss on a disk that keeps its promises")
	}
	if repeated, _ := k.witness.Repeated(); len(repeated) > 0 {
		k.fault("%d slips have a number that another one has; prints %q\n%s", len(repeated), a.Prints, k.hall.Journal(40))
	}
}

// reconcile lets the kiosk speak to the district until it has nothing more to say, and compares.
func (k *killer) reconcile(ctx context.Context) error {
	if len(k.result.Faults) > 0 || ctx.Err() != nil {
		return ctx.Err()
	}
	a, err := audit(k.hall.Data())
	if err != nil {
		return err
	}
	want := int64(a.Kinds[event.Issued])
	if err := k.hall.Start(); err != nil {
		return err
	}
	for limit := time.Now().Add(patience); time.Now().Before(limit); time.Sleep(200 * time.Millisecond) {
		if k.result.Synced, err = k.centre.counter(ctx, "issued"); err != nil || k.result.Synced >= want {
			break
		}
	}
	if err == nil && k.result.Synced != want {
		k.fault("the district counts %d tickets, the kiosk's log %d\n%s", k.result.Synced, want, k.hall.Said(10))
	}
	return err
}
