package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sps-kiosk/kiosk/figures"
	"sps-kiosk/sync/district"
	"sps-kiosk/sync/district/postgres"
	"sps-kiosk/sync/district/sqlite"
	"sps-kiosk/sync/ident"
)

// settings are the flags, and where output goes.
type settings struct {
	data, postgres, listen, metrics, address, cert string
	mail, mailUser, mailFrom, mailTo, webhook      string
	silent                                         time.Duration
	plain                                          bool
	patient                                        bool // wait for a database that is not there yet
	zone, name, role, file                         string
	every                                          time.Duration
	keep                                           int
	norms                                          norms
	out, log                                       io.Writer
}

// norms is the flag -norm, given any number of times.
type norms map[string]time.Duration

// String is flag.Value's.
func (n norms) String() string { return fmt.Sprint(map[string]time.Duration(n)) }

// Set takes "docs=20m".
func (n norms) Set(text string) error {
	service, limit, ok := strings.Cut(text, "=")
	d, err := time.ParseDuration(limit)
	if !ok || err != nil || d <= 0 {
		return errors.New("нужно так: docs=20m")
	}
	n[service] = d
	return nil
}

// flags defines the flags and the help.
func (s *settings) flags() *flag.FlagSet {
	f := flag.NewFlagSet("district", flag.ContinueOnError)
	f.SetOutput(s.log)
	s.norms = norms{}
	f.StringVar(&s.data, "data", "data", "каталог сервера: база, ключ, сертификат")
	f.StringVar(&s.postgres, "postgres", "", "адрес базы PostgreSQL вместо файла: postgres://имя@узел/база")
	f.StringVar(&s.listen, "listen", ":8443", "где слушать")
	f.StringVar(&s.metrics, "metrics", "", "где отдавать /metrics, например 127.0.0.1:9108")
	f.StringVar(&s.address, "address", "", "адрес сервера для киосков, пишется в enroll.json (обычно https://имя-машины:порт)")
	f.StringVar(&s.cert, "cert", "", "файл PEM с сертификатом и ключом TLS; без него сервер делает свой")
	f.BoolVar(&s.plain, "plain", false, "без TLS: только за своим прокси на этой же машине")
	f.StringVar(&s.zone, "zone", "Europe/Samara", "часовой пояс нового центра")
	f.StringVar(&s.name, "district", "", "район нового центра")
	f.StringVar(&s.role, "role", "viewer", "роль пользователя: admin или viewer")
	f.StringVar(&s.file, "o", ident.EnrollFile, "куда записать файл киоска")
	f.DurationVar(&s.every, "every", 5*time.Minute, "как часто киоск передаёт статистику")
	f.IntVar(&s.keep, "keep", 0, "сколько дней хранить сами события после сведения в показатели, не меньше 100; 0 — всегда")
	f.DurationVar(&s.silent, "silent", 2*time.Hour, "через сколько рабочих часов молчания киоска оповещать")
	f.StringVar(&s.mail, "mail", "", "почтовый сервер для оповещений, mail.example.ru:587 (пароль в "+mailPassword+")")
	f.StringVar(&s.mailUser, "mail-user", "", "имя на почтовом сервере")
	f.StringVar(&s.mailFrom, "mail-from", "", "от кого письма")
	f.StringVar(&s.mailTo, "mail-to", "", "кому письма, через запятую")
	f.StringVar(&s.webhook, "webhook", "", "адрес для оповещений в JSON (пароль в "+webhookSecret+")")
	f.Var(s.norms, "norm", "норматив ожидания услуги, docs=20m; без него 15 минут")
	f.Usage = func() {
		fmt.Fprintln(s.log, help)
		f.PrintDefaults()
	}
	return f
}

// public returns the address that kiosks are given.
func (s *settings) public() string {
	if s.address != "" {
		return strings.TrimSuffix(s.address, "/")
	}
	host, err := os.Hostname()
	_, port, err2 := net.SplitHostPort(s.listen)
	if errors.Join(err, err2) != nil || host == "" {
		return ""
	}
	return "https://" + net.JoinHostPort(host, port)
}

// lookAgain is the time between two looks for a database that is not there yet.
const lookAgain = time.Second

// open opens the database. A server waits for a PostgreSQL that is not there yet, and says so once: after
// a power cut both machines start, and kiosks keep everything meanwhile. A command says what is wrong.
func (s *settings) open(ctx context.Context) (district.Store, error) {
	if s.postgres != "" {
		for told := false; ; told = true {
			store, err := postgres.Open(ctx, s.postgres)
			if !s.patient || !postgres.Absent(err) {
				return store, err
			}
			if !told {
				fmt.Fprintf(s.log, "База данных не отвечает: %v. Сервер ждёт её; киоски пока хранят всё у себя.\n", err)
			}
			select {
			case <-ctx.Done():
				return nil, ctx.Err()
			case <-time.After(lookAgain):
			}
		}
	}
	return sqlite.Open(ctx, filepath.Join(s.data, "district.db"))
}

// server opens everything a server is made of; the caller closes the database.
func (s *settings) server(ctx context.Context) (*district.Server, district.Store, error) {
	if days := int(district.LeastKeep / (24 * time.Hour)); s.keep != 0 && s.keep < days {
		return nil, nil, fmt.Errorf("-keep %d: события нужно хранить не меньше %d дней, или всегда (0)", s.keep, days)
	}
	if err := os.MkdirAll(s.data, 0o700); err != nil {
		return nil, nil, fmt.Errorf("каталог сервера: %w", err)
	}
	key, made, err := ident.LoadOrMakeKey(filepath.Join(s.data, keyFile))
	if err != nil {
		return nil, nil, fmt.Errorf("ключ сервера: %w", err)
	}
	if made && s.postgres != "" {
		fmt.Fprintf(s.log, "Сделан новый ключ %s. Положите его в каталог каждой реплики: киоски верят только одному ключу.\n", filepath.Join(s.data, keyFile))
	}
	next, err := ident.LoadKey(filepath.Join(s.data, nextKeyFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("следующий ключ сервера: %w", err)
	}
	titles, err := s.titles()
	if err != nil {
		return nil, nil, err
	}
	store, err := s.open(ctx)
	if err != nil {
		return nil, nil, err
	}
	log := slog.New(slog.NewTextHandler(s.log, nil))
	keep := time.Duration(s.keep) * 24 * time.Hour
	d, err := district.New(district.Options{
		Store: store, Key: key, NextKey: next, Log: log,
		Address: s.public(), Norms: figures.Options{Norms: s.norms}, Every: s.every, Keep: keep,
		Bundles: filepath.Join(s.data, bundleFolder),
	})
	if err != nil {
		store.Close()
		return nil, nil, err
	}
	d.Reports = reports(d, store, titles, log)
	if d.Pages, err = s.pages(d, store, titles, log); err != nil {
		store.Close()
		return nil, nil, err
	}
	return d, store, nil
}

const (
	keyFile     = "district.key"
	nextKeyFile = "district.next.key"
	tlsFile     = "tls.pem"

	bundleFolder = "bundles"
)
