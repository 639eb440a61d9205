package appliance

import (
	"crypto/sha256"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"

	"sps-kiosk/kiosk/panel/technician"
)

// keyFile lies beside kiosk.txt; the card opens SSH where it is there (image/rootfs, sps-kiosk-technician.service).
const keyFile = "technician.pub"

// access tells who may come in by SSH: nobody, or whoever has one of these keys.
func (d *technicianDevice) access() technician.Fact {
	f := technician.Fact{Name: "Вход по SSH", Value: "закрыт"}
	folder := folderOf(d.path)
	text, err := os.ReadFile(filepath.Join(folder, keyFile))
	if folder == "" || err != nil {
		return f
	}
	if keys := publicKeys(string(text)); len(keys) > 0 {
		f.Value = "открыт: " + strings.Join(keys, ", ")
		f.Advice = "Ключ не ваш или больше не нужен — удалите файл " + keyFile + " с карты"
		return f
	}
	f.State, f.Value, f.Advice = technician.Soon, "в файле "+keyFile+" нет ключа", "Положите открытый ключ: одна строка, начинается с ssh-ed25519, ssh-rsa или ecdsa"
	return f
}

// publicKeys names the keys of an authorized_keys file (sshd(8)) by what their owners wrote behind them and by the
// fingerprint that `ssh-keygen -l` shows.
func publicKeys(text string) (names []string) {
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		words := strings.Fields(line)
		if strings.HasPrefix(line, "#") {
			continue
		}
		for i, w := range words {
			blob, err := base64.StdEncoding.DecodeString(w)
			if i == 0 || err != nil || !strings.HasPrefix(w, "AAAA") { // every key begins with the length of its kind's name
				continue
			}
			sum := sha256.Sum256(blob)
			names = append(names, strings.TrimSpace(strings.Join(words[i+1:], " ")+" SHA256:"+base64.RawStdEncoding.EncodeToString(sum[:])))
			break
		}
	}
	return names
}
