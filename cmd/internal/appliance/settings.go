package appliance

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"sps-kiosk/kiosk/config"
)

// settingsEvery is how often faulty settings are read again: the technician saves the file and
// looks at the display.
const settingsEvery = 2 * time.Second

// faultShown is how long the code of a fault stands on the displays before the kiosk serves with the settings it
// had before: long enough to be read by who put the card in.
const faultShown = 20 * time.Second

// waitForSettings reads the settings. While kiosk.txt is wrong the display shows the code, "CFG 12", the log says
// what is wrong and what is allowed, and the file is read again until it is right, or, once the code was long
// enough to be seen, the last good one holds. Without a last good one there is no service till then. A catalogue
// that is wrong keeps nobody from being served: the one before it holds.
func waitForSettings(ctx context.Context, o Options, b board) (source, error) {
	said, until := "", time.Now().Add(faultShown)
	for {
		s, err := readSource(o.Config)
		last := lastGood(o)
		wrong := faultOf(s, err, last)
		if wrong == nil {
			return s, err
		}
		if wrong.Error() != said {
			said = wrong.Error()
			if told := (*config.Error)(nil); err != nil && !errors.As(err, &told) {
				o.Log.Error("read settings", "device", settingsDevice, "err", err)
			}
			tellFault(o, b, wrong, last != nil)
		}
		if last != nil && !time.Now().Before(until) {
			last.wrong = wrong
			return *last, nil
		}
		select {
		case <-ctx.Done():
			return source{}, nil
		case <-time.After(settingsEvery):
		}
	}
}

// tellFault tells what is wrong with kiosk.txt, wherever a technician may look.
func tellFault(o Options, b board, wrong *config.Error, spared bool) {
	o.Log.Error("settings are wrong", "err", wrong, "the last good ones hold", spared)
	text := "Ошибка в настройках: "
	if spared {
		text = "Ошибка в настройках, действуют прежние: "
	}
	journal(b, text+wrong.Problems[0].String(), 0)
	if err := showCode(b, wrong.Displays, wrong.Codes()...); err != nil {
		o.Log.Warn("show code", "device", "display", "err", err)
	}
}

// showCode shows the first of the codes that it can draw on each display, and tells which show none.
func showCode(b board, displays []config.Display, codes ...string) error {
	var errs []error
	lines := &serialLines{board: b}
	for i, d := range displays {
		if err := showFirst(lines.of(d), d, codes); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", config.DisplayName(i), err))
		}
	}
	return errors.Join(errs...)
}

// showFirst shows the first text that fits and can be drawn.
func showFirst(b board, where config.Display, texts []string) error {
	d, closer, err := openDisplay(b, where, where.Bright)
	if err != nil {
		return err
	}
	defer closer.Close()
	for _, text := range texts {
		if err = d.Show(text); err == nil {
			break
		}
	}
	return err
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
