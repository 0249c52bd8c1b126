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

// The list of clients takes the parameters that published clients send: take, skip, page,
// pageSize, fields, and filter[…]. What is not among them is refused, so that a misspelt one
// does not pass for "all clients".

// maxTake is the most rows of one answer: our decision.
const maxTake = 200

// listed are the fields of a row, by the names that published clients use.
var listed = map[string]func(client) any{
	"client__id":             func(c client) any { return c.ID },
	"client__name":           func(c client) any { return c.Name },
	"client__account_number": func(c client) any { return c.AccountNumber },
	"client__user_id":        func(c client) any { return c.UserID },
	"client__delete":         func(client) any { return false },
}

// mistake is what is wrong with a call.
type mistake struct {
	code          priceplan.Code
	field, advice string
}

func (s *Sandbox) listClients(w http.ResponseWriter, r *http.Request) {
	q, wrong := readList(r.URL.Query())
	if wrong != nil {
		fail(w, http.StatusOK, wrong.code, wrong.field, wrong.advice)
		return
	}
	var rows []map[string]any
	for _, c := range s.state.allClients() {
		if !q.meets(c) {
			continue
		}
		row := map[string]any{}
		for _, field := range q.fields {
			row[field] = listed[field](c)
		}
		rows = append(rows, row)
	}
	count := len(rows)
	rows = rows[min(q.skip, count):min(q.skip+q.take, count)]
	write(w, http.StatusOK, map[string]any{"success": true, "data": append([]map[string]any{}, rows...), "count": count})
}

type list struct {
	take, skip int
	fields     []string
	filters    []priceplan.Filter
}

func readList(v url.Values) (list, *mistake) {
	q := list{take: 20}
	filters := map[int]*priceplan.Filter{}
	for name, values := range v {
		value := values[0]
		switch name {
		case "take", "pageSize":
			n, err := strconv.Atoi(value)
			if err != nil || n < 1 || n > maxTake {
				return q, &mistake{priceplan.CodeInvalidArgument, name, fmt.Sprintf("a number from 1 to %d", maxTake)}
			}
			if name == "take" || !v.Has("take") {
				q.take = n
			}
		case "skip", "page":
			n, err := strconv.Atoi(value)
			if err != nil || n < 0 {
				return q, &mistake{priceplan.CodeInvalidArgument, name, "a number, not below 0"}
			}
			if name == "skip" {
				q.skip = n
			}
		case "fields":
			q.fields = strings.Split(value, ",")
		case "filter[logic]":
			if value != "and" {
				return q, &mistake{priceplan.CodeInvalidArgument, name, "only and is known"}
			}
		default:
			if wrong := readFilter(name, value, filters); wrong != nil {
				return q, wrong
			}
		}
	}
	if q.fields == nil {
		q.fields = slices.Sorted(maps.Keys(listed))
	}
	for _, field := range q.fields {
		if listed[field] == nil {
			return q, &mistake{priceplan.CodeUnknownField, field, "known fields: " + strings.Join(slices.Sorted(maps.Keys(listed)), ", ")}
		}
	}
	return q, q.takeFilters(filters)
}

// readFilter reads filter[filters][i][field], …[operator] and …[value].
func readFilter(name, value string, filters map[int]*priceplan.Filter) *mistake {
	var i int
	var part string
	if n, _ := fmt.Sscanf(name, "filter[filters][%d][%s", &i, &part); n != 2 {
		return &mistake{priceplan.CodeUnknownArgument, name, "known: take, skip, page, pageSize, fields, filter[logic], filter[filters][i][field|operator|value]"}
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
		return &mistake{priceplan.CodeUnknownArgument, name, "a filter has a field, an operator and a value"}
	}
	return nil
}

func (q *list) takeFilters(filters map[int]*priceplan.Filter) *mistake {
	for _, f := range filters {
		if listed[f.Field] == nil || f.Field == "client__delete" {
			return &mistake{priceplan.CodeUnknownField, f.Field, "a filter's field is client__id, client__name, client__account_number or client__user_id"}
		}
		switch f.Operator {
		case priceplan.Equal, priceplan.GreaterOrEqual, priceplan.LessOrEqual:
		default:
			return &mistake{priceplan.CodeInvalidArgument, "operator", "known operators: eq, gte, lte"}
		}
		q.filters = append(q.filters, *f)
	}
	return nil
}

func (q list) meets(c client) bool {
	for _, f := range q.filters {
		order := compare(listed[f.Field](c), f.Value)
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
