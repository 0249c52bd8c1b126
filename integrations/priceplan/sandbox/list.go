package sandbox

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

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

func (l list[T]) serve(w http.ResponseWriter, r *http.Request, all []T) {
	q, err := l.read(r.URL.Query())
	if err != nil {
		failWith(w, err)
		return
	}
	var rows []map[string]any
	for _, one := range all {
		if !l.meets(q, one) {
			continue
		}
		row := map[string]any{}
		for _, field := range q.fields {
			row[field] = l.fields[field](one)
		}
		rows = append(rows, row)
	}
	count := len(rows)
	rows = rows[min(q.skip, count):min(q.skip+q.take, count)]
	write(w, http.StatusOK, map[string]any{"success": true, "data": append([]map[string]any{}, rows...), "count": count})
}

// chosen is what a query chooses of a list.
type chosen struct {
	take, skip int
	fields     []string
	filters    []priceplan.Filter
}

func (l list[T]) read(v url.Values) (chosen, error) {
	q := chosen{take: 20}
	filters := map[int]*priceplan.Filter{}
	for name, values := range v {
		value := values[0]
		switch name {
		case "take", "pageSize":
			n, err := strconv.Atoi(value)
			if err != nil || n < 1 || n > maxTake {
				return q, mistake{priceplan.CodeInvalidArgument, name, fmt.Sprintf("a number from 1 to %d", maxTake)}
			}
			if name == "take" || !v.Has("take") {
				q.take = n
			}
		case "skip", "page":
			n, err := strconv.Atoi(value)
			if err != nil || n < 0 {
				return q, mistake{priceplan.CodeInvalidArgument, name, "a number, not below 0"}
			}
			if name == "skip" {
				q.skip = n
			}
		case "fields":
			q.fields = strings.Split(value, ",")
		case "filter[logic]":
			if value != "and" {
				return q, mistake{priceplan.CodeInvalidArgument, name, "only and is known"}
			}
		default:
			if err := readFilter(name, value, filters); err != nil {
				return q, err
			}
		}
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
	return q, l.takeFilters(&q, filters)
}

// readFilter reads filter[filters][i][field], …[operator] and …[value].
func readFilter(name, value string, filters map[int]*priceplan.Filter) error {
	var i int
	var part string
	if n, _ := fmt.Sscanf(name, "filter[filters][%d][%s", &i, &part); n != 2 {
		return mistake{priceplan.CodeUnknownArgument, name, "known: take, skip, page, pageSize, fields, filter[logic], filter[filters][i][field|operator|value]"}
	}
	if filters[i] == nil {
		filters[i] = new(priceplan.Filter)
	}
	switch part {
	case "field]":
		filters[i].Field = value
	case "operator]":
		filters[i].Operator = priceplan.Operator(value)
	case "value]":
		filters[i].Value = value
	default:
		return mistake{priceplan.CodeUnknownArgument, name, "a filter has a field, an operator and a value"}
	}
	return nil
}

func (l list[T]) takeFilters(q *chosen, filters map[int]*priceplan.Filter) error {
	for _, f := range filters {
		if !slices.Contains(l.filtered, f.Field) {
			return mistake{priceplan.CodeUnknownField, f.Field, "a filter's field is one of " + strings.Join(l.filtered, ", ")}
		}
		switch f.Operator {
		case priceplan.Equal, priceplan.GreaterOrEqual, priceplan.LessOrEqual:
		default:
			return mistake{priceplan.CodeInvalidArgument, "operator", "known operators: eq, gte, lte"}
		}
		q.filters = append(q.filters, *f)
	}
	return nil
}

func (l list[T]) meets(q chosen, row T) bool {
	for _, f := range q.filters {
		order := compare(l.fields[f.Field](row), f.Value)
		if f.Operator == priceplan.Equal && order != 0 || f.Operator == priceplan.GreaterOrEqual && order < 0 || f.Operator == priceplan.LessOrEqual && order > 0 {
			return false
		}
	}
	return true
}

// compare orders a field's value and a filter's text: numbers as such, texts without case.
func compare(value any, text string) int {
	if name, ok := value.(string); ok {
		return strings.Compare(strings.ToLower(name), strings.ToLower(text))
	}
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return -1 // no number equals it
	}
	n, _ := strconv.ParseInt(fmt.Sprint(value), 10, 64)
	return cmp.Compare(n, number)
}
