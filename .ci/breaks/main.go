// Command breaks shows that tests can fail: breaks [-n N] [-seed S].
//
// It draws N rows of cmd/testdata/requirements.txt that carry a patch (0 = all of them), and for each, in a
// copy of the tree, runs the row's first test as it is, applies the patch, and runs it again. It fails if a
// test was red before, if a patch does not apply any more, or if a test stays green over a broken program.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// broken is a row with a patch.
type broken struct{ number, folder, test, patch string }

func main() {
	n := flag.Int("n", 3, "how many patches; 0 = all")
	seed := flag.Uint64("seed", 0, "draws them; 0 = another one every time")
	flag.Parse()
	if *seed == 0 {
		*seed = uint64(time.Now().UnixNano())
	}
	if err := run(*n, *seed); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run draws rows and breaks the program once for each.
func run(n int, seed uint64) error {
	rows, err := table("cmd/testdata/requirements.txt")
	if err != nil {
		return err
	}
	draw := rand.New(rand.NewPCG(seed, 1))
	draw.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	if n > 0 {
		rows = rows[:min(n, len(rows))]
	}
	fmt.Printf("seed %d\n", seed)
	tree, err := copyTree()
	if err != nil {
		return err
	}
	defer os.RemoveAll(tree)
	var wrong error
	for _, row := range rows {
		began := time.Now()
		if err := try(tree, row); err != nil {
			wrong = errors.Join(wrong, fmt.Errorf("%s, %s %s, %s: %w", row.number, row.folder, row.test, row.patch, err))
			continue
		}
		fmt.Printf("ok    %-4s %-40s red under %-24s %5.1f s\n", row.number, row.folder+" "+row.test, row.patch, time.Since(began).Seconds())
	}
	return wrong
}

// table reads the rows that carry a patch.
func table(path string) (rows []broken, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	for _, text := range strings.Split(string(data), "\n") {
		cells := strings.Split(text, "|")
		if len(cells) != 4 || strings.HasPrefix(text, "#") || strings.TrimSpace(cells[3]) == "" {
			continue
		}
		first, _, _ := strings.Cut(cells[2], ";")
		folder, test, _ := strings.Cut(strings.TrimSpace(first), " ")
		rows = append(rows, broken{strings.TrimSpace(cells[0]), folder, test, strings.TrimSpace(cells[3])})
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("%s: no row carries a patch", path)
	}
	return rows, nil
}

// copyTree copies every file that git knows of, as it is now.
func copyTree() (string, error) {
	list, err := exec.Command("git", "ls-files", "-z").Output()
	if err != nil {
		return "", fmt.Errorf("list the tree: %w", err)
	}
	tree, err := os.MkdirTemp("", "breaks")
	if err != nil {
		return "", err
	}
	for _, path := range strings.Split(strings.TrimSuffix(string(list), "\x00"), "\x00") {
		if err := copyFile(path, filepath.Join(tree, path)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return tree, err
		}
	}
	return tree, nil
}

func copyFile(from, to string) error {
	info, err := os.Stat(from)
	if err != nil || info.IsDir() {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, info.Mode().Perm())
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// try runs a test as it is, breaks the program, runs it again, and mends the program.
func try(tree string, row broken) error {
	if passed, said := test(tree, row); !passed {
		return fmt.Errorf("red before anything was broken:\n%s", said)
	}
	patch := filepath.Join(tree, "cmd/testdata/breaks", row.patch)
	if said, err := apply(tree, patch); err != nil {
		return fmt.Errorf("the patch does not apply: the code went on, write it anew: %w\n%s", err, said)
	}
	passed, said := test(tree, row)
	if back, err := apply(tree, patch, "-R"); err != nil {
		return fmt.Errorf("take the patch back: %w\n%s", err, back)
	}
	if passed {
		return errors.New("stays green over the broken program: it cannot fail")
	}
	if !bytes.Contains(said, []byte("--- FAIL: "+row.test)) {
		return fmt.Errorf("the program does not build any more, which shows nothing:\n%s", said)
	}
	return nil
}

// apply applies a patch to a tree that is no repository.
func apply(tree, patch string, flags ...string) ([]byte, error) {
	cmd := exec.Command("git", append(append([]string{"apply", "-C1"}, flags...), patch)...)
	cmd.Dir, cmd.Env = tree, append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(tree))
	return cmd.CombinedOutput()
}

// test runs one test; rapid leaves no file behind.
func test(tree string, row broken) (passed bool, said []byte) {
	cmd := exec.Command("go", "test", "-count", "1", "-run", "^"+row.test+"$", "./"+row.folder)
	cmd.Dir = tree
	said, err := cmd.CombinedOutput()
	return err == nil && !bytes.Contains(said, []byte("no tests to run")), said
}
