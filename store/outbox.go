package store

import (
	"context"
	"time"
)

// Letter is one that a change causes. It is written in the change's transaction, and sent afterwards.
type Letter struct {
	ID        int64
	MessageID string // the same however often it is sent
	To        string // an e-mail
	Language  string
	Kind      string // what it is about: the caller's own
	Data      []byte // what it says, sealed: the caller's own
	Attempts  int    // how often it was tried
	CreatedAt time.Time
	Due       time.Time // when it is tried next
}

// Post writes a letter that no other change causes.
func (db *DB) Post(ctx context.Context, l Letter) error {
	return db.transaction(ctx, "writing a letter", func(t *tx) error { return t.post(ctx, l) })
}

// post writes letters; one without a recipient is left out.
func (t *tx) post(ctx context.Context, letters ...Letter) error {
	for _, l := range letters {
		if l.To == "" {
			continue
		}
		if err := t.exec(ctx, `
			INSERT INTO outbox (message_id, recipient, language, kind, data, created_at, due_at)
			VALUES ($1, $2, $3, $4, $5, $6, $6)`,
			l.MessageID, l.To, l.Language, l.Kind, l.Data, t.now.Unix()); err != nil {
			return err
		}
	}
	return nil
}

// NextLetter returns the letter that is due first, or ErrNotFound.
func (db *DB) NextLetter(ctx context.Context) (l Letter, err error) {
	err = db.row(ctx, `
		SELECT id, message_id, recipient, language, kind, data, attempts, created_at, due_at FROM outbox
		ORDER BY due_at, id LIMIT 1`,
	).Scan(&l.ID, &l.MessageID, &l.To, &l.Language, &l.Kind, &l.Data, &l.Attempts, (*moment)(&l.CreatedAt),
		(*moment)(&l.Due))
	return l, wrap(translate(err), "reading a letter")
}

// PutOffLetter has a letter tried again later. It returns ErrNotFound for one that is gone.
func (db *DB) PutOffLetter(ctx context.Context, id int64, due time.Time) error {
	return wrap(changedOne(db.write.ExecContext(ctx,
		`UPDATE outbox SET attempts = attempts + 1, due_at = $1 WHERE id = $2`, due.Unix(), id)),
		"putting a letter off")
}

// DropLetter takes away a letter that was sent, or never will be. Dropping one that is not there is no error.
func (db *DB) DropLetter(ctx context.Context, id int64) error {
	_, err := db.write.ExecContext(ctx, `DELETE FROM outbox WHERE id = $1`, id)
	return wrap(err, "dropping a letter")
}

// Outbox is what waits to be sent.
type Outbox struct {
	Waiting int
	Oldest  time.Time // when the oldest was written; zero for none
}

// Outbox returns what waits to be sent.
func (db *DB) Outbox(ctx context.Context) (o Outbox, err error) {
	err = db.row(ctx, `SELECT count(*), min(created_at) FROM outbox`).Scan(&o.Waiting, (*moment)(&o.Oldest))
	return o, wrap(err, "reading the outbox")
}

// EmptyOutbox drops all letters, for a demo that begins anew.
func (db *DB) EmptyOutbox(ctx context.Context) error {
	return db.empty(ctx, "emptying the outbox", "outbox", "confirmations")
}
