package main

import (
	"fmt"
	"log/slog"
	"net/http"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/district/dashboard"
	"sps-kiosk/sync/district/dashboard/admin"
	paper "sps-kiosk/sync/district/dashboard/reports"
)

// pages returns what people see in a browser: figures for whoever is signed in.
func (s *settings) pages(d *district.Server, store district.Store, titles map[string]string, log *slog.Logger) (http.Handler, error) {
	site, err := dashboard.New(dashboard.Options{Store: store, Door: d, Titles: titles, Norms: s.norms, Every: s.every, Version: version, Log: log},
		append([]dashboard.Page{paper.Page(store, nil)}, admin.Pages(admin.Options{Acts: d, Store: store})...)...)
	if err != nil {
		return nil, fmt.Errorf("pages: %w", err)
	}
	return site, nil
}
