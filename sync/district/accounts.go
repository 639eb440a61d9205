package district

import (
	"context"
	"time"

	"sps-kiosk/sync/ident"
)

// User is somebody who may sign in.
type User struct {
	Name string
	Role string // "admin", or "viewer"
	Hash string // of the password, argon2id in PHC's form
}

// Session is a signed-in browser. The database has only the token's hash.
type Session struct {
	Token   ident.Digest
	User    string
	Role    string
	CSRF    string
	Expires time.Time
}

// Entry is a line of the audit log.
type Entry struct {
	At   time.Time
	Who  string // user, "kiosk:7", or "server"
	What string // a word: "kiosk.revoked"
	Note string // Russian or a name; no personal data
}

// Accounts keeps who may sign in and what was done.
type Accounts interface {
	Users(ctx context.Context) ([]User, error)
	PutUser(ctx context.Context, u User) error
	// DropUser takes a user and the sessions under the name away; ErrNoSuch where there is none.
	DropUser(ctx context.Context, name string) error
	OpenSession(ctx context.Context, s Session) error
	Session(ctx context.Context, token ident.Digest, now time.Time) (Session, error)
	CloseSession(ctx context.Context, token ident.Digest) error
	// Failures counts failed sign-ins under a name since a time; Fail adds one.
	Failures(ctx context.Context, name string, since time.Time) (int, error)
	Fail(ctx context.Context, name string, now time.Time) error
	Audit(ctx context.Context, e Entry) error
	AuditLog(ctx context.Context, most int) ([]Entry, error)
}

// Notes keep what a task of the server must know after a restart, or on the replica that takes it
// over: what an alarm has told. The content is the task's own.
type Notes interface {
	// Note returns the last note put under a name; nil where there was none.
	Note(ctx context.Context, name string) ([]byte, error)
	// PutNote puts a note in the place of the one under its name.
	PutNote(ctx context.Context, name string, data []byte) error
}
