// Command licences reads the licence of every module that is linked into a program or a test, out of the
// module cache, and fails if one is missing, unknown or not allowed where it stands. A licence of the
// allowed list lets the product be given to anybody, also without its source.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// kinds are the licences by a sentence that only they have; the first that is found holds.
var kinds = []struct {
	name     string
	sentence string
	tests    bool // allowed in tests alone
}{
	{"Apache-2.0", "Apache License Version 2.0", false},
	{"MPL-2.0", "Mozilla Public License Version 2.0", true},
	{"GPL", "GNU GENERAL PUBLIC LICENSE", true},
	{"MIT", "Permission is hereby granted, free of charge, to any person obtaining a copy", false},
	{"BSD", "Redistribution and use in source and binary forms, with or without modification, are permitted", false},
}

// forbidden are those that are allowed nowhere.
var forbidden = []string{"GPL"}

var (
	fileName = regexp.MustCompile(`(?i)^(licen[sc]e|copying)(\.(md|txt))?$`)
	spaces   = regexp.MustCompile(`[\s#=/*]+`)
)

func main() {
	product, err := modules("-deps")
	var all map[string]string
	if err == nil {
		all, err = modules("-deps", "-test")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	counts, wrong := map[string]int{}, 0
	for _, module := range slices.Sorted(keys(all)) {
		_, shipped := product[module]
		kind, err := licence(all[module])
		if err == nil {
			err = allowed(kind, shipped)
		}
		if err != nil {
			wrong++
			fmt.Fprintf(os.Stderr, "%s: %v\n", module, err)
		}
		counts[kind]++
	}
	fmt.Printf("licences of %d modules, %d of them in programs: %v\n", len(all), len(product), counts)
	if wrong > 0 || len(product) == 0 {
		os.Exit(1)
	}
}

func keys(m map[string]string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// modules lists what the packages of this module need: folder by module and version.
func modules(args ...string) (map[string]string, error) {
	list := append([]string{"list", "-tags", "vm", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}@{{.Version}}\t{{.Dir}}{{end}}{{end}}"}, args...)
	out, err := exec.Command("go", append(list, "./...")...).Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	all := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if module, dir, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
			all[module] = dir
		}
	}
	return all, nil
}

// licence names the licence in a module's folder.
func licence(dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	for _, e := range entries {
		if !fileName.MatchString(e.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return "", err
		}
		text = spaces.ReplaceAll(text, []byte(" "))
		for _, k := range kinds {
			if bytes.Contains(bytes.ToLower(text), bytes.ToLower([]byte(k.sentence))) {
				return k.name, nil
			}
		}
		return "", fmt.Errorf("%s is none that is known", e.Name())
	}
	return "", errors.New("no file with a licence")
}

// allowed reports why a licence may not be where it is.
func allowed(kind string, shipped bool) error {
	if slices.Contains(forbidden, kind) {
		return fmt.Errorf("%s is not on the list", kind)
	}
	for _, k := range kinds {
		if k.name == kind && k.tests && shipped {
			return fmt.Errorf("%s is allowed in tests alone", kind)
		}
	}
	return nil
}
