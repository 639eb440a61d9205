package admin

import (
	"net/http"
	"slices"
	"strings"

	"sps-kiosk/sync/district"
)

// officeView is what an office's page shows.
type officeView struct {
	district.Office
	Zones []string
}

// office is an office's page.
func (s site) office(r *http.Request, _ district.Session) (any, error) {
	id, err := number(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	list, err := s.Store.Offices(r.Context())
	for _, o := range list {
		if o.ID == id {
			v := officeView{o, zones()}
			if !slices.Contains(v.Zones, o.Zone) {
				v.Zones = append(v.Zones, o.Zone)
			}
			return v, nil
		}
	}
	if err == nil {
		err = district.ErrNoSuch
	}
	return nil, err
}

// changeOffice takes the form of an office's page.
func (s site) changeOffice(w http.ResponseWriter, r *http.Request, me district.Session) error {
	id, err := number(r.PathValue("id"))
	if err != nil {
		return err
	}
	o := district.Office{ID: id, Name: strings.TrimSpace(r.PostFormValue("name")),
		District: strings.TrimSpace(r.PostFormValue("district")), Zone: r.PostFormValue("zone")}
	if err := s.Acts.ChangeOffice(r.Context(), me.User, o); err != nil {
		return err
	}
	return done(w, r, "/admin/kiosks", "office")
}
