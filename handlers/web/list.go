package web

import (
	"strconv"

	"kabinet/store"
	"kabinet/views"
)

// Cursor reads where in a list the reader is. What is no number is the beginning.
func (r *Request) Cursor() store.Cursor {
	number := func(name string) int64 {
		n, err := strconv.ParseInt(r.QueryParam(name), 10, 64)
		if err != nil || n < 0 {
			return 0
		}
		return n
	}
	return store.Cursor{Before: number("before"), After: number("after")}
}

// Pager leads from a page of a list to its neighbours, with the same filter.
func Pager[T any](r *Request, page store.Page[T]) views.Pager {
	link := func(name string, id int64) string {
		q := r.QueryParams()
		q.Del("before")
		q.Del("after")
		q.Set(name, strconv.FormatInt(id, 10))
		return r.Request().URL.Path + "?" + q.Encode()
	}
	var p views.Pager
	if page.Up != nil {
		p.Up = link("after", page.Up.After)
	}
	if page.Down != nil {
		p.Down = link("before", page.Down.Before)
	}
	return p
}
