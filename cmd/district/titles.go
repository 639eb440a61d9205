package main

import (
	"fmt"

	"sps-kiosk/kiosk/catalog"
	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/figures"
)

// titles returns what the codes of statistics are called: services by their code, words of the procedure
// under the name of their step ("purpose.pension"). They are those of catalog.toml in the server's folder,
// a copy of the kiosks' one, and of the built-in catalogue where there is none (A6). Norms of waiting that
// differ from the usual one come with them (rule 18 б).
func (s *settings) titles() (map[string]string, error) {
	book, err := config.ReadCatalog(s.data)
	if err != nil {
		return nil, fmt.Errorf("каталог услуг: %w", err)
	}
	all := map[string]string{}
	for _, v := range book.Catalog.Services {
		all[v.Code] = v.Title
		if _, set := s.norms[v.Code]; !set && v.SLA != figures.NormalWaiting {
			s.norms[v.Code] = v.SLA // by which the figures count and the pages are headed; the flag -norm wins
		}
	}
	for step, words := range map[string][]catalog.Word{"purpose.": book.Catalog.Purposes, "resource.": book.Catalog.Resources, "outcome.": book.Catalog.Outcomes} {
		for _, w := range words {
			all[step+w.Code] = w.Title
		}
	}
	for _, c := range book.Catalog.Courses {
		all["course."+c.Code] = c.Title
	}
	for _, m := range book.Catalog.Memos {
		all["memo."+m.Code] = m.Title
	}
	return all, nil
}
