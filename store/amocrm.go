package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// What the audit tells of amoCRM. The detail of the last three is the deal, as account/deal.
const (
	AmoCRMCodeMade EventKind = "amocrm_code_made"
	AmoCRMLinked   EventKind = "amocrm_linked"
	AmoCRMRefused  EventKind = "amocrm_refused" // a code was not taken; nobody knows whose it was
	AmoCRMUnlinked EventKind = "amocrm_unlinked"
)

// ErrCodeUnknown says that there is no such code: there never was, or it was used, replaced, or is too old.
var ErrCodeUnknown = errors.New("there is no such code")

// AmoCRMCodeLife is how long a code is good.
const AmoCRMCodeLife = 10 * time.Minute

// AmoCRMDeal is a deal of an account at amoCRM.
type AmoCRMDeal struct{ AccountID, DealID int64 }

func (d AmoCRMDeal) String() string { return fmt.Sprintf("%d/%d", d.AccountID, d.DealID) }

// AmoCRMLink is a deal that shows a user's data.
type AmoCRMLink struct {
	AmoCRMDeal
	UserID   int64
	LinkedAt time.Time
}

// SetAmoCRMCode stores the hash of a code for a user, in place of the one before. It returns ErrNotFound when
// the session has ended, and ErrConflict when somebody else has that code just now.
func (db *DB) SetAmoCRMCode(ctx context.Context, userID int64, session, code TokenHash, actor Actor) error {
	return db.transaction(ctx, "storing a code for amoCRM", func(t *tx) error {
		if err := t.exec(ctx, `DELETE FROM amocrm_codes WHERE expires_at <= $1 OR user_id = $2`,
			t.now.Unix(), userID); err != nil {
			return err
		}
		if err := t.require(ctx, ErrNotFound, `SELECT true FROM sessions WHERE token_hash = $1 AND user_id = $2`,
			session[:], userID); err != nil {
			return err
		}
		if err := t.exec(ctx,
			`INSERT INTO amocrm_codes (user_id, session, code_hash, expires_at) VALUES ($1, $2, $3, $4)`,
			userID, session[:], code[:], t.now.Add(AmoCRMCodeLife).Unix()); err != nil {
			return err
		}
		return t.record(ctx, AmoCRMCodeMade, userID, actor, "")
	})
}

// LinkAmoCRMDeal links a deal with the user whose code it is, and uses the code up. The same link again is
// none. It returns ErrCodeUnknown, or ErrConflict when the deal is another user's; the code remains then.
func (db *DB) LinkAmoCRMDeal(ctx context.Context, code TokenHash, deal AmoCRMDeal, address string) error {
	return db.transaction(ctx, "linking a deal at amoCRM", func(t *tx) error {
		var userID, owner int64
		err := t.QueryRowContext(ctx,
			`SELECT user_id FROM amocrm_codes
			WHERE code_hash = $1 AND expires_at > $2 AND expires_at <= $3 AND session IS NOT NULL`,
			code[:], t.now.Unix(), t.now.Add(AmoCRMCodeLife+maxSkew).Unix()).Scan(&userID)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrCodeUnknown
		}
		if err != nil {
			return err
		}
		err = t.QueryRowContext(ctx, `SELECT user_id FROM amocrm_links WHERE account_id = $1 AND deal_id = $2`,
			deal.AccountID, deal.DealID).Scan(&owner)
		if err = ignoreNone(err); err != nil {
			return err
		}
		if owner != 0 && owner != userID {
			return ErrConflict
		}
		if err := t.exec(ctx, `DELETE FROM amocrm_codes WHERE user_id = $1`, userID); err != nil || owner == userID {
			return err
		}
		if err := t.exec(ctx,
			`INSERT INTO amocrm_links (account_id, deal_id, user_id, linked_at) VALUES ($1, $2, $3, $4)`,
			deal.AccountID, deal.DealID, userID, t.now.Unix()); err != nil {
			return err
		}
		return t.record(ctx, AmoCRMLinked, userID, Actor{UserID: userID, Address: address}, deal.String())
	})
}

// AmoCRMLink returns whose data a deal shows, or ErrNotFound: also when that user's account is switched off.
func (db *DB) AmoCRMLink(ctx context.Context, deal AmoCRMDeal) (AmoCRMLink, error) {
	l := AmoCRMLink{AmoCRMDeal: deal}
	err := db.row(ctx, `
		SELECT l.user_id, l.linked_at FROM amocrm_links AS l JOIN users AS u ON u.id = l.user_id
		WHERE l.account_id = $1 AND l.deal_id = $2 AND u.disabled_at IS NULL`,
		deal.AccountID, deal.DealID).Scan(&l.UserID, (*moment)(&l.LinkedAt))
	return l, wrap(translate(err), "reading whose a deal at amoCRM is")
}

// amoCRMStanding is a user's deals, each as AmoCRMDeal writes it.
const amoCRMStanding = `SELECT 'amocrm' AS vendor, account_id || '/' || deal_id AS subject, '' AS detail,
	linked_at AS at FROM amocrm_links WHERE user_id = u.id`

// AmoCRMLinks returns a user's deals, the newest link first.
func (db *DB) AmoCRMLinks(ctx context.Context, userID int64) ([]AmoCRMLink, error) {
	rows, err := db.rows(ctx, `
		SELECT account_id, deal_id, user_id, linked_at FROM amocrm_links WHERE user_id = $1
		ORDER BY linked_at DESC, account_id, deal_id`, userID)
	links, err := readAll(rows, err, func(l *AmoCRMLink) []any {
		return []any{&l.AccountID, &l.DealID, &l.UserID, (*moment)(&l.LinkedAt)}
	})
	return links, wrap(err, "reading a user's deals at amoCRM")
}

// DeleteAmoCRMLink forgets that a deal is the user's. It returns ErrNotFound when it is not.
func (db *DB) DeleteAmoCRMLink(ctx context.Context, userID int64, deal AmoCRMDeal, actor Actor) error {
	return db.transaction(ctx, "unlinking a deal at amoCRM", func(t *tx) error {
		if err := changedOne(t.ExecContext(ctx,
			`DELETE FROM amocrm_links WHERE account_id = $1 AND deal_id = $2 AND user_id = $3`,
			deal.AccountID, deal.DealID, userID)); err != nil {
			return err
		}
		return t.record(ctx, AmoCRMUnlinked, userID, actor, deal.String())
	})
}
