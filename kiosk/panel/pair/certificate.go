package pair

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Names of the files in the panel's folder.
const (
	certificateName = "certificate.pem"
	keyName         = "key.pem"
)

// Certificate returns the kiosk's certificate for HTTPS from a folder, and makes it there the first time:
// ECDSA P-256, signed by itself, because no authority knows a kiosk in a closed network. People compare
// its fingerprint with the printed card once. A folder with half of the two files gets both anew.
func Certificate(folder string) (tls.Certificate, error) {
	cert, err := tls.LoadX509KeyPair(filepath.Join(folder, certificateName), filepath.Join(folder, keyName))
	if err == nil {
		return cert, nil
	}
	if !errors.Is(err, fs.ErrNotExist) && !damaged(err) {
		return tls.Certificate{}, fmt.Errorf("read the certificate of the pages: %w", err)
	}
	if err := newCertificate(folder); err != nil {
		return tls.Certificate{}, fmt.Errorf("make the certificate of the pages: %w", err)
	}
	if cert, err = tls.LoadX509KeyPair(filepath.Join(folder, certificateName), filepath.Join(folder, keyName)); err != nil {
		return tls.Certificate{}, fmt.Errorf("read the new certificate of the pages: %w", err)
	}
	return cert, nil
}

// damaged reports whether a file was there and held no certificate: a card that lost its last write. An
// error of the file system is none, and must not cost the browsers their pairing.
func damaged(err error) bool {
	var path *fs.PathError
	return !errors.As(err, &path)
}

// The certificate holds on a kiosk that does not know what year it is.
func newCertificate(folder string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return err
	}
	template := &x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: "Киоск"},
		NotBefore: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2049, 12, 31, 0, 0, 0, 0, time.UTC),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames: []string{"localhost"}, IPAddresses: append([]net.IP{net.IPv4(127, 0, 0, 1)}, Addresses()...), BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return err
	}
	secret, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	if err := keep(filepath.Join(folder, keyName), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: secret})); err != nil {
		return err
	}
	return keep(filepath.Join(folder, certificateName), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// Addresses returns the IPv4 addresses of this device in its networks, not the loopback's.
func Addresses() (list []net.IP) {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil // a device without a network
	}
	for _, a := range all {
		if n, is := a.(*net.IPNet); is && n.IP.To4() != nil && !n.IP.IsLoopback() && !n.IP.IsLinkLocalUnicast() {
			list = append(list, n.IP)
		}
	}
	return list
}

// Fingerprint returns the SHA-256 of a certificate as browsers show it, in groups of four: "1A2B 3C4D …".
func Fingerprint(c tls.Certificate) string {
	sum := sha256.Sum256(c.Certificate[0])
	text := strings.ToUpper(hex.EncodeToString(sum[:]))
	var groups []string
	for ; text != ""; text = text[4:] {
		groups = append(groups, text[:4])
	}
	return strings.Join(groups, " ")
}

// keep writes a file that is whole or not there: beside, to the card, then in its place.
func keep(path string, data []byte) error {
	f, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
