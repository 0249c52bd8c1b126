package handlers

import (
	"kabinet/handlers/contact"
	"kabinet/handlers/password"
	"kabinet/integrations/catalogue"
	"kabinet/views"
)

// fields reads what was typed into a form, and collects what is wrong with it.
type fields struct {
	texts *catalogue.Texts
	form  views.Form
}

func (f *fields) wrong(field, text string) {
	f.form.Errors = append(f.form.Errors, views.FieldError{Field: field, Text: text})
}

func (f *fields) email(field string) string {
	email, fault := contact.Email(f.form.Values[field])
	if fault != "" {
		f.wrong(field, f.texts.T("field.email."+string(fault)))
	}
	return email
}

func (f *fields) name(field string) string {
	name, fault := contact.Name(f.form.Values[field])
	if fault != "" {
		f.wrong(field, f.texts.T("field.name."+string(fault)))
	}
	return name
}

func (f *fields) phone(field string) string {
	phone, fault := contact.Phone(f.form.Values[field])
	if fault != "" {
		f.wrong(field, f.texts.T("field.phone."+string(fault)))
	}
	return phone
}

// language reads a language. One that the page does not offer was not typed by a person; the
// page's own stays then.
func (f *fields) language(field string) string {
	if l, ok := catalogue.Parse(f.form.Values[field]); ok {
		return string(l)
	}
	return string(f.texts.Language)
}

// newPassword judges a password that somebody chooses for the account with the e-mail.
func (f *fields) newPassword(field, typed, email string) {
	f.password(field, typed)
	if fault := password.Judge(typed, email); typed != "" && fault != "" {
		f.wrong(field, f.texts.T("field.password."+string(fault)))
	}
}

// password only looks whether there is one.
func (f *fields) password(field, typed string) {
	if typed == "" {
		f.wrong(field, f.texts.T("field.password.empty"))
	}
}
