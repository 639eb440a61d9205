package torture

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"sps-kiosk/cmd/internal/appliance"
	"sps-kiosk/cmd/internal/torture/hall"
)

// WeekOptions describe a week of the real process.
type WeekOptions struct {
	Length time.Duration // of seven days, in real time
	Seed   uint64
	Log    io.Writer
}

// Sample is how the process stands.
type Sample struct {
	Day        int
	At         time.Duration // real time since the beginning
	Anon, RSS  int64         // bytes
	Goroutines int
	Threads    int
	Files      int   // descriptors
	Disk       int64 // bytes that the data take on the disk, without the reserve
	Tickets    int
}

// WeekResult is what was measured.
type WeekResult struct {
	Samples []Sample
	Faults  []string
}

// How much more the last day may have than the first full one: what grows for ever grows more.
const (
	moreGoroutines = 5
	moreFiles      = 5
	moreAnon       = 16 << 20
	mostDisk       = 96 << 20 // two logs, their tables and a few days of events
)

// Week lets the real process live through seven days, as fast as people can press, and samples it.
func Week(ctx context.Context, o WeekOptions) (r WeekResult, err error) {
	folder, err := os.MkdirTemp("", "torture-week-")
	if err != nil {
		return r, err
	}
	defer os.RemoveAll(folder)
	count := filepath.Join(folder, "goroutines")
	h, err := hall.Open(hall.Options{Kiosk: "self", Data: filepath.Join(folder, "data"), Zone: hall.Morning(), Settings: settings(0),
		Wrap: func(_ string, args []string) *exec.Cmd {
			cmd := part("serve", args...)
			cmd.Env = append(cmd.Env, countVar+"="+count)
			return cmd
		}})
	if err != nil {
		return r, err
	}
	defer h.Close()
	w := hall.Watch(h.Machine, nil)
	defer w.Close()
	if err := h.Start(); err != nil {
		return r, err
	}
	crowd := hall.NewCrowd(h, rand.New(rand.NewPCG(o.Seed, 7)))
	began, next := time.Now(), time.Now()
	for day := 1; day <= 7; day++ {
		for end := began.Add(o.Length * time.Duration(day) / 7); time.Now().Before(end) && ctx.Err() == nil; {
			if err := crowd.Act(); err != nil {
				return r, err
			}
			if time.Now().After(next) {
				s, err := sample(h, count)
				if err != nil {
					return r, fmt.Errorf("%w\n%s", err, h.Said(20))
				}
				s.Day, s.At, s.Tickets = day, time.Since(began), len(w.Tickets())
				r.Samples = append(r.Samples, s)
				next = time.Now().Add(o.Length / 200)
			}
			time.Sleep(3 * time.Millisecond)
		}
		crowd.Mend()
		h.Machine.Shift(24 * time.Hour)
	}
	r.judge()
	return r, ctx.Err()
}

// judge compares the last day with the second: in the first, tables and caches fill.
func (r *WeekResult) judge() {
	early, late := most(r.Samples, 2), most(r.Samples, 7)
	for what, grown := range map[string][3]int64{
		"goroutines":       {int64(early.Goroutines), int64(late.Goroutines), moreGoroutines},
		"files":            {int64(early.Files), int64(late.Files), moreFiles},
		"anonymous memory": {early.Anon, late.Anon, moreAnon},
		"disk":             {0, late.Disk, mostDisk},
	} {
		if grown[1] > grown[0]+grown[2] {
			r.Faults = append(r.Faults, fmt.Sprintf("%s grew from %d on day 2 to %d on day 7, %d more are allowed", what, grown[0], grown[1], grown[2]))
		}
	}
	if early.Goroutines == 0 || late.Tickets == 0 {
		r.Faults = append(r.Faults, "nothing was measured")
	}
}

// most has the largest of everything on a day.
func most(samples []Sample, day int) (m Sample) {
	for _, s := range samples {
		if s.Day == day {
			m.Anon, m.RSS, m.Disk = max(m.Anon, s.Anon), max(m.RSS, s.RSS), max(m.Disk, s.Disk)
			m.Goroutines, m.Threads, m.Files, m.Tickets = max(m.Goroutines, s.Goroutines), max(m.Threads, s.Threads), max(m.Files, s.Files), max(m.Tickets, s.Tickets)
		}
	}
	return m
}

// sample looks at the process from outside, and at the number that it writes down itself.
func sample(h *hall.Hall, count string) (s Sample, err error) {
	pid := strconv.Itoa(h.PID())
	status, err := os.ReadFile("/proc/" + pid + "/status")
	if err != nil {
		return s, fmt.Errorf("look at the process: %w", err)
	}
	for line := range strings.Lines(string(status)) {
		var n int64
		switch name, rest, _ := strings.Cut(line, ":"); name {
		case "VmRSS", "RssAnon":
			fmt.Sscanf(rest, "%d kB", &n)
			if name == "VmRSS" {
				s.RSS = n << 10
			} else {
				s.Anon = n << 10
			}
		case "Threads":
			fmt.Sscanf(rest, "%d", &s.Threads)
		}
	}
	open, err := os.ReadDir("/proc/" + pid + "/fd")
	if err != nil {
		return s, err
	}
	s.Files = len(open)
	if text, err := os.ReadFile(count); err == nil {
		s.Goroutines, _ = strconv.Atoi(string(text))
	}
	s.Disk, err = taken(h.Data())
	return s, err
}

// taken is what the files of a folder take on the disk.
func taken(dir string) (sum int64, err error) {
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || err == nil && (!e.Type().IsRegular() || e.Name() == "reserve") {
			return nil
		}
		if err != nil {
			return err
		}
		if info, err := e.Info(); err == nil {
			sum += info.Sys().(*syscall.Stat_t).Blocks * 512
		}
		return nil
	})
	return sum, err
}

// countVar names the file in which a measured process writes its goroutines.
const countVar = "TORTURE_GOROUTINES"

// serveMeasured is the kiosk's program with a goroutine more, which counts them.
func serveMeasured(args []string) error {
	o := appliance.Options{Log: slog.New(slog.NewTextHandler(os.Stderr, nil))}
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	flags.StringVar(&o.Board, "board", "", "")
	flags.StringVar(&o.Config, "config", "", "")
	flags.StringVar(&o.Data, "data", "", "")
	flags.DurationVar(&o.Contact, "contact", 0, "")
	if err := flags.Parse(args); err != nil {
		return err
	}
	go func() {
		for range time.Tick(200 * time.Millisecond) {
			name := os.Getenv(countVar)
			if os.WriteFile(name+".new", []byte(strconv.Itoa(runtime.NumGoroutine()-1)), 0o600) == nil {
				os.Rename(name+".new", name)
			}
		}
	}()
	return appliance.Run(context.Background(), o)
}
