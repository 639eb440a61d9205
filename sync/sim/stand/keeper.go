package stand

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"time"
)

// Keeper keeps the district's process running, and takes it down.
type Keeper struct {
	Stand
	Command func(context.Context) *exec.Cmd // that runs Serve of the same Stand
	Every   time.Duration                   // between two kills, in the mean; 0 = none
	Restore bool                            // puts an older backup back, once (SQLite)
	Chance  *rand.Rand
	// Database is killed now and then, if it is a server of its own; nil for none.
	Database interface {
		Kill() error
		Restart(context.Context) error
	}
	Spent Spent // so far
	Put   bool  // the backup was put back
	// Ready waits until the district answers. The time to the next kill begins there, or a crowded machine
	// would see a district that is killed while it starts, and hardly ever takes anything.
	Ready func(context.Context) error
	// Forgot is told when the backup was begun that was put back, while the district is down.
	Forgot func(backup time.Time)

	running *exec.Cmd
	backed  time.Time
}

// Start starts the process.
func (k *Keeper) Start(ctx context.Context) error {
	k.running = k.Command(ctx)
	k.running.Stderr = os.Stderr
	if err := k.running.Start(); err != nil {
		return fmt.Errorf("start the district: %w", err)
	}
	return nil
}

// Kill takes the process down as a power cut would, without a word.
func (k *Keeper) Kill() {
	k.Spent.see(k.running.Process.Pid)
	k.running.Process.Kill()
	k.running.Wait() // its exit status says that it was killed
	k.Spent.add(k.running.ProcessState)
}

// Run kills and starts the district until ctx ends.
func (k *Keeper) Run(ctx context.Context) error {
	if k.Every == 0 {
		return nil
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(k.Every/2 + time.Duration(k.Chance.Int64N(int64(k.Every)))):
		}
		if err := k.fall(context.WithoutCancel(ctx)); err != nil {
			return err
		}
		if err := k.Ready(ctx); err != nil && ctx.Err() == nil {
			return err
		}
	}
}

// Which fall of the district makes the backup, and which one puts it back.
const (
	backupAt  = 1
	restoreAt = 3
	crashEach = 3 // every which one is of the database
)

// fall is one kill with what goes with it.
func (k *Keeper) fall(ctx context.Context) error {
	if k.Database != nil && (k.Spent.Kills+k.Spent.Crashes)%crashEach == crashEach-1 {
		k.Spent.Crashes++
		return errors.Join(k.Database.Kill(), k.Database.Restart(ctx))
	}
	if k.Restore && k.Spent.Kills == backupAt {
		if err := k.backup(ctx); err != nil {
			return err
		}
	}
	k.Kill()
	if k.Restore && k.Spent.Kills == restoreAt {
		if err := k.putBack(); err != nil {
			return err
		}
	}
	k.Spent.Kills++
	return k.Start(ctx)
}

func (k *Keeper) older() string { return k.file() + ".older" }

// backup copies the running database.
func (k *Keeper) backup(ctx context.Context) error {
	db, err := k.database(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	k.backed = time.Now()
	return db.Backup(ctx, k.older())
}

// putBack puts the older database in the place of the present one.
func (k *Keeper) putBack() error {
	for _, end := range []string{"-wal", "-shm"} {
		if err := os.Remove(k.file() + end); err != nil && !os.IsNotExist(err) {
			return fmt.Errorf("remove the log of the database: %w", err)
		}
	}
	k.Put = true
	k.Forgot(k.backed)
	return os.Rename(k.older(), k.file())
}
