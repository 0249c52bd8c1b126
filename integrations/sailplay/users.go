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
	"github.com/go-json-experiment/json/jsontext"

	"kabinet/integrations/secret"
)

// User is a member of the loyalty programme.
type User struct {
	OriginUserID string      `json:"origin_user_id"`
	FirstName    string      `json:"first_name"`
	LastName     string      `json:"last_name"`
	Phone        string      `json:"phone"`
	Email        string      `json:"email"`
	Points       Points      `json:"-"`         // read by hand
	History      []Entry     `json:"-"`         // read by hand; the newest first, where it was asked for
	AuthHash     secret.Text `json:"auth_hash"` // a fresh one, where it was asked for
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
		User
		Points  *Points `json:"points"` // nil where it lacks them
		History []struct {
			Entry
			At   time.Time      `json:"action_date"`
			Kept jsontext.Value `json:"at"` // our own name for it in what is kept: SailPlay's date is action_date
		} `json:"history"`
	}
	if err := c.call(ctx, method, path, parameters, &answer); err != nil {
		return User{}, err
	}
	wantsHash := parameters.Get("extra_fields") != ""
	asked := parameters.Get("origin_user_id") // whose figures came must be whose were asked for
	if wantsHash && !isOpaque(answer.AuthHash.Reveal()) || answer.Points == nil ||
		asked != "" && answer.OriginUserID != asked {
		return User{}, &Error{Kind: ErrUnexpected, Call: method + " " + path, Status: http.StatusOK}
	}
	u := answer.User
	u.Points = *answer.Points
	if !wantsHash {
		u.AuthHash = secret.Text{}
	}
	for _, e := range answer.History {
		e.Entry.At = e.At
		u.History = append(u.History, e.Entry)
	}
	return u, nil
}

// SailPlay documents no types: a number may come as a text, a text as a number.
var (
	numbers = json.UnmarshalFunc(number)
	lenient = json.JoinUnmarshalers(numbers, json.UnmarshalFunc(text), json.UnmarshalFunc(flag),
		json.UnmarshalFunc(date))
)

// number reads a whole number that may come as a text, as 5.0, or not at all. It refuses what has a fraction or is
// beyond what can be counted exactly.
func number(b []byte, n *int64) error {
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
	*n = v
	return nil
}

// text reads a text that may come as a number, or not at all. It refuses objects, lists and what is too long to be
// shown.
func text(b []byte, t *string) error {
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		return err
	}
	switch v := v.(type) {
	case nil:
		*t = ""
	case string:
		*t = v
	case float64:
		*t = string(b)
	default:
		return errors.New("no text")
	}
	if len(*t) > 1000 {
		return errors.New("too long")
	}
	return nil
}

// flag reads true or false, which may come as a number or a text: whatever is not false, 0, "" or null is true.
func flag(b []byte, f *bool) error {
	s := strings.ToLower(strings.Trim(string(b), `"`))
	*f = s != "false" && s != "0" && s != "" && s != "null"
	return nil
}

// layouts are how a date may come: none is documented.
var layouts = []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05", time.DateOnly}

// date reads a time, in UTC; one that is not understood stays zero.
func date(b []byte, t *time.Time) error {
	var s string
	err := text(b, &s)
	for _, layout := range layouts {
		if at, err := time.Parse(layout, s); err == nil && at.UTC().Year() > 0 && at.UTC().Year() < 10000 {
			*t = at.UTC()
			break
		}
	}
	return err
}
