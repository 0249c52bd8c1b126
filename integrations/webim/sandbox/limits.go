package sandbox

import "kabinet/integrations/sandbox"

// limits is the page of limits: what the protocol notes say, and what had to be decided.
var limits = []sandbox.Limit{
	{Standing: sandbox.Documented, Text: "limit.visitor"},
	{Standing: sandbox.Documented, Text: "limit.signature"},
	{Standing: sandbox.Documented, Text: "limit.vector"},
	{Standing: sandbox.Documented, Text: "limit.link"},
	{Standing: sandbox.Documented, Text: "limit.webhooks"},
	{Standing: sandbox.Documented, Text: "limit.members"},
	{Standing: sandbox.Observed, Text: "limit.ids"},
	{Standing: sandbox.Observed, Text: "limit.page"},
	{Standing: sandbox.Observed, Text: "limit.location"},
	{Standing: sandbox.Observed, Text: "limit.mobile"},
	{Standing: sandbox.Ours, Text: "limit.bad_signature"},
	{Standing: sandbox.Ours, Text: "limit.expired"},
	{Standing: sandbox.Ours, Text: "limit.far_end"},
	{Standing: sandbox.Ours, Text: "limit.hmac"},
	{Standing: sandbox.Ours, Text: "limit.lengths"},
	{Standing: sandbox.Ours, Text: "limit.history"},
	{Standing: sandbox.Ours, Text: "limit.handlers_api"},
	{Standing: sandbox.Ours, Text: "limit.window"},
	{Standing: sandbox.Ours, Text: "limit.chat_life"},
	{Standing: sandbox.Ours, Text: "limit.webhook_form"},
	{Standing: sandbox.Ours, Text: "limit.online_status"},
	{Standing: sandbox.Ours, Text: "limit.two_keys"},
	{Standing: sandbox.Missing, Text: "limit.missing_pages"},
	{Standing: sandbox.Missing, Text: "limit.tokens"},
	{Standing: sandbox.Missing, Text: "limit.mobile_rest"},
	{Standing: sandbox.Missing, Text: "limit.files"},
	{Standing: sandbox.Missing, Text: "limit.operators"},
}
