package handlers

import (
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"kabinet/store"
)

// exported is what the portal knows of a user, for the user to take away. Times are RFC 3339 in UTC.
type exported struct {
	Account  exportedAccount   `json:"account"`
	Sessions []exportedSession `json:"sessions"`
	Vendors  map[string]any    `json:"vendors"`
	Events   []exportedEvent   `json:"events"`
}

type exportedAccount struct {
	ID        int64     `json:"id"`
	Email     string    `json:"email"`
	Name      string    `json:"name"`
	Phone     string    `json:"phone,omitempty"`
	Language  string    `json:"language"`
	Role      string    `json:"role"`
	CreatedAt time.Time `json:"created_at"`
}

type exportedSession struct {
	UserAgent  string    `json:"user_agent"`
	Address    string    `json:"address"`
	Remembered bool      `json:"remembered"`
	FirstSeen  time.Time `json:"first_seen"`
	LastSeen   time.Time `json:"last_seen"`
}

type exportedEvent struct {
	At      time.Time `json:"at"`
	Event   string    `json:"event"`
	Own     bool      `json:"done_by_you"`
	Address string    `json:"address,omitempty"`
	Detail  string    `json:"detail,omitempty"`
}

// export sends the reader their data as a file.
func (p *Portal) export(c echo.Context) error {
	ctx, u := c.Request().Context(), visitOf(c).user()
	if err := p.take(c, "export", u.ID, p.throttle.of(exportsByUser, strconv.FormatInt(u.ID, 10))); err != nil {
		return err
	}
	e := exported{
		Account: exportedAccount{u.ID, u.Email, u.Name, u.Phone, u.Language, string(u.Role), u.CreatedAt.UTC()},
		Vendors: map[string]any{},
	}
	sessions, err := p.db.Sessions(ctx, u.ID)
	if err != nil {
		return err
	}
	for _, s := range sessions {
		e.Sessions = append(e.Sessions, exportedSession{s.UserAgent, s.Address, s.Remember, s.CreatedAt.UTC(), s.SeenAt.UTC()})
	}
	for _, f := range p.features {
		name, value, err := f.exported(ctx, u.ID)
		if err != nil {
			return err
		}
		e.Vendors[name] = value
	}
	if e.Events, err = p.exportedEvents(c, u.ID); err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Content-Disposition", `attachment; filename="kabinet-export.json"`)
	h.Set("Cache-Control", "no-store")
	return c.JSONPretty(http.StatusOK, e, "  ")
}

// exportedEvents are those that concern the user. Where somebody else acted, their address is not the user's data.
func (p *Portal) exportedEvents(c echo.Context, userID int64) ([]exportedEvent, error) {
	events := []exportedEvent{}
	for at := (&store.Cursor{}); at != nil; {
		page, err := p.db.Audit(c.Request().Context(), store.AuditQuery{User: userID, Page: *at})
		if err != nil {
			return nil, err
		}
		for _, e := range page.Rows {
			own := exportedEvent{At: e.At.UTC(), Event: string(e.Kind), Own: e.By.UserID == userID, Detail: e.Detail}
			if own.Own || e.By.UserID == 0 {
				own.Address = e.By.Address
			}
			events = append(events, own)
		}
		at = page.Down
	}
	return events, nil
}
