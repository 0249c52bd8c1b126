package sandbox

import "kabinet/integrations/sandbox"

// limits is the page of limits: what a mail server does, and what had to be decided.
var limits = []sandbox.Limit{
	{ID: "smtp", Standing: sandbox.Documented, Source: "RFC 5321"},
	{ID: "codes", Standing: sandbox.Documented, Source: "RFC 5321, RFC 6647"},
	{ID: "mailboxes", Standing: sandbox.Ours},
	{ID: "kept", Standing: sandbox.Ours},
	{ID: "tls", Standing: sandbox.Missing},
	{ID: "sending", Standing: sandbox.Missing},
}
