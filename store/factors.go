package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrFactorNeeded says that a user has a second factor, and that none was proven.
var ErrFactorNeeded = errors.New("a second factor is needed")

// Factor is what somebody has proven beside their password, or a passkey in place of it. It is used up in the
// transaction of what it was proven for; where that was done before, ErrStale is returned.
type Factor interface {
	// String is what the audit calls it.
	String() string
	use(ctx context.Context, t *tx, userID int64) error
}

// TOTPCode is a code that the user's app has shown for a step, a half minute of Unix time. It is good once, and no
// code of an earlier step is any more.
type TOTPCode struct{ Step int64 }

// RecoveryCode is a code that was typed: its hash under the current secret, and under the previous ones.
type RecoveryCode struct{ Hashes []TokenHash }

// PasskeyUse is what a passkey has signed.
type PasskeyUse struct {
	ID        []byte
	SignCount uint32 // 0 for one that does not count
	BackedUp  bool
	// Challenge is what it has signed, which holds until it expires and is good once.
	Challenge TokenHash
	Expires   time.Time
}

// TrustedBrowser is a browser in which the user has proven a second factor lately, and said that it is theirs.
type TrustedBrowser struct{ Token TokenHash }

func (TOTPCode) String() string       { return "totp" }
func (RecoveryCode) String() string   { return "recovery" }
func (PasskeyUse) String() string     { return "passkey" }
func (TrustedBrowser) String() string { return "trusted" }

// nameOf is what the audit calls a factor, nothing for none.
func nameOf(f Factor) string {
	if f == nil {
		return ""
	}
	return f.String()
}

// orStale makes ErrStale of changing nothing.
func orStale(r sql.Result, err error) error {
	if err = changedOne(r, err); errors.Is(err, ErrNotFound) {
		return ErrStale
	}
	return err
}

func (c TOTPCode) use(ctx context.Context, t *tx, userID int64) error {
	return orStale(t.ExecContext(ctx, `UPDATE totp SET last_step = $1 WHERE user_id = $2 AND last_step < $1`,
		c.Step, userID))
}

func (c RecoveryCode) use(ctx context.Context, t *tx, userID int64) error {
	for _, hash := range c.Hashes {
		err := orStale(t.ExecContext(ctx, `DELETE FROM recovery_codes WHERE code_hash = $1 AND user_id = $2`,
			hash[:], userID))
		if !errors.Is(err, ErrStale) {
			return err
		}
	}
	return ErrStale
}

func (u PasskeyUse) use(ctx context.Context, t *tx, userID int64) error {
	if !t.now.Before(u.Expires) {
		return ErrStale
	}
	if err := t.exec(ctx, `DELETE FROM used_challenges WHERE expires_at <= $1`, t.now.Unix()); err != nil {
		return err
	}
	if err := orStale(t.ExecContext(ctx, `
		INSERT INTO used_challenges (challenge_hash, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
		u.Challenge[:], u.Expires.Unix())); err != nil {
		return err
	}
	return orStale(t.ExecContext(ctx, `
		UPDATE passkeys SET sign_count = $1, backed_up = $2, used_at = $3
		WHERE credential_id = $4 AND user_id = $5 AND (sign_count < $1 OR sign_count = 0 AND $1 = 0)`,
		u.SignCount, u.BackedUp, t.now.Unix(), u.ID, userID))
}

func (b TrustedBrowser) use(ctx context.Context, t *tx, userID int64) error {
	return t.require(ctx, ErrStale,
		`SELECT expires_at > $1 FROM trusted_browsers WHERE token_hash = $2 AND user_id = $3`,
		t.now.Unix(), b.Token[:], userID)
}

// prove uses a factor up; without one it returns ErrFactorNeeded where the user has any.
func (t *tx) prove(ctx context.Context, userID int64, f Factor) error {
	if f != nil {
		return f.use(ctx, t, userID)
	}
	return t.require(ctx, ErrFactorNeeded, `SELECT NOT `+hasFactor, userID)
}

// hasFactor is whether the user $1 has any.
const hasFactor = `(
	EXISTS (SELECT 1 FROM totp WHERE user_id = $1) OR EXISTS (SELECT 1 FROM passkeys WHERE user_id = $1))`

// HasFactor reports whether a user has a second factor: an app, or a passkey.
func (db *DB) HasFactor(ctx context.Context, userID int64) (has bool, err error) {
	err = db.row(ctx, `SELECT `+hasFactor, userID).Scan(&has)
	return has, wrap(err, "reading whether there is a second factor")
}

// IsUsed reports whether a challenge was used already.
func (db *DB) IsUsed(ctx context.Context, challenge TokenHash) (used bool, err error) {
	err = db.row(ctx, `SELECT EXISTS (SELECT 1 FROM used_challenges WHERE challenge_hash = $1)`,
		challenge[:]).Scan(&used)
	return used, wrap(err, "reading whether a challenge was used")
}

// Passkey is a credential of WebAuthn.
type Passkey struct {
	ID             []byte
	UserID         int64
	UserHandle     []byte // what authenticators know the user by
	Name           string
	PublicKey      []byte // COSE
	Transports     []string
	BackupEligible bool
	BackedUp       bool
	SignCount      uint32
	CreatedAt      time.Time
	UsedAt         time.Time // zero for never
}

const passkeyColumns = `credential_id, user_id, user_handle, name, public_key, transports, backup_eligible, backed_up,
	sign_count, created_at, used_at`

// columns receive passkeyColumns.
func (p *Passkey) columns() []any {
	return []any{&p.ID, &p.UserID, &p.UserHandle, &p.Name, &p.PublicKey, (*list)(&p.Transports), &p.BackupEligible,
		&p.BackedUp, &p.SignCount, (*moment)(&p.CreatedAt), (*moment)(&p.UsedAt)}
}

// list scans a text whose parts have commas between them; nil where it is empty.
type list []string

// Scan is for database/sql.
func (l *list) Scan(value any) error {
	text, ok := value.(string)
	if !ok {
		return fmt.Errorf("%T is no list", value)
	}
	if text != "" {
		*l = strings.Split(text, ",")
	}
	return nil
}

// Passkey returns the passkey with that id, or ErrNotFound.
func (db *DB) Passkey(ctx context.Context, id []byte) (Passkey, error) {
	p, err := readOne(db.row(ctx, `SELECT `+passkeyColumns+` FROM passkeys WHERE credential_id = $1`, id),
		(*Passkey).columns)
	return p, wrap(err, "reading a passkey")
}

// Factors are what a user has beside the password.
type Factors struct {
	TOTP          []byte    // the app's secret, sealed; nil for none
	TOTPSince     time.Time // zero for none
	Passkeys      []Passkey // the oldest first
	RecoveryCodes int       // that are left
	Browsers      int       // that are trusted
}

// Any reports whether there is a second factor. Codes to recover are none: they stand in for one.
func (f Factors) Any() bool { return f.TOTP != nil || len(f.Passkeys) > 0 }

// Factors returns what a user has beside the password.
func (db *DB) Factors(ctx context.Context, userID int64) (f Factors, err error) {
	err = db.row(ctx, `
		SELECT t.secret, t.created_at,
			(SELECT count(*) FROM recovery_codes WHERE user_id = $1),
			(SELECT count(*) FROM trusted_browsers WHERE user_id = $1 AND expires_at > $2)
		FROM (SELECT 1) one LEFT JOIN totp t ON t.user_id = $1`, userID, db.Now().Unix()).
		Scan(&f.TOTP, (*moment)(&f.TOTPSince), &f.RecoveryCodes, &f.Browsers)
	if err != nil {
		return f, fmt.Errorf("reading second factors: %w", err)
	}
	rows, err := db.rows(ctx, `SELECT `+passkeyColumns+` FROM passkeys WHERE user_id = $1
		ORDER BY created_at, credential_id`, userID)
	f.Passkeys, err = readAll(rows, err, (*Passkey).columns)
	return f, wrap(err, "reading passkeys")
}

// FactorChange is a change of what a user has beside the password, by its user: the proof is of the password that they
// have.
type FactorChange struct {
	UserID int64
	Proof  Proof
	Actor  Actor
	Notice Letter // left out without a recipient
	// Back is the link in the letter, by which a factor that was added is taken back; nil for none.
	Back *Confirmation
}

// changeFactors does one thing to a user's factors. It returns ErrStale when the proof is not valid any more.
func (db *DB) changeFactors(ctx context.Context, doing string, c FactorChange, kind EventKind, detail string,
	do func(*tx) error) error {
	return db.provenTransaction(ctx, doing, c.UserID, c.Proof, func(t *tx) error {
		if err := do(t); err != nil {
			return err
		}
		if c.Back != nil {
			if err := t.confirmable(ctx, *c.Back); err != nil {
				return err
			}
		}
		return t.recordAndPost(ctx, kind, c.UserID, c.Actor, detail, c.Notice)
	})
}

// SetTOTP gives a user an app, in place of the one that there may be, by a code of the step that it has shown. The
// user then has had an app since the first. Where the user has no codes to recover, these are theirs, and made is
// true.
func (db *DB) SetTOTP(ctx context.Context, c FactorChange, sealed []byte, step int64,
	codes []TokenHash) (made bool, err error) {
	err = db.changeFactors(ctx, "storing an app's secret", c, FactorAdded, "totp", func(t *tx) error {
		_, err := t.ExecContext(ctx, `
			INSERT INTO totp (user_id, secret, last_step, created_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, last_step = excluded.last_step`,
			c.UserID, sealed, step, t.now.Unix())
		if err == nil {
			_, err = t.forgetBrowsers(ctx, c.UserID) // by another app
		}
		if err == nil {
			made, err = t.firstCodes(ctx, c.UserID, codes)
		}
		return err
	})
	return made, err
}

// AddPasskey gives a user a passkey, with codes to recover as SetTOTP does. It returns ErrConflict when somebody has
// it already.
func (db *DB) AddPasskey(ctx context.Context, c FactorChange, p Passkey, codes []TokenHash) (made bool, err error) {
	err = db.changeFactors(ctx, "storing a passkey", c, FactorAdded, "passkey", func(t *tx) error {
		_, err := t.ExecContext(ctx, `
			INSERT INTO passkeys (`+passkeyColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0)`,
			p.ID, c.UserID, p.UserHandle, p.Name, p.PublicKey, strings.Join(p.Transports, ","), p.BackupEligible,
			p.BackedUp, p.SignCount, t.now.Unix())
		if err == nil {
			made, err = t.firstCodes(ctx, c.UserID, codes)
		}
		return err
	})
	return made, err
}

func (t *tx) firstCodes(ctx context.Context, userID int64, codes []TokenHash) (bool, error) {
	var left int
	err := t.QueryRowContext(ctx, `SELECT count(*) FROM recovery_codes WHERE user_id = $1`, userID).Scan(&left)
	if err != nil || left > 0 {
		return false, err
	}
	return true, t.setCodes(ctx, userID, codes)
}

func (t *tx) setCodes(ctx context.Context, userID int64, codes []TokenHash) error {
	if err := t.exec(ctx, `DELETE FROM recovery_codes WHERE user_id = $1`, userID); err != nil {
		return err
	}
	for _, hash := range codes {
		if err := t.exec(ctx, `INSERT INTO recovery_codes (code_hash, user_id) VALUES ($1, $2)`,
			hash[:], userID); err != nil {
			return err
		}
	}
	return nil
}

// SetRecoveryCodes gives a user other codes, in place of all that are left. It returns ErrNotFound for a user without
// a second factor, who needs none.
func (db *DB) SetRecoveryCodes(ctx context.Context, c FactorChange, codes []TokenHash) error {
	return db.changeFactors(ctx, "storing codes to recover", c, RecoveryCodesMade, "", func(t *tx) error {
		if err := t.require(ctx, ErrNotFound, `SELECT `+hasFactor, c.UserID); err != nil {
			return err
		}
		return t.setCodes(ctx, c.UserID, codes)
	})
}

// RenamePasskey gives one of the user's passkeys another name. It returns ErrNotFound when it is not there.
func (db *DB) RenamePasskey(ctx context.Context, userID int64, id []byte, name string) error {
	return wrap(changedOne(db.write.ExecContext(ctx,
		`UPDATE passkeys SET name = $1 WHERE credential_id = $2 AND user_id = $3`, name, id, userID)),
		"renaming a passkey")
}

// RemoveTOTP takes the user's app away. It returns ErrNotFound when there is none.
func (db *DB) RemoveTOTP(ctx context.Context, c FactorChange) error {
	return db.changeFactors(ctx, "removing an app", c, FactorRemoved, "totp", func(t *tx) error {
		if err := changedOne(t.ExecContext(ctx, `DELETE FROM totp WHERE user_id = $1`, c.UserID)); err != nil {
			return err
		}
		return t.factorRemoved(ctx, c.UserID)
	})
}

// RemovePasskey takes one of the user's passkeys away. It returns ErrNotFound when it is not there.
func (db *DB) RemovePasskey(ctx context.Context, c FactorChange, id []byte) error {
	return db.changeFactors(ctx, "removing a passkey", c, FactorRemoved, "passkey", func(t *tx) error {
		if err := changedOne(t.ExecContext(ctx, `DELETE FROM passkeys WHERE credential_id = $1 AND user_id = $2`,
			id, c.UserID)); err != nil {
			return err
		}
		return t.factorRemoved(ctx, c.UserID)
	})
}

// factorRemoved ends what was trusted by it, and with the last one what stands in for it.
func (t *tx) factorRemoved(ctx context.Context, userID int64) error {
	if _, err := t.forgetBrowsers(ctx, userID); err != nil {
		return err
	}
	return t.exec(ctx, `DELETE FROM recovery_codes WHERE user_id = $1 AND NOT `+hasFactor, userID)
}

// TakeFactors takes everything away that a user has beside the password: they have lost it, and somebody else says so.
// It returns ErrNotFound when there is no such user, or nothing.
func (db *DB) TakeFactors(ctx context.Context, userID int64, actor Actor, notice Letter) error {
	return db.transaction(ctx, "taking second factors away", func(t *tx) error {
		if err := t.require(ctx, ErrNotFound, `SELECT `+hasFactor, userID); err != nil {
			return err
		}
		if err := t.takeFactors(ctx, userID, time.Time{}); err != nil {
			return err
		}
		return t.recordAndPost(ctx, FactorsTaken, userID, actor, "", notice)
	})
}

// takeFactors takes away what a user has beside the password since a moment.
func (t *tx) takeFactors(ctx context.Context, userID int64, since time.Time) error {
	for _, from := range []string{"totp", "passkeys"} {
		if err := t.exec(ctx, `DELETE FROM `+from+` WHERE user_id = $1 AND created_at >= $2`,
			userID, since.Unix()); err != nil {
			return err
		}
	}
	return t.factorRemoved(ctx, userID)
}

// BrowserTrusted is how long a browser is trusted, and maxBrowsers how many of a user's are: beyond, the oldest goes.
const (
	BrowserTrusted = 30 * 24 * time.Hour
	maxBrowsers    = 20
)

func (t *tx) trustBrowser(ctx context.Context, userID int64, token TokenHash) error {
	if err := t.exec(ctx, `DELETE FROM trusted_browsers WHERE expires_at <= $1`, t.now.Unix()); err != nil {
		return err
	}
	if err := t.exec(ctx, `
		DELETE FROM trusted_browsers WHERE user_id = $1 AND token_hash NOT IN (
			SELECT token_hash FROM trusted_browsers WHERE user_id = $1 ORDER BY expires_at DESC LIMIT $2
		)`, userID, maxBrowsers-1); err != nil {
		return err
	}
	return t.exec(ctx, `INSERT INTO trusted_browsers (token_hash, user_id, expires_at) VALUES ($1, $2, $3)`,
		token[:], userID, t.now.Add(BrowserTrusted).Unix())
}

func (t *tx) forgetBrowsers(ctx context.Context, userID int64) (int64, error) {
	return affected(t.ExecContext(ctx, `DELETE FROM trusted_browsers WHERE user_id = $1`, userID))
}

// ForgetBrowsers trusts none of the user's browsers any more.
func (db *DB) ForgetBrowsers(ctx context.Context, userID int64, actor Actor) error {
	return db.transaction(ctx, "forgetting trusted browsers", func(t *tx) error {
		n, err := t.forgetBrowsers(ctx, userID)
		if err != nil || n == 0 {
			return err
		}
		return t.record(ctx, BrowsersForgotten, userID, actor, fmt.Sprint(n))
	})
}

// ProveSession notes that whoever is in a session has proven again who they are, by the password, whose proof it is,
// or by a passkey. The session gets another token. It returns ErrStale when the session, the proof or the passkey is
// not good any more.
func (db *DB) ProveSession(ctx context.Context, userID int64, proof Proof, passkey *PasskeyUse,
	before, after TokenHash, actor Actor) error {
	return db.provenTransaction(ctx, "proving a session", userID, proof, func(t *tx) error {
		by := "password"
		if passkey != nil {
			by = passkey.String()
			if err := passkey.use(ctx, t, userID); err != nil {
				return err
			}
		}
		if err := orStale(t.ExecContext(ctx, `
			UPDATE sessions SET token_hash = $1, proven_at = $2 WHERE token_hash = $3 AND user_id = $4`,
			after[:], t.now.Unix(), before[:], userID)); err != nil {
			return err
		}
		return t.record(ctx, Proven, userID, actor, by)
	})
}
