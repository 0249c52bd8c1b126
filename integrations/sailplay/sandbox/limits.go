package sandbox

import "kabinet/integrations/sandbox"

// limits is the page of limits: what the protocol notes say, and what had to be decided.
var limits = []sandbox.Limit{
	{Standing: sandbox.Documented, Text: "limit.authorize"},
	{Standing: sandbox.Documented, Text: "limit.exchange"},
	{Standing: sandbox.Documented, Text: "limit.api"},
	{Standing: sandbox.Observed, Text: "limit.codes"},
	{Standing: sandbox.Observed, Text: "limit.envelope"},
	{Standing: sandbox.Observed, Text: "limit.hub_calls"},
	{Standing: sandbox.Ours, Text: "limit.strict"},
	{Standing: sandbox.Ours, Text: "limit.returns"},
	{Standing: sandbox.Ours, Text: "limit.errors"},
	{Standing: sandbox.Ours, Text: "limit.consent"},
	{Standing: sandbox.Ours, Text: "limit.lives"},
	{Standing: sandbox.Ours, Text: "limit.members"},
	{Standing: sandbox.Ours, Text: "limit.purchases"},
	{Standing: sandbox.Ours, Text: "limit.shop"},
	{Standing: sandbox.Ours, Text: "limit.sdk"},
	{Standing: sandbox.Ours, Text: "limit.widget"},
	{Standing: sandbox.Missing, Text: "limit.hub"},
}
