package app_test

import (
	"fmt"
	"testing"

	"kabinet/handlers/app"
	"kabinet/handlers/app/apptest"
	"kabinet/integrations/mail/sandbox"
	"kabinet/integrations/secret"
)

// mailTested is mail, as the tests about all vendors know it. It is no vendor that customers see: what is tested of
// those with a sandbox does not apply.
func mailTested() tested {
	return tested{
		name: "mail", shown: "Mail", settings: mailSettingCases(),
		printed: "KABINET_SMTP_URL=smtp://127.0.0.1:8082\nKABINET_MAIL_FROM='\"Kabinet\" <kabinet@mail.localhost>'\n",
		configure: func(c *app.Check, p *apptest.Program) {
			if mailbox := app.SandboxOf[*sandbox.Sandbox](p.App); mailbox != nil {
				c.Mail = app.MailSettings{URL: secret.New("smtp://" + mailbox.Address()), From: "kabinet@mail.localhost"}
			}
		},
		wrongChecks: mailWrongChecks(),
	}
}

func mailWrongChecks() []wrongCheck {
	wrong := func(name, setting, got, cause string) wrongCheck {
		return wrongCheck{name, func(_ *testing.T, c *app.Check, _ *apptest.Program) {
			c.Mail = app.MailSettings{URL: secret.New(setting), From: "kabinet@mail.localhost"}
		}, got, cause, "KABINET_SMTP_URL"}
	}
	return []wrongCheck{
		wrong("nobody there", "smtp://127.0.0.1:1", "refused", "nobody answers"),
		wrong("no scheme", "mail.example.com:465", "begins with smtps://", "not possible"),
		{"a server that asks nobody", func(t *testing.T, c *app.Check, _ *apptest.Program) {
			address := mailboxOf(apptest.StartDemoWithMail(t)).Address()
			c.Mail = app.MailSettings{URL: secret.New("smtp://u:geheim-7@" + address), From: "kabinet@mail.localhost"}
		}, "no way to sign in", "user and the password", "KABINET_SMTP_URL"},
	}
}

func mailSettingCases() []setting {
	with := func(url, from string) app.Settings {
		s := app.Settings{Secret: secret.New(apptest.Secret)}
		s.Mail = app.MailSettings{URL: secret.New(url), From: from}
		return s
	}
	var all []setting
	for i, c := range [][3]string{
		{"smtps://portal:geheim-7@mail.example.com", "Kabinet <no-reply@example.com>", ""},
		{"smtp://mail.example.com:2525", "no-reply@example.com", ""},
		{"smtp://127.0.0.1:25", "no-reply@example.com", ""},
		{"smtps://portal:geheim-7@mail.example.com", "", "KABINET_MAIL_FROM"},
		{"smtps://portal:geheim-7@mail.example.com", "nobody", "KABINET_MAIL_FROM"},
		{"https://portal:geheim-7@mail.example.com", "no-reply@example.com", "KABINET_SMTP_URL: it begins with"},
		{"smtps://portal:geheim-7@mail.example.com:0", "no-reply@example.com", "no port"},
		{"smtps://portal@mail.example.com", "no-reply@example.com", "belong together"},
		{"smtps://portal:geheim-7@mail.example.com/x", "no-reply@example.com", "something follows"},
		{"smtps://portal:geheim-7%@mail.example.com", "no-reply@example.com", "KABINET_SMTP_URL"},
	} {
		all = append(all, setting{fmt.Sprintf("mail %d", i), with(c[0], c[1]), c[2]})
	}
	return all
}
