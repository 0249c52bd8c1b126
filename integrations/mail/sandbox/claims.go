package sandbox

import (
	"slices"

	"kabinet/integrations/claim"
)

// Claims are the lines of the page of limits: what a mail server does, and what had to be decided. A server of one's
// own is tried by `kabinet check mail`.
func Claims() []claim.Claim { return slices.Clone(claims) }

var claims = append([]claim.Claim{
	{ID: "smtp", Standing: claim.Documented, Source: "RFC 5321", Obstacle: claim.Checked},
	{ID: "codes", Standing: claim.Documented, Source: "RFC 5321, RFC 6647", Obstacle: claim.Stays},
	{ID: "mailboxes", Standing: claim.Ours, Obstacle: claim.Own},
	{ID: "kept", Standing: claim.Ours, Obstacle: claim.Own},
}, claim.Lacking("tls", "sending")...)
