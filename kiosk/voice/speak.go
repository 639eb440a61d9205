package voice

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Options say how it sounds.
type Options struct {
	Device string // ALSA's name of the card: "default"
	Volume int    // percent
	Folder string // of recorded words
	// Programs are where the child processes are; "" = where Debian puts them.
	Espeak, Player string
}

// wordGap is the pause between two recorded words, sentenceGap between two sentences.
const (
	wordGap     = 60 * time.Millisecond
	sentenceGap = 300 * time.Millisecond
)

// mostOutput bounds what a child process may write, bytes.
const mostOutput = 8 << 20

// Espeak returns a speaker that lets espeak-ng read the sentence.
func Espeak(o Options) Speaker { return speaker{o, o.read} }

// Recorded returns a speaker that puts recorded words together: one WAV file a word, named by the word
// («двенадцать.wav»), all of one sample rate.
func Recorded(o Options) Speaker { return speaker{o, o.join} }

// speaker makes the sound of a call and has it played.
type speaker struct {
	options Options
	make    func(context.Context, Call) (sound, error)
}

// Say makes the sound, puts the chime before it, and plays both.
func (s speaker) Say(ctx context.Context, c Call) error {
	speech, err := s.make(ctx, c)
	if err != nil {
		return err
	}
	whole := chime(speech.rate, s.options.loud())
	whole.samples = append(whole.samples, speech.samples...)
	return s.options.play(ctx, whole)
}

func (o Options) loud() float64 { return float64(o.Volume) / 100 }

// play gives a sound to aplay.
func (o Options) play(ctx context.Context, s sound) error {
	_, err := run(ctx, program(o.Player, "/usr/bin/aplay"), s.wav(), "-q", "-D", o.Device, "-")
	return err
}

// read lets espeak-ng read. It writes WAV to its output and needs no sound card.
func (o Options) read(ctx context.Context, c Call) (sound, error) {
	out, err := run(ctx, program(o.Espeak, "/usr/bin/espeak-ng"), []byte(Sentence(c)), "-v", "ru", "-s", "145",
		"-a", strconv.Itoa(o.Volume), "-b", "1", "--stdin", "--stdout")
	if err != nil {
		return sound{}, err
	}
	return readWAV(out)
}

// join puts recorded words together. A word that is not recorded is an error that names its file.
func (o Options) join(_ context.Context, c Call) (sound, error) {
	var all sound
	for _, w := range Words(c) {
		if w == "" {
			all.silence(sentenceGap)
			continue
		}
		name := filepath.Join(o.Folder, w+".wav")
		data, err := os.ReadFile(name)
		if err != nil {
			return sound{}, fmt.Errorf("%w: recorded word: %w", ErrNoSound, err)
		}
		one, err := readWAV(data)
		if err != nil {
			return sound{}, fmt.Errorf("recorded word %s: %w", name, err)
		}
		if all.rate == 0 {
			all.rate = one.rate
		}
		if one.rate != all.rate {
			return sound{}, fmt.Errorf("recorded word %s: %d samples a second, the others have %d", name, one.rate, all.rate)
		}
		all.samples = append(all.samples, one.samples...)
		all.silence(wordGap)
	}
	return all.louder(o.loud()), nil
}

func program(set, usual string) string {
	if set != "" {
		return set
	}
	return usual
}

// run runs a child process over input and returns what it wrote. It ends with ctx.
func run(ctx context.Context, program string, input []byte, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stdin = bytes.NewReader(input)
	cmd.WaitDelay = time.Second
	var out, says limited
	cmd.Stdout, cmd.Stderr = &out, &says
	err := cmd.Run()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%w: %w", ErrNoSound, err)
	case err != nil:
		return nil, fmt.Errorf("%s: %w: %s", filepath.Base(program), err, strings.TrimSpace(string(says.data[:min(200, len(says.data))])))
	case out.over:
		return nil, fmt.Errorf("%s wrote more than %d bytes", filepath.Base(program), mostOutput)
	}
	return out.data, nil
}

// limited keeps the first mostOutput bytes.
type limited struct {
	data []byte
	over bool
}

// Write takes everything and keeps what there is room for.
func (l *limited) Write(p []byte) (int, error) {
	room := mostOutput - len(l.data)
	if len(p) > room {
		l.over = true
	}
	l.data = append(l.data, p[:min(len(p), room)]...)
	return len(p), nil
}
