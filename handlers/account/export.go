package account

import (
	"net/http"
	"time"

	"kabinet/handlers/web"
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
	Language  string    `json:"language,omitempty"` // that the user has chosen
	Role      string    `json:"role"`
	CreatedAt time.Time `json:"created_at"`
	Consented time.Time `json:"consented_at,omitzero"` // to the terms
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

// Export sends the reader their data as a file.
func (c *Customer) Export(r *web.Request) error {
	ctx, u := r.Request().Context(), r.User()
	e := exported{
		Account: exportedAccount{
			ID: u.ID, Email: u.Email, Name: u.Name, Phone: u.Phone, Language: u.Language, Role: string(u.Role),
			CreatedAt: u.CreatedAt.UTC(), Consented: u.ConsentedAt.UTC(),
		},
		Vendors: map[string]any{},
	}
	sessions, err := c.site.DB.Sessions(ctx, u.ID)
	if err != nil {
		return err
	}
	for _, s := range sessions {
		e.Sessions = append(e.Sessions, exportedSession{
			UserAgent: s.UserAgent, Address: s.Address, Remembered: s.Remember,
			FirstSeen: s.CreatedAt.UTC(), LastSeen: s.SeenAt.UTC(),
		})
	}
	for vendor, with := range web.Having[exporting](c.vendors) {
		if e.Vendors[vendor], err = with.Export(ctx, u.ID); err != nil {
			return err
		}
	}
	if e.Events, err = c.exportedEvents(r, u.ID); err != nil {
		return err
	}
	h := r.Response().Header()
	h.Set("Content-Disposition", `attachment; filename="kabinet-export.json"`)
	h.Set("Cache-Control", "no-store")
	return r.JSONPretty(http.StatusOK, e, "  ")
}

// exportedEvents are those that concern the user. Where somebody else acted, their address is not the user's data.
func (c *Customer) exportedEvents(r *web.Request, userID int64) ([]exportedEvent, error) {
	events := []exportedEvent{}
	for at := (&store.Cursor{}); at != nil; {
		page, err := c.site.DB.Audit(r.Request().Context(), store.AuditQuery{User: userID, Page: *at})
		if err != nil {
			return nil, err
		}
		for _, e := range page.Rows {
			own := exportedEvent{At: e.At.UTC(), Event: string(e.Kind), Own: e.Actor.UserID == userID,
				Detail: e.Detail}
			if (own.Own || e.Actor.UserID == 0) && e.Actor.Address != store.AddressGone {
				own.Address = e.Actor.Address
			}
			events = append(events, own)
		}
		at = page.Down
	}
	return events, nil
}
