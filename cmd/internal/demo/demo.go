// Package demo puts a district with a past on its feet: it loads sync/sim/history into an empty database,
// starts the real server over it and real kiosks on drawn machines beside it, and lets somebody press their
// buttons now and then.
//
// It owns the folder of the demonstration and the processes it started. It refuses to know how a server or
// a kiosk works: both are the programs that are delivered, started with their own flags.
package demo

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/district/sqlite"
	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/sim/history"
)

// Settings say what is shown, and with which programs.
type Settings struct {
	Dir       string // keeps everything; a past that was loaded is not loaded again
	District  string // program
	Kiosk     string // program
	Listen    string // address of the server, "127.0.0.1:8444"
	Days      int
	Offices   int
	Kiosks    int
	Seed      uint64
	Deserted  bool               // nobody presses the buttons of the kiosks
	Out, Log  io.Writer          // what a person reads; what programs say
	Presented func(Presentation) // is told when everything stands; nil = nobody
	now       func() time.Time   // nil = the clock
}

// Presentation is where to look.
type Presentation struct {
	Site            string // of the district
	Admin, Viewer   string // passwords of these two users
	Kiosks          []Live
	Loading         time.Duration
	Events, Offices int
}

// Live is where a live kiosk is: its drawn machine, the board of its hall, the console of a specialist.
type Live struct{ Page, Board, Console string }

// Flags defines the flags of the program.
func (s *Settings) Flags(f *flag.FlagSet) {
	f.StringVar(&s.Dir, "dir", "data/demo", "каталог показа; уберите его, чтобы начать заново")
	f.StringVar(&s.District, "district", "build/district", "программа сервера")
	f.StringVar(&s.Kiosk, "kiosk", "build/kiosk", "программа киоска")
	f.StringVar(&s.Listen, "listen", "127.0.0.1:8444", "адрес сервера")
	f.IntVar(&s.Days, "days", 365, "сколько дней прошлого")
	f.IntVar(&s.Offices, "offices", 12, "сколько центров, не больше 12")
	f.IntVar(&s.Kiosks, "kiosks", 3, "сколько живых учебных киосков")
	f.Uint64Var(&s.Seed, "seed", 84, "из какого зерна прошлое")
	f.BoolVar(&s.Deserted, "deserted", false, "никто не нажимает кнопки учебных киосков")
}

// Run shows the district until ctx ends. Whatever it started has ended when it returns.
func Run(ctx context.Context, s Settings) error {
	if s.now == nil {
		s.now = time.Now
	}
	began := s.now()
	p, err := s.load(ctx)
	if err != nil {
		return err
	}
	p.Loading = s.now().Sub(began)
	enrolments, err := s.people(ctx, &p)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	server, err := s.start(ctx, group, s.District, []string{"-data", s.folder(), "-listen", s.Listen, "-address", "https://" + s.Listen, "-every", "10s"}, "слушает ")
	if err != nil {
		return errors.Join(err, group.Wait())
	}
	p.Site = "https://" + s.Listen
	group.Go(func() error { return s.keepPast(ctx) })
	for i, file := range enrolments {
		live, err := s.kiosk(ctx, group, i+1, file)
		if err != nil {
			return errors.Join(err, group.Wait())
		}
		p.Kiosks = append(p.Kiosks, live)
		if !s.Deserted {
			group.Go(func() error { return visit(ctx, live.Page, s.Seed+uint64(i)) })
		}
	}
	s.present(p, server[0])
	return group.Wait()
}

// folder is the server's.
func (s Settings) folder() string { return filepath.Join(s.Dir, "district") }

// load puts the past into a new database, whole or not at all. It loads nothing where there is one.
func (s Settings) load(ctx context.Context) (p Presentation, err error) {
	if _, err := os.Stat(filepath.Join(s.folder(), databaseFile)); err == nil {
		fmt.Fprintf(s.Out, "Прошлое уже есть в %s. Чтобы начать заново, уберите этот каталог.\n", s.Dir)
		return p, nil
	}
	part := s.folder() + ".part"
	if err := os.RemoveAll(part); err != nil { // of a run that was broken off
		return p, fmt.Errorf("make room for the past: %w", err)
	}
	if err := os.MkdirAll(part, 0o700); err != nil {
		return p, fmt.Errorf("make folder: %w", err)
	}
	fmt.Fprintf(s.Out, "Загружаю прошлое: %d дней, %d центров.\n", s.Days, s.Offices)
	store, err := sqlite.Open(ctx, filepath.Join(part, databaseFile))
	if err != nil {
		return p, err
	}
	defer func() {
		err = errors.Join(err, store.Close())
		if err == nil {
			err = os.Rename(part, s.folder())
		}
	}()
	t, err := history.Load(ctx, store, history.Plan{Seed: s.Seed, Now: s.now(), Days: s.Days, Offices: s.Offices})
	if err != nil {
		return p, err
	}
	p.Events, p.Offices = t.Events, len(t.Offices)
	fmt.Fprintf(s.Out, "Событий: %d. Считаю показатели.\n", t.Events)
	d, _, err := s.server(part, store)
	if err != nil {
		return p, err
	}
	return p, d.Roll(ctx)
}

const databaseFile = "district.db"

// server is a district over the database, to act in before the real process does.
func (s Settings) server(folder string, store district.Store) (*district.Server, *ident.Key, error) {
	key, _, err := ident.LoadOrMakeKey(filepath.Join(folder, "district.key"))
	if err != nil {
		return nil, nil, fmt.Errorf("key of the server: %w", err)
	}
	d, err := district.New(district.Options{Store: store, Key: key, Address: "https://" + s.Listen})
	return d, key, err
}

// people gives the two users new passwords, and makes the files of the live kiosks that are not connected.
func (s Settings) people(ctx context.Context, p *Presentation) (files [][]byte, err error) {
	store, err := sqlite.Open(ctx, filepath.Join(s.folder(), databaseFile))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	d, _, err := s.server(s.folder(), store)
	if err != nil {
		return nil, err
	}
	p.Admin, p.Viewer = district.NewPassword(), district.NewPassword()
	err = errors.Join(d.PutUser(ctx, who, "admin", district.RoleAdmin, p.Admin), d.PutUser(ctx, who, "viewer", district.RoleViewer, p.Viewer))
	if err != nil {
		return nil, err
	}
	offices, err := store.Offices(ctx)
	if err != nil {
		return nil, err
	}
	kiosks, err := store.Kiosks(ctx)
	if err != nil {
		return nil, err
	}
	p.Offices = len(offices)
	slices.SortFunc(offices, func(x, y district.Office) int { return cmp.Compare(x.ID, y.ID) }) // the largest first, and not the silent one
	for i := range min(s.Kiosks, len(offices)) {
		at := slices.IndexFunc(kiosks, func(k district.Kiosk) bool { return k.Office == offices[i].ID && k.Name == liveName })
		file, err := []byte(nil), error(nil)
		switch {
		case at < 0:
			var id int64
			if id, err = d.AddKiosk(ctx, who, offices[i].ID, liveName); err == nil {
				file, err = d.Invite(ctx, who, id)
			}
		case kiosks[at].Status != ident.Active: // the demonstration ended before it had connected
			file, err = d.Invite(ctx, who, kiosks[at].ID)
		}
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	return files, nil
}

const (
	who      = "demo"
	liveName = "учебный, живой"
)

// present says where to look.
func (s Settings) present(p Presentation, server string) {
	fmt.Fprintf(s.Out, "\n%s\n", server)
	if p.Events > 0 {
		fmt.Fprintf(s.Out, "Прошлое загружено и посчитано за %v.\n", p.Loading.Round(time.Second))
	}
	fmt.Fprintf(s.Out, "\nСтраницы района:  %s   (сертификат свой: браузер спросит один раз)\n", p.Site)
	fmt.Fprintf(s.Out, "  администратор:  admin   пароль %s\n  просмотр:       viewer  пароль %s\n", p.Admin, p.Viewer)
	for i, k := range p.Kiosks {
		fmt.Fprintf(s.Out, "Живой киоск %d:    %s   табло %s   пульт %s\n", i+1, k.Page, k.Board, k.Console)
	}
	fmt.Fprintf(s.Out, "\nВсе данные вымышлены. Остановить: Ctrl-C.\n")
	if s.Presented != nil {
		s.Presented(p)
	}
}
