package district

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Cost of argon2id (RFC 9106): OWASP's second recommended setting, so that a sign-in fits into the
// memory of a small server.
const (
	hashTime   = 2
	hashMemory = 19 * 1024 // KiB
	hashBytes  = 32
)

// MinPassword is the shortest password taken, in characters.
const MinPassword = 12

// maxPassword bounds what is hashed, in bytes.
const maxPassword = 256

// hashPassword returns PHC's form of a password's argon2id.
func hashPassword(password string) string {
	salt := make([]byte, 16)
	rand.Read(salt)
	sum := argon2.IDKey([]byte(password), salt, hashTime, hashMemory, 1, hashBytes)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=1$%s$%s", argon2.Version, hashMemory, hashTime, b64.EncodeToString(salt), b64.EncodeToString(sum))
}

// matches reports whether a password has a hash. What is no hash of ours matches nothing, in the
// same time.
func matches(password, hash string) bool {
	var version, memory, time int
	f := strings.Split(hash, "$")
	if len(f) != 6 {
		f = strings.Split(nobodysHash, "$")
	}
	_, errV := fmt.Sscanf(f[2], "v=%d", &version)
	_, errP := fmt.Sscanf(f[3], "m=%d,t=%d,p=1", &memory, &time)
	salt, errS := base64.RawStdEncoding.DecodeString(f[4])
	want, errW := base64.RawStdEncoding.DecodeString(f[5])
	if errors.Join(errV, errP, errS, errW) != nil || version != argon2.Version || memory > 1<<20 || time < 1 || time > 64 || len(want) == 0 {
		return false
	}
	got := argon2.IDKey([]byte(password), salt, uint32(time), uint32(memory), 1, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1 && len(hash) > 0
}

// nobodysHash takes as long as a real one: whether a name exists does not show in the time.
const nobodysHash = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// NewPassword draws a password of 20 letters and digits, 5 by 5, without those that look alike.
func NewPassword() string {
	const alphabet = "abcdefghijkmnpqrstuvwxyz23456789" // 32 of them: 100 bits
	raw := make([]byte, 20)
	rand.Read(raw)
	var b strings.Builder
	for i, r := range raw {
		if i > 0 && i%5 == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(alphabet[r%32])
	}
	return b.String()
}

// PutUser adds a user or gives one another password and role. Errors of the input are ErrInput.
func (s *Server) PutUser(ctx context.Context, who, name, role, password string) error {
	switch {
	case !sensible(name):
		return fmt.Errorf("%w: имя пользователя пустое или слишком длинное", ErrInput)
	case role != RoleAdmin && role != RoleViewer:
		return fmt.Errorf("%w: роль — admin или viewer", ErrInput)
	case len([]rune(password)) < MinPassword || len(password) > maxPassword:
		return fmt.Errorf("%w: пароль короче %d знаков или слишком длинный", ErrInput, MinPassword)
	}
	s.hashing <- struct{}{}
	hash := hashPassword(password)
	<-s.hashing
	if role != RoleAdmin {
		if err := s.keepOneAdmin(ctx, name); err != nil {
			return err
		}
	}
	if err := s.store.PutUser(ctx, User{Name: name, Role: role, Hash: hash}); err != nil {
		return fmt.Errorf("user %s: %w", name, err)
	}
	s.record(ctx, who, "user.set", name+", "+role)
	return nil
}

// DropUser takes a user away. The last administrator stays: nobody else could let one in.
func (s *Server) DropUser(ctx context.Context, who, name string) error {
	if err := s.keepOneAdmin(ctx, name); err != nil {
		return err
	}
	if err := s.store.DropUser(ctx, name); err != nil {
		return fmt.Errorf("user %s: %w", name, err)
	}
	s.record(ctx, who, "user.dropped", name)
	return nil
}

// keepOneAdmin refuses what would leave the district without an administrator.
func (s *Server) keepOneAdmin(ctx context.Context, without string) error {
	users, err := s.store.Users(ctx)
	if err != nil {
		return fmt.Errorf("read users: %w", err)
	}
	last := false
	for _, u := range users {
		switch {
		case u.Role == RoleAdmin && u.Name == without:
			last = true
		case u.Role == RoleAdmin:
			return nil
		}
	}
	if last {
		return fmt.Errorf("%w: это последний администратор", ErrInput)
	}
	return nil
}

// ChangePassword gives somebody who knows the present password another one. Errors are ErrWrongPassword,
// ErrTooMany, ErrInput and the database's. Whoever is signed in under the name must sign in again.
func (s *Server) ChangePassword(r *http.Request, me Session, present, next string) error {
	here := "here:" + me.User + "\n" + remote(r)
	n, err := s.store.Failures(r.Context(), here, timeNow().Add(-failuresOf))
	if err != nil {
		return err
	}
	if n >= failuresHere {
		return ErrTooMany
	}
	user, err := s.check(r, credentials{me.User, present})
	if err != nil {
		return err
	}
	if user == nil {
		if err := s.store.Fail(r.Context(), here, timeNow()); err != nil {
			return err
		}
		return ErrWrongPassword
	}
	return s.PutUser(r.Context(), me.User, me.User, user.Role, next)
}

// FirstPassword makes the user admin where there is nobody yet, and returns the password to be shown
// once; empty where there is somebody.
func (s *Server) FirstPassword(ctx context.Context) (string, error) {
	users, err := s.store.Users(ctx)
	if err != nil || len(users) > 0 {
		return "", err
	}
	password := NewPassword()
	return password, s.PutUser(ctx, "server", "admin", RoleAdmin, password)
}
