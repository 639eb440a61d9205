package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/ident"
)

const help = `district — сервер статистики района. Без команды: запустить сервер.

  district [флаги] office НАЗВАНИЕ           завести центр (-zone, -district)
  district [флаги] kiosk ЦЕНТР НАЗВАНИЕ      завести киоск и записать enroll.json (-o, -address)
  district [флаги] enrol КИОСК               новый enroll.json для киоска (-o, -address)
  district [флаги] approve КИОСК НОМЕР [КЛЮЧ] подключить киоск по номеру с его табло
  district [флаги] revoke КИОСК              снять с учёта
  district [флаги] restore КИОСК             вернуть на учёт с тем же ключом
  district [флаги] list                      центры, киоски и кто просится
  district [флаги] password ИМЯ              новый пароль пользователя (-role)
  district [флаги] bundle ВЕРСИЯ ФАЙЛ        принять обновление киосков; предлагает его страница «Обновления»
  district [флаги] backup КАТАЛОГ            копия базы и ключа, сервер при этом работает
  district [флаги] recompute                 пересчитать все показатели

ЦЕНТР и КИОСК — номера из list. Флаги:`

// command is what the program does besides serving.
type command struct {
	least, most int // arguments
	run         func(ctx context.Context, s *settings, args []string) error
}

// commands returns them by name.
func commands() map[string]command {
	on := func(f func(context.Context, *settings, *district.Server, district.Store, []string) error) func(context.Context, *settings, []string) error {
		return func(ctx context.Context, s *settings, args []string) (err error) {
			d, store, err := s.server(ctx)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, store.Close()) }()
			return f(ctx, s, d, store, args)
		}
	}
	return map[string]command{
		"serve":     {0, 0, serve},
		"office":    {1, 1, on(addOffice)},
		"kiosk":     {2, 2, on(addKiosk)},
		"enrol":     {1, 1, on(enrol)},
		"approve":   {2, 3, on(approve)},
		"revoke":    {1, 1, on(revoke)},
		"restore":   {1, 1, on(restore)},
		"list":      {0, 0, on(list)},
		"password":  {1, 1, on(password)},
		"bundle":    {2, 2, on(bundle)},
		"backup":    {1, 1, on(backup)},
		"recompute": {0, 0, on(recompute)},
	}
}

// who is in the audit log as the one at the machine itself.
const who = "server"

// number reads the number of a row.
func number(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%q — не номер; номера показывает district list", text)
	}
	return n, nil
}

func addOffice(ctx context.Context, s *settings, d *district.Server, _ district.Store, args []string) error {
	id, err := d.AddOffice(ctx, who, district.Office{Name: args[0], District: s.name, Zone: s.zone})
	if err == nil {
		fmt.Fprintf(s.out, "Центр %d: %s, %s\n", id, args[0], s.zone)
	}
	return err
}

func addKiosk(ctx context.Context, s *settings, d *district.Server, _ district.Store, args []string) error {
	office, err := number(args[0])
	if err != nil {
		return err
	}
	if _, err := os.Lstat(s.file); !errors.Is(err, fs.ErrNotExist) { // before there is a kiosk without a file
		return fmt.Errorf("файл %s уже есть: уберите его или укажите другой (-o)", s.file)
	}
	id, err := d.AddKiosk(ctx, who, office, args[1])
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "Киоск %d: %s\n", id, args[1])
	return s.enrolment(ctx, d, id)
}

func enrol(ctx context.Context, s *settings, d *district.Server, _ district.Store, args []string) error {
	kiosk, err := number(args[0])
	if err != nil {
		return err
	}
	return s.enrolment(ctx, d, kiosk)
}

// enrolment writes the one-time file of a kiosk. A file that is there is not written over: its token
// may be on its way to another kiosk.
func (s *settings) enrolment(ctx context.Context, d *district.Server, kiosk int64) error {
	f, err := os.OpenFile(s.file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("файл киоска: %w", err)
	}
	text, err := d.Invite(ctx, who, kiosk)
	if err == nil {
		_, err = f.Write(text)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(s.file))
	}
	fmt.Fprintf(s.out, "Файл %s годен 14 дней и один раз. Положите его на раздел BOOT карты киоска. Адрес в нём: %s\n", s.file, d.Address)
	return nil
}

func approve(ctx context.Context, s *settings, d *district.Server, store district.Store, args []string) error {
	kiosk, err := number(args[0])
	if err != nil {
		return err
	}
	key, err := whoAsks(ctx, store, args[2:])
	if err != nil {
		return err
	}
	v, err := d.Type(ctx, who, key, kiosk, args[1])
	if err != nil {
		return err
	}
	if v != ident.Approved {
		return errors.New(v.Text())
	}
	fmt.Fprintln(s.out, v.Text())
	return nil
}

// whoAsks returns the key of the one device that asks, or of the one that is named.
func whoAsks(ctx context.Context, store district.Store, named []string) (key ident.ID, err error) {
	if len(named) > 0 {
		return key, key.UnmarshalText([]byte(named[0]))
	}
	list, err := store.Approvals(ctx, now())
	if err != nil {
		return key, err
	}
	switch len(list) {
	case 0:
		return key, errors.New("никто не просится: начните подключение на киоске")
	case 1:
		return list[0].Key.ID(), nil
	}
	return key, fmt.Errorf("просятся сразу %d: добавьте ключ, его показывает district list", len(list))
}

func revoke(ctx context.Context, _ *settings, d *district.Server, _ district.Store, args []string) error {
	kiosk, err := number(args[0])
	if err != nil {
		return err
	}
	return d.Revoke(ctx, who, kiosk)
}

func restore(ctx context.Context, _ *settings, d *district.Server, _ district.Store, args []string) error {
	kiosk, err := number(args[0])
	if err != nil {
		return err
	}
	return d.Restore(ctx, who, kiosk)
}

func list(ctx context.Context, s *settings, _ *district.Server, store district.Store, _ []string) error {
	offices, err := store.Offices(ctx)
	if err != nil {
		return err
	}
	kiosks, err := store.Kiosks(ctx)
	if err != nil {
		return err
	}
	for _, o := range offices {
		fmt.Fprintf(s.out, "Центр %d: %s, %s\n", o.ID, o.Name, o.Zone)
		for _, k := range kiosks {
			if k.Office != o.ID {
				continue
			}
			seen := "ещё не был на связи"
			if !k.Seen.IsZero() {
				seen = "на связи был " + k.Seen.Local().Format("02.01.2006 15:04")
			}
			how := k.Status.Text()
			if k.Ring.Current.IsZero() {
				how = "ждёт enroll.json или номера с табло"
			}
			fmt.Fprintf(s.out, "  киоск %d: %s; %s; %s\n", k.ID, k.Name, how, seen)
		}
	}
	asking, err := store.Approvals(ctx, now())
	for _, a := range asking {
		fmt.Fprintf(s.out, "Просится: ключ %s с %s\n", a.Key.ID(), a.Began.Local().Format("15:04"))
	}
	return err
}

func password(ctx context.Context, s *settings, d *district.Server, _ district.Store, args []string) error {
	p := district.NewPassword()
	if err := d.PutUser(ctx, who, args[0], s.role, p); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "Пользователь %s, роль %s, пароль %s\n", args[0], s.role, p)
	return nil
}

// bundle takes a firmware in. Kiosks are offered it when an administrator starts that.
func bundle(ctx context.Context, s *settings, d *district.Server, _ district.Store, args []string) error {
	f, err := os.Open(args[1])
	if err != nil {
		return fmt.Errorf("файл обновления: %w", err)
	}
	defer f.Close()
	u, err := d.AddBundle(ctx, who, args[0], f)
	if err == nil {
		fmt.Fprintf(s.out, "Обновление %s принято: %d байт, SHA-256 %s. Начните его на странице «Обновления».\n", u.Version, u.Size, u.SHA256)
	}
	return err
}

// backup copies the database, and the key without which no kiosk would believe what is restored.
func backup(ctx context.Context, s *settings, _ *district.Server, store district.Store, args []string) error {
	if err := os.MkdirAll(args[0], 0o700); err != nil {
		return fmt.Errorf("каталог копии: %w", err)
	}
	path := filepath.Join(args[0], "district-"+now().Format("20060102-150405")+".db")
	if err := store.Backup(ctx, path); errors.Is(err, district.ErrNotHere) {
		return fmt.Errorf("базу PostgreSQL копирует pg_dump, ключ лежит в %s: %w", filepath.Join(s.data, keyFile), err)
	} else if err != nil {
		return err
	}
	key, err := os.ReadFile(filepath.Join(s.data, keyFile))
	if err != nil {
		return fmt.Errorf("ключ сервера: %w", err)
	}
	if err := os.WriteFile(strings.TrimSuffix(path, ".db")+".key", key, 0o600); err != nil {
		return fmt.Errorf("копия ключа: %w", err)
	}
	fmt.Fprintf(s.out, "Копия: %s и рядом ключ. Чтобы вернуть: остановите сервер, уберите district.db, district.db-wal и district.db-shm, положите копии как district.db и district.key.\n", path)
	return nil
}

func recompute(ctx context.Context, s *settings, d *district.Server, _ district.Store, _ []string) error {
	if err := d.Recompute(ctx, who); err != nil {
		return err
	}
	if err := d.Roll(ctx); err != nil {
		return err
	}
	fmt.Fprintln(s.out, "Все показатели пересчитаны.")
	return nil
}
