package webim

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"kabinet/integrations/webim"
	"kabinet/store"
)

func TestEachOfWebimsTenFieldsCanBeFilled(t *testing.T) {
	t.Parallel()
	fields, err := ParseFields("display_name=Кл. {name}; phone=; icq={number}; avatar_url=https://cdn.example/{id}.png; " +
		"profile_url=https://crm.example/{number}/; login={number}; comment={role},\n{email}; info={language} {phone};")
	if err != nil {
		t.Fatal(err)
	}
	c := customer{id: strings.Repeat("0f", 16), profile: "https://portal.example/profile", User: store.User{
		ID: 17, Name: "Анна\u00a0С", Phone: "+79120000001", Email: "anna@example.com", Language: "ru", Role: store.Customer,
	}}
	filled, out := fields.fill(c)
	want := webim.Fields{
		"id": c.id, "display_name": "Кл. Анна С\u00a0", "email": "anna@example.com", "icq": "17", "login": "17",
		"avatar_url": "https://cdn.example/" + c.id + ".png", "profile_url": "https://crm.example/17/",
		"comment": "customer,\nanna@example.com\u00a0", "info": "ru +79120000001\u00a0",
	}
	if !maps.Equal(filled, want) || len(out) != 0 {
		t.Errorf("%q, %v", filled, out)
	}
	if again, err := ParseFields(""); err != nil || !maps.Equal(again, DefaultFields) {
		t.Errorf("no changes: %v, %v", again, err)
	}
}

func TestTextsOfWebimsFieldsThatWouldForgeAreRefused(t *testing.T) {
	t.Parallel()
	for _, setting := range []string{
		"id={number}", "id=", "id=x{id}", "profile_url=", "profile_url=https://crm.example/{number}", "profile_url=https://a.example/7",
		"profile_url=javascript:alert(1)//", "avatar_url={name}", "avatar_url=https://cdn.example/{email}.png", "avatar_url=data:x",
		"profile_url=https://пример.рф/x", "comment={password}", "colour=red", "comment", "comment={name};x=y", "avatar_url=https://a.example/" + strings.Repeat("x", 900) + "/",
	} {
		if fields, err := ParseFields(setting); err == nil {
			t.Errorf("%q: %v", setting, fields)
		}
	}
}

// However the fields are filled, no two texts side by side hold what could be another customer's id.
func TestTextsSideBySideInWebimsFieldsAreNoPartOfAnId(t *testing.T) {
	t.Parallel()
	other := strings.Repeat("ab", 16)
	fields, err := ParseFields("icq={name}; login={name}; phone={name}; email={name}; info={name}; comment={name}")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{other, other[:16], other[:15], other[:8], "я" + other[:12], other[:12] + "я"} {
		filled, _ := fields.fill(customer{id: strings.Repeat("0f", 16), profile: "https://p.example/x", User: store.User{Name: name}})
		text := ""
		for _, field := range slices.Sorted(maps.Keys(filled)) {
			text += filled[field]
		}
		if strings.Contains(text, other) || filled["id"] == "" || filled["profile_url"] == "" {
			t.Errorf("%q: %q", name, text)
		}
	}
}
