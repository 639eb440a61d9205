package vm

import (
	"os"
	"runtime"
)

// Arch is the architecture that this run is about, in Debian's words, which are Go's too: that of
// the environment's VM_ARCH (make bench-vm ARCH=arm64), else "amd64".
func Arch() string {
	if a := os.Getenv("VM_ARCH"); a != "" {
		return a
	}
	return "amd64"
}

// GoEnv is the environment in which go builds a program for a guest, with cgo as the one that ships
// or without. Debian's cross compiler and foreign packages stand in for those of this machine.
func GoEnv(arch string, cgo bool) []string {
	env := []string{"GOOS=linux", "GOARCH=" + arch}
	if !cgo {
		return append(env, "CGO_ENABLED=0")
	}
	env = append(env, "CGO_ENABLED=1", "CC="+compilers[arch])
	if arch != runtime.GOARCH {
		env = append(env, "PKG_CONFIG_LIBDIR=/usr/lib/"+triples[arch]+"/pkgconfig:/usr/share/pkgconfig")
	}
	return env
}

// triples are GNU's words for the architectures: Debian's folders of libraries.
var triples = map[string]string{"amd64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu"}
