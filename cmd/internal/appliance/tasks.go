package appliance

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"
)

// tasks is the list of everything that runs. It is the only place that starts a goroutine which
// lives as long as the machine.
type tasks struct {
	group *errgroup.Group
	ctx   context.Context
	log   *slog.Logger
	alarm func(task string) // an edge task stays off
}

// Limits of an edge task: how often it may fail before it stays off, and how long it must have run
// for its earlier failures to be forgotten.
const (
	mostFailures = 5
	soundFor     = 10 * time.Minute
)

// newTasks returns an empty list under ctx; the context it hands to tasks ends with the first error
// of a core task.
func newTasks(ctx context.Context, log *slog.Logger, alarm func(string)) *tasks {
	group, ctx := errgroup.WithContext(ctx)
	return &tasks{group: group, ctx: ctx, log: log, alarm: alarm}
}

// core starts a task without which there is no service: its error ends the process, and start-up
// is the one way to recover.
func (t *tasks) core(name string, run func(context.Context) error) {
	t.group.Go(func() error {
		if err := run(t.ctx); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return nil
	})
}

// edge starts a task that the service can do without: it is started again with growing pauses, and
// after mostFailures stays off with an alarm.
func (t *tasks) edge(name string, run func(context.Context) error) {
	t.group.Go(func() error {
		for failures, pause := 0, time.Second; ; pause *= 2 {
			began := time.Now()
			err := run(t.ctx)
			if t.ctx.Err() != nil || err == nil {
				return nil
			}
			if time.Since(began) > soundFor {
				failures, pause = 0, time.Second
			}
			failures++
			t.log.Error("task failed", "device", name, "failures", failures, "err", err)
			if failures == mostFailures {
				t.alarm(name)
				return nil
			}
			select {
			case <-t.ctx.Done():
				return nil
			case <-time.After(pause):
			}
		}
	})
}

// wait returns the error of the first core task that failed, or nil after a cancelled context.
func (t *tasks) wait() error { return t.group.Wait() }
