package sandbox

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// Saver is a sandbox whose state can outlive the program. What Save returns is JSON, the same bytes for the
// same state, and is not to be shared: it holds customers' data and what opens their sessions.
type Saver interface {
	Save() ([]byte, error)
	// Restore takes up what Save returned. It returns an error, and changes nothing, when that is of another
	// version (a *VersionError) or holds what no such sandbox can have saved.
	Restore([]byte) error
}

// VersionError says that a state was saved in another form than this program's.
type VersionError struct{ Got, Want int }

func (e *VersionError) Error() string {
	return fmt.Sprintf("the state is of version %d, and this program's of version %d", e.Got, e.Want)
}

// ReadSaved reads what a sandbox has saved, strictly: what is not known is not passed over, since it would be
// gone when the state is saved again.
func ReadSaved(b []byte, version int, into any) error {
	var of struct{ Version int }
	if err := json.Unmarshal(b, &of); err != nil { // which finds what follows the JSON, too
		return fmt.Errorf("reading the state: %w", err)
	}
	if of.Version != version {
		return &VersionError{of.Version, version}
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("reading the state: %w", err)
	}
	return nil
}

// Fingerprint tells settings from others without holding them: what was changed on a sandbox's pages holds
// until the program is started with other settings.
func Fingerprint(settings any) string {
	b, err := json.Marshal(settings)
	if err != nil {
		panic(err) // settings are texts, numbers and lists of them
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
