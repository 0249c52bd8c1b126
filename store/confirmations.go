package store

import (
	"context"
	"fmt"
	"time"
)

// ConfirmationKind is what a link in a letter is good for.
type ConfirmationKind string

// The kinds.
const (
	ConfirmRegistration ConfirmationKind = "register"
	ConfirmRecovery     ConfirmationKind = "recover"
	ConfirmEmail        ConfirmationKind = "email"      // a change of e-mail, at the new address
	ConfirmEmailBack    ConfirmationKind = "email_back" // taking such a change back, at the previous address
)

// Confirmation is a link that a letter has. It is good once.
type Confirmation struct {
	Token     TokenHash
	Kind      ConfirmationKind
	UserID    int64  // 0 for who has no account yet
	Email     string // that it is about: the new one, or the previous one
	Data      []byte // sealed: the caller's own
	ExpiresAt time.Time
}

// Answer takes a request that waits in the outbox, and puts in its place the letter that it leads to and the link in
// that; either may be nil. It returns ErrNotFound when the request was answered already.
func (db *DB) Answer(ctx context.Context, request int64, l *Letter, c *Confirmation) error {
	return db.transaction(ctx, "answering a request by letter", func(t *tx) error {
		if err := changedOne(t.ExecContext(ctx, `DELETE FROM outbox WHERE id = $1`, request)); err != nil {
			return err
		}
		if c != nil {
			if err := t.confirmable(ctx, *c); err != nil {
				return err
			}
		}
		if l != nil {
			return t.post(ctx, *l)
		}
		return nil
	})
}

// ForgetConfirmations takes away the links that have expired, and so what nobody has confirmed.
func (db *DB) ForgetConfirmations(ctx context.Context) error {
	_, err := db.write.ExecContext(ctx, `DELETE FROM confirmations WHERE expires_at <= $1`, db.Now().Unix())
	if err != nil {
		return fmt.Errorf("forgetting links that have expired: %w", err)
	}
	return nil
}

// confirmable stores a link. Of each kind only the newest of a user, or of an e-mail without an account, holds, but
// for taking back: each of these leads to an e-mail of its own.
func (t *tx) confirmable(ctx context.Context, c Confirmation) error {
	if c.Kind != ConfirmEmailBack {
		var err error
		if c.UserID != 0 {
			_, err = t.ExecContext(ctx, `DELETE FROM confirmations WHERE kind = $1 AND user_id = $2`, c.Kind, c.UserID)
		} else {
			_, err = t.ExecContext(ctx,
				`DELETE FROM confirmations WHERE kind = $1 AND email = $2 AND user_id IS NULL`, c.Kind, c.Email)
		}
		if err != nil {
			return err
		}
	}
	_, err := t.ExecContext(ctx, `
		INSERT INTO confirmations (token_hash, kind, user_id, email, data, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6)`,
		c.Token[:], c.Kind, orNull(c.UserID), c.Email, append([]byte{}, c.Data...), c.ExpiresAt.Unix())
	return err
}

const confirmationColumns = `kind, coalesce(user_id, 0), email, data, expires_at`

func readConfirmation(r row, token TokenHash, kind ConfirmationKind, now time.Time) (Confirmation, error) {
	c := Confirmation{Token: token}
	var expires int64
	if err := r.Scan(&c.Kind, &c.UserID, &c.Email, &c.Data, &expires); err != nil {
		return c, translate(err)
	}
	c.ExpiresAt = time.Unix(expires, 0)
	if c.Kind != kind || !now.Before(c.ExpiresAt) {
		return c, ErrNotFound
	}
	return c, nil
}

// Confirmation returns what a link is good for, and uses nothing up. It returns ErrNotFound for one that was used, has
// expired, or is of another kind.
func (db *DB) Confirmation(ctx context.Context, token TokenHash, kind ConfirmationKind) (Confirmation, error) {
	c, err := readConfirmation(db.row(ctx,
		`SELECT `+confirmationColumns+` FROM confirmations WHERE token_hash = $1`, token[:]), token, kind, db.Now())
	if err != nil {
		return c, fmt.Errorf("reading a confirmation: %w", err)
	}
	return c, nil
}

// confirm uses a link up. It returns what Confirmation does.
func (t *tx) confirm(ctx context.Context, token TokenHash, kind ConfirmationKind) (Confirmation, error) {
	const use = `DELETE FROM confirmations WHERE token_hash = $1 RETURNING ` + confirmationColumns
	return readConfirmation(t.QueryRowContext(ctx, use, token[:]), token, kind, t.now)
}

// Recover stores the hash of a new password of whoever has opened a link, and ends all sessions. The link must be of
// ConfirmRecovery; it returns ErrNotFound otherwise, and ErrDisabled for an account that is switched off.
func (db *DB) Recover(ctx context.Context, token TokenHash, hash string, address string, notice Letter) error {
	return db.transaction(ctx, "recovering an account", func(t *tx) error {
		c, err := t.confirm(ctx, token, ConfirmRecovery)
		if err != nil {
			return err
		}
		var disabled bool
		const isDisabled = `SELECT disabled_at IS NOT NULL FROM users WHERE id = $1`
		err = t.QueryRowContext(ctx, isDisabled, c.UserID).Scan(&disabled)
		if err != nil {
			return err
		}
		if disabled {
			return ErrDisabled
		}
		if err := t.setPassword(ctx, c.UserID, hash, nil, Actor{UserID: c.UserID, Address: address}); err != nil {
			return err
		}
		return t.post(ctx, notice)
	})
}

// ChangeEmail gives a user the e-mail whose owner has opened a link of ConfirmEmail. The previous one is written to,
// with a link by which the change is taken back. It returns ErrNotFound for a link that is not good any more, ErrStale
// when the proof of who asked for it is not valid any more, and ErrConflict when another account has the e-mail
// meanwhile.
func (db *DB) ChangeEmail(ctx context.Context, token TokenHash, proof Proof, address string,
	tell func(user User, email string) (Confirmation, Letter)) error {
	return db.transaction(ctx, "changing an e-mail", func(t *tx) error {
		c, err := t.confirm(ctx, token, ConfirmEmail)
		if err != nil {
			return err
		}
		if err := t.stillProven(ctx, c.UserID, proof); err != nil {
			return err
		}
		user, err := readUser(t.QueryRowContext(ctx, `SELECT `+userColumns+` FROM users u WHERE u.id = $1`, c.UserID))
		if err != nil {
			return err
		}
		if err := t.setEmail(ctx, c.UserID, c.Email); err != nil {
			return err
		}
		back, letter := tell(user, c.Email)
		if err := t.confirmable(ctx, back); err != nil {
			return err
		}
		if err := t.post(ctx, letter); err != nil {
			return err
		}
		return t.record(ctx, EmailChanged, c.UserID, Actor{UserID: c.UserID, Address: address}, "")
	})
}

// TakeEmailBack gives a user the e-mail again that they had before a change, by a link of ConfirmEmailBack, and ends
// all sessions. It returns ErrNotFound and ErrConflict as ChangeEmail does.
func (db *DB) TakeEmailBack(ctx context.Context, token TokenHash, address string) error {
	return db.transaction(ctx, "taking a change of e-mail back", func(t *tx) error {
		c, err := t.confirm(ctx, token, ConfirmEmailBack)
		if err != nil {
			return err
		}
		if err := t.setEmail(ctx, c.UserID, c.Email); err != nil {
			return err
		}
		// What somebody else may have asked for since is worth nothing, the taking back of further changes included.
		_, err = t.ExecContext(ctx, `
			DELETE FROM confirmations
			WHERE user_id = $1 AND (kind IN ('email', 'recover') OR kind = 'email_back' AND expires_at >= $2)`,
			c.UserID, c.ExpiresAt.Unix())
		if err != nil {
			return err
		}
		if _, err := t.endSessions(ctx, c.UserID, nil); err != nil {
			return err
		}
		return t.record(ctx, EmailChanged, c.UserID, Actor{UserID: c.UserID, Address: address}, "taken back")
	})
}

func (t *tx) setEmail(ctx context.Context, userID int64, email string) error {
	return changedOne(t.ExecContext(ctx, `UPDATE users SET email = $1 WHERE id = $2`, email, userID))
}
