package sandbox

import "kabinet/integrations/sandbox"

// limits is the page of limits: what public sources say, and what had to be decided.
var limits = []sandbox.Limit{
	{ID: "contract", Standing: sandbox.Documented, Source: "Кабинет клиента"},
	{ID: "sdk", Standing: sandbox.Documented, Source: "Кабинет клиента"},
	{ID: "modules", Standing: sandbox.Documented, Source: "Кабинет клиента"},
	{ID: "add_widget", Standing: sandbox.Documented, Source: "Кабинет клиента"},
	{ID: "account", Standing: sandbox.Documented, Source: "Кабинет клиента"},
	{ID: "archive", Standing: sandbox.Documented, Source: "amoCRM: виджеты"},
	{ID: "catalogue", Standing: sandbox.Documented, Source: "amoCRM: виджеты"},
	{ID: "token", Standing: sandbox.Documented, Source: "amoCRM: виджеты"},
	{ID: "audience", Standing: sandbox.Documented, Source: "amocrm/amocrm-api-php"},
	{ID: "sms", Standing: sandbox.Documented, Source: "amoCRM: виджеты"},
	{ID: "tour", Standing: sandbox.Observed, Source: "публичные виджеты / published widgets"},
	{ID: "deal_claim", Standing: sandbox.Ours},
	{ID: "versions", Standing: sandbox.Ours},
	{ID: "order", Standing: sandbox.Ours},
	{ID: "loading", Standing: sandbox.Ours},
	{ID: "init_lead", Standing: sandbox.Ours},
	{ID: "accordion", Standing: sandbox.Ours},
	{ID: "integrations", Standing: sandbox.Ours},
	{ID: "addresses", Standing: sandbox.Ours},
	{ID: "values", Standing: sandbox.Ours},
	{ID: "checks", Standing: sandbox.Ours},
	{ID: "sign_in", Standing: sandbox.Ours},
	{ID: "sms_key", Standing: sandbox.Ours},
	{ID: "scripts", Standing: sandbox.Ours},
	{ID: "language", Standing: sandbox.Ours},
	{ID: "token_address", Standing: sandbox.Ours},
	{ID: "loops", Standing: sandbox.Missing},
	{ID: "rest", Standing: sandbox.Missing},
}
