package main

import (
	"log/slog"
	"net/http"
	"path"
	"strings"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/district/export"
)

// reports returns the figures in JSON and CSV: the public ones for everybody (A8), all others for
// whoever is signed in.
func reports(d *district.Server, store district.Store, titles map[string]string, log *slog.Logger) http.Handler {
	all := &export.Handler{Offices: store, Rolls: store, Titles: titles, Log: log}
	guarded := d.Guard(func(w http.ResponseWriter, r *http.Request, _ district.Session) { all.ServeHTTP(w, r) })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(path.Base(r.URL.Path), "public.") {
			all.ServeHTTP(w, r)
			return
		}
		guarded.ServeHTTP(w, r)
	})
}
