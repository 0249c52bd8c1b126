package sandbox

import "kabinet/integrations/sandbox"

// limits is the page of limits: what the protocol notes say, and what had to be decided.
var limits = []sandbox.Limit{
	{Standing: sandbox.Documented, Text: "limit.login"},
	{Standing: sandbox.Documented, Text: "limit.key"},
	{Standing: sandbox.Documented, Text: "limit.domains"},
	{Standing: sandbox.Documented, Text: "limit.scripts"},
	{Standing: sandbox.Documented, Text: "limit.cabinet"},
	{Standing: sandbox.Documented, Text: "limit.basic"},
	{Standing: sandbox.Documented, Text: "limit.reset_token"},
	{Standing: sandbox.Observed, Text: "limit.envelope"},
	{Standing: sandbox.Observed, Text: "limit.content_type"},
	{Standing: sandbox.Observed, Text: "limit.read_key"},
	{Standing: sandbox.Observed, Text: "limit.hosts"},
	{Standing: sandbox.Observed, Text: "limit.list"},
	{Standing: sandbox.Ours, Text: "limit.list_order"},
	{Standing: sandbox.Ours, Text: "limit.key_life"},
	{Standing: sandbox.Ours, Text: "limit.session"},
	{Standing: sandbox.Ours, Text: "limit.cabinet_cookie"},
	{Standing: sandbox.Ours, Text: "limit.widget"},
	{Standing: sandbox.Ours, Text: "limit.messages"},
	{Standing: sandbox.Ours, Text: "limit.referrer"},
	{Standing: sandbox.Ours, Text: "limit.client_fields"},
	{Standing: sandbox.Ours, Text: "limit.vat"},
	{Standing: sandbox.Missing, Text: "limit.missing_api"},
	{Standing: sandbox.Missing, Text: "limit.missing_cabinet"},
	{Standing: sandbox.Missing, Text: "limit.missing_settings"},
}
