package kiosk

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"sps-kiosk/kiosk/catalog"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/queue"
	"sps-kiosk/kiosk/slip"
)

// fields calls found with every field below a type, by the name of its type and its own.
func fields(typ reflect.Type, seen map[reflect.Type]bool, found func(name string, field reflect.StructField)) {
	switch typ.Kind() {
	case reflect.Slice, reflect.Array, reflect.Pointer, reflect.Map:
		fields(typ.Elem(), seen, found)
	case reflect.Struct:
		if seen[typ] || !strings.HasPrefix(typ.PkgPath(), "sps-kiosk/") {
			return
		}
		seen[typ] = true
		for i := range typ.NumField() {
			field := typ.Field(i)
			found(typ.Name()+"."+field.Name, field)
			fields(field.Type, seen, found)
		}
	}
}

// personal are names of fields that a person would be written into.
var personal = regexp.MustCompile(`(?i)^(sur|first|last|full|given|family|middle)?name$|patronym|phone|mobile|email|passport|snils|birth|citizen|person|visitor|applicant|comment|remark|signature|photo|face`)

// TestNobodyIsWrittenDown walks every type that a visitor, a ticket, a console's command, a paper or the
// catalogue is made of (A13): no field is named for a person, and none that staff fill in is free text. The
// catalogue knows staff by alias alone, and a ticket is its own only key.
func TestNobodyIsWrittenDown(t *testing.T) {
	seen := map[reflect.Type]bool{}
	count := 0
	for _, typ := range []reflect.Type{reflect.TypeFor[event.Event](), reflect.TypeFor[queue.State](), reflect.TypeFor[queue.Change](),
		reflect.TypeFor[View](), reflect.TypeFor[Ordered](), reflect.TypeFor[Answer](), reflect.TypeFor[catalog.Catalog](),
		reflect.TypeFor[slip.Ticket](), reflect.TypeFor[slip.Memo](), reflect.TypeFor[slip.Transfer](), reflect.TypeFor[slip.Day](),
		reflect.TypeFor[slip.Compliance](), reflect.TypeFor[slip.Availability](), reflect.TypeFor[slip.End](), reflect.TypeFor[slip.Act]()} {
		fields(typ, seen, func(name string, field reflect.StructField) {
			count++
			if personal.MatchString(field.Name) {
				t.Errorf("%s: a person would fit into it", name)
			}
			if field.Type.Kind() == reflect.Interface && name != "Answer.Err" {
				t.Errorf("%s is an interface: it could carry anything", name)
			}
		})
	}
	if count < 150 {
		t.Errorf("only %d fields were walked", count)
	}
	words := map[string]string{"Service": "code of the catalogue", "Step": "word of event.Steps", "Answer": "answer of that step",
		"Memo": "code of the catalogue", "Course": "code of the catalogue", "Report": "closed list", "Privilege": "closed list"}
	ordered := reflect.TypeFor[Ordered]()
	for i := range ordered.NumField() {
		if f := ordered.Field(i); f.Type.Kind() == reflect.String && words[f.Name] == "" {
			t.Errorf("Ordered.%s: staff could write something about a visitor into it", f.Name)
		}
	}
	staff := reflect.TypeFor[catalog.Staff]()
	for i := range staff.NumField() {
		if f := staff.Field(i); !slices.Contains([]string{"Alias", "Category", "Confirmed", "Familiar", "ESIA"}, f.Name) {
			t.Errorf("Staff.%s: what is it of a member of staff?", f.Name)
		}
	}
}

// sources calls look with every file of the program below some folders that is no test.
func sources(t *testing.T, look func(path string, file *ast.File), folders ...string) {
	t.Helper()
	read := 0
	for _, folder := range folders {
		err := filepath.WalkDir(filepath.Join("..", folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			read++
			look(path, file)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if read == 0 {
		t.Fatalf("no sources in %v", folders)
	}
}

// payment is what a function that takes money would be called.
var payment = regexp.MustCompile(`(?i:payment|price|tariff|invoice|acquiring|bankcard|cashbox|cashless|refund|currency|kopeck)|^[pP]ay([A-Z]|$)`)

// TestNothingIsPaid (A14): nothing in the service, its wire or its programs is named for money, and every
// ticket and every redirection says that it is free.
func TestNothingIsPaid(t *testing.T) {
	sources(t, func(path string, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && payment.MatchString(id.Name) {
				t.Errorf("%s: %s sounds like money", path, id.Name)
			}
			return true
		})
	}, "kiosk", "sync", "cmd")
	lines, err := slip.Text(slip.Ticket{Label: "А001"}, 32)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(lines, func(l slip.Line) bool { return strings.Contains(l.Text, "Бесплатно") }) {
		t.Error("a ticket does not say «Бесплатно»")
	}
	if !slices.Contains(slip.Transfer{Label: "А001"}.Memo().Lines, "Бесплатно") {
		t.Error("the slip of a redirection does not say «Бесплатно»")
	}
}

// TestLogsNameNoDocument reads what the processes log that may meet a page or a stick (A35): keys from a
// closed list, and none for a page, a file or what is on it.
func TestLogsNameNoDocument(t *testing.T) {
	closed := []string{"err", "device", "session", "state", "way", "why", "what", "boot", "port", "kind", "outcome", "ticket", "title", "window",
		"task", "who", "input", "address", "version", "after", "waiting", "with", "pid", "worker", "place", "key", "seconds", "tries", "user"}
	calls := 0
	sources(t, func(path string, file *ast.File) {
		if strings.Contains(path, "appliance") && !strings.HasPrefix(filepath.Base(path), "scan") {
			return // of the process that never sees a page
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			method, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || !slices.Contains([]string{"Debug", "Info", "Warn", "Error"}, method.Sel.Name) || len(call.Args) == 0 {
				return true
			}
			if text, ok := call.Args[0].(*ast.BasicLit); !ok || text.Kind != token.STRING {
				return true
			}
			calls++
			for i := 1; i < len(call.Args); i += 2 {
				literal, ok := call.Args[i].(*ast.BasicLit)
				if !ok {
					t.Errorf("%s: a log has a key that is no word", path)
					continue
				}
				if key, _ := strconv.Unquote(literal.Value); !slices.Contains(closed, key) {
					t.Errorf("%s: %q in a log is on no list: could it name a document?", path, key)
				}
			}
			return true
		})
	}, "kiosk/scan", "kiosk/vault", "kiosk/pdf", "kiosk/ipc", "hal/stick", "drivers/escl", "drivers/sane", "drivers/ippusb",
		"drivers/autoscan", "cmd/internal/scanworker", "cmd/internal/porter", "cmd/internal/launch", "cmd/internal/appliance")
	if calls < 8 {
		t.Errorf("only %d logs were read", calls)
	}
}

// TestNobodyReadsDocuments (A35): nothing that reads letters, codes or faces off a picture is in the program.
func TestNobodyReadsDocuments(t *testing.T) {
	readers := regexp.MustCompile(`(?i)tesseract|gosseract|ocr|zxing|opencv|gocv|zbar|barcode|vision|tensor|onnx`)
	sources(t, func(path string, file *ast.File) {
		for _, imported := range file.Imports {
			if readers.MatchString(imported.Path.Value) && !strings.Contains(path, "sliptest") && !strings.Contains(path, "sheettest") {
				t.Errorf("%s imports %s: it could read a document", path, imported.Path.Value)
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if text, ok := n.(*ast.BasicLit); ok && text.Kind == token.STRING && strings.Contains(strings.ToLower(text.Value), "tesseract") &&
				!strings.Contains(path, "sliptest") {
				t.Errorf("%s speaks of %s", path, text.Value)
			}
			return true
		})
	}, "kiosk", "drivers", "cmd", "sync")
}
