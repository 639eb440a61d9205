package admin

import (
	"net/http"
	"strings"
	"time"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/district/dashboard"
	"sps-kiosk/sync/ident"
)

// kioskRow is a kiosk in the list and on its page.
type kioskRow struct {
	district.Kiosk
	Office   district.Office
	Standing dashboard.Status
	LastSeen string
	Firmware string
	KeyName  string // of its present key, "" for none
	OldUntil string // how long its former key still counts, "" for not
}

// officeRow is an office with its kiosks.
type officeRow struct {
	district.Office
	Kiosks []kioskRow
}

// kiosksView is what the list shows.
type kiosksView struct {
	Done    string
	Offices []officeRow
	Cloned  []kioskRow
	Asking  int // devices that wait for their number
	Zones   []string
	Chosen  int64
}

// zones are the time zones of Russia, from the west to the east.
func zones() []string {
	return strings.Fields("Europe/Kaliningrad Europe/Moscow Europe/Samara Asia/Yekaterinburg Asia/Omsk Asia/Krasnoyarsk Asia/Irkutsk Asia/Yakutsk Asia/Vladivostok Asia/Magadan Asia/Kamchatka")
}

// register reads offices with their kiosks.
func (s site) register(r *http.Request) (all []officeRow, err error) {
	offices, err := s.Store.Offices(r.Context())
	if err != nil {
		return nil, err
	}
	kiosks, err := s.Store.Kiosks(r.Context())
	if err != nil {
		return nil, err
	}
	for _, o := range offices {
		row := officeRow{Office: o}
		for _, k := range kiosks {
			if k.Office == o.ID {
				row.Kiosks = append(row.Kiosks, rowOf(k, o))
			}
		}
		all = append(all, row)
	}
	return all, nil
}

// rowOf writes a kiosk for people.
func rowOf(k district.Kiosk, o district.Office) kioskRow {
	zone, err := time.LoadLocation(o.Zone)
	if err != nil {
		zone = time.UTC
	}
	row := kioskRow{Kiosk: k, Office: o, Standing: standing(k), LastSeen: "ещё не был на связи", Firmware: "не знаем"}
	if !k.Seen.IsZero() {
		row.LastSeen = k.Seen.In(zone).Format("02.01.2006 15:04")
	}
	if k.Beat != nil {
		if version := dashboard.Version(k.Beat.Firmware); version != "" {
			row.Firmware = version
		}
	}
	if !k.Ring.Current.IsZero() {
		row.KeyName = k.Ring.Current.ID().String()
	}
	if !k.Ring.Previous.IsZero() && k.Ring.Until.After(time.Now()) {
		row.OldUntil = k.Ring.Until.In(zone).Format("02.01.2006 15:04")
	}
	return row
}

// standing is how a kiosk stands on the register, in words with a shape.
func standing(k district.Kiosk) dashboard.Status {
	switch {
	case k.Cloned && k.Status != ident.Revoked:
		return dashboard.Status{Kind: "bad", Text: "карта скопирована"}
	case k.Ring.Current.IsZero() && k.Status == ident.Unknown:
		return dashboard.Status{Kind: "off", Text: "ждёт файла или номера"}
	case k.Status == ident.Active:
		return dashboard.Status{Kind: "ok", Text: "на учёте"}
	case k.Status == ident.Held:
		return dashboard.Status{Kind: "bad", Text: "пришли два устройства, решите"}
	case k.Status == ident.Revoked:
		return dashboard.Status{Kind: "off", Text: "снят с учёта"}
	}
	return dashboard.Status{Kind: "warn", Text: k.Status.Text()}
}

// kiosks is the list.
func (s site) kiosks(r *http.Request, _ district.Session) (any, error) {
	v := kiosksView{Done: said(r), Zones: zones()}
	var err error
	if v.Offices, err = s.register(r); err != nil {
		return nil, err
	}
	for _, o := range v.Offices {
		for _, k := range o.Kiosks {
			if k.Cloned && k.Status != ident.Revoked || k.Status == ident.Held {
				v.Cloned = append(v.Cloned, k)
			}
		}
	}
	asking, err := s.Store.Approvals(r.Context(), time.Now())
	v.Asking = len(asking)
	return v, err
}

// addTo adds an office or a kiosk.
func (s site) addTo(w http.ResponseWriter, r *http.Request, me district.Session) error {
	name := strings.TrimSpace(r.PostFormValue("name"))
	switch r.PostFormValue("do") {
	case "office":
		o := district.Office{Name: name, District: strings.TrimSpace(r.PostFormValue("district")), Zone: r.PostFormValue("zone")}
		if _, err := s.Acts.AddOffice(r.Context(), me.User, o); err != nil {
			return err
		}
		return done(w, r, "/admin/kiosks", "office")
	case "kiosk":
		office, err := number(r.PostFormValue("office"))
		if err != nil {
			return dashboard.Wrong("Центр не выбран", "Выберите центр, в котором стоит киоск")
		}
		id, err := s.Acts.AddKiosk(r.Context(), me.User, office, name)
		if err != nil {
			return err
		}
		return done(w, r, kioskPath(id), "kiosk")
	}
	return errUnknownAct
}
