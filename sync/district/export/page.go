package export

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strconv"
)

//go:embed document.html
var documentHTML string

//go:embed document.css
var documentCSS string

// Policy is the Content-Security-Policy of a printable page: its one style sheet and nothing else.
func Policy() string {
	sum := sha256.Sum256([]byte(documentCSS))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}

// HTML writes the document as a page that prints on A4 and needs nothing else.
func (d Document) HTML(w io.Writer) error {
	t, err := template.New("document").Funcs(template.FuncMap{"mm": millimetres}).Parse(documentHTML)
	if err != nil {
		return fmt.Errorf("read page: %w", err)
	}
	return t.Execute(w, struct {
		Document
		Style template.CSS
	}{d, template.CSS(documentCSS)})
}

// millimetres writes a measure of a chart.
func millimetres(x float64) string { return strconv.FormatFloat(x, 'f', 2, 64) }
