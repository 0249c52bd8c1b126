package sailplay

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"kabinet/integrations/secret"
)

// User is a member of the loyalty programme.
type User struct {
	OriginUserID        string
	FirstName, LastName string
	Phone, Email        string
	Points              Points
	History             []Entry     // the newest first, where it was asked for
	AuthHash            secret.Text // a fresh one, where it was asked for
}

// Points are a member's points, in whole points.
type Points struct {
	Total       int64 `json:"total"`
	Confirmed   int64 `json:"confirmed"`
	Unconfirmed int64 `json:"unconfirmed"`
	Spent       int64 `json:"spent"`
	SpentExtra  int64 `json:"spent_extra"`
}

// Entry is a line of a member's history.
type Entry struct {
	ID        int64     `json:"id"`
	Action    string    `json:"action"`      // of SailPlay's: purchase, extra, gift_purchase and others
	At        time.Time `json:"at,omitzero"` // in UTC; zero where SailPlay's text is not understood
	Name      string    `json:"name,omitempty"`
	OrderNum  string    `json:"order_num,omitempty"`
	Price     string    `json:"price,omitempty"` // in the account's currency, as SailPlay writes it
	Delta     int64     `json:"points_delta"`
	Completed bool      `json:"is_completed"`
}

// Want says what UserInfo shall bring besides the points.
type Want struct{ History, AuthHash bool }

// UserInfo reads a member by origin_user_id, which GetAuthHash returned. It fails with CodeNoUser when
// there is none.
func (c *Client) UserInfo(ctx context.Context, originUserID string, want Want) (User, error) {
	parameters := url.Values{"origin_user_id": {originUserID}}
	if want.History {
		parameters.Set("history", "1")
	}
	if want.AuthHash {
		parameters.Set("extra_fields", "auth_hash")
	}
	return c.user(ctx, http.MethodGet, "/api/v2/users/info/", parameters)
}

// NewUser is a member to be added, by at least one of the first three. A birth date and a sex, which
// SailPlay takes too, are nothing that a portal should pass on unasked.
type NewUser struct {
	OriginUserID, Phone, Email string // the telephone with digits only
	FirstName, LastName        string
}

// AddUser adds a member. It fails with CodeUserExists, CodePhoneTaken or CodeEmailTaken when there is one.
func (c *Client) AddUser(ctx context.Context, n NewUser) (User, error) {
	parameters := url.Values{}
	for name, value := range map[string]string{
		"origin_user_id": n.OriginUserID, "user_phone": strings.TrimPrefix(n.Phone, "+"), "email": n.Email,
		"first_name": n.FirstName, "last_name": n.LastName,
	} {
		if value != "" {
			parameters.Set(name, value)
		}
	}
	return c.user(ctx, http.MethodPost, "/api/v2/users/add/", parameters)
}

func (c *Client) user(ctx context.Context, method, path string, parameters url.Values) (User, error) {
	var answer struct {
		OriginUserID text   `json:"origin_user_id"`
		FirstName    text   `json:"first_name"`
		LastName     text   `json:"last_name"`
		Phone        text   `json:"phone"`
		Email        text   `json:"email"`
		AuthHash     string `json:"auth_hash"`
		Points       *struct {
			Total       number `json:"total"`
			Confirmed   number `json:"confirmed"`
			Unconfirmed number `json:"unconfirmed"`
			Spent       number `json:"spent"`
			SpentExtra  number `json:"spent_extra"`
		} `json:"points"`
		History []entry `json:"history"`
	}
	if err := c.call(ctx, method, path, parameters, &answer); err != nil {
		return User{}, err
	}
	wantsHash := parameters.Get("extra_fields") != ""
	asked := parameters.Get("origin_user_id") // whose figures came must be whose were asked for
	if wantsHash && !isOpaque(answer.AuthHash) || answer.Points == nil || asked != "" &&
		string(answer.OriginUserID) != asked {
		return User{}, &Error{Kind: ErrUnexpected, Call: method + " " + path, Status: http.StatusOK}
	}
	p := answer.Points
	u := User{
		OriginUserID: string(answer.OriginUserID), FirstName: string(answer.FirstName),
		LastName: string(answer.LastName),
		Phone:    string(answer.Phone), Email: string(answer.Email),
		Points: Points{int64(p.Total), int64(p.Confirmed), int64(p.Unconfirmed), int64(p.Spent), int64(p.SpentExtra)},
	}
	if wantsHash {
		u.AuthHash = secret.New(answer.AuthHash)
	}
	for _, e := range answer.History {
		u.History = append(u.History, e.entry())
	}
	return u, nil
}

// entry is a line of history as SailPlay sends it.
type entry struct {
	ID        number `json:"id"`
	Action    text   `json:"action"`
	At        text   `json:"action_date"`
	Name      text   `json:"name"`
	OrderNum  text   `json:"order_num"`
	Price     text   `json:"price"`
	Delta     number `json:"points_delta"`
	Completed flag   `json:"is_completed"`
}

// layouts are how a date may come: none is documented.
var layouts = []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05", time.DateOnly}

func (e entry) entry() Entry {
	known := Entry{
		ID: int64(e.ID), Action: string(e.Action), Name: string(e.Name), OrderNum: string(e.OrderNum),
		Price: string(e.Price), Delta: int64(e.Delta), Completed: bool(e.Completed),
	}
	for _, layout := range layouts {
		if at, err := time.Parse(layout, string(e.At)); err == nil && at.UTC().Year() > 0 && at.UTC().Year() < 10000 {
			known.At = at.UTC()
			break
		}
	}
	return known
}

// number is a whole number that may come as a text, as 5.0, or not at all.
type number int64

// UnmarshalJSON refuses what has a fraction or is beyond what can be counted exactly.
func (n *number) UnmarshalJSON(b []byte) error {
	s := strings.Trim(string(b), `"`)
	if s == "null" || s == "" {
		*n = 0
		return nil
	}
	if whole, fraction, ok := strings.Cut(s, "."); ok && strings.Trim(fraction, "0") == "" {
		s = whole
	}
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil || v > 1<<53 || v < -1<<53 {
		return errors.New("no whole number")
	}
	*n = number(v)
	return nil
}

// text is a text that may come as a number, or not at all; of a length that can be shown.
type text string

// UnmarshalJSON refuses objects, lists and what is too long.
func (t *text) UnmarshalJSON(b []byte) error {
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		return err
	}
	switch v := v.(type) {
	case nil:
		*t = ""
	case string:
		*t = text(v)
	case float64:
		*t = text(b)
	default:
		return errors.New("no text")
	}
	if len(*t) > 1000 {
		return errors.New("too long")
	}
	return nil
}

// flag is true or false, and may come as a number or a text.
type flag bool

// UnmarshalJSON takes whatever is not false, 0, "" or null for true.
func (f *flag) UnmarshalJSON(b []byte) error {
	s := strings.ToLower(strings.Trim(string(b), `"`))
	*f = s != "false" && s != "0" && s != "" && s != "null"
	return nil
}
