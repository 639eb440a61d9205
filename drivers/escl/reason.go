package escl

import (
	"context"
	"errors"
	"fmt"
	"sps-kiosk/drivers/pages"
)

// state asks the device how it and this job are. It must be asked before the DELETE: afterwards any
// job was cancelled by its user. A device that does not answer knows nothing.
func (j *job) state(ctx context.Context) (Status, Job) {
	st, err := j.s.Status(context.WithoutCancel(ctx))
	if err != nil {
		return Status{}, Job{}
	}
	known, _ := st.job(j.path)
	return st, known
}

// reason explains a failure by the states, nil if they explain nothing. The feeder's state counts
// only for the feeder.
func (j *job) reason(st Status, known Job) error {
	var why error
	if j.plan.source == pages.Feeder {
		why = st.Feeder.trouble()
	}
	switch {
	case why != nil:
		return why
	case known.State == "Canceled":
		return fmt.Errorf("%w at the device", pages.ErrCancelled)
	case known.State == "Aborted":
		return fmt.Errorf("%w: it aborted the job", pages.ErrStopped)
	case st.State == Stopped || st.State == Down:
		return pages.ErrStopped
	}
	return nil
}

// because returns the device's own reason for err, or err if it has none. A transport that is gone
// is its own reason.
func (j *job) because(ctx context.Context, err error) error {
	if why := j.reason(j.state(ctx)); why != nil {
		return errors.Join(why, err)
	}
	return err
}
