package postgres

import (
	"context"
	"errors"
	"io"
	"net"

	"github.com/jackc/pgx/v5/pgconn"
)

// Absent reports whether an error of Open says that the database may come without anybody's help: nobody
// answers at its address, it is starting, stopping, or has too many connections. A wrong name, password
// or setting stays wrong. The codes are PostgreSQL's appendix A, «Error Codes».
func Absent(err error) bool {
	if pg, is := errors.AsType[*pgconn.PgError](err); is {
		switch pg.Code {
		case "57P01", "57P02", "57P03", "53300":
			return true
		}
		return false
	}
	_, network := errors.AsType[net.Error](err)
	return network && !errors.Is(err, context.Canceled) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}
