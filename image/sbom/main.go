// Command sbom writes what a card consists of as an SPDX 2.3 document (ISO/IEC 5962, JSON), for the programs that compare
// such lists with known faults. It owns the document's form. It refuses to guess licences: Debian's copyright
// files are on the card, those of Go modules in .ci/licences.
//
//	sbom -name sps-kiosk-base-arm64 -version 2026.11.22.500 -arch arm64 -date 1790000000 -debian FILE -go FILE
//
// Each line of the lists is a name and a version.
package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"
)

func main() {
	var a about
	flag.StringVar(&a.name, "name", "", "what the list is of")
	flag.StringVar(&a.version, "version", "", "its version")
	flag.StringVar(&a.arch, "arch", "", "Debian's name of its architecture")
	flag.Int64Var(&a.date, "date", 0, "when it was made, seconds since 1970")
	debian := flag.String("debian", "", "list of Debian packages")
	modules := flag.String("go", "", "list of Go modules")
	flag.Parse()
	if err := write(os.Stdout, a, *debian, *modules); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}

// about is the whole that the parts belong to.
type about struct {
	name, version, arch string
	date                int64
}

// part is one line of a list.
type part struct{ name, version, purl string }

func write(out io.Writer, a about, debian, modules string) error {
	parts, err := read(debian, func(name, version string) string {
		return fmt.Sprintf("pkg:deb/debian/%s@%s?arch=%s&distro=trixie", name, url.QueryEscape(version), a.arch)
	})
	if err != nil {
		return err
	}
	more, err := read(modules, func(name, version string) string {
		return fmt.Sprintf("pkg:golang/%s@%s", name, url.QueryEscape(version))
	})
	if err != nil {
		return err
	}
	e := json.NewEncoder(out)
	e.SetIndent("", " ")
	return e.Encode(a.document(append(parts, more...)))
}

// read reads a list; the same line twice is one part.
func read(path string, purl func(name, version string) string) ([]part, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var all []part
	for in := bufio.NewScanner(f); ; {
		if !in.Scan() {
			slices.SortFunc(all, func(a, b part) int { return strings.Compare(a.purl, b.purl) })
			return slices.Compact(all), in.Err()
		}
		w := strings.Fields(in.Text())
		if len(w) != 2 {
			return nil, fmt.Errorf("%s: %q is not a name and a version", path, in.Text())
		}
		all = append(all, part{w[0], w[1], purl(w[0], w[1])})
	}
}

// spdx and the types below are the parts of the document's form that we fill (SPDX 2.3, clauses 6, 7 and 11).
type spdx struct {
	Version   string     `json:"spdxVersion"`
	License   string     `json:"dataLicense"`
	ID        string     `json:"SPDXID"`
	Name      string     `json:"name"`
	Namespace string     `json:"documentNamespace"`
	Creation  creation   `json:"creationInfo"`
	Packages  []pkg      `json:"packages"`
	Relations []relation `json:"relationships"`
}

type creation struct {
	Created  string   `json:"created"`
	Creators []string `json:"creators"`
}

type pkg struct {
	ID       string `json:"SPDXID"`
	Name     string `json:"name"`
	Version  string `json:"versionInfo"`
	Location string `json:"downloadLocation"`
	Analyzed bool   `json:"filesAnalyzed"`
	Refs     []ref  `json:"externalRefs,omitempty"`
}

type ref struct {
	Category string `json:"referenceCategory"`
	Type     string `json:"referenceType"`
	Locator  string `json:"referenceLocator"`
}

type relation struct {
	From string `json:"spdxElementId"`
	Kind string `json:"relationshipType"`
	To   string `json:"relatedSpdxElement"`
}

// document is the same for the same parts: its address is made of them.
func (a about) document(parts []part) spdx {
	sum := sha256.New()
	root := pkg{ID: "SPDXRef-card", Name: a.name, Version: a.version, Location: "NOASSERTION"}
	d := spdx{Version: "SPDX-2.3", License: "CC0-1.0", ID: "SPDXRef-DOCUMENT", Name: a.name + "-" + a.version,
		Creation: creation{time.Unix(a.date, 0).UTC().Format(time.RFC3339), []string{"Organization: sps-kiosk"}},
		Packages: []pkg{root}, Relations: []relation{{"SPDXRef-DOCUMENT", "DESCRIBES", root.ID}}}
	for i, p := range parts {
		fmt.Fprintln(sum, p.purl)
		id := fmt.Sprintf("SPDXRef-%d", i+1)
		d.Packages = append(d.Packages, pkg{ID: id, Name: p.name, Version: p.version, Location: "NOASSERTION",
			Refs: []ref{{"PACKAGE-MANAGER", "purl", p.purl}}})
		d.Relations = append(d.Relations, relation{root.ID, "CONTAINS", id})
	}
	d.Namespace = fmt.Sprintf("urn:sps-kiosk:sbom:%s:%s:%x", a.name, a.version, sum.Sum(nil)[:16])
	return d
}
