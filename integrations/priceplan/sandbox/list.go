package sandbox

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"kabinet/integrations/priceplan"
)

// list is a list that the API shows. It takes the parameters that published clients send for
// clients: take, skip, page, pageSize, fields, and filter[…]. What is not among them is refused,
// so that a misspelt one does not pass for "all of them".
type list[T any] struct {
	fields   map[string]func(T) any
	filtered []string // the fields that filters may be about: numbers and texts
}

// maxTake is the most rows of one answer: our decision.
const maxTake = 200

// listed is what an answer shows of a list, and how many rows meet its filters in all.
type listed struct {
	rows  []map[string]any
	count int
}

// listing is the call that shows a list.
func listing[T any](l list[T], all func() []T) func(*http.Request) (any, error) {
	return func(r *http.Request) (any, error) {
		q, err := l.read(r.URL.Query())
		if err != nil {
			return nil, err
		}
		some := slices.DeleteFunc(all(), func(one T) bool { return !l.meets(q, one) })
		shown := listed{rows: []map[string]any{}, count: len(some)}
		some = some[min(q.skip, len(some)):]
		for _, one := range some[:min(q.take, len(some))] {
			row := map[string]any{}
			for _, field := range q.fields {
				row[field] = l.fields[field](one)
			}
			shown.rows = append(shown.rows, row)
		}
		return shown, nil
	}
}

// chosen is what a query chooses of a list.
type chosen struct {
	take, skip int
	fields     []string
	filters    map[int]*priceplan.Filter // by the numbers that the query gives them
}

func (l list[T]) read(v url.Values) (chosen, error) {
	q := chosen{take: 20, filters: map[int]*priceplan.Filter{}}
	for _, name := range slices.Sorted(maps.Keys(v)) {
		if len(v[name]) > 1 {
			return q, mistake{priceplan.CodeDuplicateField, name, "it is there twice"}
		}
		if err := q.readOne(name, v[name][0]); err != nil {
			return q, err
		}
	}
	if err := q.readPage(v); err != nil {
		return q, err
	}
	known := slices.Sorted(maps.Keys(l.fields))
	if q.fields == nil {
		q.fields = known
	}
	for _, field := range q.fields {
		if l.fields[field] == nil {
			return q, mistake{priceplan.CodeUnknownField, field, "known fields: " + strings.Join(known, ", ")}
		}
	}
	for _, f := range q.filters {
		if err := l.check(*f); err != nil {
			return q, err
		}
	}
	return q, nil
}

func (q *chosen) readOne(name, value string) (err error) {
	switch name {
	case "take", "pageSize":
		q.take, err = numberFrom(name, value, 1, maxTake)
	case "skip":
		q.skip, err = numberFrom(name, value, 0, math.MaxInt32)
	case "page":
		_, err = numberFrom(name, value, 1, math.MaxInt32/maxTake)
	case "fields":
		q.fields = strings.Split(value, ",")
	case "filter[logic]":
		if value != "and" && value != "AND" { // the vendor's own client writes it so
			err = mistake{priceplan.CodeInvalidArgument, name, "only and is known"}
		}
	default:
		err = q.readFilter(name, value)
	}
	return err
}

// readPage counts by pages where skip does not say from where. Both saying so must agree.
func (q *chosen) readPage(v url.Values) error {
	page, err := strconv.Atoi(v.Get("page"))
	if v.Has("take") && v.Has("pageSize") && v.Get("take") != v.Get("pageSize") {
		return mistake{priceplan.CodeInvalidArgument, "pageSize", "it is another than take"}
	}
	if err != nil {
		return nil // there is no page
	}
	if skip := (page - 1) * q.take; !v.Has("skip") {
		q.skip = skip
	} else if q.skip/q.take != page-1 {
		return mistake{priceplan.CodeInvalidArgument, "page", "skip says that it is another one"}
	}
	return nil
}

func numberFrom(name, value string, least, most int) (int, error) {
	n, err := strconv.Atoi(value)
	if err != nil || n < least || n > most {
		return 0, mistake{priceplan.CodeInvalidArgument, name, fmt.Sprintf("a number from %d to %d", least, most)}
	}
	return n, nil
}

// readFilter reads filter[filters][i][field], …[operator] and …[value].
func (q *chosen) readFilter(name, value string) error {
	var i int
	var part string
	if n, _ := fmt.Sscanf(name, "filter[filters][%d][%s", &i, &part); n != 2 {
		return mistake{priceplan.CodeUnknownArgument, name,
			"known: take, skip, page, pageSize, fields, filter[logic], filter[filters][i][field|operator|value]"}
	}
	if q.filters[i] == nil {
		q.filters[i] = new(priceplan.Filter)
	}
	switch part {
	case "field]":
		q.filters[i].Field = value
	case "operator]":
		q.filters[i].Operator = priceplan.Operator(value)
	case "value]":
		q.filters[i].Value = value
	default:
		return mistake{priceplan.CodeUnknownArgument, name, "a filter has a field, an operator and a value"}
	}
	return nil
}

var operators = []priceplan.Operator{priceplan.Equal, priceplan.GreaterOrEqual, priceplan.LessOrEqual}

// check returns a mistake where the list has no such filter.
func (l list[T]) check(f priceplan.Filter) error {
	if !slices.Contains(l.filtered, f.Field) {
		return mistake{priceplan.CodeUnknownField, f.Field,
			"a filter's field is one of " + strings.Join(l.filtered, ", ")}
	}
	if !slices.Contains(operators, f.Operator) {
		return mistake{priceplan.CodeInvalidArgument, "operator", "known operators: eq, gte, lte"}
	}
	var none T
	_, isText := l.fields[f.Field](none).(string)
	if _, err := strconv.ParseInt(f.Value, 10, 64); err != nil && !isText {
		return mistake{priceplan.CodeInvalidArgument, f.Field, "a number"}
	}
	if _, err := time.Parse(time.DateOnly, f.Value); err != nil && f.Field == "date" {
		return mistake{priceplan.CodeInvalidArgument, f.Field, "a date such as 2026-11-01"}
	}
	return nil
}

func (l list[T]) meets(q chosen, row T) bool {
	for _, f := range q.filters {
		order := compare(l.fields[f.Field](row), f.Value)
		if f.Operator == priceplan.Equal && order != 0 || f.Operator == priceplan.GreaterOrEqual && order < 0 ||
			f.Operator == priceplan.LessOrEqual && order > 0 {
			return false
		}
	}
	return true
}

// compare orders a field's value and a filter's text, a number where the value is one: numbers as
// such, texts without case.
func compare(value any, text string) int {
	if name, ok := value.(string); ok {
		return strings.Compare(strings.ToLower(name), strings.ToLower(text))
	}
	number, _ := strconv.ParseInt(text, 10, 64)
	n, _ := strconv.ParseInt(fmt.Sprint(value), 10, 64)
	return cmp.Compare(n, number)
}
