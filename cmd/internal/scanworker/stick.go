package scanworker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"sps-kiosk/hal/stick"
	"sps-kiosk/kiosk/ipc"
	"sps-kiosk/kiosk/pdf"
	"sps-kiosk/kiosk/vault"
)

// hearPorter takes the stick when it comes and lets it go when it must.
func (w *worker) hearPorter(stop context.CancelFunc) {
	defer stop()
	for {
		m, files, err := w.Porter.Receive()
		if err != nil {
			return
		}
		switch m := m.(type) {
		case *ipc.Volume:
			w.leave()
			w.mu.Lock()
			w.root, w.volume = files[0], *m
			w.mu.Unlock()
		case *ipc.Leave:
			w.leave()
			if w.Porter.Send(&ipc.Left{}) != nil {
				return
			}
		}
	}
}

// leave closes the stick. A save under way is stopped first: it closes its own files.
func (w *worker) leave() {
	w.mu.Lock()
	root := w.root
	w.root = nil
	w.mu.Unlock()
	if root == nil {
		return
	}
	if ended := w.stop(); ended != nil {
		<-ended
	}
	root.Close()
}

// perPage and perFile bound what a document has besides its pictures, bytes.
const (
	perPage = 4 << 10
	perFile = 64 << 10
)

// sheet is a page to be saved.
type sheet struct {
	shot
	page uint32
	turn int
	size int64
}

// save writes pages onto the stick and reads them back.
func (w *worker) save(ctx context.Context, m *ipc.Save) ipc.Message {
	saved, bytes, err := w.saveAll(ctx, m)
	if err == nil {
		return &ipc.Saved{Files: saved, Bytes: bytes}
	}
	why := saveFault(ctx, err)
	if why != ipc.SaveStopped {
		w.Log.Warn("save", "err", err)
	}
	return &ipc.Unsaved{Why: why}
}

// saveAll writes all files, then reads all back: a stick that lies loses the first by the last.
func (w *worker) saveAll(ctx context.Context, m *ipc.Save) (files int, bytes int64, err error) {
	w.mu.Lock()
	root, volume := w.root, w.volume
	w.mu.Unlock()
	if root == nil {
		return 0, 0, errNoStick
	}
	documents, total, err := w.documents(m, volume.MaxFile)
	if err != nil {
		return 0, 0, err
	}
	var all []stick.Saved
	for _, d := range documents {
		job := w.jobOf(m, d)
		job.Progress = func(onStick int64) { w.progress(min(total, bytes+onStick), total, false) }
		s, err := stick.Save(ctx, root, job)
		if err != nil {
			return 0, 0, err
		}
		bytes += s.Size
		all = append(all, s)
	}
	read := int64(0)
	for _, s := range all {
		err := stick.Verify(ctx, root, s, func(n int64) { w.progress(min(bytes, read+n), bytes, true) })
		if err != nil {
			return 0, 0, err
		}
		read += s.Size
	}
	return len(all), bytes, nil
}

func (w *worker) progress(done, total int64, check bool) {
	w.say(&ipc.Progress{Done: done, Total: total, Check: check})
}

// documents divides the pages into files that the stick can hold: one a page for JPEG, as few as possible
// for PDF. total is how many bytes all of them have at most.
func (w *worker) documents(m *ipc.Save, most int64) (documents [][]sheet, total int64, err error) {
	most = min(most, pdf.MaxBytes) - perFile
	var size int64
	for _, p := range m.Pages {
		n, err := w.vault.Size(p.Page)
		if err != nil {
			return nil, 0, err
		}
		w.mu.Lock()
		taken := w.shots[p.Page]
		w.mu.Unlock()
		s := sheet{shot: taken, page: p.Page, turn: p.Turn, size: n + perPage}
		if len(documents) == 0 || m.Format == ipc.JPEG || size+s.size > most {
			documents, size = append(documents, nil), 0
			total += perFile
		}
		last := len(documents) - 1
		documents[last] = append(documents[last], s)
		size += s.size
		total += s.size
	}
	return documents, total, nil
}

// jobOf is one file to be saved.
func (w *worker) jobOf(m *ipc.Save, sheets []sheet) stick.Job {
	j := stick.Job{Extension: "pdf", Need: perFile, Label: stick.Label{Session: m.Session}}
	if m.Format == ipc.JPEG {
		j.Extension = "jpg"
	}
	if m.Day != 0 {
		j.Label.Day = time.Unix(m.Day*24*60*60, 0).UTC()
	}
	for _, s := range sheets {
		j.Need += s.size
	}
	j.Write = func(to io.Writer) error { return w.write(to, m, sheets) }
	return j
}

// output is what kiosk/pdf makes a document with.
type output interface {
	AddPage(r io.Reader, p pdf.Page) error
	Close() error
}

// write gives the content of one file, a page at a time.
func (w *worker) write(to io.Writer, m *ipc.Save, sheets []sheet) error {
	next := func(part int) (io.WriteCloser, error) {
		if part > 1 {
			return nil, errParts
		}
		return open{to}, nil
	}
	var o pdf.Options
	if m.Created != 0 {
		o.Created = time.Unix(m.Created, 0)
	}
	var out output = pdf.New(next, o)
	if m.Format == ipc.JPEG {
		out = pdf.NewFolder(next, o)
	}
	for _, s := range sheets {
		r, err := w.vault.Open(s.page)
		if err != nil {
			return err
		}
		err = out.AddPage(r, pdf.Page{Picture: s.picture, DPI: s.dpi, Turn: s.turn})
		r.Close()
		if err != nil {
			return fmt.Errorf("write page: %w", err)
		}
	}
	return out.Close()
}

// open is a file that its owner closes.
type open struct{ io.Writer }

// Close implements io.Closer.
func (open) Close() error { return nil }

var (
	errNoStick = errors.New("no stick")
	errParts   = errors.New("document needs more than one file")
)

// saveFault puts an error into the words of the citizen's screen.
func saveFault(ctx context.Context, err error) ipc.SaveFault {
	switch {
	case errors.Is(err, errNoStick):
		return ipc.SaveNoStick
	case errors.Is(err, vault.ErrNoPage), errors.Is(err, vault.ErrBroken), errors.Is(err, vault.ErrWiped), pdf.Message(err) != "":
		return ipc.SavePages
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		return ipc.SaveStopped
	}
	switch stick.ProblemOf(err) {
	case stick.Pulled:
		return ipc.SavePulled
	case stick.Full, stick.TooLarge, stick.NoName:
		return ipc.SaveFull
	case stick.WriteProtected:
		return ipc.SaveProtected
	case stick.Fake:
		return ipc.SaveDiffers
	}
	return ipc.SaveFails
}
