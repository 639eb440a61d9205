package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
	"os"
	"sync"

	"golang.org/x/crypto/chacha20poly1305"
	"golang.org/x/sys/unix"
)

// Cipher is how pages are sealed: a word of the settings.
type Cipher string

// Ciphers. XChaCha20 is fast on boards without AES instructions (Pi 3 and 4) and takes random nonces
// without counting; AES256GCM is for a customer who needs the letter of NIST.
const (
	XChaCha20 Cipher = "xchacha20-poly1305"
	AES256GCM Cipher = "aes-256-gcm"
)

// keyBytes is the length of a key of either cipher.
const keyBytes = 32

// key is a session's key and identity. The key lies at the beginning of a page of memory that is never
// swapped, never in a core dump and empty in a child. Ciphers are made from it for each chunk, so nothing
// can be opened any more once the page is zeroed.
type key struct {
	kind    Cipher
	session [16]byte

	mu   sync.RWMutex
	page []byte // nil = zeroed
}

// newKey makes a key. Without a locked page there is none: the limit of locked memory must allow one.
func newKey(kind Cipher) (*key, error) {
	switch kind {
	case "":
		kind = XChaCha20
	case XChaCha20, AES256GCM:
	default:
		return nil, fmt.Errorf("no such cipher: %q", kind)
	}
	page, err := lockedPage()
	if err != nil {
		return nil, err
	}
	k := &key{kind: kind, page: page}
	if err := errors.Join(random(page[:keyBytes]), random(k.session[:])); err != nil {
		k.zero()
		return nil, err
	}
	return k, nil
}

// lockedPage returns a page of memory of its own.
func lockedPage() ([]byte, error) {
	page, err := unix.Mmap(-1, 0, os.Getpagesize(), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return nil, fmt.Errorf("map a page: %w", err)
	}
	for what, do := range map[string]func() error{
		"lock a page":                 func() error { return unix.Mlock(page) },
		"keep a page out of dumps":    func() error { return unix.Madvise(page, unix.MADV_DONTDUMP) },
		"keep a page out of children": func() error { return unix.Madvise(page, unix.MADV_WIPEONFORK) },
	} {
		if err := do(); err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", what, err), unix.Munmap(page))
		}
	}
	return page, nil
}

// random fills b from the kernel at once: no generator of ours keeps what could tell the key.
func random(b []byte) error {
	for len(b) > 0 {
		n, err := unix.Getrandom(b, 0)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return fmt.Errorf("get random bytes: %w", err)
		}
		b = b[n:]
	}
	return nil
}

// zero erases the key. It waits for a chunk that is being sealed or opened, and may be called again.
func (k *key) zero() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.page == nil {
		return
	}
	clear(k.page)
	unix.Munmap(k.page)
	k.page = nil
}

// with gives the cipher to do.
func (k *key) with(do func(cipher.AEAD) error) error {
	k.mu.RLock()
	defer k.mu.RUnlock()
	if k.page == nil {
		return ErrWiped
	}
	if k.kind == AES256GCM {
		block, err := aes.NewCipher(k.page[:keyBytes])
		if err != nil {
			return err
		}
		aead, err := cipher.NewGCM(block)
		if err != nil {
			return err
		}
		return do(aead)
	}
	aead, err := chacha20poly1305.NewX(k.page[:keyBytes])
	if err != nil {
		return err
	}
	return do(aead)
}

// seal appends nonce and sealed chunk to out. The nonce is random: 24 bytes for XChaCha20; 12 for GCM, where
// a session of 2^12 chunks is far below the 2^32 that SP 800-38D §8.3 allows.
func (k *key) seal(out, plain []byte, page, chunk uint32) (sealed []byte, err error) {
	err = k.with(func(a cipher.AEAD) error {
		nonce := make([]byte, a.NonceSize())
		if err := random(nonce); err != nil {
			return err
		}
		sealed = a.Seal(append(out, nonce...), nonce, plain, k.bound(page, chunk))
		return nil
	})
	return sealed, err
}

// open appends the chunk to out. Its error is ErrBroken for anything but the chunk sealed in that place.
func (k *key) open(out, sealed []byte, page, chunk uint32) (plain []byte, err error) {
	err = k.with(func(a cipher.AEAD) error {
		n := a.NonceSize()
		if len(sealed) < n {
			return ErrBroken
		}
		var err error
		if plain, err = a.Open(out, sealed[:n], sealed[n:], k.bound(page, chunk)); err != nil {
			return ErrBroken
		}
		return nil
	})
	return plain, err
}

// bound is the additional data of a chunk: session, page, chunk.
func (k *key) bound(page, chunk uint32) []byte { return append(k.session[:], place(page, chunk)...) }
