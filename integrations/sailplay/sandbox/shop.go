package sandbox

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"kabinet/integrations/outgoing"
	"kabinet/integrations/secret"
)

// The shop is a second partner, at a host of its own: the same account at SailPlay is joined there too,
// and a purchase there changes the points that every partner sees. It speaks to SailPlay as any partner
// does, but without the network between.

const (
	shopID, shopDepartment = "7302", "9105"
	shopCookie             = "shop_session"
)

// goods are what the shop sells, in roubles.
var goods = []struct {
	Name  string // a key of the catalogue
	Price int
}{{"shop.tea", 400}, {"shop.teapot", 1500}, {"shop.samovar", 12000}}

// ShopOrigin is where the shop beside a SailPlay is: by www., as SailPlay documents it for whoever it leads back to.
func ShopOrigin(origin string) string { return strings.Replace(origin, "://", "://www.shop.", 1) }

func shopPartner(origin string) Partner {
	return Partner{
		ID: shopID, DepartmentID: shopDepartment, Name: "Чайная лавка", Returns: []string{ShopOrigin(origin) +
			"/callback/"},
		Secret: secret.New(randomHex(15)), DepartmentKey: secret.New(randomHex(10)), PinCode: secret.New(randomHex(2)),
	}
}

// customer is a browser in the shop: on the way to SailPlay, or joined.
type customer struct {
	state  string // of the way that is under way
	member *member
	seen   time.Time
}

func (s *Sandbox) registerShop() {
	s.shop.HandleFunc("GET /{$}", s.showShop)
	s.shop.HandleFunc("GET /shop.js", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, assets, "assets/shop.js")
	})
	s.shop.Handle("POST /join", s.Frame.Guarded(s.joinShop))
	s.shop.HandleFunc("GET /callback/{state}", s.comeToShop)
	s.shop.Handle("POST /buy", s.Frame.Guarded(s.buy))
	s.shop.Handle("POST /leave", s.Frame.Guarded(s.leaveShop))
}

// isShop reports whether a request is for the shop.
func (s *Sandbox) isShop(r *http.Request) bool {
	u, err := url.Parse(ShopOrigin(s.config.URL))
	return err == nil && outgoing.Hostname(r.Host) == u.Hostname()
}

func shopSession(value string, maxAge int) *http.Cookie {
	return &http.Cookie{Name: shopCookie, Value: value, Path: "/", MaxAge: maxAge, HttpOnly: true,
		SameSite: http.SameSiteLaxMode}
}

// shopper is the browser's place in the shop, nil when it has none. The state's lock is held.
func (s *state) shopper(r *http.Request) *customer {
	c, err := r.Cookie(shopCookie)
	if err != nil {
		return nil
	}
	found, ok := s.customers[c.Value]
	if !ok || s.clock().Sub(found.seen) >= sessionLife {
		return nil
	}
	found.seen = s.clock()
	return found
}

// shopView is what the shop shows.
type shopView struct {
	SDK      string // the address of SailPlay's script
	Member   string // empty for nobody
	Points   int64
	Purchase *entry // the one just made
	Refused  bool
}

func (s *Sandbox) showShop(w http.ResponseWriter, r *http.Request) {
	v := shopView{Refused: r.URL.Query().Has("refused"), SDK: s.config.URL + "/auth/oauth-sdk/" + shopID + "/"}
	s.state.mu.Lock()
	if c := s.state.shopper(r); c != nil && c.member != nil {
		v.Member = c.member.FirstName
		v.Points, _, _, _ = c.member.points()
		for _, e := range c.member.Entries {
			if order := r.URL.Query().Get("bought"); order != "" && e.OrderNum == order {
				v.Purchase = &e
			}
		}
	}
	s.state.mu.Unlock()
	s.Frame.Show(w, r, http.StatusOK, shopPage(s.Frame.Page(r, "shop.title"), v))
}

// joinShop sends a customer to SailPlay, with a state in the path as every partner should.
func (s *Sandbox) joinShop(w http.ResponseWriter, r *http.Request) {
	session, state := rand.Text(), rand.Text()
	s.state.mu.Lock()
	for old, c := range s.state.customers {
		if s.state.clock().Sub(c.seen) >= sessionLife {
			delete(s.state.customers, old)
		}
	}
	s.state.customers[session] = &customer{state: state, seen: s.state.clock()}
	p, err := s.state.department(shopDepartment)
	s.state.mu.Unlock()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	http.SetCookie(w, shopSession(session, 0))
	a := asked{p, p.Returns[0] + state, false}
	if r.Header.Get("Accept") == "application/json" { // for the vendor's script
		answer(w, map[string]string{"store_department_id": p.DepartmentID, "redirect_url": a.returnTo})
		return
	}
	http.Redirect(w, r, s.config.URL+a.query(), http.StatusSeeOther)
}

var errShop = errors.New("the shop did not give this state")

func (s *Sandbox) comeToShop(w http.ResponseWriter, r *http.Request) {
	if err := s.state.join(r); err != nil {
		http.Redirect(w, r, "/?refused", http.StatusSeeOther)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// join exchanges what a customer brings back to the shop.
func (s *state) join(r *http.Request) error {
	s.mu.Lock()
	c := s.shopper(r)
	state := r.PathValue("state")
	if c == nil || c.state == "" || c.state != state {
		s.mu.Unlock()
		return errShop
	}
	c.state = ""
	p, err := s.department(shopDepartment)
	s.mu.Unlock()
	if err != nil {
		return err
	}
	q := r.URL.Query()
	_, id, why := s.exchange(p.DepartmentID, p.Secret.Reveal(), q.Get("code"), q.Get("origin_user_id"),
		p.Returns[0]+state)
	if why != "" {
		return errors.New(why)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	m, no := s.found(p, url.Values{"origin_user_id": {id}})
	if no != nil {
		return errors.New(no.message)
	}
	c.member = m
	return nil
}

// buy notes a purchase at SailPlay.
func (s *Sandbox) buy(w http.ResponseWriter, r *http.Request) {
	i, err := strconv.Atoi(r.PostFormValue("goods"))
	if err != nil || i < 0 || i >= len(goods) {
		http.Error(w, "there is nothing of that number", http.StatusBadRequest)
		return
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	c := s.state.shopper(r)
	if c == nil || c.member == nil {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	p, err := s.state.department(shopDepartment)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	s.state.lastID++
	order := "T-" + strconv.Itoa(s.state.lastID)
	_, no := s.state.purchaseNew(p, url.Values{
		"origin_user_id": {c.member.Origin}, "order_num": {order}, "pin_code": {p.PinCode.Reveal()},
		"cart": {fmt.Sprintf(`{"1":{"sku":%q,"price":%d,"quantity":1}}`, goods[i].Name, goods[i].Price)},
	})
	if no != nil {
		http.Error(w, no.message, http.StatusConflict)
		return
	}
	http.Redirect(w, r, "/?"+url.Values{"bought": {order}}.Encode(), http.StatusSeeOther)
}

func (s *Sandbox) leaveShop(w http.ResponseWriter, r *http.Request) {
	if c, err := r.Cookie(shopCookie); err == nil {
		s.state.mu.Lock()
		delete(s.state.customers, c.Value)
		s.state.mu.Unlock()
	}
	http.SetCookie(w, shopSession("", -1))
	http.Redirect(w, r, "/", http.StatusSeeOther)
}
