package web

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/gorilla/sessions"

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
	newKey    struct{} // store.NewSession, of one that begins; to be set before the first Save
	storedKey struct{} // store.Session, of one that exists
)

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
	if err != nil || !store.IsToken(cookie.Value) {
		return session, nil
	}
	stored, err := s.db.Session(r.Context(), store.HashToken(cookie.Value))
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
	before := session.ID
	if session.Options.MaxAge < 0 {
		// Whatever the database says: whoever signs out at a machine of others leaves no key behind.
		http.SetCookie(w, sessions.NewCookie(session.Name(), "", session.Options))
		return s.end(r, before)
	}
	if !session.IsNew {
		return nil
	}
	begins, ok := session.Values[newKey{}].(store.NewSession)
	if !ok {
		return errors.New("saving a session that belongs to nobody")
	}
	session.ID = store.NewToken()
	begins.Token, begins.UserAgent, begins.Address = store.HashToken(session.ID), agentOf(r), s.address(r)
	if err := s.db.CreateSession(r.Context(), begins); err != nil {
		return err
	}
	if err := s.end(r, before); err != nil {
		return err
	}
	s.setCookie(w, session, begins.Remember)
	session.IsNew = false
	return nil
}

// end ends the session that a token opens, if it opens any.
func (s *sessionStore) end(r *http.Request, token string) error {
	if token == "" {
		return nil
	}
	return s.db.DeleteSession(r.Context(), store.HashToken(token), s.address(r))
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

// session is the browser's, a fresh one where it has none.
func (s *Site) session(r *Request) (*sessions.Session, error) {
	return s.sessions.Get(r.Request(), s.cookieName("kabinet"))
}

// BeginSession signs in a user who has proven who they are. Token, browser and address are the request's. Whatever
// session the browser had before ends, so that a token planted in it is worth nothing. It returns what
// store.DB.CreateSession does.
func (r *Request) BeginSession(begins store.NewSession) error {
	session, err := r.site.session(r)
	if err != nil {
		return err
	}
	session.IsNew = true
	session.Values = map[any]any{newKey{}: begins}
	if err := session.Save(r.Request(), r.Response()); err != nil {
		return err
	}
	r.site.RememberDeviceOf(r, begins.UserID, begins.Proof)
	return nil
}

// Token is the hash of the token that the session was opened with.
func (r *Request) Token() (store.TokenHash, error) {
	session, err := r.site.session(r)
	if err != nil {
		return store.TokenHash{}, err
	}
	return store.HashToken(session.ID), nil
}

// RenewSession gives the session another token, which do stores in place of the previous one: a copy that somebody
// took of that is then worth nothing. The proof is that of the password after do.
func (r *Request) RenewSession(proof store.Proof, do func(previous, next store.TokenHash) error) error {
	session, err := r.site.session(r)
	if err != nil {
		return err
	}
	token := store.NewToken()
	if err := do(store.HashToken(session.ID), store.HashToken(token)); err != nil {
		return err
	}
	session.ID = token
	r.site.sessions.setCookie(r.Response(), session, r.Session.Remember)
	r.site.RememberDeviceOf(r, r.User().ID, proof)
	return nil
}

// EndSession signs out, on the server too.
func (r *Request) EndSession() error {
	session, err := r.site.session(r)
	if err != nil {
		return err
	}
	session.Options.MaxAge = -1
	return session.Save(r.Request(), r.Response())
}
