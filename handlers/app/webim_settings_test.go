package app_test

import (
	"kabinet/handlers/app"
	"kabinet/integrations/secret"

	"kabinet/handlers/app/apptest"
)

func webimSettings(change func(*app.WebimSettings)) app.WebimSettings {
	s := app.WebimSettings{Account: "acme", PrivateKey: secret.New("00112233445566778899aabbccddeeff")}
	change(&s)
	return s
}

// webimSettingCases are ways to configure Webim.
func webimSettingCases() []setting {
	return []setting{
		{"Webim", app.Settings{Secret: secret.New(apptest.Secret),
			Vendors: app.Vendors{Webim: webimSettings(func(*app.WebimSettings) {})}}, ""},
		{"Webim without its key", app.Settings{Secret: secret.New(apptest.Secret),
			Vendors: app.Vendors{Webim: app.WebimSettings{Account: "acme"}}}, "WEBIM_PRIVATE_KEY"},
		{"an invalid key", app.Settings{Secret: secret.New(apptest.Secret),
			Vendors: app.Vendors{Webim: webimSettings(func(s *app.WebimSettings) {
				s.PrivateKey = secret.New(apptest.Secret)
			})}}, "WEBIM_PRIVATE_KEY: the private key is not 32"},
		{"an invalid previous key", app.Settings{Secret: secret.New(apptest.Secret),
			Vendors: app.Vendors{Webim: webimSettings(func(s *app.WebimSettings) {
				s.PreviousKey = secret.New(apptest.Secret)
			})}}, "WEBIM_PREVIOUS_KEY"},
		{"both keys", app.Settings{Secret: secret.New(apptest.Secret),
			Vendors: app.Vendors{Webim: webimSettings(func(s *app.WebimSettings) {
				s.PreviousKey = secret.New(apptest.Secret[:32])
			})}}, ""},
		{"version 1.0 by md5", app.Settings{Secret: secret.New(apptest.Secret),
			Vendors: app.Vendors{Webim: webimSettings(func(s *app.WebimSettings) {
				s.Version, s.Algorithm, s.Charset = "1.0", "md5", "koi8-r"
			})}}, ""},
		{"version 1.0 by HMAC", app.Settings{Secret: secret.New(apptest.Secret),
			Vendors: app.Vendors{Webim: webimSettings(func(s *app.WebimSettings) {
				s.Version, s.Algorithm = "1.0", "hmac-sha256"
			})}}, "WEBIM_ALGORITHM"},
		{"version 2.0 in another charset", app.Settings{Secret: secret.New(apptest.Secret),
			Vendors: app.Vendors{Webim: webimSettings(func(s *app.WebimSettings) {
				s.Charset = "cp1251"
			})}}, "WEBIM_CHARSET"},
		{"an invalid version", app.Settings{Secret: secret.New(apptest.Secret),
			Vendors: app.Vendors{Webim: webimSettings(func(s *app.WebimSettings) {
				s.Version = "3"
			})}}, "WEBIM_VERSION"},
		{"an invalid location", app.Settings{Secret: secret.New(apptest.Secret),
			Vendors: app.Vendors{Webim: webimSettings(func(s *app.WebimSettings) {
				s.Location = "a b"
			})}}, "WEBIM_LOCATION"},
		{"a visitor for a day", app.Settings{Secret: secret.New(apptest.Secret),
			Vendors: app.Vendors{Webim: webimSettings(func(s *app.WebimSettings) {
				s.TTL = "24h"
			})}}, ""},
		{"a visitor for longer", app.Settings{Secret: secret.New(apptest.Secret),
			Vendors: app.Vendors{Webim: webimSettings(func(s *app.WebimSettings) {
				s.TTL = "24h1s"
			})}}, "WEBIM_TTL"},
		{"a visitor for a moment", app.Settings{Secret: secret.New(apptest.Secret),
			Vendors: app.Vendors{Webim: webimSettings(func(s *app.WebimSettings) {
				s.TTL = "4s"
			})}}, "WEBIM_TTL"},
		{"an invalid time", app.Settings{Secret: secret.New(apptest.Secret),
			Vendors: app.Vendors{Webim: webimSettings(func(s *app.WebimSettings) {
				s.TTL = "10"
			})}}, "WEBIM_TTL"},
		{"neither strangers nor not", app.Settings{Secret: secret.New(apptest.Secret),
			Vendors: app.Vendors{Webim: webimSettings(func(s *app.WebimSettings) {
				s.Anonymous = "some"
			})}}, "WEBIM_ANONYMOUS"},
		{"neither a handler nor not", app.Settings{Secret: secret.New(apptest.Secret),
			Vendors: app.Vendors{Webim: webimSettings(func(s *app.WebimSettings) {
				s.AuthHandler = "some"
			})}}, "WEBIM_AUTH_HANDLER"},
		{"Webim at plain http", app.Settings{Secret: secret.New(apptest.Secret),
			Vendors: app.Vendors{Webim: webimSettings(func(s *app.WebimSettings) {
				s.HTTPS = "false"
			})}}, "plain http"},
		{"Webim with an odd account", app.Settings{Secret: secret.New(apptest.Secret),
			Vendors: app.Vendors{Webim: webimSettings(func(s *app.WebimSettings) {
				s.Account = "a.b/c"
			})}}, "WEBIM_ACCOUNT"},
		{"the portal at Webim's host", app.Settings{Secret: secret.New(apptest.Secret),
			BaseURL: "https://acme.webim.ru",
			Vendors: app.Vendors{Webim: webimSettings(func(*app.WebimSettings) {})}}, "is Webim's host"},
	}
}
