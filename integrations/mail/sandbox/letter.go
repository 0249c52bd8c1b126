package sandbox

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"slices"
	"strings"
	"sync"
	"time"
)

// Letter is one that has come.
type Letter struct {
	ID           int
	At           time.Time
	EnvelopeFrom string
	EnvelopeTo   []string
	From, To     string
	Subject      string
	MessageID    string
	Text, HTML   string
	Header       mail.Header
}

// state are the letters, in order.
type state struct {
	mu      sync.Mutex
	letters []Letter
	lastID  int
}

// maxLetters is how many are kept, the newest.
const maxLetters = 500

func (s *state) add(l Letter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastID++
	l.ID = s.lastID
	s.letters = append(s.letters, l)
	if len(s.letters) > maxLetters {
		s.letters = slices.Delete(s.letters, 0, 1)
	}
}

// all are those that are kept, the oldest first.
func (s *state) all() []Letter {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.letters)
}

func (s *state) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.letters = nil
}

func (s *state) letter(id int) (Letter, bool) {
	for _, l := range s.all() {
		if l.ID == id {
			return l, true
		}
	}
	return Letter{}, false
}

// Letters are those that have come, the oldest first, for tests.
func (s *Sandbox) Letters() []Letter { return s.state.all() }

// LettersTo are those that have come to an e-mail, the oldest first, for tests.
func (s *Sandbox) LettersTo(email string) []Letter {
	return slices.DeleteFunc(s.state.all(), func(l Letter) bool { return !slices.Contains(l.EnvelopeTo, email) })
}

// read takes a letter apart, as a mail program does.
func read(raw []byte) (Letter, error) {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return Letter{}, errors.New("there is no header")
	}
	decoder := new(mime.WordDecoder)
	field := func(name string) string {
		text, err := decoder.DecodeHeader(m.Header.Get(name))
		if err != nil {
			return m.Header.Get(name)
		}
		return text
	}
	l := Letter{
		Header: m.Header, From: field("From"), To: field("To"), Subject: field("Subject"),
		MessageID: strings.Trim(m.Header.Get("Message-ID"), "<>"),
	}
	err = l.readPart(m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Body, 4)
	return l, err
}

// readPart reads a body, or the parts that it has.
func (l *Letter) readPart(contentType, encoding string, body io.Reader, deep int) error {
	kind, parameters, err := mime.ParseMediaType(contentType)
	if err != nil {
		kind = "text/plain"
	}
	if deep == 0 {
		return errors.New("it is nested too deep")
	}
	if !strings.HasPrefix(kind, "multipart/") {
		switch strings.ToLower(encoding) {
		case "quoted-printable":
			body = quotedprintable.NewReader(body)
		case "base64":
			body = base64.NewDecoder(base64.StdEncoding, body)
		}
		text, err := io.ReadAll(body)
		if err != nil {
			return fmt.Errorf("a part of it: %w", err)
		}
		switch kind {
		case "text/plain":
			l.Text = string(text)
		case "text/html":
			l.HTML = string(text)
		}
		return nil
	}
	parts := multipart.NewReader(body, parameters["boundary"]) // which decodes quoted-printable by itself
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return errors.New("its parts are cut")
		}
		err = l.readPart(part.Header.Get("Content-Type"), part.Header.Get("Content-Transfer-Encoding"), part, deep-1)
		if err != nil {
			return err
		}
	}
}
