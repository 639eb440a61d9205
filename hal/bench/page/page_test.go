package page

import (
	"image"
	"image/color"
	"image/png"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"sps-kiosk/hal/bench"
)

// The machine is what the page was drawn for.
var _ Bench = (*bench.Machine)(nil)

func get(t *testing.T, h http.Handler, path string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest("GET", "http://localhost:8080"+path, nil)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func post(t *testing.T, h http.Handler, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest("POST", "http://localhost:8080"+path, strings.NewReader(body))
	r.Header.Set("Origin", "http://localhost:8080")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestActsReachTheMachine(t *testing.T) {
	tests := []struct {
		path, body string
		want       []string
	}{
		{"/press", `{"line":"GPIO17"}`, []string{"press GPIO17"}},
		{"/release", `{"line":"GPIO24"}`, []string{"release GPIO24"}},
		{"/stick", `{"line":"GPIO17","stuck":true}`, []string{"stick GPIO17 on"}},
		{"/tear", `{}`, []string{"tear"}},
		{"/tear", `{"id":7}`, []string{"tear"}},
		{"/display", `{"absent":true}`, []string{"absent on"}},
		{"/power", `{"on":false}`, []string{"power off"}},
		{"/clock", `{"shift":3600}`, []string{"shift 1h0m0s"}},
		{"/clock", `{"trusted":false}`, []string{"trusted off"}},
		{"/printer", `{"coverOpen":true}`, []string{"printer"}},
	}
	for _, tt := range tests {
		f := newFake()
		f.s.Printer.Papers = []bench.PaperView{{ID: 7, Width: 576, Height: 800, Cut: true}}
		w := post(t, New(f), tt.path, tt.body)
		if w.Code != http.StatusNoContent || !slices.Equal(f.acts(), tt.want) {
			t.Errorf("%s %s: got %d %s, machine felt %q, want 204 and %q", tt.path, tt.body, w.Code, w.Body, f.acts(), tt.want)
		}
	}
}

func TestBadActsAreRefusedInWords(t *testing.T) {
	tests := []struct{ path, body, want string }{
		{"/press", ``, "Не разобрать запрос"},
		{"/press", `{"line":"GPIO17"}{}`, "после него есть лишнее"},
		{"/press", `{"wire":"GPIO17"}`, "Не разобрать запрос"},
		{"/press", `{"line":"GPIO99"}`, "На линии «GPIO99» нет кнопки"},
		{"/press", `{"line":"GPIO17","client":"gone"}`, "Страница потеряла связь"},
		{"/press", `{"line":"` + strings.Repeat("x", mostBody) + `"}`, "Не разобрать запрос"},
		{"/release", `{}`, "нет кнопки"},
		{"/stick", `{"line":"GPIO99","stuck":true}`, "нет кнопки"},
		{"/tear", `{}`, "В щели нет бумаги"},
		{"/power", `{}`, "Не сказано"},
		{"/clock", `{"shift":-60}`, "только вперёд"},
		{"/clock", `{"shift":99999999999}`, "не больше чем на год"},
		{"/printer", `{"coverOpen":"да"}`, "Не разобрать запрос"},
	}
	for _, tt := range tests {
		f := newFake()
		w := post(t, New(f), tt.path, tt.body)
		if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), tt.want) {
			t.Errorf("%s %.40s: got %d %q, want 400 with %q", tt.path, tt.body, w.Code, w.Body, tt.want)
		}
		if got := f.acts(); len(got) != 0 {
			t.Errorf("%s %.40s: machine felt %q, want nothing", tt.path, tt.body, got)
		}
	}
}

// A sheet that somebody else has torn off must not take the next one with it.
func TestTearLeavesAnotherSheet(t *testing.T) {
	f := newFake()
	f.s.Printer.Papers = []bench.PaperView{{ID: 8}}
	if w := post(t, New(f), "/tear", `{"id":7}`); w.Code != http.StatusBadRequest || len(f.acts()) != 0 {
		t.Errorf("got %d and %q, want 400 and no tearing", w.Code, f.acts())
	}
}

func TestPrinterKeepsFaultsNotNamed(t *testing.T) {
	f := newFake()
	f.s.Printer.PaperOut, f.s.Printer.CoverOpen = true, true
	post(t, New(f), "/printer", `{"coverOpen":false,"unplugged":true}`)
	if p := f.Snapshot().Printer; !p.PaperOut || p.CoverOpen || !p.Unplugged || p.PaperLow {
		t.Errorf("got %+v, want paper out and unplugged only", p)
	}
}

func TestPaperIsThePrintersPicture(t *testing.T) {
	f := newFake()
	sheet := image.NewGray(image.Rect(0, 0, 576, 40))
	sheet.SetGray(5, 6, color.Gray{Y: 200})
	f.papers[3] = sheet
	w := get(t, New(f), "/paper/3.png")
	got, err := png.Decode(w.Body)
	if err != nil || got.Bounds() != sheet.Bounds() || color.GrayModel.Convert(got.At(5, 6)) != sheet.At(5, 6) {
		t.Errorf("got %v %v, want the sheet as it is", got, err)
	}
	for path, want := range map[string]int{"/paper/4.png": 404, "/paper/x.png": 400, "/paper/3": 400, "/paper/3.jpg": 400} {
		if w := get(t, New(f), path); w.Code != want {
			t.Errorf("%s: got %d, want %d", path, w.Code, want)
		}
	}
}

func TestUnknownRoutesAndMethods(t *testing.T) {
	h := New(newFake())
	for path, want := range map[string]int{"/nothing": 404, "/assets/0000/main.js": 404, "/assets/main.js": 404, "/press": 405} {
		if w := get(t, h, path); w.Code != want {
			t.Errorf("GET %s: got %d, want %d", path, w.Code, want)
		}
	}
}
