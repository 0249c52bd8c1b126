package views_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"kabinet/integrations/catalogue"
	"kabinet/views"
)

// Whatever else a page shows, it is another page: a field that the key leaves out would show one reader's to another.
func TestAKeyTellsPagesAndCardsApartByEveryField(t *testing.T) {
	t.Parallel()
	texts, err := catalogue.Load(views.Texts())
	if err != nil {
		t.Fatal(err)
	}
	ru, en := texts.In(catalogue.Languages[0]), texts.In(catalogue.Languages[1])
	page := func() views.Page {
		return views.Page{
			Texts: ru, Brand: &views.Brand{}, User: &views.User{}, Tour: &views.Tour{Do: []string{""}, Links: []views.Link{{}}},
			Nav: []views.Link{{}}, AdminNav: []views.Link{{}}, Faults: []string{""},
		}
	}
	keyOf := func(p views.Page) string {
		var k views.Key
		k.AddPage(p)
		return string(k)
	}
	other := page()
	if other.Texts = en; keyOf(other) == keyOf(page()) {
		t.Error("another language has the same key")
	}
	for _, f := range fields(reflect.TypeFor[views.Page](), "Texts", "Nonce") {
		changed := page()
		change(reflect.ValueOf(&changed).Elem(), f)
		if keyOf(changed) == keyOf(page()) {
			t.Errorf("a page's key does not depend on %v", f)
		}
	}
	cardKeyOf := func(c views.Card) string {
		var k views.Key
		k.AddCard(c)
		return string(k)
	}
	card := func() views.Card { return views.Card{Action: &views.Link{}, KnownAt: time.Unix(1, 0)} }
	for _, f := range fields(reflect.TypeFor[views.Card](), "Lines") {
		changed := card()
		change(reflect.ValueOf(&changed).Elem(), f)
		if cardKeyOf(changed) == cardKeyOf(card()) {
			t.Errorf("a card's key does not depend on %v", f)
		}
	}
	for _, empty := range []func(*views.Page){
		func(p *views.Page) { p.User = nil }, func(p *views.Page) { p.Tour = nil }, func(p *views.Page) { p.Nav = nil },
	} {
		changed := page()
		if empty(&changed); keyOf(changed) == keyOf(page()) {
			t.Error("what is not there has the key of what is there and empty")
		}
	}
}

// fields are the ways to all values in a struct, by names, through pointers and into slices.
func fields(of reflect.Type, but ...string) (all [][]string) {
	for f := range of.Fields() {
		if slices.Contains(but, f.Name) {
			continue
		}
		inner := f.Type
		if inner.Kind() == reflect.Pointer || inner.Kind() == reflect.Slice {
			inner = inner.Elem()
		}
		if inner.Kind() != reflect.Struct || inner == reflect.TypeFor[time.Time]() {
			all = append(all, []string{f.Name})
			continue
		}
		for _, way := range fields(inner) {
			all = append(all, append([]string{f.Name}, way...))
		}
	}
	return all
}

// change gives the value at the end of a way another one.
func change(v reflect.Value, way []string) {
	for _, name := range way {
		if v.Kind() == reflect.Slice {
			v = v.Index(0)
		}
		v = reflect.Indirect(v).FieldByName(name)
	}
	if v.Kind() == reflect.Slice {
		v = v.Index(0)
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("another")
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	case reflect.Bool:
		v.SetBool(true)
	default:
		v.Set(reflect.ValueOf(time.Unix(7, 0)))
	}
}
