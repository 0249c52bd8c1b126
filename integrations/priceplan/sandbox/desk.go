package sandbox

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"kabinet/integrations/priceplan"
)

// The desk is what nobody sees at PricePlan: its settings, the money that arrives, the time.

// deskView is what the first page shows.
type deskView struct {
	Hosts   priceplan.Hosts
	Today   time.Time
	Clients []client
	Unpaid  []sent
	Missing []string
	Off     bool // nobody has switched on what portals need
}

func (s *Sandbox) deskModel() deskView {
	unlock := s.state.lock()
	today := s.state.today()
	unlock()
	return deskView{
		Hosts: s.config.Hosts, Today: today, Clients: s.state.allClients(),
		Unpaid: s.state.unpaidInvoices(), Missing: MissingAssets(), Off: s.settings.Get().off(),
	}
}

func (s *Sandbox) registerDesk(mux *http.ServeMux) {
	mux.HandleFunc("GET /_sandbox/settings", func(w http.ResponseWriter, r *http.Request) {
		s.showSettings(w, r, http.StatusOK, s.settings.Get(), nil)
	})
	mux.Handle("POST /_sandbox/settings", s.Frame.Guarded(s.saveSettings))
	mux.Handle("POST /_sandbox/prepare", s.Frame.Guarded(func(w http.ResponseWriter, r *http.Request) {
		s.Prepare()
		http.Redirect(w, r, "/_sandbox/", http.StatusSeeOther)
	}))
	mux.Handle("POST /_sandbox/time", s.Frame.Guarded(s.moveTime))
	mux.Handle("POST /_sandbox/invoices/{id}/paid", s.Frame.Guarded(s.moneyArrives))
}

func (s *Sandbox) showSettings(w http.ResponseWriter, r *http.Request, status int, set settings,
	wrong map[string]string) {
	saved := status == http.StatusOK && r.URL.Query().Has("saved")
	s.Frame.Show(w, r, status, settingsPage(s.Frame.Page(r, "settings.title"), set, wrong, saved))
}

func (s *Sandbox) saveSettings(w http.ResponseWriter, r *http.Request) {
	set := s.settings.Get()
	set.Widget, set.AuthByLink = r.PostFormValue("widget") == "on", r.PostFormValue("auth_by_link") == "on"
	set.Domains, set.FrameOrigins = r.PostFormValue("domains"), r.PostFormValue("frame_origins")
	set.CSS = r.PostFormValue("css")
	set.Whole, set.FromPortal = r.PostFormValue("partitioned") != "on", r.PostFormValue("from_portal") == "on"
	if wrong := set.wrong(); len(wrong) > 0 {
		s.showSettings(w, r, http.StatusUnprocessableEntity, set, wrong)
		return
	}
	s.settings.Change(func(now *settings) { *now = set })
	http.Redirect(w, r, "/_sandbox/settings?saved", http.StatusSeeOther)
}

// moveTime moves the ledger's calendar on, so that what falls due is charged.
func (s *Sandbox) moveTime(w http.ResponseWriter, r *http.Request) {
	step := r.PostFormValue("step")
	if step != "day" && step != "month" {
		http.Error(w, `step is "day" or "month"`, http.StatusBadRequest)
		return
	}
	if err := s.state.move(step == "month"); err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
		return
	}
	http.Redirect(w, r, "/_sandbox/", http.StatusSeeOther)
}

// moneyArrives pays an invoice. Twice is once.
func (s *Sandbox) moneyArrives(w http.ResponseWriter, r *http.Request) {
	number, _ := strconv.Atoi(r.PathValue("id"))
	if err := s.state.payInvoice(number); err != nil && !errors.Is(err, alreadyPaid) {
		http.Error(w, err.Error(), http.StatusConflict)
		return
	}
	http.Redirect(w, r, "/_sandbox/", http.StatusSeeOther)
}
