package sandbox

import "kabinet/integrations/sandbox"

// limits is the page of limits: what the protocol notes say, and what had to be decided.
var limits = []sandbox.Limit{
	{Standing: sandbox.Documented, Text: "limit.contract"},
	{Standing: sandbox.Documented, Text: "limit.sdk"},
	{Standing: sandbox.Documented, Text: "limit.modules"},
	{Standing: sandbox.Documented, Text: "limit.add_widget"},
	{Standing: sandbox.Documented, Text: "limit.account"},
	{Standing: sandbox.Documented, Text: "limit.archive"},
	{Standing: sandbox.Documented, Text: "limit.token"},
	{Standing: sandbox.Documented, Text: "limit.audience"},
	{Standing: sandbox.Documented, Text: "limit.sms"},
	{Standing: sandbox.Observed, Text: "limit.tour"},
	{Standing: sandbox.Ours, Text: "limit.deal_claim"},
	{Standing: sandbox.Ours, Text: "limit.versions"},
	{Standing: sandbox.Ours, Text: "limit.order"},
	{Standing: sandbox.Ours, Text: "limit.accordion"},
	{Standing: sandbox.Ours, Text: "limit.addresses"},
	{Standing: sandbox.Ours, Text: "limit.values"},
	{Standing: sandbox.Ours, Text: "limit.checks"},
	{Standing: sandbox.Ours, Text: "limit.sign_in"},
	{Standing: sandbox.Ours, Text: "limit.scripts"},
	{Standing: sandbox.Ours, Text: "limit.language"},
	{Standing: sandbox.Ours, Text: "limit.token_address"},
	{Standing: sandbox.Missing, Text: "limit.loops"},
	{Standing: sandbox.Missing, Text: "limit.rest"},
}
