package store

import (
	"context"
	"fmt"
	"time"
)

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
	Language     string // ru or en
	Role         Role
	PasswordHash string
	CreatedAt    time.Time
}

// UserByEmail returns the user with that address, which must be in lower case, or ErrNotFound.
func (db *DB) UserByEmail(ctx context.Context, email string) (User, error) {
	var u User
	var created int64
	err := row(ctx, db.stmt.userByEmail, email).Scan(&u.ID, &u.Email, &u.Name, &u.Phone, &u.Language, &u.Role, &u.PasswordHash, &created)
	if err != nil {
		return User{}, fmt.Errorf("reading a user: %w", translate(err))
	}
	u.CreatedAt = time.Unix(created, 0)
	return u, nil
}

// EnsureUser creates the user with u.Email, or gives the existing one the role and the password
// of u, and returns the user's id. It is for accounts that a program sets up, not for registration.
func (db *DB) EnsureUser(ctx context.Context, u User) (int64, error) {
	var id int64
	err := db.write.QueryRowContext(ctx, `
		INSERT INTO users (email, name, phone, language, role, password_hash, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (email) DO UPDATE SET role = excluded.role, password_hash = excluded.password_hash
		RETURNING id`,
		u.Email, u.Name, u.Phone, u.Language, u.Role, u.PasswordHash, db.Now().Unix()).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("storing a user: %w", translate(err))
	}
	return id, nil
}

// SetLanguage changes the user's language and nothing else. It returns ErrNotFound when there is no such user.
func (db *DB) SetLanguage(ctx context.Context, userID int64, language string) error {
	if err := changedOne(db.write.ExecContext(ctx, `UPDATE users SET language = ? WHERE id = ?`, language, userID)); err != nil {
		return fmt.Errorf("storing a language: %w", err)
	}
	return nil
}

// Profile is what a user may change about themselves.
type Profile struct {
	Name     string
	Phone    string // E.164, or empty
	Language string // ru or en
}

// SetProfile changes the user's profile. It returns ErrNotFound when there is no such user.
func (db *DB) SetProfile(ctx context.Context, userID int64, p Profile) error {
	if err := changedOne(db.stmt.profile.ExecContext(ctx, p.Name, p.Phone, p.Language, userID)); err != nil {
		return fmt.Errorf("storing a profile: %w", err)
	}
	return nil
}
