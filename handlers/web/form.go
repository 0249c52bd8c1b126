package web

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"time"

	"kabinet/handlers/contact"
	"kabinet/handlers/password"
	"kabinet/integrations/catalogue"
	"kabinet/views"
)

// Form reads what was typed into a form, and collects what is wrong with it.
type Form struct {
	views.Form
	texts  *catalogue.Texts
	region string // of telephone numbers without a country code
	terms  bool   // whether there is something to agree to
	now    func() time.Time
}

// Form reads fields of the form that was sent. Passwords do not belong among them: they are shown again.
func (r *Request) Form(fields ...string) *Form {
	values := map[string]string{}
	for _, name := range fields {
		values[name] = r.Typed(name)
	}
	return &Form{Form: views.Form{Values: values}, texts: r.Texts, region: r.site.config.PhoneRegion,
		terms: r.site.Brand.Terms != "" || r.site.Brand.Privacy != "", now: r.site.DB.Now}
}

// Typed is the value of a field of the form that was sent. What stands in the address is no input.
func (r *Request) Typed(field string) string { return r.Request().PostFormValue(field) }

// IsWrong reports whether something is wrong so far.
func (f *Form) IsWrong() bool { return len(f.Errors) > 0 }

// Wrong says what to do about a field.
func (f *Form) Wrong(field, text string) {
	f.Errors = append(f.Errors, views.FieldError{Field: field, Text: text})
}

// Email reads an e-mail, in the form in which it is stored.
func (f *Form) Email(field string) string {
	email, problem := contact.Email(f.Values[field])
	if problem != "" {
		f.Wrong(field, f.texts.T("field.email."+string(problem)))
	}
	return email
}

// Name reads a name, in the form in which it is stored.
func (f *Form) Name(field string) string {
	name, problem := contact.Name(f.Values[field])
	if problem != "" {
		f.Wrong(field, f.texts.T("field.name."+string(problem)))
	}
	return name
}

// Phone reads a telephone number, in the form in which it is stored.
func (f *Form) Phone(field string) string {
	phone, problem := contact.Phone(f.Values[field], f.region)
	if problem != "" {
		f.Wrong(field, f.texts.T("field.phone."+string(problem)))
	}
	return phone
}

// Language reads a language; empty is for none of one's own, and for what the page does not offer.
func (f *Form) Language(field string) string {
	l, _ := catalogue.Parse(f.Values[field])
	return string(l)
}

// Consent reads whether somebody who registers agrees to what the company has set, and when that was: zero where there
// is nothing to agree to.
func (f *Form) Consent(field string) (at time.Time) {
	switch {
	case !f.terms:
		return at
	case f.Values[field] == "":
		f.Wrong(field, f.texts.T("field.consent.empty"))
		return at
	}
	return f.now()
}

// NewPassword judges a password that somebody chooses for the account with the e-mail.
func (f *Form) NewPassword(field, typed, email string) {
	f.Password(field, typed)
	if problem := password.Judge(typed, email); typed != "" && problem != "" {
		f.Wrong(field, f.texts.T("field.password."+string(problem)))
	}
}

// Password only looks whether there is one.
func (f *Form) Password(field, typed string) {
	if typed == "" {
		f.Wrong(field, f.texts.T("field.password.empty"))
	}
}

// maxForm is in bytes.
const maxForm = 1 << 20

// readForm reads the body of a form before anything else looks at it, so that one which is too long or broken is
// refused as a whole. A password in the address would end up in the logs of proxies: it is no input.
func readForm(r *Request) error {
	asked := r.Request()
	if asked.Method != http.MethodPost {
		return nil
	}
	asked.Body = http.MaxBytesReader(r.Response(), asked.Body, maxForm)
	err := asked.ParseForm()
	if kind, _, wrong := mime.ParseMediaType(asked.Header.Get("Content-Type")); wrong != nil ||
		kind != "application/x-www-form-urlencoded" {
		// No form of ours; what else it is only its length tells.
		_, err = io.Copy(io.Discard, asked.Body)
		err = errors.Join(err, errors.New("it is of another kind"))
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return &Error{Status: http.StatusRequestEntityTooLarge}
	}
	if err != nil {
		return &Error{Status: http.StatusBadRequest, Cause: errors.New("the form cannot be read")}
	}
	return nil
}
