package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrLastAdministrator says that the change would leave nobody who can administer the portal.
var ErrLastAdministrator = errors.New("this is the last administrator")

// ErrStale says that what was proven is not so any more: meanwhile the password was changed,
// the account switched off or deleted.
var ErrStale = errors.New("the password was checked against what is not so any more")

// ErrDisabled says that an administrator has switched the account off.
var ErrDisabled = errors.New("the account is switched off")

// Proof is the password hash that a user's password was found to match. Checking takes a
// while; a change made in the meantime makes the proof worthless.
type Proof string

// Role says what a user may do.
type Role string

// The roles there are.
const (
	Customer      Role = "customer"
	Administrator Role = "administrator"
)

// User is somebody with an account at the portal.
type User struct {
	ID           int64
	Email        string // lower case, unique
	Name         string
	Phone        string // E.164, or empty
	Language     string // ru or en, or empty where they have chosen none
	Role         Role
	PasswordHash string
	CreatedAt    time.Time
	DisabledAt   time.Time // zero while the account is on
	ConsentedAt  time.Time // when they agreed to the terms; zero where nobody asked
}

// Disabled reports whether an administrator has switched the account off.
func (u User) Disabled() bool { return !u.DisabledAt.IsZero() }

const userColumns = `u.id, u.email, u.name, u.phone, u.language, u.role, u.password_hash, u.created_at,
	u.disabled_at, u.consented_at`

const selectUser = `SELECT ` + userColumns + ` FROM users u WHERE u.id = $1`

// columns receive userColumns.
func (u *User) columns() []any {
	return []any{&u.ID, &u.Email, &u.Name, &u.Phone, &u.Language, &u.Role, &u.PasswordHash, (*moment)(&u.CreatedAt),
		(*moment)(&u.DisabledAt), (*moment)(&u.ConsentedAt)}
}

// UserByEmail returns the user with that address, which must be in lower case, or ErrNotFound.
func (db *DB) UserByEmail(ctx context.Context, email string) (User, error) {
	u, err := readOne(db.row(ctx, `SELECT `+userColumns+` FROM users u WHERE u.email = $1`, email), (*User).columns)
	return u, wrap(err, "reading a user")
}

// User returns the user with that id, or ErrNotFound.
func (db *DB) User(ctx context.Context, id int64) (User, error) {
	u, err := readOne(db.row(ctx, selectUser, id), (*User).columns)
	return u, wrap(err, "reading a user")
}

// exists returns ErrNotFound when there is no such user.
func (t *tx) exists(ctx context.Context, id int64) error {
	return t.require(ctx, ErrNotFound, `SELECT true FROM users WHERE id = $1`, id)
}

// Emails returns the e-mails of those of the ids that are users'.
func (db *DB) Emails(ctx context.Context, ids []int64) (map[int64]string, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	arguments, places := make([]any, len(ids)), make([]string, len(ids))
	for i, id := range ids {
		arguments[i], places[i] = id, fmt.Sprintf("$%d", i+1)
	}
	rows, err := db.read.QueryContext(ctx, `SELECT id, email FROM users WHERE id IN (`+strings.Join(places, ", ")+`)`,
		arguments...)
	users, err := readAll(rows, err, func(u *User) []any { return []any{&u.ID, &u.Email} })
	if err != nil {
		return nil, fmt.Errorf("reading e-mails: %w", err)
	}
	emails := map[int64]string{}
	for _, u := range users {
		emails[u.ID] = u.Email
	}
	return emails, nil
}

func (t *tx) insertUser(ctx context.Context, u User, onConflict string) (id int64, err error) {
	err = t.QueryRowContext(ctx, `
		INSERT INTO users (id, email, name, phone, language, role, password_hash, created_at, consented_at)
		VALUES (`+t.db.engine.newUserID+`, $1, $2, $3, $4, $5, $6, $7, $8)`+onConflict+` RETURNING id`,
		u.Email, u.Name, u.Phone, u.Language, u.Role, u.PasswordHash, t.now.Unix(),
		max(u.ConsentedAt.Unix(), 0)).Scan(&id) // zero is long before 1970
	return id, err
}

// Register creates the account of somebody at that address, always a customer's, and returns its id. Where a link of
// ConfirmRegistration leads to it, it is used up, and the account gets the e-mail that it is of. It returns
// ErrConflict when the e-mail has an account, and ErrNotFound for a link that is not good any more.
func (db *DB) Register(ctx context.Context, u User, address string, link ...TokenHash) (id int64, err error) {
	err = db.transaction(ctx, "registering a user", func(t *tx) error {
		id, err = t.register(ctx, u, address, link)
		return err
	})
	return id, err
}

func (t *tx) register(ctx context.Context, u User, address string, link []TokenHash) (id int64, err error) {
	u.Role = Customer
	for _, token := range link {
		c, _, err := t.confirm(ctx, token, ConfirmRegistration)
		if err != nil {
			return 0, err
		}
		u.Email = c.Email
	}
	if id, err = t.insertUser(ctx, u, ""); err != nil {
		return 0, err
	}
	return id, t.record(ctx, Registered, id, Actor{UserID: id, Address: address}, "")
}

// CreateUser creates an account and returns its id. It returns ErrConflict when the e-mail has one.
func (db *DB) CreateUser(ctx context.Context, u User, actor Actor) (id int64, err error) {
	err = db.transaction(ctx, "creating a user", func(t *tx) error {
		if id, err = t.insertUser(ctx, u, ""); err != nil {
			return err
		}
		return t.record(ctx, UserCreated, id, actor, string(u.Role))
	})
	return id, err
}

// EnsureUser creates the user with u.Email, or gives the existing one the role and the password of u and switches them
// on, and returns the user's id. It is for accounts that a program sets up, and the audit does not tell of it.
func (db *DB) EnsureUser(ctx context.Context, u User) (id int64, err error) {
	err = db.transaction(ctx, "storing a user", func(t *tx) error {
		id, err = t.insertUser(ctx, u, `
			ON CONFLICT (email)
			DO UPDATE SET role = excluded.role, password_hash = excluded.password_hash, disabled_at = NULL`)
		return err
	})
	return id, err
}

// SetLanguage changes the user's language and nothing else. It returns ErrNotFound when there is no such user.
func (db *DB) SetLanguage(ctx context.Context, userID int64, language string) error {
	return wrap(changedOne(db.write.ExecContext(ctx, `UPDATE users SET language = $1 WHERE id = $2`,
		language, userID)), "storing a language")
}

// Profile is what a user may change about themselves without their password.
type Profile struct {
	Name     string
	Phone    string // E.164, or empty
	Language string // ru or en, or empty for none
}

// SetProfile changes the user's profile. It returns ErrNotFound when there is no such user.
func (db *DB) SetProfile(ctx context.Context, userID int64, p Profile) error {
	return wrap(changedOne(db.write.ExecContext(ctx,
		`UPDATE users SET name = $1, phone = $2, language = $3 WHERE id = $4`,
		p.Name, p.Phone, p.Language, userID)), "storing a profile")
}

// SetEmail changes the user's e-mail, which must be in lower case. It returns ErrConflict when
// another account has it, and ErrStale when the proof is not valid any more.
func (db *DB) SetEmail(ctx context.Context, userID int64, email string, proof Proof, actor Actor) error {
	return db.provenTransaction(ctx, "changing an e-mail", userID, proof, func(t *tx) error {
		if err := t.setEmail(ctx, userID, email); err != nil {
			return err
		}
		return t.record(ctx, EmailChanged, userID, actor, "")
	})
}

// SetPassword stores the hash of a new password of a user who has proven the previous one. All their sessions end but
// one, whose token becomes another one. It returns ErrStale when the proof is not valid any more.
func (db *DB) SetPassword(ctx context.Context, userID int64, hash string, proof Proof, before, after TokenHash,
	actor Actor, notices ...Letter) error {
	return db.provenTransaction(ctx, "changing a password", userID, proof, func(t *tx) error {
		if err := t.setPassword(ctx, userID, hash, &before, actor, notices...); err != nil {
			return err
		}
		return t.exec(ctx, `UPDATE sessions SET token_hash = $1 WHERE token_hash = $2`, after[:], before[:])
	})
}

// ResetPassword stores the hash of a new password without proof of the previous one, and ends
// all sessions of the user. It returns ErrNotFound when there is no such user.
func (db *DB) ResetPassword(ctx context.Context, userID int64, hash string, actor Actor, notices ...Letter) error {
	return db.transaction(ctx, "setting a password", func(t *tx) error {
		return t.setPassword(ctx, userID, hash, nil, actor, notices...)
	})
}

func (t *tx) setPassword(ctx context.Context, userID int64, hash string, keep *TokenHash, actor Actor,
	notices ...Letter) error {
	if err := changedOne(t.ExecContext(ctx, `UPDATE users SET password_hash = $1 WHERE id = $2`,
		hash, userID)); err != nil {
		return err
	}
	if _, err := t.endSessions(ctx, userID, keep); err != nil {
		return err
	}
	if _, err := t.forgetBrowsers(ctx, userID); err != nil {
		return err
	}
	for _, kind := range []ConfirmationKind{ConfirmRecovery, ConfirmEmail} { // asked for with the previous one
		if err := t.forgetLinks(ctx, userID, kind); err != nil {
			return err
		}
	}
	return t.recordAndPost(ctx, PasswordChanged, userID, actor, "", notices...)
}

// stillProven returns ErrStale unless the proof is the user's password hash and the account is on.
func (t *tx) stillProven(ctx context.Context, userID int64, proof Proof) error {
	return t.require(ctx, ErrStale, `SELECT password_hash = $1 AND disabled_at IS NULL FROM users WHERE id = $2`,
		proof, userID)
}

// Rehash stores another hash of the same password. It changes nothing when the password has been changed meanwhile.
func (db *DB) Rehash(ctx context.Context, userID int64, old, hash string) error {
	_, err := db.write.ExecContext(ctx, `UPDATE users SET password_hash = $1 WHERE id = $2 AND password_hash = $3`,
		hash, userID, old)
	return wrap(err, "storing a newer hash")
}

// SetRole changes the user's role. It returns ErrLastAdministrator when nobody else who is
// switched on is an administrator, and ErrNotFound when there is no such user.
func (db *DB) SetRole(ctx context.Context, userID int64, role Role, actor Actor) error {
	return db.transaction(ctx, "changing a role", func(t *tx) error {
		var before Role
		if err := t.QueryRowContext(ctx, `SELECT role FROM users WHERE id = $1`,
			userID).Scan(&before); err != nil || before == role {
			return err
		}
		if err := t.exec(ctx, `UPDATE users SET role = $1 WHERE id = $2`, role, userID); err != nil {
			return err
		}
		if err := t.someAdministratorLeft(ctx, before); err != nil {
			return err
		}
		return t.record(ctx, RoleChanged, userID, actor, string(role))
	})
}

// SetDisabled switches an account off, which ends its sessions, or on again. It returns ErrLastAdministrator when
// nobody else who is switched on is an administrator, and ErrNotFound when there is no such user.
func (db *DB) SetDisabled(ctx context.Context, userID int64, disabled bool, actor Actor) error {
	return db.transaction(ctx, "switching an account on or off", func(t *tx) error {
		var role Role
		var already bool
		err := t.QueryRowContext(ctx, `SELECT role, disabled_at IS NOT NULL FROM users WHERE id = $1`,
			userID).Scan(&role, &already)
		if err != nil || already == disabled {
			return err
		}
		at := sql.NullInt64{Int64: t.now.Unix(), Valid: disabled}
		if err := t.exec(ctx, `UPDATE users SET disabled_at = $1 WHERE id = $2`, at, userID); err != nil {
			return err
		}
		if !disabled {
			return t.record(ctx, UserEnabled, userID, actor, "")
		}
		if err := t.someAdministratorLeft(ctx, role); err != nil {
			return err
		}
		if _, err := t.endSessions(ctx, userID, nil); err != nil {
			return err
		}
		if _, err := t.forgetBrowsers(ctx, userID); err != nil {
			return err
		}
		return t.record(ctx, UserDisabled, userID, actor, "")
	})
}

// DeleteUser deletes an account with its sessions and its identifiers at vendors. The audit
// keeps the id and no name. It returns ErrLastAdministrator when nobody else who is switched on
// is an administrator, and ErrStale when the proof is not valid any more.
func (db *DB) DeleteUser(ctx context.Context, userID int64, proof Proof, actor Actor, notices ...Letter) error {
	return db.provenTransaction(ctx, "deleting an account", userID, proof, func(t *tx) error {
		var role Role
		if err := t.QueryRowContext(ctx, `DELETE FROM users WHERE id = $1 RETURNING role`,
			userID).Scan(&role); err != nil {
			return err
		}
		if err := t.someAdministratorLeft(ctx, role); err != nil {
			return err
		}
		return t.recordAndPost(ctx, UserDeleted, userID, actor, "", notices...)
	})
}

// someAdministratorLeft returns ErrLastAdministrator when the user whose role was changed was
// an administrator and nobody is one any more.
func (t *tx) someAdministratorLeft(ctx context.Context, was Role) error {
	if was != Administrator {
		return nil
	}
	return t.require(ctx, ErrLastAdministrator,
		`SELECT EXISTS (SELECT 1 FROM users WHERE role = 'administrator' AND disabled_at IS NULL)`)
}

// UserQuery chooses users. The zero value chooses all.
type UserQuery struct {
	// Search is a part of an e-mail, a name or a telephone number, or an id. From three
	// characters on, case does not matter in any script.
	Search string
	Page   Cursor
}

// Users returns a page of users, the newest first.
func (db *DB) Users(ctx context.Context, q UserQuery) (Page[User], error) {
	// What no text contains would end the phrase.
	search := strings.ReplaceAll(strings.ToValidUTF8(q.Search, ""), "\x00", "")
	from, id, arguments := ` FROM users u WHERE true`, "u.id", []any(nil)
	if search = asSearched(search); search != "" {
		from, id, arguments = db.engine.search(search)
	}
	page, err := readPage(ctx, db, q.Page, `SELECT `+userColumns+from, id, arguments, (*User).columns,
		func(u User) int64 { return u.ID })
	return page, wrap(err, "reading users")
}

// asSearched is what is looked for: of a telephone number, or an id, the digits.
func asSearched(text string) string {
	text = strings.TrimSpace(text)
	if strings.Trim(text, "+0123456789 ()-.") != "" {
		return text
	}
	return strings.NewReplacer(" ", "", "(", "", ")", "", "-", "", ".", "").Replace(text)
}

// like is a pattern for LIKE, with \ to escape, that all texts match which contain this one.
func like(text string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text) + "%"
}

// Empty takes away all users with everything that is theirs, and what was tried lately: for the demo, which begins
// anew. Numbers are not given again, and the audit stays.
func (db *DB) Empty(ctx context.Context) error {
	return db.empty(ctx, "emptying the database", "users", "throttle")
}
