package handlers

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/gorilla/sessions"
	"github.com/labstack/echo/v4"

	"kabinet/store"
)

// sessionStore is a gorilla/sessions store that keeps sessions in SQLite. The cookie holds
// 256 random bits and nothing else; the database holds their hash. A session's values are a
// user and whether to remember them; they never change: signing in makes a new session.
type sessionStore struct {
	db      *store.DB
	secure  bool
	address func(*http.Request) string // of the client
}

// The keys of a session's values.
type (
	userIDKey   struct{} // int64; to be set before the first Save
	proofKey    struct{} // store.Proof, of the password that was typed
	rememberKey struct{} // bool
	storedKey   struct{} // store.Session, of one that exists
)

// cookieName has the prefix that makes browsers insist on https, our host and every path.
func (s *sessionStore) cookieName() string {
	if s.secure {
		return "__Host-kabinet"
	}
	return "kabinet"
}

// Get returns the request's session, read once.
func (s *sessionStore) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(s, name)
}

// New returns the session that the cookie opens, or a fresh one when it opens none. It
// returns an error only when the database does not answer.
func (s *sessionStore) New(r *http.Request, name string) (*sessions.Session, error) {
	session := sessions.NewSession(s, name)
	session.IsNew = true
	session.Options = &sessions.Options{Path: "/", HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode}
	cookie, err := r.Cookie(name)
	if err != nil || !isToken(cookie.Value) {
		return session, nil
	}
	stored, err := s.db.Session(r.Context(), hashToken(cookie.Value))
	if errors.Is(err, store.ErrNotFound) {
		return session, nil
	}
	if err != nil {
		return session, fmt.Errorf("reading the session: %w", err)
	}
	session.IsNew, session.ID = false, cookie.Value
	session.Values[storedKey{}] = stored
	return session, nil
}

// Save stores a new session under a new token and sets its cookie; the token it had before
// ends. With Options.MaxAge below zero the session ends altogether.
func (s *sessionStore) Save(r *http.Request, w http.ResponseWriter, session *sessions.Session) error {
	ending := session.Options.MaxAge < 0
	if session.ID != "" && (ending || session.IsNew) {
		if err := s.db.DeleteSession(r.Context(), hashToken(session.ID), s.address(r)); err != nil {
			return err
		}
	}
	if ending {
		http.SetCookie(w, sessions.NewCookie(session.Name(), "", session.Options))
		return nil
	}
	if !session.IsNew {
		return nil
	}
	userID, ok := session.Values[userIDKey{}].(int64)
	if !ok {
		return errors.New("saving a session that belongs to nobody")
	}
	proof, _ := session.Values[proofKey{}].(store.Proof)
	remember, _ := session.Values[rememberKey{}].(bool)
	session.ID = newToken()
	err := s.db.CreateSession(r.Context(), store.NewSession{
		Token: hashToken(session.ID), UserID: userID, Proof: proof, Remember: remember, UserAgent: agentOf(r), Address: s.address(r),
	})
	if err != nil {
		return err
	}
	s.setCookie(w, session, remember)
	session.IsNew = false
	return nil
}

func (s *sessionStore) setCookie(w http.ResponseWriter, session *sessions.Session, remember bool) {
	if remember {
		session.Options.MaxAge = int(store.RememberedSession.Max.Seconds())
	}
	http.SetCookie(w, sessions.NewCookie(session.Name(), session.ID, session.Options))
}

// maxAgent is in bytes: more of a browser's name tells nothing.
const maxAgent = 300

func agentOf(r *http.Request) string {
	agent := r.UserAgent()
	return strings.ToValidUTF8(agent[:min(len(agent), maxAgent)], "")
}

// tokenLength is that of 32 bytes in base64 without padding.
const tokenLength = 43

func newToken() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails: see crypto/rand
	return base64.RawURLEncoding.EncodeToString(b)
}

// isToken spares the database what cannot be a token.
func isToken(s string) bool { return len(s) == tokenLength }

func hashToken(token string) store.TokenHash { return sha256.Sum256([]byte(token)) }

func (p *Portal) session(c echo.Context) (*sessions.Session, error) {
	return p.sessions.Get(c.Request(), p.sessions.cookieName())
}

// currentSession returns who is signed in, nil for a stranger.
func (p *Portal) currentSession(c echo.Context) (*store.Session, error) {
	session, err := p.session(c)
	if err != nil {
		return nil, err
	}
	stored, ok := session.Values[storedKey{}].(store.Session)
	if !ok {
		return nil, nil
	}
	return &stored, nil
}

// beginSession signs in a user who has proven their password. Whatever session the browser had
// before ends, so that a token planted in it is worth nothing. It returns store.ErrStale when the
// proof is not valid any more.
func (p *Portal) beginSession(c echo.Context, userID int64, proof store.Proof, remember bool) error {
	session, err := p.session(c)
	if err != nil {
		return err
	}
	session.IsNew = true
	session.Values = map[any]any{userIDKey{}: userID, proofKey{}: proof, rememberKey{}: remember}
	if err := session.Save(c.Request(), c.Response()); err != nil {
		return err
	}
	p.rememberDevice(c, userID)
	return nil
}

// currentToken is the hash of the token that the visit's session was opened with.
func (p *Portal) currentToken(c echo.Context) (*store.TokenHash, error) {
	session, err := p.session(c)
	if err != nil {
		return nil, err
	}
	token := hashToken(session.ID)
	return &token, nil
}

// renewSession gives the visit's session another token, which do stores in place of the one
// before: a copy that somebody took of it is then worth nothing.
func (p *Portal) renewSession(c echo.Context, do func(before, after store.TokenHash) error) error {
	session, err := p.session(c)
	if err != nil {
		return err
	}
	token := newToken()
	if err := do(hashToken(session.ID), hashToken(token)); err != nil {
		return err
	}
	session.ID = token
	p.sessions.setCookie(c.Response(), session, visitOf(c).session.Remember)
	return nil
}

// endSession signs out, on the server too.
func (p *Portal) endSession(c echo.Context) error {
	session, err := p.session(c)
	if err != nil {
		return err
	}
	session.Options.MaxAge = -1
	return session.Save(c.Request(), c.Response())
}
