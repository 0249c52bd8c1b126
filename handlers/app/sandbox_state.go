package app

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	sandboxes "kabinet/integrations/sandbox"
)

// stateVersion is that of the file's frame; each sandbox has one of its own.
const stateVersion = 1

// stateEvery is how much a program that is killed may lose of what its sandboxes did.
const stateEvery = 2 * time.Second

// stateFile keeps the state of sandboxes over restarts, in one JSON document: {"version":1,"priceplan":{…},…}. It has
// customers' data and what opens their sessions, so that only its owner may read it.
type stateFile struct {
	path   string
	log    *slog.Logger
	savers map[string]sandboxes.Saver
	others map[string]json.RawMessage // of sandboxes that were not chosen, as they stood there

	written [sha256.Size]byte // what the file was last given
	as      fs.FileInfo       // the file as it was read or written last; nil for none
	failed  string            // why it could not be written last, so that this is said once
}

// openState restores the chosen sandboxes as the file has them. names are those of all sandboxes. It returns a Fault
// that says what to do when the file cannot be used.
func openState(path string, names []string, savers map[string]sandboxes.Saver, log *slog.Logger) (*stateFile, error) {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // the file is replaced, and not what leads to it
	}
	f := &stateFile{path: path, log: log, savers: savers, others: map[string]json.RawMessage{}}
	b, err := f.read()
	if err != nil {
		return nil, f.fault(err.Error())
	}
	if b == nil {
		return f, nil
	}
	if err := f.restore(b, names); err != nil {
		advice := "if it is no other program's file, delete it to begin anew"
		if _, other := errors.AsType[*sandboxes.VersionError](err); other {
			advice = "use the program that wrote it, or delete the file to begin anew"
		}
		return nil, f.fault(fmt.Sprintf("%v; %s", err, advice))
	}
	return f, nil
}

func (f *stateFile) fault(what string) error {
	return Fault{"KABINET_SANDBOX_STATE", f.path + ": " + what, "--state sandboxes.json"}
}

// read returns what is in the file; nil where there is none yet.
func (f *stateFile) read() ([]byte, error) {
	info, err := os.Stat(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		if folder, err := os.Stat(filepath.Dir(f.path)); err != nil || !folder.IsDir() {
			return nil, errors.New("there is no such folder")
		}
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is no file")
	}
	f.as = info
	return os.ReadFile(f.path)
}

func (f *stateFile) restore(b []byte, names []string) error {
	var saved map[string]json.RawMessage
	if err := json.Unmarshal(b, &saved); err != nil {
		return fmt.Errorf("it is no state of sandboxes: %w", err)
	}
	var version int
	if err := json.Unmarshal(saved["version"], &version); err != nil {
		return errors.New("it is no state of sandboxes: it has no version")
	}
	if version != stateVersion {
		return &sandboxes.VersionError{Got: version, Want: stateVersion}
	}
	delete(saved, "version")
	for _, name := range slices.Sorted(maps.Keys(saved)) {
		saver, ok := f.savers[name]
		switch {
		case !slices.Contains(names, name):
			return fmt.Errorf("it has the state of %q, which is no sandbox here", name)
		case !ok:
			f.others[name] = saved[name]
		default:
			if err := saver.Restore(saved[name]); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return nil
}

// work writes the file until the context ends: at once, so that it can be seen whether that works, and whenever
// something has changed.
func (f *stateFile) work(ctx context.Context) {
	ticker := time.NewTicker(stateEvery)
	defer ticker.Stop()
	for {
		f.write()
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// write writes the file where something has changed. A failure is logged once, and again when it has another cause.
func (f *stateFile) write() {
	err := f.tryToWrite()
	switch {
	case err == nil && f.failed != "":
		f.log.Info("the sandboxes' state can be written again", "file", f.path)
		f.failed = ""
	case err != nil && err.Error() != f.failed:
		f.log.Error("the sandboxes' state cannot be written; what happens now is lost at the end, unless this is "+
			"mended", "file", f.path, "error", err)
		f.failed = err.Error()
	}
}

// errAnotherWriter is not mended by writing: the one or the other would be lost.
var errAnotherWriter = errors.New("the file was changed by another program; two cannot share one")

func (f *stateFile) tryToWrite() error {
	all := map[string]any{"version": stateVersion}
	for name, state := range f.others {
		all[name] = state
	}
	for name, s := range f.savers {
		state, err := s.Save()
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		all[name] = json.RawMessage(state)
	}
	b, err := json.Marshal(all)
	if err != nil {
		return err
	}
	is, err := os.Stat(f.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if is != nil && (f.as == nil || !os.SameFile(is, f.as) || !is.ModTime().Equal(f.as.ModTime())) {
		return errAnotherWriter
	}
	sum := sha256.Sum256(b)
	if is != nil && sum == f.written {
		return nil
	}
	written, err := replaceFile(f.path, b)
	if err != nil {
		return err
	}
	f.as, f.written = written, sum
	return nil
}

// replaceFile writes a file that only its owner may read, whole or not at all, whenever the machine stops. It returns
// what the system knows of it.
func replaceFile(path string, b []byte) (info fs.FileInfo, err error) {
	next := path + ".tmp"
	// What a program that was killed has left, or somebody has put there, is not written into.
	if err := os.Remove(next); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	file, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	_, err = file.Write(b)
	if err == nil {
		err = file.Sync()
	}
	if err == nil {
		info, err = file.Stat()
	}
	err = errors.Join(err, file.Close())
	if err == nil {
		err = os.Rename(next, path)
	}
	if err != nil {
		return nil, errors.Join(err, os.Remove(next))
	}
	if folder, err := os.Open(filepath.Dir(path)); err == nil { // some systems cannot, and need not
		_ = folder.Sync()
		_ = folder.Close()
	}
	return info, nil
}
