package factor

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"kabinet/store"
)

// A passkey signs a challenge of the portal (W3C, Web Authentication). The page has the challenge, in options that the
// browser understands; the form has what the browser answers. Nothing is kept between them: a challenge says itself
// what it is for and until when, under a key. Once a passkey has signed in by it, it is noted: see store.PasskeyUse.
// One by which a passkey is made need not be, since nobody has a passkey twice.

// Why there are no passkeys, or one is not taken. ErrPasskey is joined with the cause, which is for the log.
var (
	ErrAddress = errors.New("browsers take no IP address for the name of a portal's passkeys")
	ErrExpired = errors.New("the page with the challenge was open for too long")
	ErrCloned  = errors.New("the passkey has signed less often than the portal knows: it may be a copy")
	ErrPasskey = errors.New("the passkey is not taken")
)

// challengeLife is how long a page may be open before a passkey signs what it has.
const challengeLife = time.Hour

// Passkeys make and verify the passkeys of a portal. It is safe for concurrent use.
type Passkeys struct {
	party *webauthn.WebAuthn
	key   []byte
	now   func() time.Time
}

// CanHavePasskeys returns ErrAddress for a portal's address where browsers offer none.
func CanHavePasskeys(portal *url.URL) error {
	if _, err := netip.ParseAddr(portal.Hostname()); err == nil {
		return ErrAddress
	}
	return nil
}

// NewPasskeys returns the passkeys of the portal of a name at an address, by whose host they know it: with another
// host they open nothing. It returns what CanHavePasskeys does.
func NewPasskeys(portal *url.URL, name string, key []byte, now func() time.Time) (*Passkeys, error) {
	if err := CanHavePasskeys(portal); err != nil {
		return nil, err
	}
	party, err := webauthn.New(&webauthn.Config{
		RPID: portal.Hostname(), RPDisplayName: name, RPOrigins: []string{portal.Scheme + "://" + portal.Host},
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(),
			UserVerification: protocol.VerificationRequired,
		},
		AttestationPreference: protocol.PreferNoAttestation,
		// Password managers add what nobody has asked for, and it is not looked at.
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
	})
	if err != nil {
		return nil, fmt.Errorf("preparing passkeys: %w", err)
	}
	return &Passkeys{party: party, key: key, now: now}, nil
}

// Owner is whose passkeys they are.
type Owner struct {
	Handle   []byte // what authenticators know the owner by
	Email    string
	Name     string
	Passkeys []store.Passkey
}

// OwnerOf is the owner of these passkeys, who may have none yet.
func (p *Passkeys) OwnerOf(user store.User, passkeys []store.Passkey) Owner {
	handle := p.sum("owner", strconv.AppendInt(nil, user.ID, 10))
	if len(passkeys) > 0 {
		handle = passkeys[0].UserHandle // it stays, under another secret too
	}
	return Owner{Handle: handle, Email: user.Email, Name: user.Name, Passkeys: passkeys}
}

// WebAuthnID implements webauthn.User, as the next ones do.
func (o Owner) WebAuthnID() []byte { return o.Handle }

// WebAuthnName is what a browser shows.
func (o Owner) WebAuthnName() string { return o.Email }

// WebAuthnDisplayName is what a browser shows beside it.
func (o Owner) WebAuthnDisplayName() string { return o.Name }

// WebAuthnCredentials are the owner's passkeys.
func (o Owner) WebAuthnCredentials() []webauthn.Credential {
	all := make([]webauthn.Credential, len(o.Passkeys))
	for i, p := range o.Passkeys {
		all[i] = webauthn.Credential{
			ID: p.ID, PublicKey: p.PublicKey,
			Flags: webauthn.CredentialFlags{
				UserPresent: true, UserVerified: true, BackupEligible: p.BackupEligible, BackupState: p.BackedUp,
			},
			Authenticator: webauthn.Authenticator{SignCount: p.SignCount},
		}
		for _, t := range p.Transports {
			all[i].Transport = append(all[i].Transport, protocol.AuthenticatorTransport(t))
		}
	}
	return all
}

// Creation is what a browser needs to make another passkey of the owner's, as JSON for parseCreationOptionsFromJSON.
func (p *Passkeys) Creation(o Owner, purpose string) (string, error) {
	creation, _, err := p.party.BeginRegistration(o,
		webauthn.WithExclusions(webauthn.Credentials(o.WebAuthnCredentials()).CredentialDescriptors()))
	if err != nil {
		return "", fmt.Errorf("asking for a new passkey: %w", err)
	}
	creation.Response.Challenge = p.challenge(purpose)
	return marshalled(creation.Response)
}

// Created returns the passkey that a browser has made. It returns ErrExpired or ErrPasskey.
func (p *Passkeys) Created(o Owner, purpose, answer string) (store.Passkey, error) {
	parsed, err := protocol.ParseCredentialCreationResponseBytes([]byte(answer))
	if err != nil {
		return store.Passkey{}, refused(err)
	}
	challenge := parsed.Response.CollectedClientData.Challenge
	if _, _, err := p.verifyChallenge(purpose, challenge); err != nil {
		return store.Passkey{}, err
	}
	made, err := p.party.CreateCredential(o, webauthn.SessionData{
		Challenge: challenge, UserID: o.Handle, UserVerification: protocol.VerificationRequired,
		CredParams: webauthn.CredentialParametersDefault(),
	}, parsed)
	if err != nil {
		return store.Passkey{}, refused(err)
	}
	passkey := store.Passkey{
		ID: made.ID, UserHandle: o.Handle, PublicKey: made.PublicKey, BackupEligible: made.Flags.BackupEligible,
		BackedUp: made.Flags.BackupState, SignCount: made.Authenticator.SignCount,
	}
	for _, t := range made.Transport {
		passkey.Transports = append(passkey.Transports, string(t))
	}
	return passkey, nil
}

// Request is what a browser needs to ask for one of the passkeys, of whichever passkey there is without any, as JSON
// for parseRequestOptionsFromJSON.
func (p *Passkeys) Request(purpose string, passkeys []store.Passkey) (string, error) {
	options := []webauthn.LoginOption{webauthn.WithChallenge(p.challenge(purpose))}
	if len(passkeys) > 0 {
		own := webauthn.Credentials(Owner{Passkeys: passkeys}.WebAuthnCredentials())
		options = append(options, webauthn.WithAllowedCredentials(own.CredentialDescriptors()))
	}
	request, _, err := p.party.BeginDiscoverableLogin(options...)
	if err != nil {
		return "", fmt.Errorf("asking for a passkey: %w", err)
	}
	return marshalled(request.Response)
}

// Verify verifies what a passkey has signed for a purpose: its holder was there, and the authenticator knows them.
// find returns the passkey with an id, or store.ErrNotFound. It returns ErrExpired, ErrCloned or ErrPasskey, and
// find's other errors. The passkey is then that of ErrCloned, too.
func (p *Passkeys) Verify(purpose, answer string, find func(id []byte) (store.Passkey, error)) (
	store.Passkey, store.PasskeyUse, error,
) {
	var use store.PasskeyUse
	parsed, err := protocol.ParseCredentialRequestResponseBytes([]byte(answer))
	if err != nil {
		return store.Passkey{}, use, refused(err)
	}
	challenge := parsed.Response.CollectedClientData.Challenge
	if use.Challenge, use.Expires, err = p.verifyChallenge(purpose, challenge); err != nil {
		return store.Passkey{}, use, err
	}
	passkey, err := find(parsed.RawID)
	if errors.Is(err, store.ErrNotFound) {
		return passkey, use, refused(err)
	}
	if err != nil {
		return passkey, use, err
	}
	owner := Owner{Handle: passkey.UserHandle, Passkeys: []store.Passkey{passkey}}
	used, err := p.party.ValidateLogin(owner, webauthn.SessionData{
		Challenge: challenge, UserID: owner.Handle, UserVerification: protocol.VerificationRequired,
	}, parsed)
	if err != nil {
		return store.Passkey{}, use, refused(err)
	}
	if used.Authenticator.CloneWarning { // the library only warns
		return passkey, use, ErrCloned
	}
	use.ID, use.SignCount, use.BackedUp = passkey.ID, used.Authenticator.SignCount, used.Flags.BackupState
	return passkey, use, nil
}

func refused(cause error) error { return fmt.Errorf("%w: %w", ErrPasskey, cause) }

func marshalled(options any) (string, error) {
	text, err := json.Marshal(options)
	if err != nil {
		return "", fmt.Errorf("writing what a browser needs: %w", err)
	}
	return string(text), nil
}

// A challenge is 16 random bytes, the Unix time until which it holds, and a sum of both for a purpose.
const randomLength, timeLength = 16, 8

func (p *Passkeys) challenge(purpose string) []byte {
	c := make([]byte, randomLength, randomLength+timeLength+sha256.Size)
	_, _ = rand.Read(c) // never fails: see crypto/rand
	c = binary.BigEndian.AppendUint64(c, uint64(p.now().Add(challengeLife).Unix()))
	return append(c, p.sum(purpose, c)...)
}

func (p *Passkeys) sum(purpose string, c []byte) []byte {
	mac := hmac.New(sha256.New, p.key)
	mac.Write(c)
	mac.Write([]byte(purpose))
	return mac.Sum(nil)
}

// verifyChallenge returns a challenge's hash and until when it holds. It returns ErrPasskey or ErrExpired.
func (p *Passkeys) verifyChallenge(purpose, text string) (hash store.TokenHash, until time.Time, err error) {
	c, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(c) != randomLength+timeLength+sha256.Size {
		return hash, until, refused(errors.New("the challenge is not the portal's"))
	}
	said, sum := c[:randomLength+timeLength], c[randomLength+timeLength:]
	if !hmac.Equal(sum, p.sum(purpose, said)) {
		return hash, until, refused(errors.New("the challenge is for something else"))
	}
	until = time.Unix(int64(binary.BigEndian.Uint64(said[randomLength:])), 0)
	if !p.now().Before(until) {
		return hash, until, ErrExpired
	}
	return sha256.Sum256(c), until, nil
}
