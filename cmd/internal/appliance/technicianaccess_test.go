package appliance

import (
	"os"
	"path/filepath"
	"testing"

	"sps-kiosk/kiosk/panel/technician"
)

// The key, and what `ssh-keygen -l` of OpenSSH 9.2 says of it.
const (
	someKey         = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGRVhxnCYOJt2CSI8c4UHDZT8pSWNuhTLh5iPKknJj0H"
	someFingerprint = "SHA256:HS/u9xi5m7RhFkJGHa43pJLxbiWmWc1VW7JWRqp6s7M"
)

// TestAccess lists who may come in by SSH, as the file on the card says it and as Windows writes it.
func TestAccess(t *testing.T) {
	for name, c := range map[string]struct {
		file  string // "" = none
		value string
		state string
	}{
		"no file":       {"", "закрыт", ""},
		"one key":       {someKey + " ivanov@pc 2\n", "открыт: ivanov@pc 2 " + someFingerprint, ""},
		"no name":       {someKey + "\n", "открыт: " + someFingerprint, ""},
		"of Windows":    {"\ufeff" + someKey + " a\r\n\r\n", "открыт: a " + someFingerprint, ""},
		"two, a remark": {"# наши\n# " + someKey + " c\n" + someKey + " a\n" + someKey + " b\n", "открыт: a " + someFingerprint + ", b " + someFingerprint, ""},
		"no key in it":  {"hello world\n", "в файле technician.pub нет ключа", technician.Soon},
		"a private key": {"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n", "в файле technician.pub нет ключа", technician.Soon},
		"an empty file": {"\n", "в файле technician.pub нет ключа", technician.Soon},
	} {
		folder := t.TempDir()
		if c.file != "" {
			if err := os.WriteFile(filepath.Join(folder, "technician.pub"), []byte(c.file), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		d := &technicianDevice{path: folder}
		if got := d.access(); got.Value != c.value || got.State != c.state {
			t.Errorf("%s: got %q %q, want %q %q", name, got.Value, got.State, c.value, c.state)
		}
	}
}
