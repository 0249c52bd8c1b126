package mail

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"time"

	"kabinet/store"
)

// How long links hold.
const (
	registerLife, recoverLife, emailLife = 24 * time.Hour, 30 * time.Minute, 24 * time.Hour
	// BackLife is how long a change of e-mail, or a second factor, can be taken back.
	BackLife = 7 * 24 * time.Hour
)

// answer finds out what a request by mail leads to, and puts the letter in its place. Its error is the database's.
func (m *Room) answer(ctx context.Context, request store.Letter, says Says) error {
	user, err := m.db.UserByEmail(ctx, request.To)
	known := err == nil
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	language := cmp.Or(user.Language, request.Language) // of whoever has an account
	var l store.Letter
	var c *store.Confirmation
	switch kind := Kind(request.Kind); {
	case known && user.Disabled() && kind != AskEmail:
		l = m.Letter(Disabled, user.Email, language, Says{Name: user.Name, UserID: user.ID})
	case kind == AskRegister && known:
		l = m.Letter(HasAccount, user.Email, language, Says{
			Name: user.Name, Email: user.Email, UserID: user.ID,
			Link: m.site.URL("/recover") + "?" + url.Values{"email": {user.Email}}.Encode(),
		})
	case kind == AskRegister:
		l, c = m.withLink(Register, "/register/open", request,
			store.Confirmation{Kind: store.ConfirmRegistration, Email: request.To}, says, registerLife)
	case kind == AskRecover && known:
		request.Language = language
		l, c = m.withLink(Recover, "/recover/open", request,
			store.Confirmation{Kind: store.ConfirmRecovery, Email: user.Email, UserID: user.ID},
			Says{Name: user.Name, At: says.At, Address: says.Address, UserID: user.ID}, recoverLife)
	case kind == AskEmail && known:
		l = m.Letter(EmailTaken, request.To, request.Language, Says{Email: request.To})
	case kind == AskEmail:
		asks, err := m.asks(ctx, says)
		if err != nil {
			return err
		}
		if asks { // else the account is gone, or has another password: there is nothing to answer
			l, c = m.withLink(ConfirmEmail, "/email/open", request,
				store.Confirmation{Kind: store.ConfirmEmail, Email: request.To, UserID: says.UserID}, says, emailLife)
		}
	}
	return ignoreGone(m.db.Answer(ctx, request.ID, l, c))
}

// asks reports whether who has asked is still there, switched on, with the password that they had. Its error is the
// database's.
func (m *Room) asks(ctx context.Context, says Says) (bool, error) {
	asker, err := m.db.User(ctx, says.UserID)
	return err == nil && !asker.Disabled() && store.Proof(asker.PasswordHash) == says.Proof, ignoreGone(err)
}

// withLink is a letter with a link, and what the store keeps of that.
func (m *Room) withLink(kind Kind, path string, request store.Letter, c store.Confirmation, says Says,
	life time.Duration) (store.Letter, *store.Confirmation) {
	says.Email = c.Email
	says.Link, c = m.Link(path, c, says, life)
	says.Until = c.ExpiresAt
	return m.Letter(kind, request.To, request.Language, says), &c
}

func isRequest(kind string) bool {
	return Kind(kind) == AskRegister || Kind(kind) == AskRecover || Kind(kind) == AskEmail
}
