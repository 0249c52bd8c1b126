package handlers

import (
	"strconv"

	"github.com/labstack/echo/v4"

	"kabinet/store"
	"kabinet/views"
)

// administered lets administrators in. To everybody else there is no such page.
func (p *Portal) administered(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if visitOf(c).user().Role != store.Administrator {
			return notFound()
		}
		return next(c)
	}
}

// userInPath is the user whose id stands in the address.
func (p *Portal) userInPath(c echo.Context) (store.User, error) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return store.User{}, notFound()
	}
	user, err := p.db.User(c.Request().Context(), id)
	if isNotFound(err) {
		return store.User{}, notFound()
	}
	return user, err
}

// cursor reads where in a list the reader is. What is no number is the beginning.
func cursor(c echo.Context) store.Cursor {
	number := func(name string) int64 {
		n, err := strconv.ParseInt(c.QueryParam(name), 10, 64)
		if err != nil || n < 0 {
			return 0
		}
		return n
	}
	return store.Cursor{Before: number("before"), After: number("after")}
}

// pager leads from a page of a list to its neighbours, with the same filter.
func pager[T any](c echo.Context, page store.Page[T]) views.Pager {
	link := func(name string, id int64) string {
		q := c.QueryParams()
		q.Del("before")
		q.Del("after")
		q.Set(name, strconv.FormatInt(id, 10))
		return c.Request().URL.Path + "?" + q.Encode()
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
