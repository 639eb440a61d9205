package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	"sps-kiosk/sync/district"
)

// stopping is how long requests under way may take to end.
const stopping = 20 * time.Second

// now is when the program is asked.
func now() time.Time { return time.Now() }

// earliest is before this program was made: a clock that says so is not set, and kiosks take their
// time from it.
func earliest() time.Time { return time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC) }

// serve runs the server until ctx ends.
func serve(ctx context.Context, s *settings, _ []string) (err error) {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(district.MemoryLimit)
	}
	if now().Before(earliest()) {
		return fmt.Errorf("часы этой машины не установлены (%s): по ним киоски узнают время", now().Format(time.DateOnly))
	}
	s.patient = true
	d, store, err := s.server(ctx)
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) { // told to stop while it waited for the database
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	tasks := []func(context.Context) error{d.Run, d.RunUpdates}
	watchers, err := s.watchers(store, d.Log)
	if err != nil {
		return err
	}
	for _, w := range watchers {
		tasks = append(tasks, w.Run)
	}
	listener, err := s.listener()
	if err != nil {
		return err
	}
	first, err := d.FirstPassword(ctx)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	if first != "" {
		fmt.Fprintf(s.out, "Первый вход: имя admin, пароль %s\nОн больше нигде не записан.\n", first)
	}
	fmt.Fprintf(s.out, "Сервер района %s слушает %s, адрес для киосков %s\n", version, listener.Addr(), d.Address)
	return s.run(ctx, d, listener, tasks)
}

// run serves, and runs tasks beside that; it returns when all have ended.
func (s *settings) run(ctx context.Context, d *district.Server, listener net.Listener, tasks []func(context.Context) error) error {
	quiet := log.New(s.log, "", 0)
	servers := []*http.Server{{Handler: d, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 3 * time.Minute,
		WriteTimeout: 4 * time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10, ErrorLog: quiet}}
	listeners := []net.Listener{listener}
	if s.metrics != "" {
		l, err := net.Listen("tcp", s.metrics)
		if err != nil {
			return errors.Join(fmt.Errorf("слушать %s: %w", s.metrics, err), listener.Close())
		}
		mux := http.NewServeMux()
		mux.Handle("GET /metrics", d.Metrics())
		servers = append(servers, &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, ErrorLog: quiet})
		listeners = append(listeners, l)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	results := make(chan error, len(servers))
	for i, server := range servers {
		go func() {
			results <- server.Serve(listeners[i])
			cancel()
		}()
	}
	var beside sync.WaitGroup
	for _, task := range tasks {
		beside.Go(func() { task(ctx) }) // it ends with ctx and returns nil
	}
	<-ctx.Done()
	end, done := context.WithTimeout(context.Background(), stopping)
	defer done()
	var errs []error
	for _, server := range servers {
		errs = append(errs, server.Shutdown(end))
	}
	for range servers {
		if err := <-results; !errors.Is(err, http.ErrServerClosed) {
			errs = append(errs, err)
		}
	}
	beside.Wait()
	return errors.Join(errs...)
}

// listener opens the port, with TLS unless a proxy does that.
func (s *settings) listener() (net.Listener, error) {
	l, err := net.Listen("tcp", s.listen)
	if err != nil {
		return nil, fmt.Errorf("слушать %s: %w", s.listen, err)
	}
	if s.plain {
		return l, nil
	}
	path, own := s.cert, false
	if path == "" {
		path, own = filepath.Join(s.data, tlsFile), true
	}
	cert, err := certificate(path, own)
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}), nil
}
