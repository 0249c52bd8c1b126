package sandbox

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

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
		ID: shopID, DepartmentID: shopDepartment, Name: "Чайная лавка",
		Returns: []string{ShopOrigin(origin) + "/callback/"}, Secret: secret.New(randomHex(15)),
		DepartmentKey: secret.New(randomHex(10)), PinCode: secret.New(randomHex(2)),
	}
}

func (s *Sandbox) registerShop() {
	s.shop.HandleFunc("GET /{$}", s.showShop)
	s.shop.HandleFunc("GET /shop.js", s.Frame.File("assets/shop.js"))
	s.shop.Handle("POST /join", s.Frame.Guarded(s.joinShop))
	s.shop.HandleFunc("GET /callback/{state}", s.comeToShop)
	s.shop.Handle("POST /buy", s.Frame.Guarded(s.buy))
	s.shop.Handle("POST /leave", s.Frame.Guarded(s.leaveShop))
}

// shopper is the browser in the shop that a request comes from, nil when it has no session there. The state's lock is
// held.
func (s *state) shopper(r *http.Request) *browser { return s.browserOf(r, shopCookie) }

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
		v.Points = c.member.points().Total
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
	state := rand.Text()
	s.state.mu.Lock()
	session := s.state.open(shopCookie, browser{state: state})
	s.state.mu.Unlock()
	http.SetCookie(w, cookie(shopCookie, session, 0))
	a := asked{partner: s.state.shop, returnTo: s.state.shop.Returns[0] + state}
	if r.Header.Get("Accept") == "application/json" { // for the vendor's script
		answer(w, map[string]string{"store_department_id": shopDepartment, "redirect_url": a.returnTo})
		return
	}
	http.Redirect(w, r, s.config.URL+a.query(), http.StatusSeeOther)
}

func (s *Sandbox) comeToShop(w http.ResponseWriter, r *http.Request) {
	to := "/?refused"
	if s.state.enterShop(r) {
		to = "/"
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// enterShop exchanges what a customer brings back to the shop, and reports whether they have joined their account. The
// shop believes no state but the one that it gave this browser, once.
func (s *state) enterShop(r *http.Request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, state := s.shopper(r), r.PathValue("state")
	if c == nil || c.state == "" || c.state != state {
		return false
	}
	c.state = ""
	q := r.URL.Query()
	_, m, why := s.exchange(url.Values{
		"store_department_id": {shopDepartment}, "secret": {s.shop.Secret.Reveal()}, "code": q["code"],
		"origin_user_id": q["origin_user_id"], "redirect_url": {s.shop.Returns[0] + state},
	})
	if why != "" {
		return false
	}
	c.member = m
	return true
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
	s.state.lastID++
	order := "T-" + strconv.Itoa(s.state.lastID)
	_, no := s.state.purchaseNew(s.state.shop, url.Values{
		"origin_user_id": {c.member.Origin}, "order_num": {order}, "pin_code": {s.state.shop.PinCode.Reveal()},
		"cart": {fmt.Sprintf(`{"1":{"sku":%q,"price":%d,"quantity":1}}`, goods[i].Name, goods[i].Price)},
	})
	if no != nil {
		http.Error(w, no.message, http.StatusConflict)
		return
	}
	http.Redirect(w, r, "/?"+url.Values{"bought": {order}}.Encode(), http.StatusSeeOther)
}

func (s *Sandbox) leaveShop(w http.ResponseWriter, r *http.Request) {
	s.signOut(w, r, shopCookie)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}
