package sandbox

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"kabinet/integrations/sailplay"
)

// identifiers are what a call names a member by.
type identifiers struct{ origin, phone, email string }

func (i identifiers) none() bool { return i == identifiers{} }

// are reports whether all that are given are the member's.
func (i identifiers) are(m *member) bool {
	return (i.origin == "" || m.Origin == i.origin) && (i.phone == "" || m.Phone == i.phone) &&
		(i.email == "" || m.Email == i.email)
}

// identified reads the identifiers: each by its own name, or one by identification, a name, with lookup, its value.
func identified(q url.Values) (identifiers, *mistake) {
	by := q.Get("identification")
	if by != "" && !slices.Contains([]string{"origin_user_id", "phone", "user_phone", "email"}, by) {
		return identifiers{}, &mistake{"Unknown identification", 0}
	}
	named := func(name string) string {
		if name == by {
			return q.Get("lookup")
		}
		return q.Get(name)
	}
	return identifiers{origin: named("origin_user_id"), phone: cmp.Or(named("phone"), named("user_phone")),
		email: strings.ToLower(named("email"))}, nil
}

// found is the member whom a call names, among those who have joined their account at the partner.
func (s *state) found(p Partner, q url.Values) (*member, *mistake) {
	by, no := identified(q)
	if no != nil {
		return nil, no
	}
	if by.none() {
		return nil, &mistake{"Provide origin_user_id, phone or email", 0}
	}
	if i := slices.IndexFunc(s.joined[p.ID], by.are); i >= 0 {
		return s.joined[p.ID][i], nil
	}
	return nil, &mistake{"User not found", sailplay.CodeNoUser}
}

func (s *state) userInfo(p Partner, q url.Values) (any, *mistake) {
	m, no := s.found(p, q)
	if no != nil {
		return nil, no
	}
	return s.describe(p, m, q), nil
}

// orNull is how what a member has not is written.
func orNull[T comparable](v T) any {
	var none T
	if v == none {
		return nil
	}
	return v
}

// describe is a member as the API shows them. Asking for auth_hash renews it: the previous one goes on.
func (s *state) describe(p Partner, m *member, q url.Values) map[string]any {
	object := map[string]any{
		"status": "ok", "id": m.ID, "origin_user_id": m.Origin, "phone": orNull(m.Phone), "email": orNull(m.Email),
		"first_name": orNull(m.FirstName), "middle_name": orNull(m.MiddleName), "last_name": orNull(m.LastName),
		"birth_date": orNull(m.BirthDate), "sex": orNull(m.Sex), "avatar": nil,
		"register_date": orNull(m.RegisterDate), "points": describePoints(m.points()),
	}
	if q.Get("history") == "1" {
		object["history"] = m.history()
	}
	if q.Get("extra_fields") == "auth_hash" {
		object["auth_hash"] = s.newHash(m, p.ID)
	}
	return object
}

func describePoints(p sailplay.Points) map[string]int64 {
	return map[string]int64{"total": p.Total, "confirmed": p.Confirmed, "unconfirmed": p.Unconfirmed, "spent": p.Spent,
		"spent_extra": p.SpentExtra}
}

// history is a member's, the newest first.
func (m *member) history() []map[string]any {
	history := []map[string]any{}
	for _, e := range slices.Backward(m.Entries) {
		history = append(history, map[string]any{
			"id": e.ID, "action": e.Action, "action_date": e.At.UTC().Format("2006-01-02T15:04:05"),
			"is_completed": e.Completed, "points_delta": e.Delta, "name": e.Name, "order_num": orNull(e.OrderNum),
			"price": orNull(e.Price),
		})
	}
	return history
}

// userAdd adds a member by one identifier or more. Who is one already is welcome: what they have not told yet is kept.
func (s *state) userAdd(p Partner, q url.Values) (any, *mistake) {
	by, no := identified(q)
	if no == nil && by.none() {
		no = &mistake{"Provide origin_user_id, phone or email", 0}
	}
	given := member{
		Origin: by.origin, Phone: by.phone, Email: by.email, FirstName: q.Get("first_name"),
		MiddleName: q.Get("middle_name"), LastName: q.Get("last_name"), BirthDate: q.Get("birth_date"),
		RegisterDate: q.Get("register_date"),
	}
	if no == nil {
		no = given.check(q.Get("sex"))
	}
	if no != nil {
		return nil, no
	}
	m, no := s.known(by)
	if no != nil {
		return nil, no
	}
	message := "User is already registered. New client."
	if m == nil {
		if len(s.members) >= maxMembers {
			return nil, &mistake{"There are too many members", 0}
		}
		m, message = s.add(given), "User is registered. New client."
	}
	m.complete(given)
	s.join(p, m)
	object := s.describe(p, m, q)
	object["message"] = message
	return object, nil
}

// check refuses what no member can have; an empty value is none. It reads the sex.
func (m *member) check(sex string) *mistake {
	const longest = 200
	for _, text := range []string{m.Origin, m.Phone, m.Email, m.FirstName, m.MiddleName, m.LastName} {
		if len(text) > longest {
			return &mistake{"A value is too long", 0}
		}
	}
	if strings.Trim(m.Phone, "0123456789") != "" {
		return &mistake{"Wrong phone", 0}
	}
	for _, date := range []string{m.BirthDate, m.RegisterDate} {
		if at, err := time.Parse(time.DateOnly, date); date != "" && (err != nil || at.Year() < 1900) {
			return &mistake{"Wrong date", 0}
		}
	}
	if sex != "" {
		var err error
		if m.Sex, err = strconv.Atoi(sex); err != nil || m.Sex < 1 || m.Sex > 3 {
			return &mistake{"Wrong sex", 0}
		}
	}
	return nil
}

// known is the member whom identifiers name, nil for nobody. Where one of them is another member's, it is taken.
func (s *state) known(by identifiers) (*member, *mistake) {
	var m *member
	for _, one := range []struct {
		by    identifiers
		taken sailplay.Code
	}{
		{identifiers{origin: by.origin}, 0},
		{identifiers{phone: by.phone}, sailplay.CodePhoneTaken},
		{identifiers{email: by.email}, sailplay.CodeEmailTaken},
	} {
		i := slices.IndexFunc(s.members, one.by.are)
		if one.by.none() || i < 0 {
			continue
		}
		if m != nil && m != s.members[i] {
			return nil, &mistake{"The identifiers are of different users", one.taken}
		}
		m = s.members[i]
	}
	return m, nil
}

// complete keeps what a member had not told.
func (m *member) complete(given member) {
	m.Phone, m.Email = cmp.Or(m.Phone, given.Phone), cmp.Or(m.Email, given.Email)
	m.FirstName = cmp.Or(m.FirstName, given.FirstName)
	m.MiddleName = cmp.Or(m.MiddleName, given.MiddleName)
	m.LastName = cmp.Or(m.LastName, given.LastName)
	m.BirthDate = cmp.Or(m.BirthDate, given.BirthDate)
	m.RegisterDate = cmp.Or(m.RegisterDate, given.RegisterDate)
	m.Sex = cmp.Or(m.Sex, given.Sex)
}
