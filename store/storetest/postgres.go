package storetest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver pgx

	"kabinet/migrations"
	"kabinet/store"
)

// Server is a PostgreSQL of the tests' own, in a folder of its own.
type Server struct {
	// Address is that of a database on it, with %s in the place of the name.
	Address string

	bin, folder, port string
	settings          []string            // of its own: NAME=VALUE
	as                *syscall.Credential // nil for who runs the tests
	mu                sync.Mutex
	running           *exec.Cmd
	ended             chan struct{} // closed when it has
}

// ErrNoPostgres says that there is no PostgreSQL to start.
var ErrNoPostgres = errors.New("PostgreSQL is not installed: Debian's package postgresql has it")

// StartServer starts a server, with settings NAME=VALUE beside the tests' own; the caller stops it. It returns
// ErrNoPostgres where none is installed.
func StartServer(settings ...string) (*Server, error) {
	if os.Getenv("KABINET_TEST_POSTGRES") == "none" {
		return nil, ErrNoPostgres
	}
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "kabinet-postgres-")
	if err != nil {
		return nil, err
	}
	s := &Server{bin: bin, folder: filepath.Join(folder, "data"), settings: settings}
	if err := s.prepare(folder); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	s.Address = "postgres://kabinet@127.0.0.1:" + s.port + "/%s?sslmode=disable"
	if err = s.Start(); err == nil {
		err = s.makeTemplate()
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// programs is the folder with initdb and postgres: Debian keeps them out of the path.
func programs() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return "", ErrNoPostgres
	}
	slices.Sort(found)
	return filepath.Dir(found[len(found)-1]), nil
}

// prepare makes the server's folder, which root cannot run it in.
func (s *Server) prepare(folder string) error {
	if err := os.Mkdir(s.folder, 0o700); err != nil {
		return err
	}
	if os.Geteuid() == 0 {
		owner, err := user.Lookup("postgres")
		if err != nil {
			return err
		}
		uid, wrong := strconv.Atoi(owner.Uid)
		gid, wrongToo := strconv.Atoi(owner.Gid)
		if err := errors.Join(wrong, wrongToo, os.Chmod(folder, 0o711), os.Chown(s.folder, uid, gid)); err != nil {
			return err
		}
		s.as = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	_, s.port, err = net.SplitHostPort(listener.Addr().String())
	if err = errors.Join(err, listener.Close()); err != nil {
		return err
	}
	out, err := s.command("initdb", "-D", s.folder, "-U", "kabinet", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8",
		"--no-sync").CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

func (s *Server) command(name string, arguments ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.bin, name), arguments...)
	cmd.Dir = s.folder
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.as}
	return cmd
}

// Start starts the server again after Kill, and waits until it answers.
func (s *Server) Start() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	cmd := s.command("postgres", "-D", s.folder, "-p", s.port, "-c", "listen_addresses=127.0.0.1",
		"-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "max_connections=400", "-c", "shared_buffers=64MB")
	for _, setting := range s.settings {
		cmd.Args = append(cmd.Args, "-c", setting)
	}
	// It ends with the tests, however they end: with the thread that has started it, which waits for it.
	cmd.SysProcAttr.Pdeathsig = syscall.SIGQUIT
	started := make(chan error)
	s.ended = make(chan struct{})
	go func() {
		runtime.LockOSThread()
		defer close(s.ended)
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // it is killed
		}
	}()
	if err := <-started; err != nil {
		return err
	}
	s.running = cmd
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		err := s.execute("postgres", `SELECT 1`)
		if err == nil || time.Since(began) > time.Minute {
			return err
		}
	}
}

// Pid is the number of the server's process.
func (s *Server) Pid() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.running.Process.Pid
}

// Kill kills the server as a power failure does, but for what the disk has not got.
func (s *Server) Kill() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.running.Process.Signal(syscall.SIGQUIT) // which its children see, too
	<-s.ended
	return err
}

// Close stops the server and takes its folder away.
func (s *Server) Close() error {
	if s.running == nil { // whoever has started it stops it
		return nil
	}
	return errors.Join(s.Kill(), os.RemoveAll(filepath.Dir(s.folder)))
}

func (s *Server) execute(database, statement string) error {
	db, err := sql.Open("pgx", fmt.Sprintf(s.Address, database))
	if err != nil {
		return err
	}
	_, err = db.ExecContext(context.Background(), statement)
	return errors.Join(err, db.Close())
}

// template is a database with the current structure and nobody in it: others are copies of it.
const template = "kabinet_template"

// makeTemplate applies all migrations, once.
func (s *Server) makeTemplate() error {
	if err := s.execute("postgres", `CREATE DATABASE `+template); err != nil {
		return err
	}
	_, err := store.Migrate(context.Background(), fmt.Sprintf(s.Address, template), migrations.Files)
	return err
}

// shared is the server of all tests of a program; nil while they are about SQLite.
var shared *Server

// newName is of a database that no other test has, of whichever package.
func newName() string { return "test" + strings.ToLower(rand.Text()) }

// NewDatabase makes a database with the current structure and nobody in it, and returns its address.
func (s *Server) NewDatabase() (string, error) {
	name := newName()
	err := s.execute("postgres", `CREATE DATABASE `+name+` TEMPLATE `+template)
	return fmt.Sprintf(s.Address, name), err
}

// IsPostgres reports whether the tests are about PostgreSQL now.
func IsPostgres() bool { return shared != nil }

// newDatabase makes a database on the shared server, and returns its address.
func newDatabase(tb testing.TB) string {
	tb.Helper()
	address, err := shared.NewDatabase()
	if err != nil {
		tb.Fatal(err)
	}
	return address
}

// needPostgres skips a test in the round about SQLite.
func needPostgres(tb testing.TB) {
	tb.Helper()
	if !IsPostgres() {
		tb.Skip("about PostgreSQL")
	}
}

// Postgres returns the address of a database that is the test's own, with the current structure and nobody in it.
func Postgres(tb testing.TB) string {
	tb.Helper()
	needPostgres(tb)
	return newDatabase(tb)
}

// EmptyPostgres returns the address of a database with nothing in it.
func EmptyPostgres(tb testing.TB) string {
	tb.Helper()
	needPostgres(tb)
	name := newName()
	if err := shared.execute("postgres", `CREATE DATABASE `+name); err != nil {
		tb.Fatal(err)
	}
	return fmt.Sprintf(shared.Address, name)
}

// OwnPostgres returns a server that is the test's own, to be killed, and the address of a database on it.
func OwnPostgres(tb testing.TB) (*Server, string) {
	tb.Helper()
	needPostgres(tb)
	s, err := StartServer()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s, fmt.Sprintf(s.Address, template)
}

// addressVariable has the address of a server that was started for the tests of all packages.
const addressVariable = "KABINET_TEST_POSTGRES_ADDRESS"

// Share starts a server for the programs that are started from here, and stops it when they have ended.
func Share() (stop func() error, err error) {
	s, err := StartServer()
	if err != nil {
		return nil, err
	}
	return s.Close, os.Setenv(addressVariable, s.Address)
}

// SharedServer is the one that was started for all packages, or one of this program's own, which the caller closes.
func SharedServer() (*Server, error) {
	if address := os.Getenv(addressVariable); address != "" && os.Getenv("KABINET_TEST_POSTGRES") != "none" {
		return &Server{Address: address}, nil
	}
	return StartServer()
}

// Main runs the tests of a package, and then the same on PostgreSQL, where that is installed; with
// KABINET_TEST_POSTGRES=required it must be. It returns the code to exit with.
func Main(m *testing.M) int {
	if code := m.Run(); code != 0 {
		return code
	}
	server, err := SharedServer()
	if err != nil {
		fmt.Fprintln(os.Stderr, "not run on PostgreSQL:", err)
		if os.Getenv("KABINET_TEST_POSTGRES") == "required" || !errors.Is(err, ErrNoPostgres) {
			return 1
		}
		return 0
	}
	shared = server
	code := m.Run()
	if err := server.Close(); err != nil {
		fmt.Fprintln(os.Stderr, "stopping PostgreSQL:", err)
		return 1
	}
	return code
}
