package web

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"time"

	"kabinet/handlers/contact"
	"kabinet/handlers/password"
	"kabinet/views"
)

// Form reads what was typed into a form, and collects what is wrong with it.
type Form struct {
	views.Form
	// Mismatch is the catalogue's key for a password that does not match, or does not any more: form.stale, unless a
	// page sets another.
	Mismatch string
	request  *Request
}

// Form reads fields of the form that was sent. Passwords do not belong among them: they are shown again.
func (r *Request) Form(fields ...string) *Form {
	values := map[string]string{}
	for _, name := range fields {
		values[name] = r.Typed(name)
	}
	return &Form{Form: views.Form{Values: values}, Mismatch: "form.stale", request: r}
}

// Typed is the value of a field of the form that was sent. What stands in the address is no input.
func (r *Request) Typed(field string) string { return r.Request().PostFormValue(field) }

// IsWrong reports whether something is wrong so far.
func (f *Form) IsWrong() bool { return len(f.Errors) > 0 }

// Wrong says what to do about a field.
func (f *Form) Wrong(field, text string) {
	f.Errors = append(f.Errors, views.FieldError{Field: field, Text: text})
}

// Email reads the field email, in the form in which it is stored.
func (f *Form) Email() string {
	email, problem := contact.Email(f.Values["email"])
	f.refuse("email", "field.email.", string(problem))
	return email
}

// Name reads the field name, in the form in which it is stored.
func (f *Form) Name() string {
	name, problem := contact.Name(f.Values["name"])
	f.refuse("name", "field.name.", string(problem))
	return name
}

// Phone reads the field phone, in the form in which it is stored.
func (f *Form) Phone() string {
	phone, problem := contact.Phone(f.Values["phone"], f.request.site.config.PhoneRegion)
	f.refuse("phone", "field.phone.", string(problem))
	return phone
}

// refuse says what is wrong with a field, by the catalogue's words for such problems. An empty problem is not told.
func (f *Form) refuse(field, words, problem string) {
	if problem != "" {
		f.Wrong(field, f.request.Texts.T(words+problem))
	}
}

// Consent reads from the field consent whether somebody who registers agrees to what the company has set, and when
// that was: zero where there is nothing to agree to.
func (f *Form) Consent() (at time.Time) {
	brand := f.request.site.Brand
	switch {
	case brand.Terms == "" && brand.Privacy == "":
		return at
	case f.Values["consent"] == "":
		f.Wrong("consent", f.request.Texts.T("field.consent.empty"))
		return at
	}
	return f.request.site.DB.Now()
}

// NewPassword is the field password, judged as one that somebody chooses for the account with the e-mail.
func (f *Form) NewPassword(email string) string {
	typed := f.request.Typed("password")
	f.Password("password", typed)
	if typed != "" {
		f.refuse("password", "field.password.", string(password.Judge(typed, email)))
	}
	return typed
}

// Password only looks whether there is one.
func (f *Form) Password(field, typed string) {
	if typed == "" {
		f.Wrong(field, f.request.Texts.T("field.password.empty"))
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
