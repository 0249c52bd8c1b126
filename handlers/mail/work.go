package mail

import (
	"bytes"
	"context"
	"errors"
	"time"

	"kabinet/integrations/mail"
	"kabinet/integrations/outgoing"
	"kabinet/store"
	"kabinet/views"
)

const (
	// firstPause is before the second try of a letter, or of a server that cannot be spoken to; each further one
	// doubles it, up to longestPause.
	firstPause, longestPause = 15 * time.Second, time.Hour
	// triesFor is how long a letter is tried.
	triesFor = 24 * time.Hour
	// longestSleep bounds what a change of the clock can do, and latest what a previous one has done.
	longestSleep, latest = time.Minute, 2 * time.Hour
)

// Work sends letters until the context ends. One that is being sent then is finished.
func (m *Room) Work(ctx context.Context) {
	for ctx.Err() == nil {
		wait, err := m.workOff(ctx)
		if err != nil && ctx.Err() == nil {
			m.site.Log.Error("sending letters", "error", err)
			wait = longestSleep
		}
		select {
		case <-time.After(min(wait, longestSleep, m.db.Unnoticed())):
		case <-m.woken:
		case <-ctx.Done():
		}
	}
}

// workOff does what is due, and returns how long there is nothing more to do. Its error is the database's.
func (m *Room) workOff(ctx context.Context) (time.Duration, error) {
	if err := m.sweep(ctx); err != nil {
		return 0, err
	}
	for ctx.Err() == nil {
		if wait := m.paused.Sub(m.db.Now()); wait > 0 && wait < latest {
			return wait, nil
		}
		l, err := m.db.NextLetter(ctx)
		if errors.Is(err, store.ErrNotFound) {
			return longestSleep, nil
		}
		if err != nil {
			return 0, err
		}
		// What is due later than anything is ever put off was noted by a clock that went wrong.
		if wait := l.Due.Sub(m.db.Now()); wait > 0 && wait < latest {
			return wait, nil
		}
		if err := m.deal(context.WithoutCancel(ctx), l); err != nil {
			return 0, err
		}
	}
	return 0, nil
}

// sweep takes away, once an hour, what nobody has confirmed in time.
func (m *Room) sweep(ctx context.Context) error {
	if wait := m.sweeps.Sub(m.db.Now()); wait > 0 && wait <= time.Hour {
		return nil
	}
	m.sweeps = m.db.Now().Add(time.Hour)
	return m.db.ForgetConfirmations(ctx)
}

// deal sends a letter, or answers a request. It is put off before, so that one at which everything breaks is not the
// first again, and so that nothing is sent when nothing can be noted. Its error is the database's.
func (m *Room) deal(ctx context.Context, l store.Letter) error {
	if m.db.Now().Sub(l.CreatedAt) >= triesFor {
		return m.giveUp(ctx, l, errors.New("it was tried for long enough"))
	}
	err := m.db.PutOffLetter(ctx, l.ID, m.db.Now().Add(pauseAfter(l.Attempts)))
	if err != nil {
		return ignoreGone(err)
	}
	says, err := m.open(l.Data, l.MessageID)
	switch {
	case err != nil: // sealed under a secret that is gone
		return m.giveUp(ctx, l, err)
	case isRequest(l.Kind):
		if err := m.answer(ctx, l, says); err != nil {
			m.site.Log.Error("answering a request by letter", "letter", l.MessageID, "kind", l.Kind, "error", err)
		}
		return nil
	case !says.Until.IsZero() && !m.db.Now().Before(says.Until):
		return m.giveUp(ctx, l, errors.New("its link has expired"))
	}
	began := time.Now()
	err = m.send(ctx, l, says)
	m.record(l, says.UserID, began, err)
	return m.sent(ctx, l, err)
}

// sent notes how a letter went. Its error is the database's.
func (m *Room) sent(ctx context.Context, l store.Letter, err error) error {
	switch {
	case err == nil:
		m.vain = 0
		m.site.Log.Info("a letter is sent", "letter", l.MessageID, "kind", l.Kind, "attempt", l.Attempts+1)
		return m.db.DropLetter(ctx, l.ID)
	case errors.Is(err, mail.ErrRefused):
		// By RFC 5321 a code that begins with 5 is final: the address is wrong, or its server wants nothing of ours.
		// Whoever tries again all the same is soon taken for a sender of spam.
		m.vain = 0
		return m.giveUp(ctx, l, err)
	case errors.Is(err, mail.ErrLater):
		m.vain = 0
	case errors.Is(err, mail.ErrBroken) && m.vain == 0: // perhaps of this letter's own
		m.vain = 1
	default: // whichever letter it is
		pause := pauseAfter(m.vain)
		m.vain++
		m.paused = m.db.Now().Add(pause)
		m.site.Log.Warn("no letter can be sent just now", "error", err, "again_in", pause)
	}
	return nil
}

// giveUp drops a letter that is not to be sent. Its error is the database's.
func (m *Room) giveUp(ctx context.Context, l store.Letter, why error) error {
	m.site.Log.Warn("a letter is given up", "letter", l.MessageID, "kind", l.Kind, "attempt", l.Attempts+1,
		"error", why)
	return m.db.DropLetter(ctx, l.ID)
}

// ignoreGone is for a letter that somebody has dropped or answered meanwhile, and for an account that is gone.
func ignoreGone(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

func pauseAfter(tries int) time.Duration { return min(firstPause<<min(tries, 20), longestPause) }

func (m *Room) send(ctx context.Context, l store.Letter, says Says) error {
	words := m.compose(l, says)
	var html bytes.Buffer
	if err := views.LetterHTML(words).Render(ctx, &html); err != nil {
		return err
	}
	return m.client.Send(ctx, mail.Letter{
		To: l.To, Subject: words.Subject, Text: words.Text(), HTML: html.String(), MessageID: l.MessageID,
		Date: l.CreatedAt,
	})
}

// record has the inspector and the page of integrations tell how it went, and nothing of the letter.
func (m *Room) record(l store.Letter, userID int64, began time.Time, err error) {
	e := outgoing.Exchange{
		At: began, Vendor: m.Name(), Cause: outgoing.FirstTry, Operation: "letter", Method: "SMTP",
		Address: m.client.Server().String(), UserID: userID, Duration: time.Since(began), Attempt: l.Attempts + 1,
		Status: 250,
	}
	if e.Attempt > 1 {
		e.Cause = outgoing.Retry
	}
	if err != nil {
		e.Status, e.Err = 0, err.Error()
		e.Denied = errors.Is(err, mail.ErrRefused) || errors.Is(err, mail.ErrLater)
	}
	m.site.Recorder.Add(e)
}
