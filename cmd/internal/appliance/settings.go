package appliance

import (
	"context"
	"errors"
	"os"
	"time"

	"sps-kiosk/kiosk/config"
)

// settingsEvery is how often faulty settings are read again: the technician saves the file and
// looks at the display.
const settingsEvery = 2 * time.Second

// waitForSettings reads the settings. While they are wrong there is no service: the display shows
// the code, "CFG 12", the log says what is wrong and what is allowed, and the file is read again
// until it is right.
func waitForSettings(ctx context.Context, o Options, b board) (config.Settings, error) {
	said := ""
	for {
		settings, err := Settings(o.Config)
		var wrong *config.Error
		if !errors.As(err, &wrong) {
			return settings, err
		}
		if err.Error() != said {
			said = err.Error()
			o.Log.Error("settings are wrong", "err", err)
			journal(b, "Ошибка в настройках: "+wrong.Problems[0].String(), 0)
			if err := showCode(b, wrong.Code()); err != nil {
				o.Log.Warn("show code", "device", "display", "err", err)
			}
		}
		select {
		case <-ctx.Done():
			return config.Settings{}, nil
		case <-time.After(settingsEvery):
		}
	}
}

// showCode shows a fault of the settings on the display as the built-in settings wire it, because
// the faulty ones cannot be asked.
func showCode(b board, code string) error {
	where := config.Default().Display
	d, closer, err := openDisplay(b, where, where.Bright)
	if err != nil {
		return err
	}
	defer closer.Close()
	return d.Show(code)
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
