package web

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// Limits bound what a listener may cost, whoever is at the other end.
type Limits struct {
	Conns   int // sockets at once; more are closed at once
	PerHost int // of them from one address
}

// Times of a connection. A stream extends its own.
const (
	headerTime = 5 * time.Second  // for the head of a request, and for the handshake
	bodyTime   = 10 * time.Second // for a whole request
	writeTime  = 20 * time.Second // for an answer, and for one message of a stream
	idleTime   = 30 * time.Second // of a connection that asks nothing
	maxHeader  = 8 << 10          // bytes
)

// Serve serves a listener until ctx ends. Only HTTP/1.1 is spoken: there one socket is one stream, so
// that Limits count all there is to count. certificate nil is plain HTTP.
func Serve(ctx context.Context, l net.Listener, certificate *tls.Certificate, limits Limits, handler http.Handler, log *slog.Logger) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: headerTime, ReadTimeout: bodyTime, WriteTimeout: writeTime,
		IdleTimeout: idleTime, MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		BaseContext: func(net.Listener) context.Context { return ctx }}
	server.Protocols = new(http.Protocols)
	server.Protocols.SetHTTP1(true)
	var bounded net.Listener = &bounded{Listener: l, limits: limits, hosts: map[string]int{}}
	if certificate != nil {
		bounded = tls.NewListener(bounded, &tls.Config{Certificates: []tls.Certificate{*certificate}, MinVersion: tls.VersionTLS12,
			NextProtos: []string{"http/1.1"}})
	}
	stop := context.AfterFunc(ctx, func() { server.Close() })
	defer stop()
	if err := server.Serve(bounded); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve pages on %s: %w", l.Addr(), err)
	}
	return nil
}

// bounded closes what goes beyond the limits before a byte of it is read, so that it never waits in
// line before somebody who is within them.
type bounded struct {
	net.Listener
	limits Limits

	mu    sync.Mutex
	conns int
	hosts map[string]int
}

// Accept returns the next connection within the limits.
func (b *bounded) Accept() (net.Conn, error) {
	for {
		c, err := b.Listener.Accept()
		if err != nil {
			return nil, err
		}
		host := hostOf(c.RemoteAddr().String())
		if b.enter(host) {
			return &counted{Conn: c, leave: sync.OnceFunc(func() { b.exit(host) })}, nil
		}
		c.Close()
	}
}

func (b *bounded) enter(host string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.conns >= b.limits.Conns || b.hosts[host] >= b.limits.PerHost {
		return false
	}
	b.conns++
	b.hosts[host]++
	return true
}

func (b *bounded) exit(host string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.conns--
	if b.hosts[host]--; b.hosts[host] == 0 {
		delete(b.hosts, host)
	}
}

// counted gives its place back when it is closed.
type counted struct {
	net.Conn
	leave func()
}

// Close closes the connection.
func (c *counted) Close() error {
	defer c.leave()
	return c.Conn.Close()
}
