package store

import (
	"context"
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
	// ConfirmFactorBack takes a second factor back that somebody else has added.
	ConfirmFactorBack ConfirmationKind = "factor_back"
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

// Answer takes a request that waits in the outbox, and puts in its place the letter that it leads to, none where that
// has no recipient, and the link in the letter, nil for none. It returns ErrNotFound when the request was answered
// already. Where the link is a user's who is gone, there is neither letter nor link.
func (db *DB) Answer(ctx context.Context, request int64, l Letter, c *Confirmation) error {
	return db.transaction(ctx, "answering a request by letter", func(t *tx) error {
		if err := changedOne(t.ExecContext(ctx, `DELETE FROM outbox WHERE id = $1`, request)); err != nil {
			return err
		}
		if c != nil {
			if err := t.confirmable(ctx, *c); err != nil {
				return ignoreNone(err)
			}
		}
		return t.post(ctx, l)
	})
}

// ForgetConfirmations takes away the links that have expired, and so what nobody has confirmed.
func (db *DB) ForgetConfirmations(ctx context.Context) error {
	_, err := db.write.ExecContext(ctx, `DELETE FROM confirmations WHERE expires_at <= $1`, db.Now().Unix())
	return wrap(err, "forgetting links that have expired")
}

// confirmable stores a link. Of each kind only the newest of a user, or of an e-mail without an account, holds, but
// for taking back: each of these leads to an e-mail of its own.
func (t *tx) confirmable(ctx context.Context, c Confirmation) error {
	if c.UserID != 0 {
		if err := t.exists(ctx, c.UserID); err != nil {
			return err
		}
	}
	if c.Kind != ConfirmEmailBack && c.Kind != ConfirmFactorBack {
		whose, value := `user_id = $2`, any(c.UserID)
		if c.UserID == 0 {
			whose, value = `user_id IS NULL AND email = $2`, c.Email
		}
		if err := t.exec(ctx, `DELETE FROM confirmations WHERE kind = $1 AND `+whose, c.Kind, value); err != nil {
			return err
		}
	}
	return t.exec(ctx, `
		INSERT INTO confirmations (token_hash, kind, user_id, email, data, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6)`,
		c.Token[:], c.Kind, orNull(c.UserID), c.Email, append([]byte{}, c.Data...), c.ExpiresAt.Unix())
}

const confirmationColumns = `kind, coalesce(user_id, 0), email, data, expires_at`

func readConfirmation(r row, token TokenHash, kind ConfirmationKind, now time.Time) (Confirmation, error) {
	c := Confirmation{Token: token}
	if err := r.Scan(&c.Kind, &c.UserID, &c.Email, &c.Data, (*moment)(&c.ExpiresAt)); err != nil {
		return c, translate(err)
	}
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
	return c, wrap(err, "reading a confirmation")
}

// confirm uses a link up. It returns what Confirmation does, and its user, who is the zero value where the link is of
// nobody's account.
func (t *tx) confirm(ctx context.Context, token TokenHash, kind ConfirmationKind) (Confirmation, User, error) {
	const use = `DELETE FROM confirmations WHERE token_hash = $1 RETURNING ` + confirmationColumns
	c, err := readConfirmation(t.QueryRowContext(ctx, use, token[:]), token, kind, t.now)
	if err != nil || c.UserID == 0 {
		return c, User{}, err
	}
	user, err := readOne(t.QueryRowContext(ctx, selectUser, c.UserID), (*User).columns)
	return c, user, wrap(err, "reading a user")
}

// Recover stores the hash of a new password of whoever has opened a link, and ends all sessions. The link must be of
// ConfirmRecovery; it returns ErrNotFound otherwise, and ErrDisabled for an account that is switched off.
func (db *DB) Recover(ctx context.Context, token TokenHash, hash string, address string, notice Letter) error {
	return db.transaction(ctx, "recovering an account", func(t *tx) error {
		c, user, err := t.confirm(ctx, token, ConfirmRecovery)
		switch {
		case err != nil:
			return err
		case user.Email != c.Email: // it has changed since
			return ErrNotFound
		case user.Disabled():
			return ErrDisabled
		}
		return t.setPassword(ctx, c.UserID, hash, nil, Actor{UserID: c.UserID, Address: address}, notice)
	})
}

// ChangeEmail gives a user the e-mail whose owner has opened a link of ConfirmEmail. The previous one is written to,
// with a link by which the change is taken back. It returns ErrNotFound for a link that is not good any more, ErrStale
// when the proof of who asked for it is not valid any more, and ErrConflict when another account has the e-mail
// meanwhile.
func (db *DB) ChangeEmail(ctx context.Context, token TokenHash, proof Proof, address string,
	tell func(user User, email string) (Confirmation, Letter)) error {
	return db.transaction(ctx, "changing an e-mail", func(t *tx) error {
		c, user, err := t.confirm(ctx, token, ConfirmEmail)
		if err != nil {
			return err
		}
		if err := t.stillProven(ctx, c.UserID, proof); err != nil {
			return err
		}
		if err := t.setEmail(ctx, c.UserID, c.Email); err != nil {
			return err
		}
		back, letter := tell(user, c.Email)
		if err := t.confirmable(ctx, back); err != nil {
			return err
		}
		return t.recordAndPost(ctx, EmailChanged, c.UserID, Actor{UserID: c.UserID, Address: address}, "", letter)
	})
}

// TakeBack takes back what somebody else may have done, by a link of ConfirmEmailBack or ConfirmFactorBack that has
// held for life: the user has the e-mail again that they had before a change, and in both cases no second factor that
// they have got since the link was made. Whoever did it knew the password, or was in a session: the password is taken
// away, all sessions end, and next, a link of ConfirmRecovery, leads to another password. The e-mail that the user has
// had until now is told. It returns ErrNotFound for a link that is not good any more, and ErrConflict as ChangeEmail
// does.
func (db *DB) TakeBack(ctx context.Context, token TokenHash, kind ConfirmationKind, next Confirmation,
	life time.Duration, address string, tell func(before User) Letter) error {
	return db.transaction(ctx, "taking a change back", func(t *tx) error {
		c, before, err := t.confirm(ctx, token, kind)
		if err != nil {
			return err
		}
		event := FactorRemoved
		if kind == ConfirmEmailBack {
			event = EmailChanged
			if err := t.setEmail(ctx, c.UserID, c.Email); err != nil {
				return err
			}
		}
		by := Actor{UserID: c.UserID, Address: address}
		if err := t.setPassword(ctx, c.UserID, "", nil, by); err != nil {
			return err
		}
		if err := t.takeFactors(ctx, c.UserID, c.ExpiresAt.Add(-life)); err != nil {
			return err
		}
		// Further changes that somebody else has made since are not taken back to what they led to.
		if err := t.exec(ctx, `DELETE FROM confirmations WHERE user_id = $1 AND kind = $2 AND expires_at >= $3`,
			c.UserID, ConfirmEmailBack, c.ExpiresAt.Unix()); err != nil {
			return err
		}
		if err := t.confirmable(ctx, next); err != nil {
			return err
		}
		return t.recordAndPost(ctx, event, c.UserID, by, "taken back", tell(before))
	})
}

// setEmail makes links worthless that letters to the previous one have.
func (t *tx) setEmail(ctx context.Context, userID int64, email string) error {
	if err := t.forgetLinks(ctx, userID, ConfirmRecovery); err != nil {
		return err
	}
	return changedOne(t.ExecContext(ctx, `UPDATE users SET email = $1 WHERE id = $2`, email, userID))
}

// forgetLinks takes away what links of a kind a user has.
func (t *tx) forgetLinks(ctx context.Context, userID int64, kind ConfirmationKind) error {
	return t.exec(ctx, `DELETE FROM confirmations WHERE user_id = $1 AND kind = $2`, userID, kind)
}
