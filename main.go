// Kabinet is a customer portal: the portal itself, and beside it a sandbox of every vendor
// that it brings together. This file holds the commands and nothing else; see README.md.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"

	"kabinet/handlers/app"
)

type commands struct {
	Demo    demo    `cmd:"" help:"Run the portal with sandboxes and demo accounts, on this machine."`
	Serve   serve   `cmd:"" help:"Run the portal in production, with configured vendors only."`
	Sandbox sandbox `cmd:"" help:"Run the vendors' sandboxes alone."`

	Check   app.Check   `cmd:"" help:"Try each configured vendor, and say in words what is wrong."`
	Compare app.Compare `cmd:"" help:"Find out in what the vendors are otherwise than their sandboxes."`

	User    app.UserCommands    `cmd:"" help:"Look after the accounts of serve's database."`
	Migrate app.MigrateCommands `cmd:"" help:"Look after the structure of serve's database."`
	AmoCRM  app.AmoCRMCommands  `cmd:"" name:"amocrm" help:"Build the widget for amoCRM's client cabinet."`
	Backup  app.Backup          `cmd:"" help:"Copy serve's database into a new file, also while it serves."`

	Version version `cmd:"" help:"Print which commit the program was built of, and Go's version."`
}

// demo and serve are run with the same settings.
type (
	demo  struct{ app.Settings }
	serve struct{ app.Settings }
)

type version struct{}

func (version) Run(_ context.Context, out io.Writer) error {
	_, err := fmt.Fprintln(out, app.Version())
	return err
}

func runPortal(ctx context.Context, mode app.Mode, s app.Settings) (err error) {
	percent := debug.SetGCPercent(400) // a start throws little away, and is waited for
	listener, err := app.Listen(s.Addr, "--addr", "KABINET_ADDR")
	if err != nil {
		return errors.Join(err, s.Check(mode))
	}
	log := logger()
	var watched net.Listener // for metrics; nil for none
	if s.MetricsAddr != "" {
		if watched, err = app.Listen(s.MetricsAddr, "--metrics-addr", "KABINET_METRICS_ADDR"); err != nil {
			return errors.Join(err, listener.Close())
		}
		defer watched.Close() //nolint:errcheck // it may be closed already
	}
	a, err := app.New(ctx, mode, s, listener.Addr(), log)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if mode == app.Demo {
		if err := a.Introduce(os.Stdout); err != nil {
			return err
		}
	} else {
		log.Info("serving", "base_url", a.BaseURL.String(), "addr", listener.Addr().String(),
			"database", app.NameDatabase(a.Database))
	}
	if watched != nil {
		defer a.ServeMetrics(ctx, watched, log)()
	}
	debug.SetGCPercent(percent)
	go func() { // what the start has thrown away; what it kept in pools goes with the second collection
		runtime.GC()
		debug.FreeOSMemory()
	}()
	return run(ctx, listener, a, log)
}

type sandbox struct {
	app.SandboxSettings
	PrintEnv bool `help:"Print the variables that connect a portal to the sandboxes, and exit."`
}

func (c *sandbox) Run(ctx context.Context, out io.Writer) error {
	if c.PrintEnv {
		return c.SandboxSettings.PrintEnv(out)
	}
	listener, err := app.Listen(c.Addr, "--addr", "KABINET_SANDBOX_ADDR")
	if err != nil {
		return err
	}
	log := logger()
	s, err := app.NewSandboxes(c.SandboxSettings, listener.Addr(), log)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	if err := s.Introduce(out); err != nil {
		return err
	}
	defer app.Begin(ctx, s.Work)()
	return run(ctx, listener, s, log)
}

// run serves until SIGINT or SIGTERM; a second signal ends the program at once.
func run(ctx context.Context, listener net.Listener, handler http.Handler, log *slog.Logger) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return app.Run(ctx, listener, handler, app.Grace, log)
}

func logger() *slog.Logger { return slog.New(slog.NewTextHandler(os.Stderr, nil)) }

func main() {
	ctx := context.Background()
	const about = "A customer portal and the sandboxes of its vendors."
	chosen, err := app.Parse(new(commands), "kabinet", about, os.Args[1:])
	if err == nil {
		err = runCommand(ctx, chosen)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "kabinet: %v\n", err)
		os.Exit(1)
	}
}

// runCommand runs what was chosen; nil is a question for help, which has been answered.
func runCommand(ctx context.Context, chosen any) error {
	switch c := chosen.(type) {
	case *demo:
		return runPortal(ctx, app.Demo, c.Settings)
	case *serve:
		return runPortal(ctx, app.Serve, c.Settings)
	case app.Command:
		return c.Run(ctx, os.Stdout)
	}
	return nil
}
