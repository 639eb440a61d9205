package dashboard

import (
	"html/template"
	"time"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/district/export"
)

// words are the functions of templates.
func words() template.FuncMap {
	return template.FuncMap{
		"moment": moment,
		"role":   role,
		"scope":  func() string { return export.Scope },
	}
}

// role is what somebody may do, in Russian.
func role(word string) string {
	if word == district.RoleAdmin {
		return "администратор"
	}
	return "просмотр"
}

// moment writes a date and time of day.
func moment(t time.Time) string { return t.Format("02.01.2006 15:04") }

// Status is a word with the shape of its meaning beside it, never colour alone. Kind is "ok", "warn",
// "bad", or "" for neither.
type Status struct{ Kind, Text string }
