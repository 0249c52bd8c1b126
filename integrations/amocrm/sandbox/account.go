package sandbox

import (
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"kabinet/integrations/amocrm"
	"kabinet/integrations/secret"
)

// The account's side: general settings, integrations, deals. Nobody signs in to it, as to no staff's page of a
// sandbox.

func (s *Sandbox) registerAccount() {
	s.account.Handle("GET /{$}", http.RedirectHandler("/settings/", http.StatusSeeOther))
	s.account.HandleFunc("GET /settings/{$}", func(w http.ResponseWriter, r *http.Request) {
		s.showSettings(w, r, http.StatusOK, "")
	})
	s.account.Handle("POST /settings/tariff", s.Frame.Guarded(s.setTariff))
	s.account.Handle("POST /settings/cabinet", s.Frame.Guarded(s.setCabinet))
	s.account.Handle("POST /settings/look", s.Frame.Guarded(s.setLook))
	s.account.HandleFunc("GET /integrations/{$}", func(w http.ResponseWriter, r *http.Request) {
		s.showIntegrations(w, r, http.StatusOK, "", nil)
	})
	s.account.Handle("POST /integrations/sms", s.Frame.Guarded(s.setSMSWidget))
	s.account.Handle("POST /integrations/endpoint", s.Frame.Guarded(s.setEndpoint))
	s.account.Handle("POST /integrations/add", s.Frame.Guarded(s.addIntegration))
	s.account.Handle("POST /integrations/delete", s.Frame.Guarded(s.deleteIntegration))
	s.account.Handle("POST /integrations/upload", s.Frame.GuardedUpTo(maxArchive, s.upload))
	s.account.Handle("POST /integrations/install", s.Frame.Guarded(s.install))
	s.account.HandleFunc("GET /leads/{$}", s.deals)
	s.account.Handle("POST /leads/move", s.Frame.Guarded(s.moveDeal))
}

// settingsModel is the page of general settings.
type settingsModel struct {
	settings
	Cabinet string // its address
	Wrong   string // a key of the catalogue
	Saved   bool
}

func (s *Sandbox) showSettings(w http.ResponseWriter, r *http.Request, status int, wrong string) {
	s.state.mu.Lock()
	m := settingsModel{settings: s.state.settings, Cabinet: s.config.CabinetURL, Wrong: wrong,
		Saved: r.URL.Query().Has("saved")}
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

func accountLanguages() []string { return append([]string{readers}, amocrm.Languages...) }

func (s sys) possible() bool {
	return s.PageTitle != "" && len(s.PageTitle) <= maxTitle && slices.Contains(currencies, s.CurrencySymbol) &&
		slices.Contains(dateFormats, s.DateFormat) &&
		slices.Contains(timeFormats, s.TimeFormat) && slices.Contains(accountLanguages(), s.Lang) &&
		slices.Contains(logos, s.LogoURL)
}

// integrationsModel is the page of integrations, with the catalogue of SMS widgets.
type integrationsModel struct {
	settings
	Redirect     string
	Integrations []integrationModel
	Wrong        string // a key of the catalogue
	Saved        bool
}

// integrationModel is one of them.
type integrationModel struct {
	integration
	Number   int // from 1, which is ours
	Problems amocrm.Problems
}

// id is that of an element of the integration's section, apart from those of the others.
func (m integrationModel) id(name string) string {
	if m.Number == 1 {
		return name
	}
	return name + "-" + strconv.Itoa(m.Number)
}

// showIntegrations shows the page, with what is wrong with the archive that was uploaded to the integration of the
// form.
func (s *Sandbox) showIntegrations(w http.ResponseWriter, r *http.Request, status int, wrong string,
	problems amocrm.Problems) {
	page := s.Frame.Page(r, "account.integrations")
	page.Path = "/integrations/"
	s.state.mu.Lock()
	m := integrationsModel{
		settings: s.state.settings, Redirect: s.config.Portal + "/", Wrong: wrong, Saved: r.URL.Query().Has("saved"),
	}
	chosen := s.state.integration(r)
	for n, i := range s.state.integrations {
		one := integrationModel{integration: *i, Number: n + 1}
		if i.widget != nil {
			one.widget = new(*i.widget) // install changes it while the page is written
		}
		if i == chosen {
			one.Problems = problems
		}
		m.Integrations = append(m.Integrations, one)
	}
	s.state.mu.Unlock()
	s.Frame.Show(w, r, status, integrationsPage(page, m))
}

// maxIntegrations is how many there may be.
const maxIntegrations = 6

// integration is the one of a form; ours where the form names none, nil for none. The lock is held.
func (s *state) integration(r *http.Request) *integration {
	id := r.PostFormValue("client_id")
	for _, i := range s.integrations {
		if id == "" || i.clientID == id {
			return i
		}
	}
	return nil
}

// addIntegration adds one with keys of its own, so that several widgets can stand side by side.
func (s *Sandbox) addIntegration(w http.ResponseWriter, r *http.Request) {
	s.state.mu.Lock()
	if len(s.state.integrations) < maxIntegrations {
		s.state.integrations = append(s.state.integrations,
			&integration{clientID: uuid.NewString(), secret: secret.New(rand.Text() + rand.Text())})
	}
	s.state.mu.Unlock()
	http.Redirect(w, r, "/integrations/?saved", http.StatusSeeOther)
}

func (s *Sandbox) deleteIntegration(w http.ResponseWriter, r *http.Request) {
	s.state.mu.Lock()
	ours, gone := s.state.integrations[0], s.state.integration(r)
	s.state.integrations = slices.DeleteFunc(s.state.integrations, func(i *integration) bool {
		return i == gone && i != ours
	})
	s.state.mu.Unlock()
	http.Redirect(w, r, "/integrations/?saved", http.StatusSeeOther)
}

func (s *Sandbox) setSMSWidget(w http.ResponseWriter, r *http.Request) {
	s.state.installSMS(r.PostFormValue("widget"), r.PostFormValue("do") == "install")
	http.Redirect(w, r, "/integrations/?saved#sms", http.StatusSeeOther)
}

func (s *Sandbox) setEndpoint(w http.ResponseWriter, r *http.Request) {
	address := strings.TrimSpace(r.PostFormValue("endpoint"))
	if address != "" && !isEndpoint(address) {
		s.showIntegrations(w, r, http.StatusUnprocessableEntity, "account.wrong_endpoint", nil)
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
		s.showIntegrations(w, r, http.StatusRequestEntityTooLarge, "", amocrm.Problems{{Rule: amocrm.RuleSize}})
		return
	}
	var archive []byte
	if err == nil {
		defer file.Close()
		archive, err = io.ReadAll(file)
	}
	if err != nil {
		s.showIntegrations(w, r, http.StatusUnprocessableEntity, "account.wrong_no_file", nil)
		return
	}
	u, refused := unpack(archive)
	if len(refused) > 0 {
		s.showIntegrations(w, r, http.StatusUnprocessableEntity, "", refused)
		return
	}
	wrong := "account.wrong_integration" // deleted in another tab
	s.state.mu.Lock()
	if i := s.state.integration(r); i != nil {
		wrong = i.take(u)
	}
	s.state.mu.Unlock()
	if wrong != "" {
		s.showIntegrations(w, r, http.StatusUnprocessableEntity, wrong, nil)
		return
	}
	http.Redirect(w, r, "/integrations/?saved", http.StatusSeeOther)
}

// unpack reads an archive that can be used.
func unpack(archive []byte) (*uploaded, amocrm.Problems) {
	problems := amocrm.CheckArchive(archive)
	if refused := problems.Refused(); len(refused) > 0 {
		return nil, refused
	}
	// What Unpack refuses, CheckArchive has returned already: none of its rules is the catalogue's.
	files, _ := amocrm.Unpack(archive)
	m, err := amocrm.ReadManifest(files)
	if err != nil {
		return nil, amocrm.Problems{{Rule: amocrm.RuleManifest, File: "manifest.json"}}
	}
	return &uploaded{files: files, manifest: m, warnings: problems}, nil
}

// take takes an archive whose version is higher than that of the one before. It returns what is wrong, a key of the
// catalogue. The lock is held.
func (i *integration) take(u *uploaded) (wrong string) {
	if old := i.widget; old != nil {
		if slices.Compare(numbers(u.manifest), numbers(old.manifest)) <= 0 {
			return "account.wrong_version"
		}
		u.installed = old.installed
	}
	i.widget = u
	return ""
}

// numbers are those of a version.
func numbers(m amocrm.Manifest) []int {
	var all []int
	for part := range strings.SplitSeq(m.Widget.Version, ".") {
		n, _ := strconv.Atoi(part) // the version was checked
		all = append(all, n)
	}
	return all
}

func (s *Sandbox) install(w http.ResponseWriter, r *http.Request) {
	s.state.mu.Lock()
	if i := s.state.integration(r); i != nil && i.widget != nil {
		i.widget.installed = r.PostFormValue("do") == "install"
	}
	s.state.mu.Unlock()
	http.Redirect(w, r, "/integrations/?saved", http.StatusSeeOther)
}

func (s *Sandbox) deals(w http.ResponseWriter, r *http.Request) {
	s.state.mu.Lock()
	all := slices.Clone(s.state.deals)
	s.state.mu.Unlock()
	s.Frame.Show(w, r, http.StatusOK, dealsPage(s.Frame.Page(r, "account.deals"), all))
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
