package store

import (
	"database/sql"
	"errors"
	"io/fs"
	"path/filepath"
	"syscall"
	"testing"
)

func TestAFullDiskAndAReadOnlyFileAreRecognised(t *testing.T) {
	t.Parallel()
	full := func() error {
		db, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "full.db"))
		if err != nil {
			return err
		}
		defer db.Close() //nolint:errcheck // a test's
		db.SetMaxOpenConns(1)
		_, err = db.ExecContext(t.Context(),
			`PRAGMA max_page_count = 2; CREATE TABLE t (x); INSERT INTO t VALUES (zeroblob(100000))`)
		return err
	}
	readOnly := func() error {
		db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "missing.db")+"?mode=ro")
		if err != nil {
			return err
		}
		defer db.Close() //nolint:errcheck // a test's
		_, err = db.ExecContext(t.Context(), `CREATE TABLE t (x)`)
		return err
	}
	for _, tt := range []struct{ err, want error }{
		{full(), ErrFull},
		{&fs.PathError{Op: "open", Path: "x", Err: syscall.ENOSPC}, ErrFull},
		{readOnly(), ErrReadOnly},
		{&fs.PathError{Op: "open", Path: "x", Err: syscall.EACCES}, ErrReadOnly},
		{&fs.PathError{Op: "open", Path: "x", Err: syscall.EROFS}, ErrReadOnly},
	} {
		if got := diagnose(tt.err); !errors.Is(got, tt.want) || !errors.Is(got, tt.err) {
			t.Errorf("%v is taken for %v", tt.err, got)
		}
	}
}
