package technician

import (
	"bytes"
	_ "embed"
	"fmt"
	"text/template"
	"time"
)

//go:embed diagnostics.txt
var diagnosticsText string

// text writes the diagnosis: lines end as Windows' Notepad wants them.
func (t *Technician) text(s settings) ([]byte, error) {
	plain, err := template.New("").Funcs(template.FuncMap{"at": func(at time.Time) string { return at.Format("02.01.2006 15:04") }}).Parse(diagnosticsText)
	if err != nil {
		return nil, fmt.Errorf("parse the diagnosis: %w", err)
	}
	var out bytes.Buffer
	out.WriteString("\ufeff") // Notepad takes it for UTF-8
	data := struct {
		settings
		Updates []row
	}{s, rowsOf(t.o.Device.Update())}
	if err := plain.Execute(&out, data); err != nil {
		return nil, fmt.Errorf("write the diagnosis: %w", err)
	}
	return bytes.ReplaceAll(out.Bytes(), []byte("\n"), []byte("\r\n")), nil
}
