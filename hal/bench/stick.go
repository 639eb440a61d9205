package bench

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// mostFiles is how many files of a stick the page lists.
const mostFiles = 50

// stick is the citizen's flash drive: a folder that is at socket while it is in, and at files while it
// lies beside the machine.
type stick struct {
	files, socket string // "" = there is none
	in            bool
}

// StickView is the stick as a person sees it at home: what is on it.
type StickView struct {
	In    bool        `json:"in"`
	Files []StickFile `json:"files"`
}

// StickFile is a file on the stick.
type StickFile struct {
	Path string `json:"path"` // from the stick's root
	Size int64  `json:"size"` // bytes
}

var errNoStick = errors.New("there is no stick")

// OwnStick gives the machine a stick: the folder files lies beside it, and whoever serves the citizen's
// socket finds it at socket while it is in.
func (m *Machine) OwnStick(files, socket string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.scan.stick = stick{files: files, socket: socket}
}

// PutStick puts the stick into its socket or takes it out, whatever is being written.
func (m *Machine) PutStick(in bool) error {
	m.hands.Lock()
	defer m.hands.Unlock()
	m.mu.Lock()
	s := m.scan.stick
	m.mu.Unlock()
	switch {
	case s.files == "":
		return errNoStick
	case s.in == in:
		return nil
	}
	from, to := s.files, s.socket
	if !in {
		from, to = to, from
	}
	if err := os.Rename(from, to); err != nil {
		return fmt.Errorf("move the stick: %w", err)
	}
	m.mu.Lock()
	m.scan.stick.in = in
	m.mu.Unlock()
	m.tell(s.in, in, "Флешку вставили", "Флешку вынули")
	m.touch()
	return nil
}

// StickView returns the stick, nil without one.
func (m *Machine) StickView() *StickView {
	m.mu.Lock()
	s := m.scan.stick
	m.mu.Unlock()
	if s.files == "" {
		return nil
	}
	v := &StickView{In: s.in, Files: []StickFile{}}
	root := s.root()
	filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() || len(v.Files) == mostFiles {
			return nil // a file that is being renamed is looked for the next time
		}
		if info, err := e.Info(); err == nil {
			name, _ := filepath.Rel(root, path)
			v.Files = append(v.Files, StickFile{name, info.Size()})
		}
		return nil
	})
	return v
}

// OpenStick opens a file of the stick, as its owner does at home. The path is from its root and cannot
// leave it.
func (m *Machine) OpenStick(path string) (fs.File, error) {
	m.mu.Lock()
	s := m.scan.stick
	m.mu.Unlock()
	if s.files == "" {
		return nil, errNoStick
	}
	return os.DirFS(s.root()).Open(path)
}

func (s stick) root() string {
	if s.in {
		return s.socket
	}
	return s.files
}
