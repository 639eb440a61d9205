package store

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// guard opens the store: it puts a database aside that cannot be opened, or is not what it was,
// and starts a new one from the mark. Service comes first, and numbers only move forward.
type guard struct {
	Options
	dir, boot string
	log       *slog.Logger
	mark      *mark
	attempts  *attempts
	space     *space
}

// Open opens or creates the store in dir. boot is the kernel's id of the present boot
// (/proc/sys/kernel/random/boot_id); another one than last time counts a new boot, and an empty
// one always does. Badger's warnings go to log. The boot is on disk when Open returns.
//
// A database that Badger cannot read, that killed two starts of this boot, or that holds what this
// program cannot decode is put aside as queue.bad-<n>, and Load tells the loss. An input/output error is
// one of the card at that moment: it ends the start, and counts as if it had killed it. What stays an
// error: a database of a newer program (*SchemaError), another process that holds the store, a
// card without room (ErrFull), and a file system that cannot be written.
func (o Options) Open(dir, boot string, log *slog.Logger) (*Store, error) {
	if err := os.MkdirAll(filepath.Join(dir, "queue"), 0o700); err != nil {
		return nil, fmt.Errorf("make store directory: %w", err)
	}
	m, err := openMark(filepath.Join(dir, "mark"))
	if err != nil {
		return nil, fmt.Errorf("open mark: %w", err)
	}
	if err := m.hold(); err != nil {
		return nil, errors.Join(fmt.Errorf("open store: %w", err), m.close())
	}
	a, err := openAttempts(filepath.Join(dir, "attempts"), boot)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open count of attempts: %w", err), m.close())
	}
	g := &guard{Options: o.filled(), dir: dir, boot: boot, log: log, mark: m, attempts: a}
	g.space = newSpace(dir, g.Reserve)
	s, err := g.open()
	if err != nil {
		return nil, errors.Join(err, m.close(), a.close())
	}
	return s, a.close()
}

// open tries what is there and, where that is not fit to serve, a new database. What fails twice
// is not the database.
func (g *guard) open() (*Store, error) {
	if err := g.space.admitOpen(); err != nil {
		return nil, err
	}
	aside := ""
	if g.attempts.condemned() {
		var err error
		if aside, err = g.putAside(fmt.Errorf("opening it ended the process %d times", g.attempts.ever)); err != nil {
			return nil, err
		}
	}
	s, err := g.try(aside)
	if err == nil || aside != "" || !blamesDatabase(err) {
		return s, err
	}
	if aside, err = g.putAside(err); err != nil {
		return nil, err
	}
	return g.try(aside)
}

// try opens and checks the database, and counts this as an attempt until it has succeeded or ended
// in an error. aside is the name of the database that was put aside before, or "".
func (g *guard) try(aside string) (*Store, error) {
	if err := g.attempts.begin(); err != nil {
		return nil, fmt.Errorf("count attempt: %w", err)
	}
	s, err := g.start(filepath.Join(g.dir, "queue"), aside)
	if says(err, unix.EIO) {
		return nil, err // it stays counted: a card that answers so at three starts is given a new database
	}
	if cerr := g.attempts.clear(); cerr != nil && err == nil {
		return nil, errors.Join(fmt.Errorf("clear attempt: %w", cerr), s.db.Close())
	}
	return s, err
}

func (g *guard) start(queue, aside string) (*Store, error) {
	if err := preflight(queue); err != nil {
		return nil, fmt.Errorf("preflight: %w", err)
	}
	db, err := openDB(queue, g.log)
	if err != nil {
		return nil, fmt.Errorf("open queue database: %w", err)
	}
	s := &Store{dir: g.dir, db: db, mark: g.mark, log: g.log, space: g.space, options: g.Options}
	s.loss.Quarantined = aside
	s.compact(overdue)
	s.space.looked = func() { s.compact(urgent) }
	if err := s.begin(g.boot, g.log); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

// putAside quarantines the database and makes room for a new one.
func (g *guard) putAside(why error) (name string, err error) {
	if name, err = quarantine(g.dir, g.KeepBad); err != nil {
		return "", fmt.Errorf("put database aside: %w", err)
	}
	g.log.Error("queue database put aside, numbers go on above the mark", "name", name, "err", why)
	if err := g.attempts.clear(); err != nil {
		return "", fmt.Errorf("clear attempts: %w", err)
	}
	if err := os.MkdirAll(filepath.Join(g.dir, "queue"), 0o700); err != nil {
		return "", fmt.Errorf("make database directory: %w", err)
	}
	if err := g.space.admitOpen(); err != nil {
		return "", err
	}
	return name, nil
}

// blamesDatabase reports whether an error of opening is the database's own fault and not the
// machine's. The machine's are looked for by their text as well: Badger flattens what it wraps.
func blamesDatabase(err error) bool {
	var newer *SchemaError
	if errors.As(err, &newer) || errors.Is(err, ErrFull) {
		return false
	}
	for _, e := range []syscall.Errno{unix.ENOSPC, unix.EDQUOT, unix.EROFS, unix.EACCES, unix.EPERM, unix.ENOMEM, unix.EMFILE, unix.ENFILE, unix.EIO} {
		if says(err, e) {
			return false
		}
	}
	return true
}

// says reports whether an error is that of the kernel, by its text as well.
func says(err error, e syscall.Errno) bool {
	return err != nil && (errors.Is(err, e) || strings.Contains(err.Error(), e.Error()))
}
