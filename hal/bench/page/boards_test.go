package page

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"sps-kiosk/hal/bench"
)

var pictures = flag.String("pictures", "", "folder for pictures of the page")

// TestFurtherDisplays: digits over a window and a board of text, as they change, flash and go dark.
func TestFurtherDisplays(t *testing.T) {
	f := newFake()
	f.s.Boards = []bench.BoardView{
		{Title: "окно 1", Digits: bench.Segments{0x77, 0x7e, 0x30, 0x6d}, Width: 4, Intensity: 4},
		{Title: "зал", Text: "А012-01", Width: 8, Intensity: 3, Flashes: -1},
	}
	ctx, _ := visit(t, f)
	says := func(i, want string) chromedp.Action {
		return is(`document.querySelectorAll(".board")[` + i + `].dataset.text === "` + want + `"`)
	}
	var png []byte
	play(t, ctx, says("0", "А012"), says("1", "А012-01"),
		is(`document.querySelectorAll(".board")[0].querySelectorAll(".led--on").length === 6 + 6 + 2 + 5`),
		is(`getComputedStyle(document.querySelector(".board__text")).animationName === "board-flash"`),
		chromedp.CaptureScreenshot(&png))
	if *pictures != "" {
		if err := os.WriteFile(filepath.Join(*pictures, "boards.png"), png, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f.change(func(s *bench.Snapshot) {
		s.Boards = []bench.BoardView{{Title: "окно 1", Digits: bench.Segments{0, 0, 0, 0}, Width: 4, Dark: true}, {Title: "зал", Text: "А013", Width: 8}}
	})
	play(t, ctx, says("0", ""), says("1", "А013"),
		is(`document.querySelector(".board").getAttribute("aria-label") === "Табло, окно 1: не горит"`),
		is(`getComputedStyle(document.querySelector(".board__text")).animationName === "none"`))
}
