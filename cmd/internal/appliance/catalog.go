package appliance

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/health"
)

// catalogEvery is how often the file of the catalogue is looked at while the kiosk runs.
const catalogEvery = 30 * time.Second

// errNewSettings ends the process after another catalogue or another kiosk.txt came into force: pages, journal
// and wiring begin anew with it, by the one way there is to begin.
var errNewSettings = errors.New("other settings are in force")

// source is what a technician has put into the folder of the settings.
type source struct {
	device config.Device
	folder string      // "" = the built-in files alone
	book   config.Book // the catalogue beside kiosk.txt, or the built-in one
	path   string      // as the flag names it
	found  string      // the kiosk.txt that was read, "" = the built-in one
	wrong  error       // what is wrong with kiosk.txt while the last good one holds, or nil
	fault  error       // what keeps that catalogue from coming into force, or nil
}

// readSource reads both files. The error is about kiosk.txt, or that neither can be read; what is wrong with the
// catalogue alone is the source's fault, because there is one that holds meanwhile.
func readSource(path string) (source, error) {
	device, found, err := deviceAt(path)
	if err != nil {
		return source{}, err
	}
	s := source{path: path, found: found, device: device, folder: folderOf(path)}
	s.read()
	if s.fault == nil {
		return s, s.joins()
	}
	return s, nil
}

// read reads the catalogue.
func (s *source) read() {
	s.book, s.fault = config.BuiltIn(), nil
	if s.folder != "" {
		s.book, s.fault = config.ReadCatalog(s.folder)
	}
}

// joins reports what of kiosk.txt the catalogue does not know.
func (s *source) joins() error {
	_, err := s.device.Join(s.book)
	return err
}

// deviceAt reads the kiosk.txt that a path names: a file, or a folder with a file of one of the accepted names.
// Without a file the built-in one holds, and found is empty.
func deviceAt(path string) (device config.Device, found string, err error) {
	if path == "" {
		return config.DefaultDevice(), "", nil
	}
	found, err = config.Find(path)
	switch {
	case err == nil:
	case errors.Is(err, fs.ErrNotExist) && isFolder(path):
		return config.DefaultDevice(), "", nil
	case !isFile(path):
		return config.Device{}, "", err
	default:
		found = path
	}
	device, err = config.ReadDevice(found)
	return device, found, err
}

// catalogue keeps the one in force in the data folder, and watches the file that may replace it (A6).
type catalogue struct {
	source
	path    string // where the one in force is kept
	inForce config.Book
	kept    bool // inForce is on the card
	offered config.Book
	keep    chan []byte
	said    string // what was last said to be wrong
	emit    func(kiosk.Input)
	now     func() event.Time
	tell    func(text string) // the bench's journal
	log     *slog.Logger
}

// newCatalogue returns the one that holds now: what was kept, else what the folder has, else the built-in one.
func newCatalogue(s source, data string, log *slog.Logger) *catalogue {
	c := &catalogue{source: s, path: filepath.Join(data, config.CatalogName), keep: make(chan []byte, 1), log: log, tell: func(string) {}}
	text, err := os.ReadFile(c.path)
	if err == nil {
		c.inForce, err = config.ParseCatalog(text)
		c.kept = err == nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		log.Warn("the catalogue that was in force cannot be read", "device", kiosk.CatalogDevice, "err", err)
	}
	switch {
	case c.kept:
	case s.fault == nil:
		c.inForce = s.book
	default:
		c.inForce = config.BuiltIn()
	}
	return c
}

// settings returns the device with the catalogue in force.
func (c *catalogue) settings() config.Settings { return c.device.JoinKnown(c.inForce) }

// begin tells the machine of the catalogue that is to come into force, if there is another one than what was
// kept, and of what is wrong.
func (c *catalogue) begin() {
	if c.wrong != nil {
		c.emit(kiosk.DeviceSeen{Device: settingsDevice, State: health.Wrong})
	}
	c.offered = c.inForce
	if !c.kept {
		c.offer(c.inForce)
	}
	c.warn(c.inForce)
	c.look()
}

// warn logs what is to be seen in a catalogue though it holds: stale information, overdue readings, gaps (A33, B6,
// B16). Dates are judged by a trusted clock alone.
func (c *catalogue) warn(b config.Book) {
	var today time.Time
	if now := c.now(); now.Trusted() {
		today = now.In(c.device.Settings().Hours.Zone)
	}
	for _, w := range b.Warn(b.Catalog.Warnings(today)) {
		c.log.Warn("the catalogue", "device", kiosk.CatalogDevice, "say", w.String())
	}
}

// look tells of the file as it is now.
func (c *catalogue) look() {
	if c.fault == nil {
		c.fault = c.unfit()
	}
	if c.fault != nil {
		c.complain()
		return
	}
	c.said = ""
	c.emit(kiosk.DeviceSeen{Device: kiosk.CatalogDevice, State: health.OK})
	if !c.book.Same(c.offered) {
		c.offer(c.book)
	}
}

// unfit reports what of kiosk.txt the catalogue does not know: here that is a fault of the catalogue, because the
// buttons are what they are.
func (c *catalogue) unfit() error {
	err := c.joins()
	if wrong := (*config.Error)(nil); errors.As(err, &wrong) {
		for i := range wrong.Problems {
			wrong.Problems[i].File = "kiosk.txt"
		}
	}
	return err
}

// offer gives a catalogue to the machine, which knows when it may come into force.
func (c *catalogue) offer(b config.Book) {
	c.offered = b
	if b.Catalog.Version == c.inForce.Catalog.Version && !b.Same(c.inForce) {
		c.tell("Каталог услуг изменён, а version прежняя: " + b.Catalog.Version + ". Поменяйте её: по ней различают отчёты")
	}
	what := "another catalogue waits for the end of the business day"
	if b.Same(c.inForce) { // of a new card, or of one whose copy was lost
		what = "the catalogue in force is kept"
	}
	c.log.Info(what, "device", kiosk.CatalogDevice, "version", b.Catalog.Version)
	c.emit(kiosk.Adopt{Settings: c.device.JoinKnown(b), Text: b.Text})
}

// complain says what keeps a catalogue from coming into force, once.
func (c *catalogue) complain() {
	c.emit(kiosk.DeviceSeen{Device: kiosk.CatalogDevice, State: health.Wrong})
	if c.fault.Error() == c.said {
		return
	}
	c.said = c.fault.Error()
	c.log.Error("the catalogue is wrong, the one before it holds", "device", kiosk.CatalogDevice, "version", c.inForce.Catalog.Version, "err", c.fault)
	text := c.said
	if wrong := (*config.Error)(nil); errors.As(c.fault, &wrong) {
		text = wrong.Problems[0].String()
	}
	c.tell("Ошибка в каталоге услуг, действует прежний: " + text)
}

// adopted takes the text of the catalogue in force. It does not wait; only the loop calls it.
func (c *catalogue) adopted(a kiosk.KeepCatalog) {
	select {
	case <-c.keep: // an earlier one that nobody has kept yet
	default:
	}
	c.keep <- a.Text
}

// Run keeps what comes into force and looks at the files, until ctx ends. It returns errNewSettings once another
// catalogue than at the beginning is kept, and once a kiosk.txt that was wrong is mended.
func (c *catalogue) Run(ctx context.Context) error {
	looks := time.NewTicker(catalogEvery)
	defer looks.Stop()
	var unkept []byte
	for {
		select {
		case <-ctx.Done():
			return nil
		case unkept = <-c.keep:
		case <-looks.C:
			if c.mended() {
				return errNewSettings
			}
			c.read()
			c.look()
		}
		if unkept == nil {
			continue
		}
		if err := keepFile(c.path, unkept); err != nil {
			c.log.Error("keep the catalogue", "device", kiosk.CatalogDevice, "err", err)
			continue // again with the next look
		}
		if !bytes.Equal(unkept, c.inForce.Text) {
			return errNewSettings
		}
		unkept = nil
	}
}

// keepFile writes a file whole or not at all, whatever dies.
func keepFile(path string, text []byte) error {
	next := path + ".new"
	file, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(next, path)
	}
	if err != nil {
		return err
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// CheckSettings reads both files as they are to hold together, and returns what is to be seen though nothing is
// wrong: a line each, for a technician.
func CheckSettings(path string) (said []string, err error) {
	settings, err := Settings(path)
	if err != nil {
		return nil, err
	}
	s, err := readSource(path)
	if err != nil {
		return nil, err
	}
	said = append(said, fmt.Sprintf("Каталог %s: %s, услуг %d, мест %d.", settings.Catalog.Version, settings.Catalog.Act,
		len(settings.Services), len(settings.Windows)))
	for _, w := range s.book.Warn(settings.Catalog.Warnings(time.Now())) {
		said = append(said, "Обратите внимание: "+w.String())
	}
	return said, nil
}
