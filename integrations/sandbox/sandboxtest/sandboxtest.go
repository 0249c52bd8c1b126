// Package sandboxtest holds the tests that every sandbox's saved state has to pass.
package sandboxtest

import (
	"bytes"
	"errors"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"
	"unsafe"

	"kabinet/integrations/sandbox"
	"kabinet/integrations/secret"
)

// EveryFieldIsSaved fails the test for each field that contents, a pointer to a state in which nothing is empty,
// has and Save does not know of. It changes them one after another and wants other bytes of each. excepted
// are those that need not be saved, with all that is in them, as "type.field".
func EveryFieldIsSaved(t *testing.T, s sandbox.Saver, contents any, excepted ...string) {
	t.Helper()
	w := walker{t: t, saver: s, excepted: excepted, saved: map[string]bool{}, seen: map[unsafe.Pointer]bool{}, put: func() {}, met: map[string]bool{}}
	w.before = w.save()
	w.walk(reflect.ValueOf(contents).Elem(), "")
	w.types(reflect.TypeOf(contents).Elem(), map[reflect.Type]bool{})
	for _, name := range slices.Sorted(maps.Keys(w.saved)) {
		if !w.saved[name] {
			t.Errorf("%s is not saved, or is empty in the test", name)
		}
	}
	for _, name := range excepted {
		if !w.met[name] {
			t.Errorf("there is no %s", name)
		}
	}
}

// walker changes the fields of a state. It goes by every way that leads to one once.
type walker struct {
	t      *testing.T
	saver  sandbox.Saver
	before []byte
	saved  map[string]bool
	// excepted are not looked into; met are those that there are.
	excepted []string
	met      map[string]bool
	seen     map[unsafe.Pointer]bool
	put      func() // puts what is changed back into the map that it was taken from
}

func (w *walker) save() []byte {
	w.t.Helper()
	b, err := w.saver.Save()
	if err != nil {
		w.t.Fatal(err)
	}
	return b
}

var timeType, secretType = reflect.TypeFor[time.Time](), reflect.TypeFor[secret.Text]()

// walk changes what a field holds; name is that of the field.
func (w *walker) walk(v reflect.Value, name string) {
	v = reflect.NewAt(v.Type(), v.Addr().UnsafePointer()).Elem() // which may be set although its name is not exported
	switch {
	case v.Type() == timeType:
		w.change(v, name, reflect.ValueOf(v.Interface().(time.Time).Add(time.Hour)))
	case v.Type() == secretType:
		w.change(v, name, reflect.ValueOf(secret.New(v.Interface().(secret.Text).Reveal()+"x")))
	case v.Kind() == reflect.Pointer && !v.IsNil() && !w.seen[v.UnsafePointer()]:
		w.seen[v.UnsafePointer()] = true
		w.walk(v.Elem(), name)
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if field := v.Type().Name() + "." + v.Type().Field(i).Name; !w.isExcepted(field) {
				w.walk(v.Field(i), field)
			}
		}
	case v.Kind() == reflect.Slice && v.Len() > 0 && v.Type().Elem().Kind() == reflect.Uint8:
		// Bytes are often shared, with another sandbox too, as a password's hash is: what is changed is a copy.
		other := slices.Clone(v.Bytes())
		other[0] ^= 1
		w.change(v, name, reflect.ValueOf(other).Convert(v.Type()))
	case v.Kind() == reflect.Slice && v.Len() > 0:
		w.change(v, name, v.Slice(0, 0))
		for i := range v.Len() {
			w.walk(v.Index(i), name)
		}
	case v.Kind() == reflect.Map:
		w.walkMap(v, name)
	case v.Kind() == reflect.String:
		w.change(v, name, reflect.ValueOf(v.String()+"x").Convert(v.Type()))
	case v.Kind() == reflect.Bool:
		w.change(v, name, reflect.ValueOf(!v.Bool()).Convert(v.Type()))
	case v.CanInt():
		w.change(v, name, reflect.ValueOf(v.Int()^1).Convert(v.Type()))
	}
}

// walkMap changes what is in a map, and takes it out.
func (w *walker) walkMap(v reflect.Value, name string) {
	for _, key := range v.MapKeys() {
		value := v.MapIndex(key)
		one, outer := reflect.New(value.Type()).Elem(), w.put
		one.Set(value)
		w.put = func() {
			v.SetMapIndex(key, one)
			outer()
		}
		w.walk(one, name)
		w.put = outer
		v.SetMapIndex(key, reflect.Value{})
		w.look(name)
		v.SetMapIndex(key, value)
		w.put()
	}
}

// change sets a field, looks whether that is saved, and sets it back.
func (w *walker) change(v reflect.Value, name string, to reflect.Value) {
	w.t.Helper()
	was := reflect.New(v.Type()).Elem()
	was.Set(v)
	v.Set(to)
	w.look(name)
	v.Set(was)
	w.put()
}

// look notes whether a change of a field is saved. Some need not be everywhere: one is enough.
func (w *walker) look(name string) {
	w.t.Helper()
	w.put()
	w.saved[name] = w.saved[name] || !bytes.Equal(w.save(), w.before)
}

// types notes the fields that no value led to.
func (w *walker) types(t reflect.Type, seen map[reflect.Type]bool) {
	if seen[t] || t == timeType || t == secretType {
		return
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		w.types(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			name := t.Name() + "." + f.Name
			if w.isExcepted(name) {
				continue
			}
			w.saved[name] = w.saved[name] || leads(f.Type)
			w.types(f.Type, seen)
		}
	}
}

func (w *walker) isExcepted(name string) bool {
	is := slices.Contains(w.excepted, name)
	w.met[name] = w.met[name] || is
	return is
}

// leads tells whether a field holds nothing itself, but only other fields.
func leads(t reflect.Type) bool {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Kind() == reflect.Struct && t != timeType && t != secretType
}

// WhatItNeverSavedIsRefused fails the test when a sandbox takes what is broken, foreign or of another version, or
// is changed by it. bad are pairs of what stands in the saved state and what is put in its place.
func WhatItNeverSavedIsRefused(t *testing.T, s sandbox.Saver, bad ...[2]string) {
	t.Helper()
	before, err := s.Save()
	if err != nil {
		t.Fatal(err)
	}
	states := map[string][]byte{
		"nothing": nil, "no state": []byte("{}"), "null": []byte("null"), "a list": []byte("[]"),
		"half of it": before[:len(before)/2], "something behind it": append(slices.Clone(before), "{}"...),
	}
	bad = append(bad, [2]string{`{"Version":1`, `{"Version":2`}, [2]string{`{"Version":1`, `{"Version":1,"New":1`}, [2]string{`{"Version":1`, `{"Version":"1"`})
	for _, pair := range bad {
		if !bytes.Contains(before, []byte(pair[0])) {
			t.Errorf("there is no %s in %s", pair[0], before)
		}
		states[pair[1]+" for "+pair[0]] = bytes.Replace(before, []byte(pair[0]), []byte(pair[1]), 1)
	}
	for name, state := range states {
		err := s.Restore(state)
		if _, other := errors.AsType[*sandbox.VersionError](err); err == nil || other != (name == `{"Version":2 for {"Version":1` || name == "no state" || name == "null") {
			t.Errorf("%s: %v", name, err)
		}
		if after, err := s.Save(); err != nil || !bytes.Equal(after, before) {
			t.Fatalf("%s was refused, and has changed something: %s, %v", name, after, err)
		}
	}
}
