package sandbox

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
)

// mostPoints is the most that one call adds, and largest the most that a purchase costs.
const mostPoints, largest = 1_000_000, 100_000_000

func (s *state) pointsAdd(p Partner, q url.Values) (any, *mistake) {
	m, no := s.found(p, q)
	if no != nil {
		return nil, no
	}
	n, err := strconv.ParseInt(q.Get("points"), 10, 64)
	if err != nil || n <= 0 || n > mostPoints {
		return nil, &mistake{"Provide points", 0}
	}
	s.credit(m, entry{Action: "extra", Name: q.Get("comment"), Delta: n, Completed: true})
	return s.describe(p, m, url.Values{}), nil
}

// position is a line of a cart; price is that of all its units.
type position struct {
	SKU      string  `json:"sku"`
	Price    float64 `json:"price"`
	Quantity float64 `json:"quantity"`
}

// cart reads a cart, whose positions are numbered from 1: {"1": {"sku": "a", "price": 1000, "quantity": 1}}.
func cart(text string) ([]position, *mistake) {
	wrong := &mistake{"Wrong cart", 0}
	var byNumber map[int]position
	if err := json.Unmarshal([]byte(text), &byNumber); err != nil || len(byNumber) == 0 {
		return nil, wrong
	}
	var all []position
	for _, number := range slices.Sorted(maps.Keys(byNumber)) {
		one := byNumber[number]
		if number != len(all)+1 || one.SKU == "" || one.Quantity <= 0 || one.Price < 0 || one.Price > largest {
			return nil, wrong
		}
		all = append(all, one)
	}
	return all, nil
}

// purchaseNew notes a purchase: a twentieth of the price in points, our decision. Somebody who is no member becomes
// one; an anonymous purchase brings no points.
func (s *state) purchaseNew(p Partner, q url.Values) (any, *mistake) {
	order := q.Get("order_num")
	switch {
	case q.Get("cart") == "" && q.Get("cart_id") != "":
		return nil, &mistake{lacks + "cart_id: provide cart", 0}
	case order == "" || q.Get("cart") == "" || q.Get("pin_code") == "":
		return nil, &mistake{"Provide pin_code, order_num and cart", 0}
	case !p.PinCode.Equal(q.Get("pin_code")):
		return nil, &mistake{"Wrong pin_code", 0}
	case slices.Contains(s.orders[p.ID], order):
		return nil, &mistake{"Purchase exists", 0}
	}
	positions, no := cart(q.Get("cart"))
	if no != nil {
		return nil, no
	}
	m, no := s.buyer(p, q)
	if no != nil {
		return nil, no
	}
	bought := entry{Action: "purchase", Name: p.Name, OrderNum: order, Completed: true}
	for _, one := range positions {
		bought.Price += one.Price
	}
	if bought.Price > largest {
		return nil, &mistake{"Wrong cart", 0}
	}
	if m != nil {
		bought.Delta = int64(bought.Price / 20)
	}
	bought = s.credit(m, bought)
	orders := append(s.orders[p.ID], order)
	s.orders[p.ID] = orders[max(0, len(orders)-maxOrders):]
	return map[string]any{"status": "ok", "purchase": bought.purchase(p), "cart": describeCart(positions, bought)}, nil
}

// maxOrders is how many order numbers of a partner are remembered.
const maxOrders = 5000

// buyer is whose purchase it is, nil for nobody's.
func (s *state) buyer(p Partner, q url.Values) (*member, *mistake) {
	by, no := identified(q)
	if no != nil || by.none() {
		return nil, no
	}
	if _, no := s.userAdd(p, q); no != nil {
		return nil, no
	}
	return s.found(p, q)
}

// money is an amount as SailPlay's published client reads it.
func money(amount float64) string { return strconv.FormatFloat(amount, 'f', 2, 64) }

func (e entry) purchase(p Partner) map[string]any {
	at := e.At.UTC().Format(time.RFC3339)
	department, _ := strconv.Atoi(p.DepartmentID) // a number, as far as is known
	return map[string]any{
		"id": e.ID, "store_department_id": department, "order_num": e.OrderNum, "price": money(e.Price),
		"points_delta": e.Delta, "public_key": randomHex(20), "purchase_date": at, "completed_date": at,
		"is_completed": e.Completed,
	}
}

func describeCart(positions []position, bought entry) map[string]any {
	var lines []map[string]any
	for i, one := range positions {
		lines = append(lines, map[string]any{
			"num": i + 1, "product": map[string]any{"sku": one.SKU}, "price": money(one.Price),
			"quantity": fmt.Sprint(one.Quantity),
		})
	}
	return map[string]any{
		"positions": lines, "positions_count": len(lines), "total_price": money(bought.Price),
		"total_points": bought.Delta,
	}
}
