package ident

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// LoadKey reads a key file: PKCS #8 in PEM (RFC 8410), as openssl reads it. A file that others may
// read is closed to them. Errors are fs.ErrNotExist and ErrKeyDamaged.
func LoadKey(path string) (*Key, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("read key %s: %w", filepath.Base(path), ErrKeyDamaged)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	private, ok := parsed.(ed25519.PrivateKey)
	if err != nil || !ok {
		return nil, fmt.Errorf("read key %s: %w", filepath.Base(path), ErrKeyDamaged)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, fmt.Errorf("close key file: %w", err)
	}
	return &Key{private}, nil
}

// Save writes the key in one piece, for its owner alone: after a power cut the file is the old one
// or the new one.
func (k *Key) Save(path string) error {
	der, err := x509.MarshalPKCS8PrivateKey(k.private)
	if err != nil {
		return fmt.Errorf("encode key: %w", err)
	}
	return replace(path, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// LoadOrMakeKey returns the key of a file, and makes one where there is no file. made tells that
// the key is new: no district knows it.
func LoadOrMakeKey(path string) (k *Key, made bool, err error) {
	k, err = LoadKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return k, false, err
	}
	k = NewKey()
	return k, true, k.Save(path)
}

// replace writes a file in one piece: beside it, flushed, renamed, and the directory flushed.
func replace(path string, text []byte) error {
	dir, base := filepath.Split(path)
	if dir == "" {
		dir = "."
	}
	f, err := os.CreateTemp(dir, "."+base+".*") // mode 0600
	if err != nil {
		return fmt.Errorf("write %s: %w", base, err)
	}
	defer os.Remove(f.Name()) // nothing after the rename
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", base, err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("write %s: %w", base, err)
	}
	return flushDir(dir)
}

func flushDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("flush directory: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("flush directory: %w", err)
	}
	return nil
}
