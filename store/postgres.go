package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

var postgres = &engine{
	dialect: goose.DialectPostgres, folder: "postgres", isolation: sql.LevelSerializable,
	newUserID: `nextval(pg_get_serial_sequence('users', 'id'))`,
	sessionWithStandings: sessionWith(
		`CAST(json_agg(json_build_object('vendor', vendor, 'subject', subject, 'detail', detail, 'at', at)) AS TEXT)`),
	size:   `SELECT pg_database_size(current_database())`,
	each:   []any{pgx.QueryExecModeCacheDescribe},
	search: searchPostgres, writable: writablePostgres, cause: causePostgres,
	erase: func(context.Context, *sql.DB) error { return nil }, // which the server's vacuum does
}

// How long a statement may take, and how many connections one instance has. A page does not wait longer than it is
// waited for.
const (
	statementTimeout    = 5 * time.Second
	connectTimeout      = 3 * time.Second
	postgresConnections = 24
)

func connectPostgres(address string, timeout time.Duration) (*sql.DB, error) {
	usesPostgres.Store(true)
	config, err := pgx.ParseConfig(address)
	if err != nil { // it quotes the address, with the password
		return nil, errors.New("opening it: the address of PostgreSQL cannot be read")
	}
	config.ConnectTimeout = connectTimeout
	for name, value := range map[string]string{
		"statement_timeout":                   fmt.Sprint(timeout.Milliseconds()),
		"lock_timeout":                        fmt.Sprint(timeout.Milliseconds()),
		"idle_in_transaction_session_timeout": fmt.Sprint(2 * timeout.Milliseconds()),
		"application_name":                    "kabinet",
		// Of an instance that is cut off the server knows after half a minute: another does its work then.
		"tcp_keepalives_idle": "10", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "4",
	} {
		config.RuntimeParams[name] = value
	}
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(postgresConnections)
	db.SetMaxIdleConns(postgresConnections)
	db.SetConnMaxIdleTime(5 * time.Minute)
	return db, nil
}

// writablePostgres asks whether the server takes changes: after a failover it may be one that only follows.
func writablePostgres(ctx context.Context, db *sql.DB) error {
	var readOnly string
	if err := db.QueryRowContext(ctx, `SHOW transaction_read_only`).Scan(&readOnly); err != nil {
		return err
	}
	if readOnly == "on" {
		return errors.New("the server only reads")
	}
	return nil
}

// causePostgres goes by the codes of PostgreSQL's manual, appendix A.
func causePostgres(err error) error {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch e.Code {
		case "23505": // unique_violation
			return ErrConflict
		case "22021": // character_not_in_repertoire: no text that is stored has it
			return ErrNotFound
		case "40001", "40P01": // serialization_failure, deadlock_detected
			return errInTheWay
		case "25006", "25P03", "55P03": // read only; idle in a transaction, or waiting for a lock, for too long
			return errAway
		}
		for _, class := range []string{"08", "53", "57", "58"} { // connection, resources, the operator, the system
			if strings.HasPrefix(e.Code, class) {
				return errAway
			}
		}
		return nil
	}
	if !usesPostgres.Load() { // what follows is of the network, and may be anybody's
		return nil
	}
	_, noServer := errors.AsType[*pgconn.ConnectError](err)
	_, network := errors.AsType[net.Error](err)
	if noServer || network || isCutOff(err) {
		return errAway
	}
	return nil
}

// usesPostgres is whether there is a server at all.
var usesPostgres atomic.Bool

// isCutOff reports whether a connection has ended that was open before.
func isCutOff(err error) bool {
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, driver.ErrBadConn) ||
		pgconn.SafeToRetry(err)
}

// searchPostgres goes by an index of trigrams.
func searchPostgres(text string) (from, id string, arguments []any) {
	where := `u.email ILIKE $1 OR u.name ILIKE $1 OR u.phone ILIKE $1`
	arguments = []any{like(text)}
	if strings.Trim(text, "0123456789") == "" && len(text) < 19 {
		where, arguments = where+` OR u.id = CAST($2 AS BIGINT)`, append(arguments, text)
	}
	if utf8.RuneCountInString(text) < 3 {
		return ` FROM users u WHERE (` + where + `)`, "u.id", arguments
	}
	// Found by the index first, and not while going through all in their order.
	return ` FROM users u WHERE u.id = ANY (ARRAY(SELECT u.id FROM users u WHERE ` + where + `))`, "u.id", arguments
}
