package torture

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync/atomic"
	"time"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/district/export"
	"sps-kiosk/sync/district/sqlite"
	"sps-kiosk/sync/ident"
)

// centre is a real district over SQLite, for kiosks that are killed while they speak to it.
type centre struct {
	db     *sqlite.Store
	server *district.Server
	web    *http.Server
	served chan error
	busy   atomic.Int64 // requests under way
	heard  atomic.Int64 // requests so far
	enrol  []byte
}

// openCentre starts a district with one kiosk that it expects.
func openCentre(ctx context.Context, folder string) (c *centre, err error) {
	c = &centre{served: make(chan error, 1)}
	if c.db, err = sqlite.Open(ctx, filepath.Join(folder, "district.db")); err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(err, c.db.Close())
	}
	c.server, err = district.New(district.Options{Store: c.db, Key: ident.NewKey(), Address: "https://" + l.Addr().String(),
		PerMinute: 1 << 20, Settle: time.Millisecond, Log: slog.New(slog.DiscardHandler)})
	if err == nil {
		err = c.invite(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, l.Close(), c.db.Close())
	}
	cert, err := certificate()
	if err != nil {
		return nil, errors.Join(err, l.Close(), c.db.Close())
	}
	c.web = &http.Server{Handler: c, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError), ReadHeaderTimeout: 10 * time.Second,
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS13}}
	go func() { c.served <- c.web.ServeTLS(l, "", "") }()
	return c, nil
}

func (c *centre) invite(ctx context.Context) error {
	office, err := c.server.AddOffice(ctx, "torture", district.Office{Name: "МФЦ", Zone: "Europe/Samara"})
	if err != nil {
		return err
	}
	id, err := c.server.AddKiosk(ctx, "torture", office, "Зал")
	if err != nil {
		return err
	}
	c.enrol, err = c.server.Invite(ctx, "torture", id)
	return err
}

// ServeHTTP counts who is being spoken to.
func (c *centre) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.heard.Add(1)
	c.busy.Add(1)
	defer c.busy.Add(-1)
	c.server.ServeHTTP(w, r)
}

func (c *centre) close() error {
	err := c.web.Close()
	<-c.served
	return errors.Join(err, c.db.Close())
}

// counter sums a counter of the report over the days around now.
func (c *centre) counter(ctx context.Context, name string) (sum int64, err error) {
	if err := c.server.Roll(ctx); err != nil {
		return 0, err
	}
	from, to := time.Now().AddDate(0, 0, -3).Format(time.DateOnly), time.Now().AddDate(0, 0, 3).Format(time.DateOnly)
	w := httptest.NewRecorder()
	h := &export.Handler{Offices: c.db, Rolls: c.db, Log: slog.New(slog.DiscardHandler)}
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/report.json?step=day&from="+from+"&to="+to, nil))
	var report struct {
		Lines []struct {
			Office   int64
			Counters map[string]int64
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &report); err != nil || w.Code != http.StatusOK {
		return 0, fmt.Errorf("report: %d, %w: %.200s", w.Code, err, w.Body)
	}
	for _, line := range report.Lines {
		if line.Office == 0 {
			sum += line.Counters[name]
		}
	}
	return sum, nil
}

// certificate is self-signed: only the server's signature counts (sync/ident).
func certificate() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	form := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(24 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}
