package stand

import (
	"context"
	"math/rand/v2"
	"os/exec"
	"testing"
	"time"
)

// TestADistrictThatStartsIsNotKilled: between two kills the district has answered, however slow the machine is.
func TestADistrictThatStartsIsNotKilled(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	started, asked := make(chan struct{}, 100), make(chan struct{}, 1)
	k := &Keeper{Every: time.Millisecond, Chance: rand.New(rand.NewPCG(1, 1)),
		Command: func(context.Context) *exec.Cmd {
			started <- struct{}{}
			return exec.Command("sleep", "3600")
		},
		Ready: func(ctx context.Context) error {
			asked <- struct{}{}
			<-ctx.Done()
			return ctx.Err()
		}}
	if err := k.Start(ctx); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- k.Run(ctx) }()
	for range 3 { // the first start, one after a kill, and one that must not come
		select {
		case <-started:
			continue
		case <-asked:
		}
		break
	}
	stop()
	if err := <-ended; err != nil || k.Spent.Kills != 1 {
		t.Errorf("got %d kills, %v, want 1 of a district that does not answer again", k.Spent.Kills, err)
	}
	k.Kill()
}
