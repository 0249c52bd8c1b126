package sandbox

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"kabinet/integrations/amocrm"
)

// The account's side: general settings, integrations, deals. Nobody signs in to it, as to no staff's page of a
// sandbox.

func (s *Sandbox) registerAccount() {
	s.account.Handle("GET /{$}", http.RedirectHandler("/settings/", http.StatusSeeOther))
	s.account.HandleFunc("GET /settings/{$}", s.settings)
	s.account.Handle("POST /settings/tariff", s.Frame.Guarded(s.setTariff))
	s.account.Handle("POST /settings/cabinet", s.Frame.Guarded(s.setCabinet))
	s.account.Handle("POST /settings/look", s.Frame.Guarded(s.setLook))
	s.account.HandleFunc("GET /integrations/{$}", s.integrations)
	s.account.Handle("POST /integrations/sms", s.Frame.Guarded(s.setSMSWidget))
	s.account.Handle("POST /integrations/endpoint", s.Frame.Guarded(s.setEndpoint))
	s.account.Handle("POST /integrations/upload", s.Frame.GuardedUpTo(maxArchive, s.upload))
	s.account.Handle("POST /integrations/install", s.Frame.Guarded(s.install))
	s.account.HandleFunc("GET /leads/{$}", s.deals)
	s.account.Handle("POST /leads/move", s.Frame.Guarded(s.moveDeal))
}

// settingsModel is the page of general settings.
type settingsModel struct {
	Tariff    string
	Enabled   bool
	Installed []string
	SMSWidget string
	Sys       sys
	Cabinet   string // its address
	Wrong     string // a key of the catalogue
	Saved     bool
}

func (s *Sandbox) settings(w http.ResponseWriter, r *http.Request) {
	s.showSettings(w, r, http.StatusOK, "")
}

func (s *Sandbox) showSettings(w http.ResponseWriter, r *http.Request, status int, wrong string) {
	s.state.mu.Lock()
	m := settingsModel{
		Tariff: s.state.tariff, Enabled: s.state.enabled, Installed: slices.Clone(s.state.installed),
		SMSWidget: s.state.smsWidget, Sys: s.state.sys,
		Cabinet: s.config.CabinetURL, Wrong: wrong, Saved: r.URL.Query().Has("saved"),
	}
	s.state.mu.Unlock()
	page := s.Frame.Page(r, "account.settings")
	page.Path = "/settings/"
	s.Frame.Show(w, r, status, settingsPage(page, m))
}

func (s *Sandbox) setTariff(w http.ResponseWriter, r *http.Request) {
	s.state.setTariff(r.PostFormValue("tariff"))
	http.Redirect(w, r, "/settings/?saved", http.StatusSeeOther)
}

func (s *Sandbox) setCabinet(w http.ResponseWriter, r *http.Request) {
	if err := s.state.switchCabinet(r.PostFormValue("enabled") != "", r.PostFormValue("sms")); err != nil {
		s.showSettings(w, r, http.StatusUnprocessableEntity, err.Error())
		return
	}
	http.Redirect(w, r, "/settings/?saved", http.StatusSeeOther)
}

// maxTitle is in bytes.
const maxTitle = 200

func (s *Sandbox) setLook(w http.ResponseWriter, r *http.Request) {
	look := sys{
		CurrencySymbol: r.PostFormValue("currency"), DateFormat: r.PostFormValue("date"),
		TimeFormat: r.PostFormValue("time"), Lang: r.PostFormValue("lang"),
		IsRemovalAvailable: r.PostFormValue("removal") != "", LogoURL: r.PostFormValue("logo"),
		PageTitle: strings.TrimSpace(r.PostFormValue("title")),
	}
	if !look.possible() {
		s.showSettings(w, r, http.StatusUnprocessableEntity, "account.wrong_look")
		return
	}
	s.state.mu.Lock()
	s.state.sys = look
	s.state.mu.Unlock()
	http.Redirect(w, r, "/settings/?saved", http.StatusSeeOther)
}

func (s sys) possible() bool {
	return s.PageTitle != "" && len(s.PageTitle) <= maxTitle && slices.Contains(currencies, s.CurrencySymbol) &&
		slices.Contains(dateFormats, s.DateFormat) &&
		slices.Contains(timeFormats, s.TimeFormat) && slices.Contains(amocrm.Languages, s.Lang) &&
		slices.Contains(logos, s.LogoURL)
}

// integrationsModel is the page of integrations, with the catalogue of SMS widgets.
type integrationsModel struct {
	ClientID, Secret, Redirect string
	Widget                     *widgetModel // nil before an upload
	Problems                   amocrm.Problems
	Wrong                      string // a key of the catalogue
	Installed                  []string
	Endpoint                   string
	Saved                      bool
}

type widgetModel struct {
	Name, Version string
	Locations     []string
	Installed     bool
}

func (s *Sandbox) integrations(w http.ResponseWriter, r *http.Request) {
	s.showIntegrations(w, r, http.StatusOK, integrationsModel{Saved: r.URL.Query().Has("saved")})
}

func (s *Sandbox) showIntegrations(w http.ResponseWriter, r *http.Request, status int, m integrationsModel) {
	page := s.Frame.Page(r, "account.integrations")
	page.Path = "/integrations/"
	s.state.mu.Lock()
	m.ClientID, m.Secret, m.Redirect = s.config.ClientID, s.config.ClientSecret.Reveal(), s.config.Portal+"/"
	m.Installed, m.Endpoint = slices.Clone(s.state.installed), s.state.endpoint
	if u := s.state.widget; u != nil {
		m.Widget = &widgetModel{u.name(string(page.Texts.Language)), u.manifest.Widget.Version, u.manifest.Locations,
			u.installed}
	}
	s.state.mu.Unlock()
	s.Frame.Show(w, r, status, integrationsPage(page, m))
}

func (s *Sandbox) setSMSWidget(w http.ResponseWriter, r *http.Request) {
	s.state.installSMS(r.PostFormValue("widget"), r.PostFormValue("do") == "install")
	http.Redirect(w, r, "/integrations/?saved#sms", http.StatusSeeOther)
}

func (s *Sandbox) setEndpoint(w http.ResponseWriter, r *http.Request) {
	address := strings.TrimSpace(r.PostFormValue("endpoint"))
	if address != "" && !isEndpoint(address) {
		s.showIntegrations(w, r, http.StatusUnprocessableEntity, integrationsModel{Wrong: "account.wrong_endpoint"})
		return
	}
	s.state.mu.Lock()
	s.state.endpoint = address
	s.state.mu.Unlock()
	http.Redirect(w, r, "/integrations/?saved#sms", http.StatusSeeOther)
}

// maxArchive is how large an upload may be, in bytes.
const maxArchive = 5 << 20

func (s *Sandbox) upload(w http.ResponseWriter, r *http.Request) {
	file, _, err := r.FormFile("archive")
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		s.showIntegrations(w, r, http.StatusRequestEntityTooLarge,
			integrationsModel{Problems: amocrm.Problems{{Rule: amocrm.RuleSize}}})
		return
	}
	if err != nil {
		s.showIntegrations(w, r, http.StatusUnprocessableEntity, integrationsModel{Wrong: "account.wrong_no_file"})
		return
	}
	defer file.Close()
	archive, err := io.ReadAll(file)
	if err != nil {
		s.showIntegrations(w, r, http.StatusUnprocessableEntity, integrationsModel{Wrong: "account.wrong_no_file"})
		return
	}
	problems, raised := s.state.upload(archive)
	switch {
	case len(problems) > 0:
		s.showIntegrations(w, r, http.StatusUnprocessableEntity, integrationsModel{Problems: problems})
	case !raised:
		s.showIntegrations(w, r, http.StatusUnprocessableEntity, integrationsModel{Wrong: "account.wrong_version"})
	default:
		http.Redirect(w, r, "/integrations/?saved", http.StatusSeeOther)
	}
}

// unpack reads an archive in which nothing is wrong.
func unpack(archive []byte) (*uploaded, amocrm.Problems) {
	if problems := amocrm.CheckArchive(archive); len(problems) > 0 {
		return nil, problems
	}
	files, problems := amocrm.Unpack(archive)
	if len(problems) > 0 {
		return nil, problems
	}
	m, err := amocrm.ReadManifest(files)
	if err != nil {
		return nil, amocrm.Problems{{Rule: amocrm.RuleManifest, File: "manifest.json"}}
	}
	return &uploaded{archive: archive, files: files, manifest: m}, nil
}

// upload takes an archive in which nothing is wrong, and whose version is higher than that of the one before.
func (s *state) upload(archive []byte) (problems amocrm.Problems, raised bool) {
	u, problems := unpack(archive)
	if len(problems) > 0 {
		return problems, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.widget != nil {
		if !isHigher(u.manifest.Widget.Version, s.widget.manifest.Widget.Version) {
			return nil, false
		}
		u.installed = s.widget.installed
	}
	s.widget = u
	return nil, true
}

// isHigher compares versions of three numbers.
func isHigher(a, b string) bool {
	return slices.Compare(numbers(a), numbers(b)) > 0
}

func numbers(version string) []int {
	var all []int
	for part := range strings.SplitSeq(version, ".") {
		n, _ := strconv.Atoi(part) // the version was checked
		all = append(all, n)
	}
	return all
}

func (s *Sandbox) install(w http.ResponseWriter, r *http.Request) {
	s.state.mu.Lock()
	if s.state.widget != nil {
		s.state.widget.installed = r.PostFormValue("do") == "install"
	}
	s.state.mu.Unlock()
	http.Redirect(w, r, "/integrations/?saved", http.StatusSeeOther)
}

// dealRow is a deal on the staff's page.
type dealRow struct {
	ID             string
	Name, Customer string
	Status         string // its id
}

func (s *Sandbox) deals(w http.ResponseWriter, r *http.Request) {
	s.state.mu.Lock()
	var rows []dealRow
	for _, d := range s.state.deals {
		rows = append(rows, dealRow{strconv.FormatInt(d.ID, 10), d.Name, d.Customer, statuses[d.status].ID})
	}
	s.state.mu.Unlock()
	s.Frame.Show(w, r, http.StatusOK, dealsPage(s.Frame.Page(r, "account.deals"), rows))
}

func (s *Sandbox) moveDeal(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.ParseInt(r.PostFormValue("deal"), 10, 64)
	if err != nil {
		http.Error(w, "deal is a number", http.StatusBadRequest)
		return
	}
	s.state.move(id, r.PostFormValue("status"))
	http.Redirect(w, r, "/leads/", http.StatusSeeOther)
}
