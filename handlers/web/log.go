package web

import (
	"cmp"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// logged begins the request, turns a panic into an error, and writes one line for each request.
// The line names the route and not the address: addresses may carry what must not be logged.
func (s *Site) logged(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		began := time.Now()
		r := s.newRequest(c)
		s.watchForProxy(c)
		err := recovered(next, c)
		if err != nil {
			c.Error(err)
		}
		status, took := c.Response().Status, time.Since(began)
		if s.config.Answered != nil {
			method, path := r.route.named()
			s.config.Answered(method, path, status, took)
		}
		level := slog.LevelInfo
		switch {
		case status >= 500:
			level = slog.LevelError
		case r.route != nil && r.route.Probe:
			level = slog.LevelDebug
		}
		fields := []slog.Attr{
			slog.String("request", r.ID), slog.String("method", c.Request().Method), slog.String("route", c.Path()),
			slog.Int("status", status), slog.Duration("took", took), slog.String("client", c.RealIP()),
		}
		if r.Session != nil {
			fields = append(fields, slog.Int64("user", r.User().ID))
		}
		if err != nil {
			fields = append(fields, slog.String("error", err.Error()))
		}
		s.Log.LogAttrs(c.Request().Context(), level, "request", fields...)
		return nil
	}
}

// named are method and path as they stand in the site map, and nothing of what was asked; empty for no route.
func (r *Route) named() (method, path string) {
	if r == nil {
		return "", ""
	}
	return cmp.Or(r.Method, http.MethodGet), r.Path
}

// watchForProxy warns once when a proxy forwards requests and is not among those believed:
// everybody behind it then has one address, and is throttled as one.
func (s *Site) watchForProxy(c echo.Context) {
	if c.Request().Header.Get(echo.HeaderXForwardedFor) == "" {
		return
	}
	remote, err := netip.ParseAddrPort(c.Request().RemoteAddr)
	if err != nil || slices.ContainsFunc(s.config.TrustedProxies, func(t netip.Prefix) bool {
		return t.Contains(remote.Addr().Unmap())
	}) {
		return
	}
	s.proxyWarning.Do(func() {
		s.Log.Warn("X-Forwarded-For comes from an address that is not believed; if that is your proxy, name it in "+
			"KABINET_TRUSTED_PROXIES, or all its clients count as one", "address", remote.Addr().String())
	})
}

func recovered(next echo.HandlerFunc, c echo.Context) (err error) {
	defer func() {
		switch r := recover(); r {
		case nil:
		case http.ErrAbortHandler:
			panic(r)
		default:
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	return next(c)
}

// clientAddress believes X-Forwarded-For only as far as trusted proxies wrote it. Some write the port too.
func clientAddress(trusted []netip.Prefix) echo.IPExtractor {
	return func(r *http.Request) string {
		client := addressIn(r.RemoteAddr)
		if len(r.Header.Values(echo.HeaderXForwardedFor)) == 0 && client.IsValid() {
			return client.String()
		}
		hops := strings.Split(strings.Join(r.Header.Values(echo.HeaderXForwardedFor), ","), ",")
		for _, hop := range slices.Backward(hops) {
			isProxy := slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(client) })
			before := addressIn(strings.TrimSpace(hop))
			if !isProxy || !before.IsValid() {
				break
			}
			client = before
		}
		if !client.IsValid() {
			return r.RemoteAddr // a test's
		}
		return client.String()
	}
}

// addressIn is the address of 192.0.2.1, 192.0.2.1:80, 2001:db8::1, [2001:db8::1] and [2001:db8::1]:80.
func addressIn(text string) netip.Addr {
	both, err := netip.ParseAddrPort(text)
	address := both.Addr()
	if err != nil {
		address, err = netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(text, "["), "]"))
	}
	if err != nil {
		return netip.Addr{}
	}
	return address.Unmap().WithZone("")
}
