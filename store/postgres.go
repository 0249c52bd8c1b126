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
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

var postgres = &engine{
	dialect: goose.DialectPostgres, folder: "postgres", isolation: sql.LevelSerializable, lock: migrationLock(),
	newUserID: `nextval(pg_get_serial_sequence('users', 'id'))`,
	search:    searchPostgres, writable: writablePostgres, cause: causePostgres,
	erase: func(context.Context, *sql.DB) error { return nil }, // which the server's vacuum does
}

func migrationLock() goose.ProviderOption {
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		panic(err) // only for an impossible option
	}
	return goose.WithSessionLocker(locker)
}

// How long a statement may take, and how many connections one instance has. A page does not wait longer than it is
// waited for.
const (
	statementTimeout    = 5 * time.Second
	connectTimeout      = 3 * time.Second
	postgresConnections = 24
)

func connectPostgres(address string) (*sql.DB, error) {
	config, err := pgx.ParseConfig(address)
	if err != nil { // it quotes the address, with the password
		return nil, errors.New("opening it: the address of PostgreSQL cannot be read")
	}
	config.ConnectTimeout = connectTimeout
	for name, value := range map[string]string{
		"statement_timeout":                   fmt.Sprint(statementTimeout.Milliseconds()),
		"lock_timeout":                        fmt.Sprint(statementTimeout.Milliseconds()),
		"idle_in_transaction_session_timeout": fmt.Sprint(2 * statementTimeout.Milliseconds()),
		"application_name":                    "kabinet",
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
		case "25006", "57014", "55P03": // read_only_sql_transaction, query_canceled by a timeout, lock_not_available
			return errAway
		}
		switch e.Code[:2] {
		case "08", "53", "57", "58": // connection, resources, the operator, the system
			return errAway
		}
		return nil
	}
	_, noServer := errors.AsType[*pgconn.ConnectError](err)
	_, network := errors.AsType[net.Error](err)
	cutOff := errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, driver.ErrBadConn)
	if noServer || network || cutOff || pgconn.SafeToRetry(err) {
		return errAway
	}
	return nil
}

// searchPostgres goes by an index of trigrams.
func searchPostgres(text string) (from, id string, arguments []any) {
	if text == "" {
		return ` FROM users u WHERE true`, "u.id", nil
	}
	like := "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text) + "%"
	where := `u.email ILIKE $1 OR u.name ILIKE $1 OR u.phone ILIKE $1`
	arguments = []any{like}
	if strings.Trim(text, "0123456789") == "" && len(text) < 19 {
		where, arguments = where+` OR u.id = CAST($2 AS BIGINT)`, append(arguments, text)
	}
	return ` FROM users u WHERE (` + where + `)`, "u.id", arguments
}
